#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo mailbox is fit to be shown to a stranger."""
import datetime
import email
import email.policy
import email.utils
import pathlib
import re
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "tests")]

import mailbox
import tap


class DemoTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.now = datetime.datetime.now().astimezone()
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.count = mailbox.write(cls.folder)
        cls.files = [path for path in pathlib.Path(cls.folder).rglob("*") if path.is_file()]
        cls.messages = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in cls.files]

    def test_a_few_hundred_messages(self):
        self.assertEqual(len(self.files), self.count)
        self.assertTrue(250 < self.count < 500, self.count)

    def test_every_message_is_without_defects(self):
        for message in self.messages:
            with self.subTest(subject=message["Subject"]):
                self.assertEqual([part.defects for part in message.walk() if part.defects], [])
                for name in ("From", "To", "Date", "Subject", "Message-ID"):
                    self.assertTrue(message[name])

    def test_dates_lie_within_the_last_year(self):
        dates = [message["Date"].datetime for message in self.messages]
        self.assertLessEqual(max(dates), self.now + datetime.timedelta(seconds=10))
        self.assertGreater(min(dates), self.now - datetime.timedelta(days=380))
        self.assertGreater(sum(date > self.now - datetime.timedelta(days=7) for date in dates), 12)

    def test_only_example_domains_are_named(self):
        for message in self.messages:
            text = "\n".join(str(value) for part in message.walk() for value in part.values())
            text += "\n".join(part.get_content() for part in message.walk() if part.get_content_maintype() == "text")
            for host in re.findall(r"(?:@|https?://)([\w.-]+\.\w+)", text):
                self.assertRegex(host, r"(^|\.)example\.(org|com|net)$", message["Subject"])

    def test_message_ids_are_different(self):
        self.assertEqual(len({message["Message-ID"] for message in self.messages}), self.count)

    def test_answers_name_what_they_answer(self):
        known = {message["Message-ID"] for message in self.messages}
        answers = [message for message in self.messages if message["In-Reply-To"]]
        self.assertGreater(len(answers), 80)
        for message in answers:
            self.assertIn(message["In-Reply-To"], known)

    def test_variety(self):
        kinds = {part.get_content_type() for message in self.messages for part in message.walk()}
        self.assertLessEqual({"text/plain", "text/html", "text/csv", "text/calendar", "application/pdf", "image/png"}, kinds)
        text = "".join(part.get_content() for message in self.messages for part in message.walk()
                       if part.get_content_type() == "text/plain")
        for script, letters in (("Polish", "ążę"), ("German", "ß"), ("French", "œçé"), ("Japanese", "のは"), ("Arabic", "ال"), ("Hindi", "है")):
            with self.subTest(script=script):
                self.assertTrue(any(letter in text for letter in letters))

    def test_something_is_unread_starred_and_drafted(self):
        letters = [path.name.rpartition(":2,")[2] for path in self.files]
        self.assertTrue(15 < sum("S" not in flags for flags in letters) < 60)
        self.assertGreater(sum("F" in flags for flags in letters), 5)
        self.assertGreater(sum("D" in flags for flags in letters), 1)


if __name__ == "__main__":
    tap.main()
