#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""With no window open: new mail is announced, a click on its notice opens that message, and the icon's menu works."""
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "ui")]

import harness
from desktop import Desktop, run, wait_until
from screen import Screen


class DesktopTest(harness.Case):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.desktop = self.enterContext(Desktop(folder.name))
        self.put("An old letter")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.addCleanup(self.close_windows)

    def close_windows(self):
        subprocess.run([str(self.penfold.tree.window), "--data-dir", str(self.penfold.data), "--quit"], env=self.penfold.environment,
                       check=True, timeout=20)

    def deliver(self, subject):
        self.server.deliver(self.user, self.letter(subject).decode())

    def window_runs(self):
        return "org.penfold.Penfold.x" in run("gdbus", "call", "--session", "-d", "org.freedesktop.DBus", "-o",
                                              "/org/freedesktop/DBus", "-m", "org.freedesktop.DBus.ListNames")

    def test_new_mail_is_announced_and_opens_by_a_click(self):
        self.penfold.start_worker()
        time.sleep(3)
        self.assertEqual(self.desktop.shown(), 0, "old mail is not new")
        self.deliver("Lunch?")
        wait_until(lambda: self.desktop.shown() == 1, "the notice")
        self.desktop.click_notice()
        wait_until(lambda: self.window_runs(), "the window")
        wait_until(lambda: Screen().names().count("Lunch?") > 1, "the message in list and reader")

    def choose(self, place, entry):
        """An entry of the icon's menu, counted from 1."""
        self.desktop.click(*place, 3)
        self.desktop.settle()
        self.desktop.press(*["Down"] * entry, "Return")

    def test_each_entry_of_the_menu_works_with_no_window(self):
        place = self.desktop.find_icon(self.penfold.start_worker)
        screen = Screen()

        self.choose(place, 3)
        self.deliver("Checked")
        wait_until(lambda: self.penfold.by_subject("Checked"), "the check for mail")
        self.choose(place, 1)
        screen.wait_for("Checked", "label")
        self.close_windows()
        wait_until(lambda: not self.window_runs(), "the end of the window")
        self.choose(place, 2)
        screen.wait_for("Send", "push button")
        self.close_windows()            # they lie above the panel, where nobody manages windows
        wait_until(lambda: not self.window_runs(), "the end of the windows")
        self.choose(place, 4)
        wait_until(lambda: self.penfold.worker.poll() is not None, "the end of the worker")
        self.assertEqual(self.penfold.worker.returncode, 0)

    def test_announced_once_only(self):
        self.penfold.start_worker()
        self.deliver("Lunch?")
        wait_until(lambda: self.desktop.shown() == 1, "the notice")
        self.penfold.stop_worker()
        subprocess.run(["dunstctl", "close-all"], check=True)
        self.penfold.start_worker()
        self.deliver("Dinner?")
        wait_until(lambda: self.desktop.shown() == 1, "the second notice")
        self.assertIn("Dinner?", self.newest())

    def newest(self):
        subprocess.run(["dunstctl", "close-all"], check=True)
        return self.desktop.notices()[0][1]

    def test_notice_goes_when_its_mail_was_read_elsewhere(self):
        self.penfold.start_worker()
        self.deliver("Lunch?")
        wait_until(lambda: self.desktop.shown() == 1, "the notice")
        with self.server.imap(self.user) as other:
            other.select("INBOX")
            other.store("1:*", "+FLAGS", r"(\Seen)")
        wait_until(lambda: self.desktop.shown() == 0, "the end of the notice")


if __name__ == "__main__":
    harness.main()
