#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A POP3 account from the shell: mail is fetched once, and leaves the server only by the rule that was chosen."""
import pathlib
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import harness


class Pop3Test(harness.Case):
    def add(self, security="tls", *more, **options):
        return self.penfold.add_account(self.server, self.user, "pop3", security, *more, **options)

    def count_on_server(self):
        return len(self.server.fetch(self.user, "INBOX"))

    def sync_everything(self, security):
        facts = self.server.fill(self.user, 60, inbox_only=True)
        self.add(security)
        self.penfold.sync()
        self.penfold.assert_holds(self, facts, "pop3")
        self.penfold.assert_sound(self)
        self.assertEqual(self.count_on_server(), 60)

    def test_everything_arrives_over_tls(self):
        self.sync_everything("tls")

    def test_everything_arrives_over_starttls(self):
        self.sync_everything("starttls")

    def test_everything_arrives_over_a_plain_connection(self):
        self.sync_everything("none")

    def test_odd_messages_arrive_unchanged(self):
        facts = self.server.fill(self.user, 62, profile="odd", inbox_only=True)
        self.add()
        self.penfold.sync()
        self.penfold.assert_holds(self, facts, "pop3")

    def test_second_sync_fetches_nothing(self):
        self.server.fill(self.user, 60, inbox_only=True)
        self.add()
        first = self.penfold.sync()
        self.assertEqual(first["messages_new"], 60)
        second = self.penfold.sync()
        self.assertEqual((second["messages_new"], second["failed"]), (0, []))
        self.assertLess(second["bytes_in"], first["bytes_in"] / 20)

    def test_new_mail_arrives_at_the_next_sync(self):
        self.put("One")
        self.add()
        self.penfold.sync()
        self.server.deliver(self.user, self.letter("Two"))
        self.assertEqual(self.penfold.sync()["messages_new"], 1)
        self.assertEqual(len(self.penfold.by_subject("Two")), 1)

    def test_by_default_everything_stays_on_the_server(self):
        self.put("One")
        self.add()
        for _ in range(3):
            self.penfold.sync()
        self.assertEqual(set(self.on_server()), {"One"})

    def test_leave_remove_takes_what_was_fetched(self):
        facts = self.server.fill(self.user, 30, inbox_only=True)
        self.add("tls", "--leave", "remove", "--yes")
        self.penfold.sync()
        self.penfold.sync()
        self.assertEqual(self.count_on_server(), 0)
        self.penfold.assert_holds(self, facts, "pop3")
        self.penfold.assert_sound(self)

    def test_mail_that_was_there_before_is_asked_about(self):
        self.put("Old")
        self.add("tls", "--leave", "remove")
        self.penfold.run("sync", "--json")
        self.penfold.run("sync", "--json")
        self.assertEqual(set(self.on_server()), {"Old"})

    def test_days_on_the_server_count_from_the_download(self):
        self.put("Old", Date="Mon, 01 Jan 2001 10:00:00 +0000")
        self.add("tls", "--leave", "30", "--yes")
        self.penfold.sync()
        self.penfold.sync()
        self.assertEqual(set(self.on_server()), {"Old"})

    def test_deleting_for_good_here_removes_it_there(self):
        self.put("One")
        self.put("Two")
        self.add()
        self.penfold.sync()
        self.penfold.do("delete", self.penfold.one("One")["id"], "--now")
        self.penfold.sync()
        self.assertEqual(set(self.on_server()), {"Two"})
        self.assertEqual(self.penfold.by_subject("One"), [])

    def test_deleting_here_can_leave_it_there(self):
        self.put("One")
        self.add("tls", "--remove-when-deleted", "no")
        self.penfold.sync()
        self.penfold.do("delete", self.penfold.one("One")["id"], "--now")
        self.assertEqual(self.penfold.sync()["messages_new"], 0)
        self.assertEqual(set(self.on_server()), {"One"})
        self.assertEqual(self.penfold.by_subject("One"), [])

    def test_preview_changes_nothing(self):
        self.put("One")
        number = self.add()
        self.penfold.sync()
        before = self.penfold.ask("policy", number)
        rows = self.penfold.ask("policy", number, "--leave", "remove", "--preview", "--yes")
        self.assertEqual([(row["subject"], row["rule"]) for row in rows], [("One", "leave-remove")])
        self.assertEqual(self.penfold.ask("policy", number), before)
        self.penfold.sync()
        self.assertEqual(set(self.on_server()), {"One"})

    def test_preview_says_when(self):
        self.put("One")
        number = self.add()
        self.penfold.sync()
        row, = self.penfold.ask("policy", number, "--leave", "30", "--preview")
        self.assertAlmostEqual(row["leaves"], time.time() + 30 * 86400, delta=300)
        self.assertEqual(self.penfold.ask("policy", number, "--leave", "forever", "--preview"), [])

    def test_a_rule_that_is_changed_later_takes_effect_when_confirmed(self):
        for number in range(5):
            self.put(f"Message {number}")
        number = self.add()
        self.penfold.sync()
        self.assertEqual(self.penfold.ask("policy", number, "--keep-newest", "2")["keep_newest"], 2)
        self.penfold.sync()
        self.assertEqual(self.count_on_server(), 5)
        self.penfold.ask("policy", number, "--yes")
        self.penfold.sync()
        self.assertEqual(self.count_on_server(), 2)
        self.assertEqual(len(self.penfold.list("INBOX")), 5)
        self.penfold.assert_sound(self)

    def test_policy_refuses_nonsense(self):
        number = self.add()
        for words in (["--leave", "never"], ["--leave", "-1"], ["--keep-newest", "2GB"], ["--when-full", "101"],
                      ["--remove-when-deleted", "perhaps"]):
            self.penfold.refused("policy", number, *words, status=harness.USAGE)
        self.penfold.refused("policy", number + 1)

    def test_a_damaged_message_is_never_removed_but_fetched_again(self):
        message = self.put("One", body="x" * 5000)
        number = self.add()
        self.penfold.sync()
        location = self.penfold.one("One")["id"]
        self.damage()
        self.penfold.do("policy", number, "--leave", "remove", "--yes")
        result = self.penfold.run("sync")
        self.assertEqual(result.status, harness.PARTLY)
        self.assertIn("fetched again", result.err)
        self.assertEqual(self.penfold.do("raw", location), message)
        self.penfold.sync()
        self.assertEqual(self.count_on_server(), 0)
        self.assertEqual(self.penfold.do("raw", location), message)

    def damage(self):
        """Flips one bit in the last bytes of the raw mail."""
        segment, = (path for path in self.penfold.data.rglob("*") if path.is_file() and path.parent.name == "raw"
                    and path.stat().st_size > 0)
        data = bytearray(segment.read_bytes())
        end = len(bytes(data).rstrip(b"\0"))
        data[end - 20] ^= 1
        segment.write_bytes(data)

    def test_what_vanished_on_the_server_stays_here(self):
        self.put("One")
        self.add()
        self.penfold.sync()
        with self.server.imap(self.user) as imap:
            imap.select()
            imap.store("1", "+FLAGS", "(\\Deleted)")
            imap.expunge()
        self.penfold.sync()
        self.assertEqual(len(self.penfold.by_subject("One")), 1)
        self.assertIn("only on this computer", self.penfold.do("show", self.penfold.one("One")["id"]).decode().lower())

    def test_flags_are_kept_here(self):
        self.put("One")
        self.add()
        self.penfold.sync()
        self.penfold.do("flag", self.penfold.one("One")["id"], "flagged")
        self.penfold.sync()
        self.assertIn("flagged", harness.flags_of(self.penfold.one("One")))

    def test_nothing_is_lost_or_doubled_when_the_cable_is_cut(self):
        facts = self.server.fill(self.user, 60, inbox_only=True)
        for cut in (300, 3_000, 50_000, 300_000, 900_000):
            with self.subTest(cut=cut), harness.Cable(self.server.port["pop3"]) as cable:
                penfold = self.new_penfold()
                penfold.add_account(self.server, self.user, "pop3", "none", port=cable.port)
                cable.cut_after = cut
                penfold.run("sync", "--json")
                self.assertGreater(cable.cuts, 0)
                cable.cut_after = None
                penfold.sync()
                penfold.assert_holds(self, facts, "pop3", share=5)
                penfold.assert_sound(self)
        self.assertEqual(self.count_on_server(), 60)


if __name__ == "__main__":
    harness.main()
