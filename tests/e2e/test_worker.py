#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The background worker by itself: what it says on its socket, how it bears trouble, and how it ends."""
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

from gi.repository import Gio, GLib

import harness

PROTOCOL, SCHEMA = 1, 1
WRONG = "not the password"


class Bus:
    """A client on the worker's socket, as a window would be."""

    def __init__(self, penfold, protocol=PROTOCOL):
        path = (penfold.data / "worker.lock").read_text().splitlines()[0].removeprefix("socket=")
        self.connection = Gio.DBusConnection.new_for_address_sync(
            f"unix:path={path}", Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT, None, None)
        self.hello = self.call("Hello", "(usu)", protocol, "0", SCHEMA)

    def call(self, method, kinds=None, *words):
        answer = self.connection.call_sync(None, "/org/penfold/Worker1", "org.penfold.Worker1", method,
                                           GLib.Variant(kinds, words) if kinds else None, None, Gio.DBusCallFlags.NONE, 10000, None)
        return answer.unpack()

    def secret(self, uuid, text):
        self.call("SetSecret", "(sss)", uuid, "incoming", text)

    def jobs(self):
        return {job[0]: job for job in self.call("ListJobs")[0]}

    def run(self, kind, **arguments):
        """The job when it has ended."""
        number, = self.call("Start", "(sa{sv})", kind, arguments)
        return harness.wait_until(lambda: (job := self.jobs()[number])[2] in ("done", "failed", "cancelled") and job, 60, kind)


