#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""penfoldctl advise: what lies on a server, by IMAP and by POP3, without a store and without touching anything."""
import json
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import harness


class AdviseTest(harness.Case):
    users = 5

    def advise(self, *words, password=harness.PASSWORD):
        return self.penfold.run("advise", "--email", f"{self.user}@example.org", "--user", self.user, "--ca-file", self.server.ca,
                                "--password-file", "-", "--json", *words, stdin=password.encode() + b"\n")

    def servers(self):
        return ["--incoming-imap", f"localhost:{self.server.port['imaps']}", "--incoming-pop3", f"localhost:{self.server.port['pop3s']}"]

    def test_both_protocols_are_measured(self):
        facts = self.server.fill(self.user, 30)
        inbox = [fact for fact in facts if fact["folder"] == "INBOX"]
        result = self.advise(*self.servers())
        self.assertEqual(result.status, harness.DONE, result.err)
        found = json.loads(result.out)
        self.assertEqual(found["imap"]["messages"], 30)
        self.assertEqual(found["imap"]["inbox_messages"], len(inbox))
        self.assertEqual(found["imap"]["bytes"], sum(fact["size"] for fact in facts))
        self.assertTrue(found["imap"]["idle"])
        self.assertEqual(found["pop3"]["messages"], len(inbox))
        self.assertTrue(found["pop3"]["uidl"])
        self.assertEqual([candidate["protocol"] for candidate in found["candidates"]], ["imap", "pop3"])
        self.assertFalse(self.penfold.data.exists(), "it needs no store")

    def test_wrong_password_says_so_of_both(self):
        result = self.advise(*self.servers(), password="wrong")
        self.assertEqual(result.status, harness.FAILED)
        self.assertEqual(json.loads(result.out)["imap"]["cause"], "wrong-password")
        self.assertIn("password", result.err)

    def test_one_protocol_that_does_not_answer_leaves_the_other(self):
        words = self.servers()
        words[3] = "localhost:1"
        result = self.advise(*words)
        self.assertEqual(result.status, harness.PARTLY)
        found = json.loads(result.out)
        self.assertEqual(found["imap"]["messages"], 0)
        self.assertEqual(found["pop3"]["cause"], "refused")

    def test_no_password_over_an_open_connection_by_itself(self):
        result = self.advise("--incoming-imap", f"localhost:{self.server.port['imap']}", "--security", "starttls")
        self.assertEqual(result.status, harness.DONE, result.err)
        result = self.advise("--incoming-imap", f"localhost:{self.server.port['imap']}")
        self.assertEqual(result.status, harness.FAILED)


if __name__ == "__main__":
    harness.main()
