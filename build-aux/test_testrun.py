#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""build-aux/test counts facts, and never calls a run good that was not."""
import json
import pathlib
import sys
import tempfile
import unittest

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


if __name__ == "__main__":
    tap.main()
