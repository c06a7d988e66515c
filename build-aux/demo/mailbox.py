#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the demo mailbox: a year of a friendly life, ending today.

    mailbox.py MAILDIR [--today YYYY-MM-DD]

threads.txt holds the conversations, series.py what comes by itself, files.py the attachments.
"""
import argparse
import datetime
import email.headerregistry
import email.message
import email.policy
import email.utils
import hashlib
import os
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "tests/servers")]

import files
import mailgen
import series

OWNER, OWNER_ADDRESS = "robin", "robin@example.org"
FOLDERS = ("INBOX", "Archive", "Drafts", "Garden", "Junk", "Lists/Tiles", "Sent", "Studio/Invoices", "Studio/Lighthouse", "Travel", "Trash")
POLICY = email.policy.SMTPUTF8.clone(linesep="\n", cte_type="7bit", utf8=False)


class Turn:
    """One message of a conversation, as threads.txt describes it."""

    def __init__(self, line):
        self.sender, *words = line.split()
        self.days, self.time, self.marks, self.attached, self.to = 0, "12:00", set(), [], None
        self.lines = []
        for word in words:
            if word.startswith("+"):
                self.days = int(word)
            elif re.fullmatch(r"\d\d:\d\d", word):
                self.time = word
            elif word.startswith("attach="):
                self.attached = word.partition("=")[2].split(",")
            elif word.startswith("to="):
                self.to = word.partition("=")[2].split(",")
            elif word in ("unread", "star", "draft", "alone"):
                self.marks.add(word)
            else:
                raise ValueError(f"threads.txt: unknown word {word}")

    @property
    def text(self):
        return "\n".join(self.lines).strip() + "\n"


class Thread:
    def __init__(self, subject):
        self.subject, self.folder, self.ago, self.turns = subject, "INBOX", 0, []


def read_threads(text):
    people, threads = {}, []
    for line in text.splitlines():
        if not threads and (line.startswith("#") or not line):
            continue
        if line.startswith("@") and not threads:
            key, _, mailbox = line[1:].partition(" = ")
            name, address = email.utils.parseaddr(mailbox)

            people[key] = (name, address)
        elif line.startswith("=== "):
            threads.append(Thread(line[4:]))
        elif re.match(r"--- [a-z]+ .*\d\d:\d\d", line):
            threads[-1].turns.append(Turn(line[4:]))
        elif threads[-1].turns:
            threads[-1].turns[-1].lines.append(line)
        elif line.startswith("folder: "):
            threads[-1].folder = line[8:]
        elif line.startswith("ago: "):
            threads[-1].ago = int(line[5:])
        elif line:
            raise ValueError(f"threads.txt: what is this? {line}")
    return people, threads


def address_header(*mailboxes):
    return tuple(email.headerregistry.Address(name, addr_spec=address) for name, address in mailboxes)


class Box:
    def __init__(self, maildir):
        self.maildir, self.count = maildir, 0
        for folder in FOLDERS:
            for part in ("cur", "new", "tmp"):
                os.makedirs(os.path.join(maildir, mailgen.maildir_name(folder), part), exist_ok=True)

    def put(self, message, folder, sent, letters):
        """`letters` are Maildir's: D draft, F flagged, R replied, S seen."""
        stamp = int(sent.timestamp())
        name = f"{stamp}.M{self.count:06d}P1.demo:2,{''.join(sorted(letters))}"
        path = os.path.join(self.maildir, mailgen.maildir_name(folder), "cur", name)
        with open(path, "wb") as file:
            file.write(message.as_bytes(policy=POLICY))
        os.utime(path, (stamp, stamp))
        self.count += 1


def build(sender, to, subject, sent, text, html=None, attachments=(), header=()):
    message = email.message.EmailMessage(policy=POLICY)
    host = sender[1].partition("@")[2]
    if sender[1] != OWNER_ADDRESS:
        message["Return-Path"] = f"<{sender[1]}>"
        message["Received"] = f"from mail.{host} by mail.example.org with ESMTPS; {email.utils.format_datetime(sent)}"
    message["From"] = address_header(sender)
    message["To"] = address_header(*to)
    message["Subject"] = subject
    message["Date"] = sent
    for line in header:
        name, _, value = line.partition(": ")
        message[name] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, content_type, data in attachments:
        kind, _, subtype = content_type.partition("/")
        if content_type == "text/calendar":
            message.add_attachment(data.decode(), subtype=subtype, filename=name, params={"method": "REQUEST"})
        else:
            message.add_attachment(data, maintype=kind, subtype=subtype, filename=name)
    return message


