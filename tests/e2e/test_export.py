#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail goes out into files of other programs and comes back: bytes, flags, keywords and dates."""
import hashlib
import mailbox
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import harness

FORMATS = ("mbox", "maildir", "eml")


class ExportTest(harness.Case):
    def export(self, penfold, format, *words, name=None):
        target = penfold.place / (name or f"export-{format}-{len(list(penfold.place.iterdir()))}")
        penfold.do("export", target, "--format", format, *words)
        return target

    def find(self, root, format, folder):
        """The exported folder of an account."""
        account, = root.iterdir()
        return account / (folder + ".mbox" if format == "mbox" else folder)

    def facts(self, penfold, folder):
        """Hash, date and words of everything in a folder, as an export of single files tells."""
        root = self.export(penfold, "eml", "--folder", folder)
        index, = root.rglob("index.tsv")
        return sorted((hashlib.sha256((index.parent / name).read_bytes()).hexdigest(), int(date), sorted(words.split()))
                      for name, date, words in (line.split("\t") for line in index.read_text().splitlines()))

    def store_with_folder(self):
        other = self.new_penfold()
        other.do("sync")
        return other, next(folder["id"] for folder in other.ask("folders", "--account", 0) if folder["role"] == "archive")

    def fill(self, profile="odd", count=62):
        self.server.fill(self.user, count, profile=profile, inbox_only=True)
        with self.server.imap(self.user) as connection:
            connection.select("INBOX")
            for number, flags in enumerate(("\\Seen \\Answered", "\\Flagged $Forwarded", "\\Draft work", "\\Seen work home $Junk",
                                            "\\Deleted"), 1):
                connection.store(str(number), "FLAGS", f"({flags})")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()

    def test_nothing_is_lost_on_the_way_into_another_store(self):
        self.fill()
        inbox = self.penfold.folder("INBOX")["id"]
        wanted = self.facts(self.penfold, inbox)
        self.assertEqual(len(wanted), 62)
        for format in FORMATS:
            with self.subTest(format=format):
                other, folder = self.store_with_folder()
                files = self.find(self.export(self.penfold, format, "--folder", inbox), format, "INBOX")
                self.assertEqual(other.ask("import", files, "--into", folder), {"messages": 62, "failed": []})
                self.assertEqual(self.facts(other, folder), wanted)
                other.assert_sound(self)

    def test_bare_line_feeds_stay_and_small_messages_too(self):
        other, folder = self.store_with_folder()
        messages = [b"Subject: a\n\nbare\n", b"Subject: b\r\n\r\nno end", b"x", b"\n\n", b"Subject: c\n\nFrom me\n>From you\n"]
        for number, message in enumerate(messages):
            path = other.place / f"{number}.eml"
            path.write_bytes(message)
            other.do("import", path, "--into", folder)
        for format in FORMATS:
            with self.subTest(format=format):
                again, target = self.store_with_folder()
                again.do("import", self.find(self.export(other, format), format, "Archive"), "--into", target)
                self.assertEqual(sorted(again.raw(row["id"]) for row in again.list(target)), sorted(messages))

    def test_other_programs_read_what_is_written(self):
        self.fill("mixed")
        rows = self.penfold.list()
        hashes = sorted(self.penfold.hashes(rows).values())
        box = mailbox.mbox(self.find(self.export(self.penfold, "mbox"), "mbox", "INBOX"), create=False)
        self.assertEqual(len(box), 62)
        self.assertEqual(sum("F" in message.get_flags() for message in box), sum("flagged" in row["flags"] for row in rows))
        box = mailbox.Maildir(self.find(self.export(self.penfold, "maildir"), "maildir", "INBOX"), create=False)
        self.assertEqual(sorted(hashlib.sha256(box.get_bytes(key)).hexdigest() for key in box.keys()), hashes)
        self.assertEqual(sum("S" in message.get_flags() for message in box), sum("seen" in row["flags"] for row in rows))

    def test_files_of_other_programs_are_read(self):
        other, folder = self.store_with_folder()
        box = mailbox.mbox(other.place / "theirs")
        for subject, flags in (("one", "RO"), ("two", "FA"), ("three", "")):
            message = mailbox.mboxMessage(f"Subject: {subject}\nFrom: a@example.org\n\nHello\nFrom the heart\n".encode())
            message.set_from("a@example.org", (2025, 6, 2, 10, 0, 0, 0, 153, 0))
            message.set_flags(flags)
            box.add(message)
        box.flush()
        other.do("import", other.place / "theirs", "--into", folder)
        self.assertEqual({row["subject"]: harness.flags_of(row) for row in other.list(folder)},
                         {"one": {"seen"}, "two": {"flagged", "answered"}, "three": set()})
        self.assertEqual({date for _, date, _ in self.facts(other, folder)}, {1748858400})
        for row in other.list(folder):
            self.assertNotIn(b"Status", other.raw(row["id"]))

    def test_mail_for_a_server_is_uploaded_once(self):
        self.fill("mixed", 40)
        exported = self.find(self.export(self.penfold, "mbox"), "mbox", "INBOX")
        wanted = self.facts(self.penfold, self.penfold.folder("INBOX")["id"])
        user = type(self).free_users.pop(0)
        other = self.new_penfold()
        other.add_account(self.server, user)
        other.sync()
        archive = other.folder("Archive")["id"]
        other.do("import", exported, "--into", archive)
        self.assertEqual(len(other.list(archive)), 40)
        other.sync()
        other.sync()
        self.assertEqual({row["where"] for row in other.list(archive)}, {"both"})
        self.assertEqual(len(self.server.fetch(user, "Archive")), 40)
        self.assertEqual(self.facts(other, archive), wanted)
        other.assert_sound(self)

    def test_worker_that_owns_the_store_imports(self):
        other, folder = self.store_with_folder()
        other.start_worker()
        (other.place / "one.eml").write_bytes(b"Subject: one\r\n\r\nHello\r\n")
        self.assertEqual(other.ask("import", other.place / "one.eml", "--into", folder), {"messages": 1, "failed": []})
        self.assertEqual([row["subject"] for row in other.list(folder)], ["one"])
        other.refused("import", other.place / "nothing", "--into", folder)

    def test_what_a_server_refuses_stays_here(self):
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        archive = self.penfold.folder("Archive")["id"]
        box = self.penfold.place / "box"
        box.write_bytes(b"From a Mon Jun  2 10:00:00 2025\n\n\nFrom a Mon Jun  2 10:00:00 2025\nSubject: b\n\nHello\n\n"
                        b"From a Mon Jun  2 10:00:00 2025\nX-Mbox-Entry: exact; no line end at the end\nStatus: O\nX-Status: \n"
                        b"X-Keywords: \n\n\n")        # the last one is empty, which Dovecot does not take
        self.penfold.do("import", box, "--into", archive)
        self.penfold.sync(status=harness.PARTLY)
        self.penfold.sync()
        self.assertEqual(sorted(row["where"] for row in self.penfold.list(archive)), ["both", "both", "here"])
        self.assertEqual(len(self.server.fetch(self.user, "Archive")), 2)

    def test_names_of_servers_are_no_paths(self):
        names = ("cur", "-rf", "x", "x/new", "semi;colon & more", "a:b|c", "Q" * 150)
        with self.server.imap(self.user) as connection:
            for name in names:
                connection.create(f'"{name.replace("&", "&-")}"')
        for name in names:       # Dovecot itself refuses dots and the worst
            self.server.append(self.user, name.replace("&", "&-"), self.letter(name[:20]), "\\Seen")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        for format in FORMATS:
            with self.subTest(format=format):
                root = self.export(self.penfold, format)
                account, = root.iterdir()
                self.assertTrue(all(path.name[0] not in ".-" for path in account.rglob("*")))
                found = {"mbox": lambda: [box for box in account.rglob("*.mbox") if box.stat().st_size > 0],
                         "maildir": lambda: list(account.rglob("cur/*:2,S")), "eml": lambda: list(account.rglob("*.eml"))}
                self.assertEqual(len(found[format]()), len(names))

    def test_nothing_is_written_over(self):
        target = self.penfold.place / "full"
        target.mkdir()
        (target / "precious").write_text("mine")
        self.penfold.do("sync")
        self.assertIn("not empty", self.penfold.refused("export", target, "--format", "eml"))
        self.assertEqual([path.name for path in target.iterdir()], ["precious"])

    def test_mail_that_is_only_on_the_server_is_named(self):
        self.put("Elsewhere")
        self.penfold.add_account(self.server, self.user, "imap", "tls", "--offline", "headers")
        self.penfold.sync()
        result = self.penfold.run("export", self.penfold.place / "some", "--format", "mbox")
        self.assertEqual(result.status, harness.PARTLY)
        self.assertIn("Elsewhere", result.err)

    def test_wrong_words_are_told(self):
        other, folder = self.store_with_folder()
        other.refused("export", other.place / "x", status=harness.USAGE)
        other.refused("export", other.place / "x", "--format", "pst", status=harness.USAGE)
        other.refused("import", other.place / "nothing", "--into", folder)
        other.refused("import", other.place, "--into", 4711)
        other.refused("import", other.place, status=harness.USAGE)
        empty = other.place / "empty"
        empty.mkdir()
        other.refused("import", empty, "--into", folder)


if __name__ == "__main__":
    harness.main()
