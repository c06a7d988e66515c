#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong ends in a sentence and in an unharmed store."""
import os
import pathlib
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import harness


class BadinputTest(harness.Case):
    def refusal(self, *more, protocol="imap", security="tls", password=harness.PASSWORD, host="localhost", port=None, **options):
        """What account add says when it must refuse; nothing may be saved."""
        words = self.penfold.account_words(self.server, self.user, protocol, security, *more, host=host, port=port,
                                           outgoing=False, **options)
        begin = time.monotonic()
        sentence = self.penfold.refused(*words, stdin=password.encode() + b"\n")
        self.assertLess(time.monotonic() - begin, 60)
        self.assertTrue(sentence.startswith("penfoldctl: "), sentence)
        self.assertEqual(self.penfold.ask("account", "list"), [])
        return sentence.lower()

    def test_wrong_password(self):
        for protocol in ("imap", "pop3"):
            with self.subTest(protocol=protocol):
                self.assertIn("password", self.refusal(protocol=protocol, password="not it"))

    def test_password_is_in_no_file_and_in_no_word_of_ours(self):
        secret = "canary-4711-canary"
        with harness.mailserver.MailServer(user=[f"u1:{secret}"]) as server:
            words = self.penfold.account_words(server, "u1", "imap", "tls")
            result = self.penfold.run(*words, stdin=secret.encode() + b"\n", environment={"PENFOLD_DEBUG": "all"})
            self.assertEqual(result.status, harness.DONE, result.err)
            result_of_sync = self.penfold.run("sync", "--json", environment={"PENFOLD_DEBUG": "all"})
        for text in (result.out, result.err.encode(), result_of_sync.out, result_of_sync.err.encode()):
            self.assertNotIn(secret.encode(), text)
        holders = [path for path in self.penfold.data.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
        self.assertLessEqual(len(holders), 1)
        for path in holders:
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)

    def test_host_that_does_not_exist(self):
        self.assertIn("nowhere.invalid", self.refusal(host="nowhere.invalid"))

    def test_closed_port(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.assertIn("localhost", self.refusal(port=port))

    def test_expired_certificate(self):
        self.assertIn("expired", self.refusal(host="127.0.0.2"))

    def test_certificate_for_another_name(self):
        self.assertRegex(self.refusal(host="127.0.0.3"), "name|other.example")

    def test_self_signed_certificate(self):
        self.assertRegex(self.refusal(host="127.0.0.4"), "self-signed|unknown")

    def test_unknown_authority(self):
        words = self.penfold.account_words(self.server, self.user, "imap", "tls", outgoing=False)
        place = words.index("--ca-file")
        del words[place:place + 2]
        self.penfold.refused(*words, stdin=b"secret\n")

    def test_certificates_count_for_starttls_too(self):
        for protocol in ("imap", "pop3"):
            with self.subTest(protocol=protocol):
                self.assertIn("expired", self.refusal(protocol=protocol, security="starttls", host="127.0.0.2"))

    def test_server_without_starttls_gets_no_password(self):
        heard = []

        def serve(connection):
            connection.sendall(b"* OK ready\r\n")
            while piece := connection.recv(4096):
                heard.append(piece)
                tag = piece.split()[0]
                if b"CAPABILITY" in piece.upper():
                    connection.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
                connection.sendall(tag + (b" BAD unknown\r\n" if b"STARTTLS" in piece.upper() else b" OK done\r\n"))

        with harness.Listener(serve) as listener:
            self.refusal(security="starttls", port=listener.port)
        self.assertNotIn(b"secret", b"".join(heard))
        self.assertNotIn(b"LOGIN", b"".join(heard).upper())

    def test_words_before_the_handshake_are_an_error(self):
        def serve(connection):
            connection.sendall(b"* OK ready\r\n")
            while piece := connection.recv(4096):
                tag = piece.split()[0]
                if b"STARTTLS" in piece.upper():
                    connection.sendall(tag + b" OK go\r\n* OK injected\r\nA3 OK [ALERT] logged in\r\n")
                else:
                    connection.sendall(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK done\r\n")

        with harness.Listener(serve) as listener:
            self.refusal(security="starttls", port=listener.port)

    def test_server_that_never_answers(self):
        with harness.Listener(lambda connection: connection.recv(1 << 20)) as listener:
            self.refusal(port=listener.port, security="none")

    def test_server_that_answers_garbage(self):
        def serve(connection):
            connection.sendall(bytes(range(256)) * 4000)

        for protocol in ("imap", "pop3"):
            for security in ("none", "tls"):
                with self.subTest(protocol=protocol, security=security), harness.Listener(serve) as listener:
                    self.refusal(protocol=protocol, security=security, port=listener.port)

    def test_server_that_sends_for_ever(self):
        def serve(connection):
            while True:
                connection.sendall(b"* OK " + b"x" * 60000)

        with harness.Listener(serve) as listener:
            self.refusal(security="none", port=listener.port)

    def test_connection_that_ends_within_a_message(self):
        facts = self.server.fill(self.user, 20, inbox_only=True)
        with harness.Cable(self.server.port["imap"]) as cable:
            self.penfold.add_account(self.server, self.user, "imap", "none", port=cable.port)
            cable.cut_after = 100_000
            result = self.penfold.run("sync", "--json")
            self.assertIn(result.status, (harness.FAILED, harness.PARTLY))
            self.penfold.assert_sound(self)
            cable.cut_after = None
            self.penfold.sync()
        self.penfold.assert_holds(self, facts)

    def test_full_disk(self):
        facts = self.server.fill(self.user, 60, inbox_only=True)
        self.penfold.add_account(self.server, self.user)
        for number in (1, 5, 20):
            shim = self.penfold.shim(FAIL_AT=number, FAIL_FOR=0, FAIL_WITH="ENOSPC")
            result = self.penfold.run("sync", "--json", environment=shim)
            self.assertIn(result.status, (harness.FAILED, harness.PARTLY), result.err)
            self.assertRegex(result.err.lower(), "space|full")
            self.penfold.assert_sound(self)
        self.penfold.sync()
        self.penfold.assert_holds(self, facts)

    @unittest.skipUnless(os.geteuid() == 0, "only root may mount a small file system")
    def test_small_file_system(self):
        facts = self.server.fill(self.user, 200, inbox_only=True)
        place = self.penfold.place / "small"
        place.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], stderr=subprocess.PIPE, text=True)
        if mounted.returncode != 0:
            self.skipTest(f"no mount here: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", place])
        self.penfold.data = place / "data"
        self.penfold.add_account(self.server, self.user)
        result = self.penfold.run("sync", "--json")
        self.assertIn(result.status, (harness.FAILED, harness.PARTLY), result.err)
        self.assertRegex(result.err.lower(), "space|full")
        subprocess.run(["mount", "-o", "remount,size=100m", place], check=True)
        self.penfold.assert_sound(self)
        self.penfold.sync()
        self.penfold.assert_holds(self, facts, share=5)
        self.penfold.end()

    def test_failing_disk(self):
        facts = self.server.fill(self.user, 30, inbox_only=True)
        self.penfold.add_account(self.server, self.user)
        for number in (2, 9, 30):
            self.penfold.run("sync", "--json", environment=self.penfold.shim(FAIL_AT=number, FAIL_WITH="EIO"))
            self.penfold.assert_sound(self)
        self.penfold.sync()
        self.penfold.assert_holds(self, facts)

    def test_short_writes_are_completed(self):
        facts = self.server.fill(self.user, 30, inbox_only=True)
        self.penfold.add_account(self.server, self.user)
        result = self.penfold.run("sync", "--json", environment=self.penfold.shim(FAIL_AT=1, FAIL_FOR=0, FAIL_WITH="short"))
        self.assertEqual(result.status, harness.DONE, result.err)
        self.penfold.assert_holds(self, facts)
        self.penfold.assert_sound(self)

    def test_store_that_may_not_be_written(self):
        self.penfold.add_account(self.server, self.user)
        for path in (self.penfold.data, *self.penfold.data.rglob("*")):
            path.chmod(0o500 if path.is_dir() else 0o400)
        # Modes mean nothing to root; without these two capabilities they do.
        root = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
        done = subprocess.run([*root, *self.penfold.command("sync")], env=self.penfold.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, harness.FAILED, done.stderr)
        self.assertIn(str(self.penfold.data), done.stderr)

    def test_data_directory_that_is_a_file(self):
        self.penfold.data.write_text("not a store")
        self.assertIn(str(self.penfold.data), self.penfold.refused("folders"))

    def test_message_of_sixty_megabytes(self):
        wanted = self.put("Big", body=("y" * 76 + "\r\n") * 800_000)
        self.penfold.add_account(self.server, self.user)
        command = ["/usr/bin/time", "-f", "%M"] if os.path.exists("/usr/bin/time") else []
        done = subprocess.run([*command, *self.penfold.command("sync", "--json")], env=self.penfold.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        if command:
            self.assertLess(int(done.stderr.split()[-1]), 200_000, "KB of memory")
        self.assertEqual(self.penfold.raw(self.penfold.one("Big")["id"]), wanted)

    def test_message_with_five_thousand_parts(self):
        parts = "".join(f"--edge\r\nContent-Type: text/plain\r\n\r\npart {number}\r\n" for number in range(5000)) + "--edge--"
        wanted = self.put("Parts", body=parts, Content_Type="multipart/mixed; boundary=edge")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        row = self.penfold.one("Parts")
        self.assertEqual(self.penfold.raw(row["id"]), wanted)
        self.assertIn("part 7", self.penfold.do("show", row["id"], timeout=20).decode())

    def test_wrong_words_are_explained(self):
        for words in (["no-such-command"], ["list"], ["flag", "1"], ["account", "add", "--protocol", "uucp"], ["list", "-5"]):
            with self.subTest(words=words):
                self.assertEqual(self.penfold.run(*words).status, harness.USAGE)

    def test_unknown_numbers_are_explained(self):
        self.penfold.add_account(self.server, self.user)
        for words in (["raw", 999999], ["show", 999999], ["list", 999999], ["flag", 999999, "seen"], ["sync", "--account", 77]):
            with self.subTest(words=words):
                self.penfold.refused(*words)

    def test_damage_is_found_and_repaired(self):
        facts = self.server.fill(self.user, 30, inbox_only=True)
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        database = next(self.penfold.data.rglob("mail.db"))
        for name in (database, pathlib.Path(f"{database}-wal"), pathlib.Path(f"{database}-shm")):
            name.unlink(missing_ok=True)
        database.write_bytes(os.urandom(100_000))
        self.assertEqual(self.penfold.run("check").status, harness.FAILED)
        self.penfold.do("check", "--repair")
        self.penfold.assert_sound(self)
        summary = self.penfold.sync()
        self.assertLess(summary["bytes_in"], sum(fact["size"] for fact in facts) / 4)
        self.penfold.assert_holds(self, facts)

    def test_a_flipped_byte_is_found(self):
        self.server.fill(self.user, 10, inbox_only=True)
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        segment = max((self.penfold.data / "raw").iterdir(), key=lambda path: path.stat().st_size)
        data = bytearray(segment.read_bytes())
        data[len(data) // 2] ^= 0x10
        segment.write_bytes(data)
        self.assertEqual(self.penfold.run("check").status, harness.FAILED)


if __name__ == "__main__":
    harness.main()
