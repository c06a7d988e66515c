#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private mail server is what the end-to-end tests believe it to be."""
import imaplib
import os
import pathlib
import poplib
import pwd
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import mailserver
import tap

NOTE = b"From: anna@example.org\r\nTo: ben@example.org\r\nSubject: Hello\r\n\r\nLine one\r\n.dot line\r\n"


def processes_below(folder):
    """Everything whose working directory or command line lies in the server's directory."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
            place = os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            continue
        if folder in words or place.startswith(folder):
            found.append(int(pid))
    return found


def wait_until(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class ReceivingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(mailserver.MailServer())

    def test_imap_offers_what_modern_servers_offer(self):
        with self.server.imap("anna") as imap:
            _, answer = imap.capability()
        offers = answer[0].decode().split()
        for name in ("IDLE", "UIDPLUS", "CONDSTORE", "QRESYNC", "MOVE", "SPECIAL-USE", "LITERAL+", "ID", "ENABLE",
                     "NAMESPACE", "COMPRESS=DEFLATE"):
            self.assertIn(name, offers)

    def test_folders_have_their_uses(self):
        with self.server.imap("anna") as imap:
            _, lines = imap.list()
        text = b"\n".join(lines).decode()
        for name in mailserver.FOLDERS:
            self.assertRegex(text, rf"\\{name}\) \"/\" {name}")

    def test_password_is_checked(self):
        with self.assertRaises(imaplib.IMAP4.error):
            self.server.imap("anna", "wrong")
        with self.assertRaises(poplib.error_proto):
            self.server.pop3("anna", "wrong")

    def test_wrong_password_is_answered_without_delay(self):
        begin = time.monotonic()
        for _ in range(3):
            with self.assertRaises(imaplib.IMAP4.error):
                self.server.imap("anna", "wrong")
        self.assertLess(time.monotonic() - begin, 3)

    def test_imap_takes_starttls_and_plain_sign_in(self):
        for encrypt in (True, False):
            with imaplib.IMAP4("localhost", self.server.port["imap"]) as imap:
                if encrypt:
                    imap.starttls(self.server.context())
                self.assertEqual(imap.login("anna@example.org", "secret")[0], "OK")

    def test_pop3_takes_stls_and_plain_sign_in(self):
        for encrypt in (True, False):
            pop3 = poplib.POP3("localhost", self.server.port["pop3"])
            if encrypt:
                pop3.stls(self.server.context())
            pop3.user("anna")
            self.assertTrue(pop3.pass_("secret").startswith(b"+OK"))
            pop3.quit()

    def test_each_address_shows_its_certificate(self):
        wanted = {"127.0.0.1": None, "127.0.0.2": "expired", "127.0.0.3": "mismatch", "127.0.0.4": "self-signed"}
        for service in ("imaps", "pop3s", "smtps"):
            for address, words in wanted.items():
                with self.subTest(service=service, address=address):
                    self.assertEqual(self.refusal(address, self.server.port[service]) or "", words or "")

    def refusal(self, address, port):
        with socket.create_connection((address, port), 10) as plain:
            try:
                with self.server.context().wrap_socket(plain, server_hostname=address):
                    return None
            except ssl.SSLCertVerificationError as error:
                return next((word for word in ("expired", "mismatch", "self-signed") if word in str(error)), str(error))

    def test_tls_session_is_resumed(self):
        context = self.server.context()
        session = None
        for reused in (False, True):
            with socket.create_connection(("localhost", self.server.port["imaps"])) as plain:
                with context.wrap_socket(plain, server_hostname="localhost", session=session) as encrypted:
                    encrypted.recv(4096)                # the ticket comes with or before the greeting
                    self.assertEqual(encrypted.session_reused, reused)
                    session = encrypted.session

    def test_appended_bytes_come_back_unchanged(self):
        self.server.append("anna", "Archive", NOTE, "\\Flagged")
        (flags, data), = self.server.fetch("anna", "Archive").values()
        self.assertEqual(data, NOTE)
        self.assertIn("\\Flagged", flags)

    def test_kept_mail_is_brought_back_with_its_numbers(self):
        for number in range(3):
            self.server.append("ben", "INBOX", NOTE)
        before = self.server.fetch("ben", "INBOX")
        self.server.keep_mail("ben")
        with self.server.imap("ben") as imap:
            imap.select()
            imap.store("1:2", "+FLAGS", "\\Deleted")
            imap.expunge()
            validity = imap.status("INBOX", "(UIDVALIDITY)")[1]
        self.server.append("ben", "INBOX", NOTE)
        self.server.bring_back_mail("ben")
        self.assertEqual(self.server.fetch("ben", "INBOX"), before)
        with self.server.imap("ben") as imap:
            self.assertEqual(imap.status("INBOX", "(UIDVALIDITY)")[1], validity)

    def test_mail_comes_back_at_the_same_port(self):
        with mailserver.MailServer(user=["otto:other"]) as server:
            with server.imap("otto", "other") as imap:
                imap.append("INBOX", "", imaplib.Time2Internaldate(0), NOTE)
            before = server.port
            server.stop()
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", before["imaps"]))
            server.start()
            self.assertEqual(server.port, before)
            with server.imap("otto", "other") as imap:
                self.assertEqual(imap.select()[1], [b"1"])


class SubmissionTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(mailserver.MailServer())

    def connect(self, user="anna"):
        smtp = smtplib.SMTP("localhost", self.server.port["smtp"], timeout=20)
        smtp.starttls(context=self.server.context())
        if user:
            smtp.login(user, "secret")
        return smtp

    def send(self, *recipients, data=NOTE):
        with self.connect() as smtp:
            return smtp.sendmail("anna@example.org", recipients, data)

    def test_message_reaches_the_mailbox(self):
        self.send("ben@example.org")
        (_, data), = self.server.fetch("ben", "INBOX").values()
        self.assertTrue(data.endswith(NOTE))
        self.assertIn(b"Return-Path: <anna@example.org>", data)

    def test_exact_bytes_are_kept_with_their_envelope(self):
        before = len(self.server.sent())
        odd = b"Subject: =?utf-8?q?x?=\r\n\r\n.\r\n..\r\nno \xff newline \x00 at all\r\n...\r\n"
        self.send("stranger@example.com", "other@example.com", data=odd)
        envelope, data = self.server.sent()[before]
        self.assertEqual(len(self.server.sent()), before + 1)
        self.assertEqual(data, odd)
        self.assertEqual(envelope["to"], ["stranger@example.com", "other@example.com"])
        self.assertEqual((envelope["user"], envelope["encrypted"]), ("anna", True))

    def test_every_mechanism_signs_in(self):
        for mechanism in ("PLAIN", "LOGIN", "CRAM_MD5"):
            for password, right in (("secret", True), ("wrong", False)):
                with self.subTest(mechanism=mechanism, right=right), self.connect(None) as smtp:
                    smtp.ehlo()
                    smtp.user, smtp.password = "anna", password
                    if right:
                        code, _ = smtp.auth(mechanism.replace("_", "-"), getattr(smtp, "auth_" + mechanism.lower()))
                        self.assertEqual(code, 235)
                    else:
                        with self.assertRaises(smtplib.SMTPAuthenticationError):
                            smtp.auth(mechanism.replace("_", "-"), getattr(smtp, "auth_" + mechanism.lower()))

    def test_nothing_is_taken_without_sign_in(self):
        with self.connect(None) as smtp, self.assertRaises(smtplib.SMTPSenderRefused):
            smtp.sendmail("anna@example.org", ["ben@example.org"], NOTE)

    def test_plain_connection_offers_sign_in_only_where_allowed(self):
        with smtplib.SMTP("localhost", self.server.port["smtp"]) as smtp:
            self.assertEqual(smtp.login("anna", "secret")[0], 235)
        with mailserver.MailServer(no_plain_sign_in=True) as strict:
            with smtplib.SMTP("localhost", strict.port["smtp"]) as smtp, self.assertRaises(smtplib.SMTPNotSupportedError):
                smtp.login("anna", "secret")
            with imaplib.IMAP4("127.0.0.2", strict.port["imap"]) as imap:
                self.assertIn("LOGINDISABLED", imap.capabilities)

    def test_implicit_tls_works(self):
        with smtplib.SMTP_SSL("localhost", self.server.port["smtps"], context=self.server.context()) as smtp:
            self.assertEqual(smtp.login("ben", "secret")[0], 235)

    def test_refused_recipients_are_answered_at_rcpt(self):
        refused = self.send("reject@example.org", "defer@example.org", "ben@example.org")
        self.assertEqual({name: code for name, (code, _) in refused.items()},
                         {"reject@example.org": 550, "defer@example.org": 451})

    def test_full_mailbox_and_spam_are_answered_after_the_data(self):
        for name in ("full", "spam"):
            with self.assertRaises(smtplib.SMTPDataError) as caught:
                self.send(f"{name}@example.org")
            self.assertGreaterEqual(caught.exception.smtp_code, 450)

    def test_drop_takes_the_message_and_gives_no_answer(self):
        before = len(self.server.sent())
        with self.assertRaises(smtplib.SMTPServerDisconnected):
            self.send("drop@example.org")
        self.assertEqual([envelope["answer"] for envelope, _ in self.server.sent()[before:]], ["drop"])

    def test_lost_forgets_the_message(self):
        before = len(self.server.sent())
        with self.assertRaises(smtplib.SMTPServerDisconnected):
            self.send("lost@example.org")
        self.assertEqual(len(self.server.sent()), before)

    def test_size_is_refused_before_the_data(self):
        with self.connect() as smtp:
            smtp.ehlo()
            self.assertEqual(smtp.docmd("MAIL", "FROM:<anna@example.org> SIZE=999999999")[0], 552)

    def test_words_sent_before_the_handshake_are_refused(self):
        with socket.create_connection(("localhost", self.server.port["smtp"]), 10) as plain:
            plain.recv(4096)
            plain.sendall(b"STARTTLS\r\nMAIL FROM:<x@example.org>\r\n")
            self.assertTrue(plain.recv(4096).startswith(b"501"))

    def test_pipelined_commands_are_answered_in_order(self):
        with self.connect() as smtp:
            smtp.ehlo()
            smtp.send("MAIL FROM:<anna@example.org>\r\nRCPT TO:<reject@example.org>\r\nRCPT TO:<x@example.org>\r\nRSET\r\n")
            self.assertEqual([smtp.getreply()[0] for _ in range(4)], [250, 550, 250, 250])

    def test_large_message_passes(self):
        big = b"Subject: big\r\n\r\n" + (b"x" * 76 + b"\r\n") * 100_000
        self.send("stranger@example.com", data=big)
        self.assertEqual(self.server.sent()[-1][1], big)


class EndingTest(unittest.TestCase):
    def test_nothing_is_left_after_the_block(self):
        with mailserver.MailServer() as server:
            folder = server.dir
            with server.imap("anna"):
                self.assertGreater(len(processes_below(folder)), 2)
        self.assertEqual(processes_below(folder), [])
        self.assertFalse(os.path.exists(folder))

    def test_nothing_is_left_when_the_owner_is_killed(self):
        owner = subprocess.Popen(["/usr/bin/python3", "-c", "import mailserver, time\nwith mailserver.MailServer() as s:\n"
                                  "  print(s.dir, flush=True)\n  c = s.imap('anna')\n  time.sleep(100)"],
                                 stdout=subprocess.PIPE, text=True, cwd=HERE)
        folder = owner.stdout.readline().strip()
        self.assertGreater(len(processes_below(folder)), 2)
        owner.kill()
        owner.wait()
        owner.stdout.close()
        self.assertTrue(wait_until(lambda: not processes_below(folder)))
        subprocess.run(["rm", "-r", folder], check=True)

    def test_nothing_is_left_when_the_keeper_is_killed(self):
        with mailserver.MailServer() as server:
            connection = server.imap("anna")
            self.assertGreater(len(processes_below(server.dir)), 2)
            server.process.kill()
            self.assertTrue(wait_until(lambda: not processes_below(server.dir)))
            with self.assertRaises(imaplib.IMAP4.abort):
                connection.noop()
            connection.shutdown()

    def test_start_ends_with_the_process_it_is_for(self):
        folder = tempfile.mkdtemp(prefix="penfold-mail-")
        sleeper = subprocess.Popen(["sleep", "100"])
        command = [HERE / "mailserver.py", "start", "--dir", folder, "--for", str(sleeper.pid)]
        facts = dict(line.split("=", 1) for line in subprocess.run(command, check=True, stdout=subprocess.PIPE,
                                                                   text=True).stdout.splitlines())
        socket.create_connection(("127.0.0.1", int(facts["MAIL_POP3S_PORT"]))).close()
        sleeper.send_signal(signal.SIGKILL)
        sleeper.wait()
        self.assertTrue(wait_until(lambda: not processes_below(folder)))
        subprocess.run([HERE / "mailserver.py", "stop", "--dir", folder], check=True)
        self.assertFalse(os.path.exists(folder))

    def test_stop_ends_what_start_began(self):
        folder = tempfile.mkdtemp(prefix="penfold-mail-")
        subprocess.run([HERE / "mailserver.py", "start", "--dir", folder], check=True, stdout=subprocess.DEVNULL)
        again = subprocess.run([HERE / "mailserver.py", "start", "--dir", folder], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
        self.assertIn(b"already runs", again.stderr)
        subprocess.run([HERE / "mailserver.py", "stop", "--dir", folder], check=True)
        self.assertEqual(processes_below(folder), [])

    def test_long_directories_and_taken_ports_do_no_harm(self):
        long = tempfile.mkdtemp(prefix="penfold-" + "long" * 30)
        with mailserver.MailServer(long) as server:
            port = server.port["imaps"]
            server.stop()
            with socket.create_server(("127.0.0.2", port)):
                server.start()
                self.assertNotEqual(server.port["imaps"], port)
                server.append("anna", "INBOX", NOTE)
        subprocess.run(["rm", "-r", long], check=True)

    @unittest.skipUnless(os.geteuid() == 0, "this test run is already an ordinary user's")
    def test_an_ordinary_user_can_start_it(self):
        nobody = pwd.getpwnam("nobody")
        with tempfile.TemporaryDirectory(prefix="penfold-mail-") as folder:
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            copy = pathlib.Path(folder) / "code"
            copy.mkdir()
            for name in ("mailserver.py", "certificates.py", "submission.py", "mailgen.py", "odd.py", "words.py"):
                (copy / name).write_bytes((HERE / name).read_bytes())
            program = ("import mailserver\nwith mailserver.MailServer() as s:\n"
                       f"  s.append('anna', 'INBOX', {NOTE!r})\n  s.deliver('anna', {NOTE!r})\n"
                       "  print(len(s.fetch('anna', 'INBOX')))")
            done = subprocess.run(["/usr/bin/python3", "-c", program], cwd=copy, user=nobody.pw_uid,
                                  group=nobody.pw_gid, extra_groups=[], stdout=subprocess.PIPE, text=True,
                                  env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
            self.assertEqual(done.stdout.strip(), "2")


if __name__ == "__main__":
    tap.main()