class WorkerTest(harness.Case):
    def rows(self, file, query, *values):
        with sqlite3.connect(f"file:{self.penfold.data}/{file}.db?mode=ro", uri=True) as store:
            return store.execute(query, values).fetchall()

    def uuid(self, account=1):
        return self.rows("desk", "SELECT uuid FROM account WHERE id = ?", account)[0][0]

    def state(self, account=1):
        found = self.rows("mail", "SELECT activity, problem, refused_count FROM account_state WHERE account_id = ?", account)
        return found[0] if found else (None, None, 0)

    def questions(self):
        return [kind for kind, in self.rows("mail", "SELECT kind FROM question WHERE closed_at IS NULL")]

    def refusals(self):
        return self.server_log().count("auth failed")

    def server_log(self):
        return "".join(path.read_text(errors="replace") for path in pathlib.Path(self.server.dir, "log").glob("*.log"))

    def begin(self, *words):
        self.put("Letter")
        self.penfold.add_account(self.server, self.user, *words)
        self.penfold.start_worker()
        self.penfold.sync()

    # --- the socket ---

    def test_it_says_what_it_is(self):
        self.penfold.start_worker()
        protocol, version, schema = Bus(self.penfold).hello
        self.assertEqual((protocol, schema), (PROTOCOL, SCHEMA))
        self.assertRegex(version, r"^\d+\.\d+")

    def test_a_client_of_another_protocol_may_only_ask_it_to_quit(self):
        self.penfold.start_worker()
        other = Bus(self.penfold, PROTOCOL + 1)
        with self.assertRaises(GLib.Error):
            other.call("ListJobs")
        other.call("Quit", "(s)", "upgrade")
        self.assertEqual(self.penfold.worker.wait(5), 0)

    def test_an_unknown_job_is_refused_with_a_sentence(self):
        self.penfold.start_worker()
        with self.assertRaisesRegex(GLib.Error, "knows no job called dance"):
            Bus(self.penfold).call("Start", "(sa{sv})", "dance", {})

    def test_a_job_of_an_account_that_is_not_there_is_refused(self):
        self.penfold.start_worker()
        with self.assertRaisesRegex(GLib.Error, "no such account"):
            Bus(self.penfold).call("Start", "(sa{sv})", "sync", {"account": GLib.Variant("x", 77)})

    def test_without_accounts_there_is_nothing_to_sync(self):
        self.penfold.start_worker()
        self.assertEqual(Bus(self.penfold).run("sync")[2], "done")

    # --- passwords ---

    def test_wrong_password_stops_the_account_and_asks_once(self):
        self.begin()
        before = self.refusals()
        bus = Bus(self.penfold)
        bus.secret(self.uuid(), WRONG)
        harness.wait_until(lambda: self.state()[:2] == ("stopped", "password"), 20, "the account's stop")
        self.assertEqual(self.questions(), ["password"])
        time.sleep(2)
        self.assertEqual(self.questions(), ["password"])
        self.assertEqual(self.state(), ("stopped", "password", 1))
        self.put("While it was wrong")
        bus.secret(self.uuid(), harness.PASSWORD)
        harness.wait_until(lambda: self.penfold.by_subject("While it was wrong"), 20, "mail after the right password")
        self.assertEqual(self.questions(), [])
        self.assertEqual(self.state()[1], None)
        self.assertLessEqual(self.refusals() - before, 2)

    def test_refused_password_is_sent_three_times_a_day_at_most(self):
        self.begin()
        bus = Bus(self.penfold)
        bus.secret(self.uuid(), WRONG)
        harness.wait_until(lambda: self.state()[0] == "stopped", 20, "the account's stop")
        for _ in range(4):
            self.assertEqual(bus.run("sync")[2], "failed")
        harness.wait_until(lambda: self.state() == ("stopped", "password", 3), 20, "the account's stop")
        self.penfold.stop_worker()
        self.penfold.start_worker()
        harness.wait_until(lambda: self.state()[0] == "stopped", 20, "the account's stop")
        self.assertEqual(self.state()[2], 3)

    def test_stopped_account_sends_no_password_for_a_body(self):
        self.put("Long", body="word " * 2000)
        self.penfold.add_account(self.server, self.user, "imap", "tls", "--offline", "headers")
        self.penfold.start_worker()
        self.penfold.sync()
        bus = Bus(self.penfold)
        bus.secret(self.uuid(), WRONG)
        harness.wait_until(lambda: self.state()[:2] == ("stopped", "password"), 20, "the account's stop")
        self.assertRegex(self.penfold.refused("raw", self.penfold.one("Long")["id"]), "is stopped")
        self.assertEqual(self.state(), ("stopped", "password", 1))

    def test_outgoing_server_that_refuses_the_password_does_not_keep_mail_from_coming(self):
        self.begin()
        bus = Bus(self.penfold)
        bus.call("SetSecret", "(sss)", self.uuid(), "outgoing", WRONG)
        harness.wait_until(lambda: self.state()[0] == "idle", 20, "a round after that")
        self.penfold.do("send", "-", "--account", 1, stdin=self.letter("Out", To="away@example.com"))
        harness.wait_until(lambda: self.state()[1] == "password", 20, "the question about the password")
        self.assertEqual(self.questions(), ["password"])
        self.server.deliver(self.user, self.letter("Still coming"))
        harness.wait_until(lambda: self.penfold.by_subject("Still coming"), 10, "mail")
        before = len(self.server.sent())
        bus.call("SetSecret", "(sss)", self.uuid(), "outgoing", harness.PASSWORD)
        harness.wait_until(lambda: len(self.server.sent()) == before + 1, 20, "the message on its way")
        harness.wait_until(lambda: self.state()[1] is None and self.questions() == [], 20, "the end of the trouble")

    # --- trouble that passes ---

    def test_server_goes_away_and_comes_back(self):
        with harness.mailserver.MailServer(user=["gone"]) as server:
            self.penfold.add_account(server, "gone")
            self.penfold.start_worker()
            self.penfold.sync()
            server.stop()
            self.assertEqual(Bus(self.penfold).run("sync")[2], "failed")
            harness.wait_until(lambda: self.state()[:2] == ("waiting", "network"), 20, "the trouble in the account's row")
            self.assertEqual(self.questions(), [])
            server.start()
            server.deliver("gone", self.letter("Back"))
            harness.wait_until(lambda: self.penfold.by_subject("Back"), 40, "mail after the server's return")
            harness.wait_until(lambda: self.state()[1] is None, 20, "the end of the trouble")

    # --- looking around ---

    def set_interval(self, seconds):
        with sqlite3.connect(self.penfold.data / "desk.db") as desk:
            desk.execute("UPDATE revision SET rev = rev + 1")
            desk.execute("UPDATE account SET check_interval_s = ?, rev = (SELECT rev FROM revision)", [seconds])
        desk.close()

    def logins(self):
        return self.server_log().count("Login: user=")

    def test_quiet_account_is_looked_at_on_the_line_that_is_there(self):
        self.put("Letter")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.set_interval(2)
        self.penfold.start_worker()
        harness.wait_until(lambda: self.server.doveadm("who", self.user).count(self.user), 20, "the watch")
        self.penfold.sync()
        ok = lambda: self.rows("mail", "SELECT last_ok_at FROM account_state")[0][0]
        before, at = self.logins(), ok()
        harness.wait_until(lambda: ok() >= at + 4, 20, "another look or two")
        self.assertEqual(self.logins(), before)
        self.put("Elsewhere", "Archive")
        harness.wait_until(lambda: self.penfold.by_subject("Elsewhere", "Archive"), 20, "the mail of another folder")

    # --- accounts ---

    def test_account_that_is_switched_off_is_left_alone(self):
        self.begin()
        with sqlite3.connect(self.penfold.data / "desk.db") as desk:
            desk.execute("UPDATE revision SET rev = rev + 1")
            desk.execute("UPDATE account SET is_enabled = 0, rev = (SELECT rev FROM revision)")
        desk.close()
        harness.wait_until(lambda: not self.server.doveadm("who", self.user).count(self.user), 20, "the end of its connections")
        self.server.deliver(self.user, self.letter("Unseen"))
        time.sleep(2)
        self.assertEqual(self.penfold.by_subject("Unseen"), [])

    # --- the end ---

    def test_it_quits_within_a_second_in_the_middle_of_a_first_sync(self):
        self.server.fill(self.user, 3000)
        self.penfold.add_account(self.server, self.user)
        self.penfold.start_worker()
        harness.wait_until(lambda: self.penfold.folders() and self.penfold.folder("INBOX")["total"] > 0, 30, "the first mail")
        begin = time.monotonic()
        Bus(self.penfold).call("Quit", "(s)", "user")
        self.assertEqual(self.penfold.worker.wait(10), 0)
        self.assertLess(time.monotonic() - begin, 1.5)
        self.penfold.assert_sound(self)
        self.assertEqual(self.penfold.sync()["failed"], [])

    def test_it_ends_when_its_store_is_gone(self):
        self.begin()
        shutil.rmtree(self.penfold.data)
        self.assertEqual(self.penfold.worker.wait(10), 0)
        self.assertFalse(self.penfold.data.exists())

    def test_it_ends_by_interrupt(self):
        self.begin()
        self.assertEqual(self.penfold.stop_worker(signal.SIGINT), 0)

    def test_the_second_one_says_so(self):
        self.penfold.start_worker()
        second = subprocess.run(self.penfold.command(program=self.penfold.tree.worker), env=self.penfold.environment,
                                stdout=subprocess.PIPE, text=True, timeout=30)
        self.assertEqual(second.returncode, 0)
        self.assertIn("already serves", second.stdout)

    def test_it_serves_again_after_it_was_killed(self):
        self.begin()
        self.penfold.stop_worker(signal.SIGKILL)
        self.assertTrue((self.penfold.data / "worker.lock").read_text())
        self.put("After")
        self.penfold.start_worker()
        harness.wait_until(lambda: self.penfold.by_subject("After"), 20, "mail after the restart")
        self.penfold.assert_sound(self)

    def test_jobs_can_be_cancelled(self):
        self.server.fill(self.user, 2000)
        self.penfold.add_account(self.server, self.user)
        self.penfold.start_worker()
        bus = Bus(self.penfold)
        number, = bus.call("Start", "(sa{sv})", "sync", {})
        self.penfold.do("jobs", "cancel", number)
        self.assertEqual(bus.jobs()[number][2], "cancelled")
        self.assertEqual(self.penfold.sync()["failed"], [])
        self.assertEqual(sum(folder["total"] for folder in self.penfold.folders()), 2000)


if __name__ == "__main__":
    harness.main()
