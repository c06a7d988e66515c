#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual page of penfoldctl, its --help, and each command's own --help tell of the same commands.

    test_manual.py PENFOLDCTL PAGE"""
import pathlib
import re
import subprocess
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent)]

import tap

PROGRAM, PAGE = sys.argv[1:3]
del sys.argv[1:3]


def run(*words):
    return subprocess.run([PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def commands():
    lines = run("--help").stdout.splitlines()
    return [re.match(r"  ((?:[a-z-]+)(?: (?:add|list|remove|retry|cancel)\b)?)", line).group(1) for line in lines
            if re.match(r"  [a-z]", line)]


def described():
    """The commands that the page has: the words in bold before the first argument."""
    text = pathlib.Path(PAGE).read_text()
    heads = [head.replace('"', "") for head in re.findall(r"^\.BI? (.*)$", text, re.M)]
    return " , ".join(heads)


class ManualTest(unittest.TestCase):
    def test_page_describes_every_command(self):
        page = described()
        for command in commands():
            with self.subTest(command=command):
                self.assertRegex(page, rf"(^|, ){re.escape(command)}\b")

    def test_help_of_a_command_is_no_error(self):
        for command in commands():
            with self.subTest(command=command):
                result = run(*command.split(), "--help")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertTrue(result.stdout.startswith(f"Usage: penfoldctl {command}"))

    def test_unknown_command_is_wrong_usage(self):
        self.assertEqual(run("frobnicate").returncode, 2)


tap.main()
