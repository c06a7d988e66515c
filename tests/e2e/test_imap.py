#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An IMAP account from the shell: what the server has is here, what is done here is there."""
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import harness
from harness import flags_of


class ImapTest(harness.Case):
    def sync_everything(self, security):
        facts = self.server.fill(self.user, 60)
        self.penfold.add_account(self.server, self.user, "imap", security)
        self.penfold.sync()
        self.penfold.assert_holds(self, facts)
        self.penfold.assert_sound(self)

    def test_everything_arrives_over_tls(self):
        self.sync_everything("tls")

    def test_everything_arrives_over_starttls(self):
        self.sync_everything("starttls")

    def test_everything_arrives_over_a_plain_connection(self):
        self.sync_everything("none")

    def test_odd_messages_arrive_unchanged(self):
        facts = self.server.fill(self.user, 62, profile="odd")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.penfold.assert_holds(self, facts)

    def test_account_is_listed(self):
        number = self.penfold.add_account(self.server, self.user)
        accounts = self.penfold.ask("account", "list")
        self.assertEqual([account["id"] for account in accounts], [number])

    def test_folders_have_their_roles_and_counts(self):
        self.put("seen", "INBOX", "\\Seen")
        self.put("new", "INBOX")
        self.put("sent", "Sent", "\\Seen")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        folders = {folder["role"]: folder for folder in self.penfold.folders() if folder["role"]}
        for role in ("inbox", "sent", "drafts", "trash", "junk", "archive"):
            self.assertIn(role, folders)
        self.assertEqual((folders["inbox"]["total"], folders["inbox"]["unread"]), (2, 1))
        self.assertEqual((folders["sent"]["total"], folders["sent"]["unread"]), (1, 0))

    def test_flags_arrive(self):
        facts = self.server.fill(self.user, 40, inbox_only=True)
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        rows = self.penfold.list()
        hashes = self.penfold.hashes(rows)
        wanted = {fact["sha256"]: {flag.lstrip("\\").lower() for flag in fact["flags"]} for fact in facts}
        for row in rows:
            self.assertEqual(flags_of(row) & {"seen", "flagged", "answered", "draft"}, wanted[hashes[row["id"]]])

    def test_list_is_newest_first(self):
        self.server.fill(self.user, 30, inbox_only=True)
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        ids = [row["message"] for row in self.penfold.list()]
        self.assertEqual(ids, sorted(ids, reverse=True))
        self.assertEqual(self.penfold.ask("list", self.penfold.folder("INBOX")["id"], "--limit", 7), self.penfold.list()[:7])

    def test_second_sync_brings_nothing(self):
        self.server.fill(self.user, 60)
        self.penfold.add_account(self.server, self.user)
        first = self.penfold.sync()
        self.assertGreaterEqual(first["messages_new"], 60)
        second = self.penfold.sync()
        self.assertEqual((second["messages_new"], second["messages_gone"], second["flags_changed"]), (0, 0, 0))
        self.assertEqual(second["failed"], [])
        self.assertLess(second["bytes_in"], first["bytes_in"] / 20)

    def test_new_mail_arrives_at_the_next_sync(self):
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.server.deliver(self.user, self.letter("Fresh bread"))
        self.assertEqual(self.penfold.sync()["messages_new"], 1)
        self.assertNotIn("seen", flags_of(self.penfold.one("Fresh bread")))

    def test_flags_go_up(self):
        self.put("Post")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        number = self.penfold.one("Post")["id"]
        self.penfold.do("flag", number, "seen")
        self.penfold.do("flag", number, "flagged")
        self.assertLessEqual({"seen", "flagged"}, flags_of(self.penfold.one("Post")))
        self.penfold.sync()
        self.assertEqual(self.on_server(), {"Post": {"seen", "flagged"}})
        self.penfold.do("unflag", number, "flagged")
        self.penfold.sync()
        self.assertEqual(self.on_server(), {"Post": {"seen"}})

    def test_flags_come_down(self):
        self.put("Post")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        with self.server.imap(self.user) as imap:
            imap.select()
            imap.store("1", "+FLAGS", "(\\Seen \\Flagged)")
        self.assertEqual(self.penfold.sync()["flags_changed"], 1)
        self.assertLessEqual({"seen", "flagged"}, flags_of(self.penfold.one("Post")))

    def test_both_sides_change_different_flags(self):
        self.put("Post", flags="\\Answered")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.penfold.do("flag", self.penfold.one("Post")["id"], "flagged")
        with self.server.imap(self.user) as imap:
            imap.select()
            imap.store("1", "FLAGS", "(\\Seen)")
        self.penfold.sync()
        self.penfold.sync()
        self.assertEqual(self.on_server(), {"Post": {"seen", "flagged"}})
        self.assertEqual(flags_of(self.penfold.one("Post")) & {"seen", "flagged", "answered"}, {"seen", "flagged"})

    def test_move_goes_up(self):
        wanted = self.put("Letter", flags="\\Flagged")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        message = self.penfold.one("Letter")["message"]
        self.penfold.do("move", self.penfold.one("Letter")["id"], self.penfold.folder("Archive")["id"])
        self.assertEqual(self.penfold.by_subject("Letter"), [])
        self.penfold.sync()
        self.assertEqual((self.on_server(), self.on_server("Archive")), ({}, {"Letter": {"flagged"}}))
        self.penfold.sync()
        row = self.penfold.one("Letter", "Archive")
        self.assertEqual((row["message"], self.penfold.raw(row["id"])), (message, wanted))

    def test_move_by_another_program_is_followed(self):
        self.put("Letter")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        message = self.penfold.one("Letter")["message"]
        for source, target in (("INBOX", "Archive"), ("Archive", "INBOX")):
            with self.subTest(source=source), self.server.imap(self.user) as imap:
                imap.select(source)
                imap.uid("MOVE", "1:*", target)
                self.penfold.sync()
                self.penfold.sync()
                self.assertEqual(self.penfold.by_subject("Letter", source), [])
                self.assertEqual(self.penfold.one("Letter", target)["message"], message)
                self.penfold.assert_sound(self)

    def test_copy_goes_up(self):
        self.put("Letter")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.penfold.do("copy", self.penfold.one("Letter")["id"], self.penfold.folder("Archive")["id"])
        self.penfold.sync()
        self.penfold.sync()
        self.assertEqual((set(self.on_server()), set(self.on_server("Archive"))), ({"Letter"}, {"Letter"}))
        self.assertEqual(len(self.penfold.by_subject("Letter")), 1)
        self.assertEqual(len(self.penfold.by_subject("Letter", "Archive")), 1)

    def test_delete_goes_to_trash_and_then_for_good(self):
        self.put("Old")
        self.put("Other")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.penfold.do("delete", self.penfold.one("Old")["id"])
        self.penfold.sync()
        self.assertEqual((set(self.on_server()), set(self.on_server("Trash"))), ({"Other"}, {"Old"}))
        self.penfold.do("delete", self.penfold.one("Old", "Trash")["id"])
        self.penfold.sync()
        self.assertEqual((set(self.on_server()), self.on_server("Trash")), ({"Other"}, {}))

    def test_delete_now_takes_only_that_message(self):
        self.put("Old")
        self.put("Other", flags="\\Deleted")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.penfold.do("delete", self.penfold.one("Old")["id"], "--now")
        self.penfold.sync()
        self.assertEqual((set(self.on_server()), self.on_server("Trash")), ({"Other"}, {}))

    def test_what_vanished_on_the_server_leaves_the_list(self):
        self.put("Gone")
        self.put("Stays")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        with self.server.imap(self.user) as imap:
            imap.select()
            imap.store("1", "+FLAGS", "(\\Deleted)")
            imap.expunge()
        self.assertEqual(self.penfold.sync()["messages_gone"], 1)
        self.assertEqual([row["subject"] for row in self.penfold.list()], ["Stays"])
        self.penfold.assert_sound(self)

    def test_renumbered_folder_is_matched_again(self):
        for number in range(8):
            self.put(f"Letter {number}", "Archive")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        before = {row["subject"]: row["message"] for row in self.penfold.list("Archive")}
        with self.server.imap(self.user) as imap:
            imap.rename("Archive", "Aside")
            imap.create("Archive")
            imap.select("Aside")
            imap.uid("COPY", "1:*", "Archive")
            imap.select("INBOX")
            imap.delete("Aside")
        again = self.penfold.sync()
        self.penfold.sync()
        self.assertEqual({row["subject"]: row["message"] for row in self.penfold.list("Archive")}, before)
        self.assertLess(again["bytes_in"], 60_000)
        self.penfold.assert_sound(self)

    def test_search_finds_words_of_the_body(self):
        self.put("One", body="The heron stands in the reeds.")
        self.put("Two", body="Nothing of that kind.")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.assertEqual([row["subject"] for row in self.penfold.ask("search", "heron")], ["One"])
        self.assertEqual(self.penfold.ask("search", "ostrich"), [])

    def test_show_tells_whereabouts(self):
        self.put("Letter", body="Some text.")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        text = self.penfold.do("show", self.penfold.one("Letter")["id"]).decode()
        self.assertIn("Some text.", text)
        self.assertRegex(text.lower(), "on the server and on this computer")

    def test_message_is_named_by_either_number(self):
        wanted = self.put("Letter")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        row = self.penfold.one("Letter")
        self.assertEqual(self.penfold.raw(row["id"]), wanted)
        self.assertEqual(self.penfold.raw(f"m{row['message']}"), wanted)

    def test_headers_only_fetches_the_body_when_it_is_wanted(self):
        wanted = self.put("Long", body="word " * 20000)
        self.penfold.add_account(self.server, self.user, "imap", "tls", "--offline", "headers")
        self.assertLess(self.penfold.sync()["bytes_in"], 30_000)
        self.assertEqual(self.penfold.raw(self.penfold.one("Long")["id"]), wanted)

    def test_export_writes_the_same_bytes(self):
        facts = self.server.fill(self.user, 40)
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        place = self.penfold.place / "export"
        self.penfold.do("export", place, "--format", "eml")
        self.assertEqual(sorted(harness.hashlib.sha256(path.read_bytes()).hexdigest() for path in place.rglob("*.eml")),
                         sorted(fact["sha256"] for fact in facts))

    def test_database_is_made_anew_from_the_raw_mail(self):
        facts = self.server.fill(self.user, 30)
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        before = {row["message"] for row in self.penfold.list()}
        (self.penfold.data / "mail.db").write_bytes(b"no database" * 1000)
        self.penfold.refused("folders")
        self.assertEqual(self.penfold.ask("check", "--repair")["repair"]["messages"], len(facts))
        self.penfold.sync()
        self.penfold.assert_holds(self, facts)
        self.assertEqual({row["message"] for row in self.penfold.list()}, before)
        self.penfold.assert_sound(self)

    def test_two_accounts_stay_apart(self):
        other = type(self).free_users.pop(0)
        self.put("Mine")
        self.server.append(other, "INBOX", self.letter("Theirs"))
        first = self.penfold.add_account(self.server, self.user)
        second = self.penfold.add_account(self.server, other)
        self.penfold.sync()
        self.assertEqual([row["subject"] for row in self.penfold.list("INBOX", first)], ["Mine"])
        self.assertEqual([row["subject"] for row in self.penfold.list("INBOX", second)], ["Theirs"])

    def test_old_server_is_enough(self):
        """Without MOVE and UIDPLUS what left its folder stays there marked, and out of sight here."""
        with harness.mailserver.MailServer(user=["u1"], imap_capability="IMAP4rev1") as server:
            facts = server.fill("u1", 50)
            self.penfold.add_account(server, "u1", "imap", "tls")
            self.penfold.sync()
            self.penfold.assert_holds(self, facts)
            before = {name: len(server.fetch("u1", name)) for name in ("INBOX", "Archive")}
            moved, deleted = self.penfold.list()[:2]
            self.penfold.do("move", moved["id"], self.penfold.folder("Archive")["id"])
            self.penfold.do("delete", deleted["id"], "--now")
            for _ in range(3):
                self.assertEqual(self.penfold.sync()["messages_new"], 0)
            marked = [flags for flags, _ in server.fetch("u1", "INBOX").values() if "\\Deleted" in flags]
            self.assertEqual((len(server.fetch("u1", "INBOX")), len(marked)), (before["INBOX"], 2))
            self.assertEqual(len(server.fetch("u1", "Archive")), before["Archive"] + 1)
            self.assertEqual(len(self.penfold.list()), before["INBOX"] - 2)
            self.assertIn(moved["message"], [row["message"] for row in self.penfold.list("Archive")])

    def test_nothing_is_lost_when_the_cable_is_cut(self):
        facts = self.server.fill(self.user, 60, inbox_only=True)
        for cut in (700, 5_000, 60_000, 300_000, 900_000):
            with self.subTest(cut=cut), harness.Cable(self.server.port["imap"]) as cable:
                penfold = self.new_penfold()
                penfold.add_account(self.server, self.user, "imap", "none", port=cable.port)
                cable.cut_after = cut
                penfold.run("sync", "--json")
                self.assertGreater(cable.cuts, 0)
                cable.cut_after = None
                penfold.sync()
                penfold.assert_holds(self, facts, share=5)
                penfold.assert_sound(self)


if __name__ == "__main__":
    harness.main()