def message_id(sender, *facts):
    digest = hashlib.sha256("|".join(map(str, facts)).encode()).hexdigest()[:24]
    return f"<{digest}@{sender[1].partition('@')[2]}>"


def quoted(turn, name, sent):
    return f"\nOn {sent:%a, %d %b %Y, %H:%M}, {name} wrote:\n" + "".join(f"> {line}".rstrip() + "\n" for line in turn.text.splitlines())


def invitation(today, owner):
    begin = series.at(today, 31, 18)
    return files.event("Friends' evening", "Museum of Small Machines", begin, 3, "friends@smallmachines.example.org", owner, "friends-evening@smallmachines.example.org")


def write_thread(box, people, thread, today):
    references, before = [], None
    everybody = [turn.sender for turn in thread.turns]
    for number, turn in enumerate(thread.turns):
        hour, minute = map(int, turn.time.split(":"))
        sent = min(series.at(today, thread.ago - turn.days, hour, minute), today)
        sender = people[turn.sender]
        to = turn.to or [key for key in dict.fromkeys([*everybody, OWNER]) if key != turn.sender]
        text = turn.text
        if before and "alone" not in turn.marks and number % 2 and not re.search(r"^> ", text, re.M):
            text += quoted(before[0], people[before[0].sender][0], before[1])
        attachments = [(name, "text/calendar", invitation(today, people[OWNER][1]).encode()) if name.endswith(".ics") else (name, *files.make(name))
                       for name in turn.attached]
        mark = message_id(sender, thread.subject, number)
        header = [f"Message-ID: {mark}"]
        if references:
            header += [f"In-Reply-To: {references[-1]}", "References: " + " ".join(references)]
        if "list" in to:
            header += ["List-Id: Tiles developers <dev.tiles.example.org>", "List-Post: <mailto:dev@tiles.example.org>"]
        subject = thread.subject if not references or thread.subject.startswith("Re: ") else f"Re: {thread.subject}"
        letters, folder = set(), thread.folder
        if "draft" in turn.marks:
            letters, folder = {"D", "S"}, "Drafts"
        elif turn.sender == OWNER:
            letters, folder = {"S"}, "Sent"
        elif "unread" not in turn.marks:
            letters = {"S"}
            if any(later.sender == OWNER for later in thread.turns[number + 1:number + 2]):
                letters.add("R")
        if "star" in turn.marks:
            letters.add("F")
        box.put(build(sender, [people[key] for key in to], subject, sent, text, attachments=attachments, header=header), folder, sent, letters)
        references.append(mark)
        before = (turn, sent)


def write(maildir, today=None):
    """Fills a Maildir; returns how many messages."""
    today = today or datetime.datetime.now().astimezone().replace(microsecond=0)
    people, threads = read_threads((HERE / "threads.txt").read_text() + series.chess())
    box = Box(maildir)
    for thread in threads:
        write_thread(box, people, thread, today)
    for number, letter in enumerate(series.letters(today)):
        sender = email.utils.parseaddr(letter.sender)
        header = (f"Message-ID: {message_id(sender, letter.subject, letter.sent, number)}", *letter.header)
        folder = "Trash" if number % 41 == 40 and letter.folder == "INBOX" else letter.folder
        box.put(build(sender, [people[OWNER]], letter.subject, letter.sent, letter.text, letter.html, letter.attachments, header),
                folder, letter.sent, set(letter.flags))
    return box.count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("maildir")
    parser.add_argument("--today", type=lambda text: datetime.datetime.fromisoformat(text).replace(hour=18, tzinfo=datetime.timezone.utc))
    options = parser.parse_args()
    print(write(options.maildir, options.today), "messages")


if __name__ == "__main__":
    main()
