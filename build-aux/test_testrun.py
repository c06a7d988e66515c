#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""build-aux/test counts facts, and never calls a run good that was not."""
import json
import os
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "build-aux"), str(ROOT / "tests")]

import tap
import testrun


class TestrunTest(unittest.TestCase):
    def count(self, result, stdout="", ci=False, allowed=()):
        testrun.CI = ci
        line = {"name": "penfold:imap+e2e / framer", "stdout": stdout, "result": result, "returncode": 1}
        with tempfile.NamedTemporaryFile("w+", suffix=".json") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            return testrun.count_log("plain", pathlib.Path(file.name), allowed)

    def test_every_line_counts(self):
        count = self.count("FAIL", "1..4\nok 1 /a\n# note\nok 2 - b # SKIP no display\nnot ok 3 /c\nok 4 d\nokay\n")
        self.assertEqual(str(count), "2 passed, 1 failed, 1 skipped")
        self.assertEqual(count.failed, ["plain:imap/framer/c"])

    def test_program_without_tap_counts_once(self):
        self.assertEqual(str(self.count("OK", "hello\n")), "1 passed, 0 failed, 0 skipped")
        self.assertEqual(str(self.count("FAIL", "hello\n")), "0 passed, 1 failed, 0 skipped")

    def test_crash_after_good_lines_is_a_failure(self):
        for result in ("ERROR", "TIMEOUT", "FAIL", "INTERRUPT", "UNEXPECTEDPASS"):
            self.assertEqual(str(self.count(result, "ok 1 a\n")), "1 passed, 1 failed, 0 skipped")

    def test_skips_need_leave_where_it_is_serious(self):
        text = "ok 1 a # SKIP no quota\n"
        self.assertEqual(str(self.count("OK", text, ci=True)), "0 passed, 1 failed, 0 skipped")
        self.assertEqual(str(self.count("SKIP", "", ci=True)), "0 passed, 1 failed, 0 skipped")
        self.assertEqual(str(self.count("OK", text, ci=True, allowed=["plain:imap/*/a"])), "0 passed, 0 failed, 1 skipped")
        self.assertEqual(str(self.count("OK", text)), "0 passed, 0 failed, 1 skipped")

    def test_what_is_to_do_is_no_success(self):
        self.assertEqual(str(self.count("OK", "not ok 1 a # TODO later\n")), "0 passed, 0 failed, 1 skipped")

    def environment_of_tests(self, *words):
        """What the tests of build-aux/test would find, and the words for meson test."""
        found = []

        def call(_run, *command, quiet=True):
            found.append((os.environ.get("PENFOLD_TEST_LONG"), command))
            return 0

        root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))      # not this run's own logs
        with (unittest.mock.patch.object(sys, "argv", ["testrun.py", *words]), unittest.mock.patch.dict(os.environ),
              unittest.mock.patch.object(testrun, "ROOT", root), unittest.mock.patch.object(testrun.Run, "call", call),
              unittest.mock.patch("builtins.print"), self.assertRaises(SystemExit)):
            testrun.main()
        return next((long, command) for long, command in found if "test" in command)

    def test_long_reaches_the_tests(self):
        long, command = self.environment_of_tests("--long", "--suite", "e2e")
        self.assertEqual(long, "1")
        self.assertEqual([command[place + 1] for place, word in enumerate(command) if word == "--timeout-multiplier"][-1], "20")
        self.assertNotEqual(self.environment_of_tests("--suite", "e2e")[0], "1")


if __name__ == "__main__":
    tap.main()
