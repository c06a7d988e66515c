#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The icon and the notices on a real panel and a real notification daemon: test_desktop.py TRAY-SAMPLE"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "ui")]

import tap
from desktop import Desktop, wait_until

SAMPLE = sys.argv.pop(1)
MENU = ("open", "compose", "check", "quit")


class DesktopTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.desktop = self.enterContext(Desktop(folder.name))
        self.sample = None

    def start(self):
        self.sample = subprocess.Popen([SAMPLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end)

    def end(self):
        self.sample.stdin.close()
        self.sample.wait(10)
        self.sample.stdout.close()

    def tell(self, line):
        self.sample.stdin.write(line + "\n")
        self.sample.stdin.flush()

    def wish(self):
        return self.sample.stdout.readline().split()[0]

    def test_icon_and_each_entry_of_its_menu(self):
        x, y = self.desktop.find_icon(self.start)
        self.desktop.click(x, y)
        self.assertEqual(self.wish(), "open")
        for number, wanted in enumerate(MENU, 1):
            with self.subTest(entry=wanted):
                self.desktop.click(x, y, 3)
                self.desktop.settle()
                self.desktop.press(*["Down"] * number, "Return")
                self.assertEqual(self.wish(), wanted)
                self.desktop.settle()

    def test_icon_returns_with_a_new_panel(self):
        self.desktop.find_icon(self.start)
        self.desktop.stop_panel()
        self.desktop.start_panel()
        wait_until(lambda: "StatusNotifierItem" in self.desktop.items(), "the registration with the new panel")

    def test_click_on_a_notice_opens_its_message(self):
        self.start()
        self.tell("notice 42 Alice")
        wait_until(lambda: self.desktop.shown() == 1, "the notice")
        self.desktop.click_notice()
        self.assertEqual(self.sample.stdout.readline().split(), ["open-message", "42"])

    def test_notice_goes_when_its_message_was_read(self):
        self.start()
        self.tell("notice 42 Alice")
        wait_until(lambda: self.desktop.shown() == 1, "the notice")
        self.tell("read 42")
        wait_until(lambda: self.desktop.shown() == 0, "the end of the notice")
        (title, body), = self.desktop.notices()
        self.assertEqual(title, "\u2068Alice\u2069", "isolated: a name from right to left turns nothing else around")
        self.assertIn("Lunch &lt;b&gt;tomorrow&lt;/b&gt;?", body)


tap.main()
