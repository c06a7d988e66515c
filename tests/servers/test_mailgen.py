#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated mail is always the same, and a server hands it out as the manifest says."""
import collections
import hashlib
import json
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import mailgen
import mailserver
import odd
import tap


def retrieve(pop3, number):
    """The bytes of a message; poplib would change its line ends."""
    pop3._putcmd(f"RETR {number}")
    pop3._getresp()
    lines = []
    while (line := pop3.file.readline()) != b".\r\n":
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)


class MailgenTest(unittest.TestCase):
    def facts(self, count, **options):
        with tempfile.TemporaryDirectory() as folder:
            return mailgen.fill(folder, count, **options)

    def test_same_seed_makes_the_same_mail(self):
        text = json.dumps(self.facts(150), sort_keys=True)
        self.assertEqual(hashlib.sha256(text.encode()).hexdigest()[:16], "e657d7af191263fe")

    def test_fewer_messages_are_the_beginning_of_more(self):
        self.assertEqual(self.facts(40, seed=7), self.facts(100, seed=7)[:40])
        self.assertEqual(self.facts(20, seed=7, first=30), self.facts(100, seed=7)[30:50])

    def test_sizes_are_those_of_mailboxes(self):
        maker = mailgen.Maker()
        sizes = sorted(len(maker.message(i).raw) for i in range(2000))
        self.assertTrue(6000 < sizes[1000] < 12000, sizes[1000])
        self.assertTrue(250_000 < sizes[1980] < 900_000, sizes[1980])

    def test_every_odd_kind_comes_early(self):
        maker = mailgen.Maker()
        kinds = {maker.message(i).kind for i in range(mailgen.ODD_EVERY * len(odd.KINDS))}
        self.assertEqual({name for name, _ in odd.KINDS} - kinds, set())

    def test_folder_names_are_written_in_imaps_own_utf7(self):
        self.assertEqual(mailgen.maildir_name("Entwürfe & Co/日本語"), ".Entw&APw-rfe &- Co.&ZeVnLIqe-")

    def test_imap_hands_out_what_the_manifest_says(self):
        with mailserver.MailServer() as server:
            facts = server.fill("anna", 250) + server.fill("anna", len(odd.KINDS), first=1000, profile="odd")
            wanted = collections.defaultdict(collections.Counter)
            for fact in facts:
                wanted[fact["folder"]][fact["sha256"], tuple(sorted(fact["flags"]))] += 1
            for folder in wanted:
                with self.subTest(folder=folder):
                    found = collections.Counter(
                        (hashlib.sha256(data).hexdigest(), tuple(sorted(set(flags) - {"\\Recent"})))
                        for flags, data in server.fetch("anna", mailgen.maildir_name(folder)[1:].replace(".", "/") or "INBOX").values())
                    self.assertEqual(found, wanted[folder])

    def test_pop3_hands_out_what_the_manifest_says(self):
        with mailserver.MailServer(fill=["anna:100:inbox"]) as server:
            facts = server.fill("anna", len(odd.KINDS), first=1000, profile="odd", inbox_only=True)
            facts += map(json.loads, pathlib.Path(f"{server.dir}/anna.manifest").read_text().splitlines())
            pop3 = server.pop3("anna")
            found = [hashlib.sha256(retrieve(pop3, number + 1)).hexdigest() for number in range(len(facts))]
            pop3.quit()
            self.assertEqual(sorted(found), sorted(fact["pop3_sha256"] for fact in facts))


if __name__ == "__main__":
    tap.main()
