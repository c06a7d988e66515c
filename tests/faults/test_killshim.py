#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shim kills exactly where it is told to: a kill matrix is worth what this test is worth.

usage: test_killshim.py KILLSHIM VICTIM
"""
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

import tap

SHIM, VICTIM = (str(pathlib.Path(path).resolve()) for path in (sys.argv.pop(1), sys.argv.pop(1)))
ACTS = ("write", "sync", "rename", "unlink", "truncate", "send")

# The traces after each act of victim.c: name of the file, its content, what the socket received.
TRACES = [
    ("one", "", ""), ("one", "ab", ""), ("one", "abcd", ""), ("one", "abcdef", ""), ("one", "abcdef", ""), ("one", "abcdef", ""),
    ("two", "abcdef", ""), ("two", "abc", ""), ("two", "abc", "qr"), ("two", "abc", "qrs"), ("two", "abc", "qrst"),
    ("three", "abc", "qrst"), (None, "", "qrst")]


class KillshimTest(unittest.TestCase):
    def setUp(self):
        self.top = pathlib.Path(os.path.realpath(self.enterContext(tempfile.TemporaryDirectory())))

    def run_victim(self, **settings):
        """Its exit status, its words, the traces it left and the shim's counts."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.top)) / "store"
        folder.mkdir()
        count_file = folder.parent / "counts"
        environment = {**os.environ, "LD_PRELOAD": SHIM, "PENFOLD_KILL_BELOW": str(folder), "PENFOLD_KILL_COUNT": str(count_file),
                       **{f"PENFOLD_{name}": str(value) for name, value in settings.items()}}
        with socket.create_server(("127.0.0.1", 0)) as server:
            process = subprocess.Popen([VICTIM, str(folder), str(server.getsockname()[1])], env=environment,
                                       stdout=subprocess.PIPE, text=True)
            connection, _ = server.accept()
            words = process.communicate(timeout=30)[0]
            received = b""
            try:
                while piece := connection.recv(100):
                    received += piece
            except ConnectionResetError:
                pass
            connection.close()
        files = list(folder.iterdir())
        self.assertLessEqual(len(files), 1)
        traces = (files[0].name, files[0].read_text()) if files else (None, "")
        numbers = struct.unpack("9Q", count_file.read_bytes()) if count_file.exists() else (0,) * 9
        counts = dict(zip(("total", *ACTS, "failed", "killed"), numbers))
        return process.returncode, words, (*traces, received.decode()), counts

    def test_undisturbed_run_is_counted_and_passes(self):
        status, words, traces, counts = self.run_victim()
        self.assertEqual((status, words, traces), (0, "", TRACES[-1]))
        self.assertEqual(counts, {"total": 12, "write": 3, "sync": 2, "rename": 2, "unlink": 1, "truncate": 1, "send": 3,
                                  "failed": 0, "killed": 0})

    def test_kill_before_leaves_what_was_done_before(self):
        for number in range(1, len(TRACES)):
            with self.subTest(number=number):
                status, _, traces, counts = self.run_victim(KILL_AT=number, KILL_WHEN="before")
                self.assertEqual((status, traces), (-signal.SIGKILL, TRACES[number - 1]))
                self.assertEqual(counts["total"], number)
                self.assertNotEqual(counts["killed"], 0)

    def test_kill_after_leaves_the_act_itself_too(self):
        for number in range(1, len(TRACES)):
            with self.subTest(number=number):
                status, _, traces, counts = self.run_victim(KILL_AT=number, KILL_WHEN="after")
                self.assertEqual((status, traces), (-signal.SIGKILL, TRACES[number]))
                self.assertEqual(counts["total"], number)

    def test_kill_beyond_the_end_lets_it_pass(self):
        status, _, traces, _ = self.run_victim(KILL_AT=len(TRACES))
        self.assertEqual((status, traces), (0, TRACES[-1]))

    def test_other_programs_are_left_alone(self):
        status, _, _, counts = self.run_victim(KILL_AT=1, KILL_PROGRAM="penfold-worker")
        self.assertEqual((status, counts["total"]), (0, 0))
        self.assertEqual(self.run_victim(KILL_AT=1, KILL_PROGRAM=os.path.basename(VICTIM))[0], -signal.SIGKILL)

    def test_each_act_fails_in_its_own_way(self):
        for number, error, words in (
                (1, "ENOSPC", "write: ENOSPC\n"), (4, "ENOSPC", "fdatasync: ENOSPC\n"), (6, "ENOSPC", "rename: ENOSPC\nrenameat: ENOENT\nunlink: ENOENT\n"),
                (7, "ENOSPC", "ftruncate: ENOSPC\n"), (8, "ENOSPC", ""), (12, "ENOSPC", ""), (5, "EIO", "fsync: EIO\n"),
                (12, "EIO", "unlink: EIO\n"), (8, "ECONNRESET", "send: ECONNRESET\n"), (1, "ECONNRESET", ""),
                (1, "error", "write: EIO\n"), (8, "error", "send: ECONNRESET\n"),
                (1, "short", "write: 1 of 2\n"), (2, "short", "pwrite: 1 of 2\n"), (3, "short", "writev: 1 of 2\n"),
                (8, "short", "send: 1 of 2\n"), (5, "short", "")):
            with self.subTest(number=number, error=error):
                self.assertEqual(self.run_victim(FAIL_AT=number, FAIL_WITH=error)[1], words)

    def test_a_full_disk_stays_full(self):
        _, words, _, counts = self.run_victim(FAIL_AT=2, FAIL_WITH="ENOSPC", FAIL_FOR=0)
        self.assertEqual(words.count("ENOSPC"), 7)
        self.assertEqual(counts["failed"], 7)
        self.assertEqual(self.run_victim(FAIL_AT=2, FAIL_WITH="ENOSPC", FAIL_FOR=2)[3]["failed"], 2)

    def test_sqlite_is_seen(self):
        folder = self.top / "store"
        folder.mkdir()
        program = ("import sqlite3; c = sqlite3.connect('mail.db'); c.execute('pragma journal_mode=wal');"
                   "c.execute('pragma synchronous=full'); c.execute('create table t (x)'); c.commit()")
        subprocess.run(["/usr/bin/python3", "-c", program], cwd=folder, check=True, env={
            **os.environ, "LD_PRELOAD": SHIM, "PENFOLD_KILL_BELOW": str(folder), "PENFOLD_KILL_COUNT": str(self.top / "counts")})
        counts = dict(zip(("total", *ACTS), struct.unpack("9Q", (self.top / "counts").read_bytes())))
        self.assertGreater(counts["write"], 3)
        self.assertGreater(counts["sync"], 1)


if __name__ == "__main__":
    tap.main()
