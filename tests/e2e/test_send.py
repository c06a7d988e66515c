#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending from the shell: once, exactly, and never again by itself when nobody knows whether it arrived."""
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import harness


class SendTest(harness.Case):
    def setUp(self):
        super().setUp()
        self.sent_before = len(self.server.sent())

    def write(self, to, subject="Out", body="Words.", **header):
        return self.letter(subject, body, f"{self.user}@example.org", To=to, **header)

    def send(self, account, message, status=harness.DONE):
        self.penfold.do("send", "-", "--account", account, stdin=message)
        return self.penfold.run("sync", "--json")

    def taken(self):
        return self.server.sent()[self.sent_before:]

    def states(self):
        return [change["state"] for change in self.penfold.ask("changes")]

    def test_message_reaches_its_recipient_over_each_connection(self):
        for security in ("tls", "starttls", "none"):
            with self.subTest(security=security):
                other = type(self).free_users.pop(0)
                self.penfold = self.new_penfold()
                account = self.penfold.add_account(self.server, self.user, "imap", security)
                self.send(account, self.write(f"{other}@example.org"))
                (_, data), = self.server.fetch(other, "INBOX").values()
                self.assertIn(b"\r\nWords.\r\n", data)

    def test_bytes_go_out_as_they_were_given(self):
        account = self.penfold.add_account(self.server, self.user)
        message = self.write("away@example.com", body=".\r\n..\r\n.hidden\r\nFrom the start\r\nlast")
        self.send(account, message)
        (envelope, data), = self.taken()
        self.assertEqual(data, message)
        self.assertEqual((envelope["from"], envelope["to"]), (f"{self.user}@example.org", ["away@example.com"]))

    def test_letters_beyond_ascii_go_out(self):
        account = self.penfold.add_account(self.server, self.user)
        message = self.write("away@example.com", body="Grüße, こんにちは", MIME_Version="1.0",
                             Content_Type="text/plain; charset=utf-8", Content_Transfer_Encoding="8bit")
        self.send(account, message)
        (envelope, data), = self.taken()
        self.assertEqual(data, message)
        self.assertIn("BODY=8BITMIME", [word.upper() for word in envelope["parameters"]])

    def test_blind_copies_are_sent_and_not_told(self):
        account = self.penfold.add_account(self.server, self.user)
        self.send(account, self.write("one@example.com", Cc="two@example.com", Bcc="three@example.com"))
        (envelope, data), = self.taken()
        self.assertEqual(set(envelope["to"]), {"one@example.com", "two@example.com", "three@example.com"})
        self.assertNotIn(b"three", data)

    def test_one_copy_lies_in_sent(self):
        account = self.penfold.add_account(self.server, self.user)
        self.send(account, self.write("away@example.com", "Kept"))
        self.penfold.sync()
        self.penfold.sync()
        self.assertEqual(list(self.on_server("Sent")), ["Kept"])
        self.assertEqual(len(self.penfold.by_subject("Kept", "Sent")), 1)

    def test_pop3_account_keeps_its_copy_here(self):
        account = self.penfold.add_account(self.server, self.user, "pop3")
        self.send(account, self.write("away@example.com", "Kept"))
        self.assertEqual(len(self.taken()), 1)
        self.assertEqual(len(self.penfold.by_subject("Kept", "Sent")), 1)

    def test_outbox_survives_until_the_next_round(self):
        account = self.penfold.add_account(self.server, self.user)
        self.penfold.do("send", "-", "--account", account, stdin=self.write("away@example.com"))
        self.assertEqual(self.taken(), [])
        self.assertEqual(len(self.penfold.ask("changes")), 1)
        self.penfold.sync()
        self.assertEqual(len(self.taken()), 1)
        self.penfold.sync()
        self.assertEqual(len(self.taken()), 1)

    def test_refused_recipient_is_told_and_the_message_kept(self):
        account = self.penfold.add_account(self.server, self.user)
        self.send(account, self.write("reject@example.org", "Refused"))
        self.penfold.run("sync", "--json")
        self.assertEqual(self.taken(), [])
        self.assertEqual(self.states(), ["failed"])
        self.assertIn("reject@example.org", self.penfold.do("changes").decode())

    def test_refusal_that_passes_is_tried_again(self):
        account = self.penfold.add_account(self.server, self.user)
        self.send(account, self.write("defer@example.org"))
        self.assertEqual(self.taken(), [])
        self.assertEqual(self.states(), ["queued"])

    def test_refused_content_is_told(self):
        account = self.penfold.add_account(self.server, self.user)
        self.send(account, self.write("spam@example.org"))
        self.assertEqual(self.states(), ["failed"])

    def test_lost_answer_is_unknown_and_never_sent_again(self):
        account = self.penfold.add_account(self.server, self.user)
        self.send(account, self.write("drop@example.org"))
        for _ in range(3):
            self.penfold.run("sync", "--json")
        self.assertEqual(len(self.taken()), 1)
        self.assertEqual(self.states(), ["unknown"])

    def test_lost_answer_of_a_lost_message_is_unknown_too(self):
        account = self.penfold.add_account(self.server, self.user)
        self.send(account, self.write("lost@example.org"))
        for _ in range(3):
            self.penfold.run("sync", "--json")
        self.assertEqual(self.states(), ["unknown"])

    def test_person_may_send_an_unknown_one_again(self):
        account = self.penfold.add_account(self.server, self.user)
        self.send(account, self.write("drop@example.org"))
        self.penfold.do("changes", "retry", self.penfold.ask("changes")[0]["id"])
        self.penfold.run("sync", "--json")
        self.assertEqual(len(self.taken()), 2)

    def test_cancelled_message_is_not_sent(self):
        account = self.penfold.add_account(self.server, self.user)
        self.penfold.do("send", "-", "--account", account, stdin=self.write("away@example.com"))
        self.penfold.do("changes", "cancel", self.penfold.ask("changes")[0]["id"])
        self.penfold.sync()
        self.assertEqual(self.taken(), [])

    def test_server_that_is_away_keeps_the_message_waiting(self):
        with harness.mailserver.MailServer(user=["u1"]) as server:
            account = self.penfold.add_account(server, "u1")
            server.stop()
            self.penfold.do("send", "-", "--account", account, stdin=self.write("away@example.com"))
            self.penfold.run("sync", "--json")
            self.assertEqual(self.states(), ["queued"])
            server.start()
            self.penfold.sync()
            self.assertEqual(len(server.sent()), 1)

    def test_worker_sends_at_once_and_files_the_copy(self):
        account = self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.penfold.start_worker()
        self.penfold.do("send", "-", "--account", account, stdin=self.write("away@example.com", "Soon"))
        harness.wait_until(lambda: len(self.taken()) == 1, 10, "the sending")
        harness.wait_until(lambda: list(self.on_server("Sent")) == ["Soon"], 10, "the copy in Sent")
        harness.wait_until(lambda: self.states() == [], 10, "the end of all changes")
        self.assertEqual(len(self.taken()), 1)

    def test_what_cannot_be_sent_is_told_at_once(self):
        account = self.penfold.add_account(self.server, self.user)
        mute = self.penfold.add_account(self.server, type(self).free_users.pop(0), outgoing=False)
        letter = self.write("away@example.com")
        self.penfold.refused("send", "-", "--account", 4711, stdin=letter)
        self.assertIn("outgoing", self.penfold.refused("send", "-", "--account", mute, stdin=letter))
        self.assertIn("recipient", self.penfold.refused("send", "-", "--account", account, stdin=b"From: a@example.org\r\n\r\nx"))
        self.assertIn("sender", self.penfold.refused("send", "-", "--account", account, stdin=b"To: a@example.org\r\n\r\nx"))
        self.penfold.refused("send", self.penfold.place / "nothing.eml", "--account", account)
        self.penfold.refused("send", "-", stdin=letter, status=harness.USAGE)
        self.assertEqual(self.states(), [])

    def test_missing_fields_are_added(self):
        account = self.penfold.add_account(self.server, self.user)
        self.send(account, b"From: u@example.org\nTo: away@example.com\n\nBare\n")
        (_, data), = self.taken()
        header, body = data.split(b"\r\n\r\n")
        self.assertEqual(body, b"Bare\r\n")
        self.assertEqual(sorted(line.split(b":")[0] for line in header.split(b"\r\n")), [b"Date", b"From", b"Message-ID", b"To"])

    def test_large_message_goes_out(self):
        account = self.penfold.add_account(self.server, self.user)
        message = self.write("away@example.com", body=("x" * 76 + "\r\n") * 300_000)
        self.send(account, message)
        (_, data), = self.taken()
        self.assertEqual(data, message)


if __name__ == "__main__":
    harness.main()
