#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several programs on one store, several stores beside each other, with and without a session bus."""
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import harness


class TwoprogramsTest(harness.Case):
    def test_same_answers_with_and_without_a_worker(self):
        self.server.fill(self.user, 40)
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        alone = (self.penfold.folders(), self.penfold.list())
        self.penfold.start_worker()
        self.assertEqual((self.penfold.folders(), self.penfold.list()), alone)
        self.assertEqual(self.penfold.sync()["messages_new"], 0)

    def test_worker_fetches_by_itself(self):
        self.penfold.add_account(self.server, self.user)
        self.penfold.start_worker()
        harness.wait_until(self.penfold.folders, 30, "the list of folders")
        self.put("Before")
        harness.wait_until(lambda: self.penfold.by_subject("Before"), 30, "the arrival of a message")
        self.server.deliver(self.user, self.letter("While idle"))
        begin = time.monotonic()
        harness.wait_until(lambda: self.penfold.by_subject("While idle"), 30, "the arrival of a message")
        self.assertLess(time.monotonic() - begin, 5)

    def test_worker_fetches_a_body_that_somebody_wants(self):
        wanted = self.put("Long", body="word " * 20000)
        self.penfold.add_account(self.server, self.user, "imap", "tls", "--offline", "headers")
        self.penfold.start_worker()
        self.penfold.sync()
        self.assertEqual(self.penfold.one("Long")["where"], "server")
        self.assertEqual(self.penfold.raw(self.penfold.one("Long")["id"]), wanted)

    def test_account_added_while_the_worker_runs(self):
        self.penfold.start_worker()
        self.put("Letter")
        self.penfold.add_account(self.server, self.user)
        harness.wait_until(self.penfold.folders, 30, "the list of folders")
        harness.wait_until(lambda: self.penfold.by_subject("Letter"), 30, "the arrival of a message")

    def test_pop3_account_added_while_the_worker_runs(self):
        self.penfold.start_worker()
        wanted = self.put("Letter")
        self.penfold.add_account(self.server, self.user, "pop3")
        harness.wait_until(lambda: len(self.penfold.folders()) == 6, 30, "the folders of the account")
        harness.wait_until(lambda: self.penfold.by_subject("Letter"), 30, "the arrival of a message")
        self.assertEqual(self.penfold.raw(self.penfold.one("Letter")["id"]), wanted)
        self.assertEqual(self.penfold.sync()["failed"], [])

    def test_worker_does_what_the_shell_asks(self):
        self.put("Letter")
        self.penfold.add_account(self.server, self.user)
        self.penfold.start_worker()
        self.penfold.sync()
        self.penfold.do("flag", self.penfold.one("Letter")["id"], "flagged")
        harness.wait_until(lambda: self.on_server() == {"Letter": {"flagged"}}, 20, "the flag on the server")

    def test_worker_tells_the_server_what_was_wished(self):
        for name in ("Flagged", "Moved", "Trashed"):
            self.put(name)
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.penfold.start_worker()
        self.penfold.do("flag", self.penfold.one("Flagged")["id"], "flagged")
        self.assertIn("flagged", harness.flags_of(self.penfold.one("Flagged")))
        self.penfold.do("move", self.penfold.one("Moved")["id"], self.penfold.folder("Archive")["id"])
        self.penfold.do("delete", self.penfold.one("Trashed")["id"])
        self.assertEqual([row["subject"] for row in self.penfold.list()], ["Flagged"])
        harness.wait_until(lambda: self.penfold.ask("changes") == [], what="the end of all changes")
        self.assertEqual(self.on_server(), {"Flagged": {"flagged"}})
        self.assertEqual((set(self.on_server("Archive")), set(self.on_server("Trash"))), ({"Moved"}, {"Trashed"}))
        self.penfold.stop_worker()
        self.penfold.assert_sound(self)

    def test_worker_sends(self):
        account = self.penfold.add_account(self.server, self.user)
        self.penfold.start_worker()
        before = len(self.server.sent())
        self.penfold.do("send", "-", "--account", account, stdin=self.letter("Out", To="away@example.com"))
        harness.wait_until(lambda: len(self.server.sent()) == before + 1, 20, "the message on its way")

    def test_second_worker_leaves_the_store_alone(self):
        self.penfold.add_account(self.server, self.user)
        self.penfold.start_worker()
        second = subprocess.run(self.penfold.command(program=self.penfold.tree.worker), env=self.penfold.environment,
                                stderr=subprocess.PIPE, timeout=30)
        self.assertIsNone(self.penfold.worker.poll())
        self.assertTrue(self.penfold.worker_answers())
        self.assertNotEqual(second.returncode, -signal.SIGSEGV)

    def test_many_shells_at_once(self):
        self.put("Letter")
        account = self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        number = self.penfold.one("Letter")["id"]
        crowd = [subprocess.Popen(self.penfold.command(*words), env=self.penfold.environment, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE)
                 for words in (["sync", "--account", account], ["flag", number, "seen"], ["folders"], ["raw", number],
                               ["flag", number, "flagged"], ["sync"], ["check"], ["search", "words"])]
        for process in crowd:
            error = process.communicate(timeout=120)[1]
            self.assertEqual(process.returncode, harness.DONE, error)
        self.penfold.sync()
        self.assertEqual(self.on_server(), {"Letter": {"seen", "flagged"}})
        self.penfold.assert_sound(self)

    def test_worker_that_hangs_is_told_apart(self):
        self.penfold.add_account(self.server, self.user)
        self.penfold.start_worker()
        self.penfold.worker.send_signal(signal.SIGSTOP)
        try:
            self.penfold.refused("sync", status=harness.NO_ANSWER, timeout=100)
        finally:
            self.penfold.worker.send_signal(signal.SIGCONT)

    def test_worker_ends_when_asked(self):
        self.penfold.add_account(self.server, self.user)
        self.penfold.start_worker()
        self.assertEqual(self.penfold.stop_worker(), 0)
        self.assertEqual(self.penfold.sync()["failed"], [])

    def test_everything_is_there_after_a_killed_worker(self):
        facts = self.server.fill(self.user, 30)
        self.penfold.add_account(self.server, self.user)
        self.penfold.start_worker()
        self.penfold.sync()
        self.penfold.stop_worker(signal.SIGKILL)
        self.penfold.assert_sound(self)
        self.penfold.start_worker()
        self.penfold.assert_holds(self, facts)

    def test_two_stores_are_two_worlds(self):
        other = self.new_penfold()
        self.put("Letter")
        self.penfold.add_account(self.server, self.user)
        other.add_account(self.server, self.user)
        other.environment["XDG_RUNTIME_DIR"] = self.penfold.environment["XDG_RUNTIME_DIR"]
        self.penfold.start_worker()
        other.start_worker()
        self.penfold.sync()
        self.penfold.do("flag", self.penfold.one("Letter")["id"], "flagged")
        harness.wait_until(lambda: other.by_subject("Letter") and "flagged" in harness.flags_of(other.one("Letter")), 30,
                           "the flag in the other store")
        self.penfold.stop_worker()
        self.assertTrue(other.worker_answers())

    def test_no_session_bus_is_needed(self):
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR")}
        self.put("Letter")
        self.penfold.environment = {**environment, **self.penfold.tree.environment, "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        self.penfold.add_account(self.server, self.user)
        self.penfold.start_worker()
        self.penfold.sync()
        self.assertEqual(len(self.penfold.by_subject("Letter")), 1)

    def test_account_can_be_removed_and_mail_kept(self):
        self.put("Letter")
        account = self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.penfold.do("account", "remove", account, "--keep-mail")
        self.assertEqual(self.penfold.ask("account", "list"), [])
        self.assertEqual([row["subject"] for row in self.penfold.ask("search", "Letter")], ["Letter"])
        self.assertEqual(set(self.on_server()), {"Letter"})

    def test_worker_removes_an_account_and_keeps_its_mail(self):
        wanted = self.put("Letter")
        account = self.penfold.add_account(self.server, self.user)
        self.penfold.start_worker()
        self.penfold.sync()
        number = self.penfold.one("Letter")["message"]
        self.penfold.do("account", "remove", account, "--keep-mail")
        self.assertEqual(self.penfold.ask("account", "list"), [])
        self.assertEqual(self.penfold.raw(f"m{number}"), wanted)
        self.assertEqual([row["where"] for row in self.penfold.ask("search", "Letter")], ["here"])
        kept, = [folder for folder in self.penfold.folders() if folder["total"]]
        self.assertEqual((kept["account"], kept["name"].endswith("/INBOX")), (0, True))
        self.assertEqual(set(self.on_server()), {"Letter"})
        self.penfold.assert_sound(self)

    def test_account_is_removed_with_its_mail(self):
        self.put("Letter")
        account = self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.penfold.do("account", "remove", account)
        self.assertEqual(self.penfold.ask("search", "Letter"), [])
        self.assertEqual(self.penfold.folders(), [])
        self.assertEqual(set(self.on_server()), {"Letter"})
        self.assertEqual((self.penfold.data / "secrets").read_text().count(harness.PASSWORD), 0)
        self.penfold.assert_sound(self)
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.assertEqual(len(self.penfold.by_subject("Letter")), 1)

    def test_removal_refuses_when_mail_is_only_here(self):
        self.put("Letter")
        account = self.penfold.add_account(self.server, self.user, "pop3", "tls", "--leave", "remove", "--yes")
        self.penfold.sync()
        self.penfold.sync()
        self.penfold.refused("account", "remove", account)
        self.assertEqual(len(self.penfold.by_subject("Letter")), 1)


if __name__ == "__main__":
    harness.main()
