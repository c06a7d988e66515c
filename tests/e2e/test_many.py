#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many mixed messages arrive unchanged, every one of them, by both protocols: 1,000, with build-aux/test --long 10,000."""
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import harness

COUNT = 10_000 if harness.LONG else 1_000


class ManyTest(harness.Case):
    users = 2

    def test_imap(self):
        facts = self.server.fill(self.user, COUNT)
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync(timeout=300)
        self.penfold.assert_holds(self, facts)
        self.penfold.assert_sound(self)
        self.assertEqual(self.penfold.sync()["messages_new"], 0)

    def test_pop3(self):
        facts = self.server.fill(self.user, COUNT, inbox_only=True)
        self.penfold.add_account(self.server, self.user, "pop3")
        self.penfold.sync(timeout=300)
        self.penfold.assert_holds(self, facts, "pop3")
        self.penfold.assert_sound(self)
        self.assertEqual(self.penfold.sync()["messages_new"], 0)


if __name__ == "__main__":
    harness.main()
