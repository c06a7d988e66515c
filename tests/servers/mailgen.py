#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes any number of mixed messages, always the same ones, and says how each must arrive.

    mailgen.py --maildir DIR --count 10000 [--seed 1] [--profile mixed] [--inbox-only] [--manifest FILE]

Message number i depends on seed, profile and i only, so a smaller set is the beginning of a larger one.
Profiles:  mixed  as mailboxes are: median 9 KB, a hundredth above 500 KB, at most 10 MB; every 50th is odd
           small  the same shapes with a median of 3 KB and at most 1 MB, for large numbers
           odd    only the odd ones: legal, or wrong in a way that is seen in the wild (odd.py)

The manifest has one JSON object a line: number, kind, folder, flags, date, message_id, size, sha256 and pop3_sha256.
Size and hashes are those of the bytes on the wire.  Files hold LF as Dovecot keeps them, and on the wire
  - every line ends in CRLF, whatever the file had;
  - in IMAP, NUL is sent as 0x80, since RFC 3501 allows no NUL in a literal;
  - in POP3, a last line without an end gets one, since the protocol cannot express its absence.
"""
import argparse
import base64
import collections
import email.utils
import hashlib
import itertools
import json
import math
import os
import quopri
import random
import sys
import urllib.parse

import odd
import words

Message = collections.namedtuple("Message", "raw date message_id kind")

FIRST_DATE = 1388534400                         # 2014-01-01
TEN_YEARS = 10 * 365 * 86400
SIZES = {"mixed": (7000, 1.85, 10 << 20), "small": (3000, 1.25, 1 << 20), "odd": (0, 0, 0)}
ODD_EVERY = 50

FOLDERS = (  # name, share in percent
    ("INBOX", 62), ("Archive", 11), ("Archive/2019", 3), ("Sent", 8), ("Lists/gtk-devel", 8), ("Drafts", 1), ("Trash", 2),
    ("Junk", 2), ("Entwürfe & Co", 1), ("日本語", 2))

FLAG_LETTERS = {"D": "\\Draft", "F": "\\Flagged", "R": "\\Answered", "S": "\\Seen"}

ATTACHMENTS = (("application/pdf", "report", "pdf"), ("image/jpeg", "IMG", "jpg"), ("application/zip", "sources", "zip"),
               ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "contract", "docx"),
               ("application/octet-stream", "data", "bin"), ("image/png", "screen", "png"))


def imap_form(raw):
    """The bytes of BODY[]."""
    return pop3_text(raw).replace(b"\0", b"\x80")


def pop3_form(raw):
    """The bytes after RETR, without dot-stuffing and the final dot."""
    text = pop3_text(raw)
    return text if text.endswith(b"\r\n") else text + b"\r\n"


def pop3_text(raw):
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def hashed(*parts):
    """A number that depends on nothing but the parts."""
    return int.from_bytes(hashlib.md5(":".join(map(str, parts)).encode()).digest()[:8], "big")


def encode(text, charset):
    """Bytes and the charset that could express them."""
    try:
        return text.encode(charset), charset
    except UnicodeEncodeError:
        return text.encode("utf-8"), "utf-8"


def encoded_word(text, charset):
    """As a header value: plain where ASCII says it, else RFC 2047 in lines of at most 75 characters."""
    if text.isascii() and not set(text) & set('"(),:;<>@[]\\'):
        return text
    _, charset = encode(text, charset)
    # Ten letters in any of our charsets stay below 75 characters, also with the escapes of ISO-2022.
    pieces = (base64.b64encode(text[start:start + 10].encode(charset)).decode() for start in range(0, len(text), 10))
    return "\n ".join(f"=?{charset}?B?{piece}?=" for piece in pieces)


def part(content_type, encoding, data, *lines):
    head = "".join(line + "\n" for line in (f"Content-Type: {content_type}", f"Content-Transfer-Encoding: {encoding}", *lines))
    return head.encode() + b"\n" + data


def multipart(boundary, parts, preamble=b""):
    pieces = [b"--" + boundary.encode() + b"\n" + piece + (b"" if piece.endswith(b"\n") else b"\n") for piece in parts]
    return preamble + b"".join(pieces) + b"--" + boundary.encode() + b"--\n"


class Maker:
    def __init__(self, seed=1, profile="mixed"):
        self.seed, self.profile = seed, profile
        self.median, self.spread, self.largest = SIZES[profile]
        dice = random.Random(f"pool:{seed}")
        self.vocabulary = words.vocabulary(dice)
        weights = list(itertools.accumulate(1 / (i + 3) for i in range(len(self.vocabulary))))
        self.sentences = {language: words.sentences(language, dice, 600) for language in words.CHARSETS if language != "en"}
        self.sentences["en"] = [
            " ".join(dice.choices(self.vocabulary, cum_weights=weights, k=max(3, int(dice.gauss(13, 5))))).capitalize() + "."
            for _ in range(8000)]
        stuff = base64.b64encode(dice.randbytes(8 << 20))
        self.stuff = b"\n".join(stuff[start:start + 76] for start in range(0, len(stuff) - 76, 76)) + b"\n"

    def message_id(self, i):
        return f"<{hashed('id', self.seed, i):016x}.{i}@example.org>"

    def date(self, i):
        """Spread over ten years so that a beginning covers them too."""
        return FIRST_DATE + int(i * 0.6180339887498949 % 1 * TEN_YEARS) // 86400 * 86400 + hashed("date", self.seed, i) % 86400

    def ancestors(self, i):
        """What message i answers, nearest first; somewhat more than half answer nothing."""
        found = []
        while i > 0 and len(found) < 12 and (chance := hashed("thread", self.seed, i)) % 100 >= 55:
            i -= 1 + (chance >> 8) % min(i, 40)
            found.append(i)
        return found

    def folder(self, i):
        chance = hashed("folder", self.seed, i) % 100
        for name, share in FOLDERS:
            if chance < share:
                return name
            chance -= share
        return "INBOX"

    def flag_letters(self, i, folder):
        chance = hashed("flags", self.seed, i)
        chosen = [("D", folder == "Drafts"), ("F", chance % 100 < 6), ("R", chance // 100 % 100 < 20),
                  ("S", chance // 10000 % 100 < 80)]
        return "".join(letter for letter, is_set in chosen if is_set)

    def message(self, i):
        if self.profile == "odd" or i % ODD_EVERY == ODD_EVERY - 7:
            kind, write = odd.KINDS[i // (1 if self.profile == "odd" else ODD_EVERY) % len(odd.KINDS)]
            return Message(write(odd.Frame(self.message_id(i), self.date(i), i)), self.date(i), self.message_id(i), kind)
        dice = random.Random(f"{self.seed}:{self.profile}:{i}")
        language = dice.choice(words.LANGUAGES)
        charset = dice.choice(words.CHARSETS[language])
        size = int(min(self.largest, max(300, math.exp(dice.gauss(math.log(self.median), self.spread)))))
        head = self.header(dice, i, language, charset)
        kind, body = self.body(dice, i, language, charset, size)
        return Message(head + body, self.date(i), self.message_id(i), kind)

    def header(self, dice, i, language, charset):
        charset = "utf-8" if charset == "us-ascii" else charset
        date, ancestors = self.date(i), self.ancestors(i)
        root = random.Random(f"subject:{self.seed}:{ancestors[-1] if ancestors else i}")
        subject = root.choice(self.sentences[language])[:root.randint(15, 70)].rstrip(" .")
        tag = root.choice(("[gtk-devel] ", "[PATCH v2 3/7] ", "[EXTERNAL] ")) if root.random() < 0.2 else ""
        sender = dice.choice(words.PEOPLE)
        lines = [
            f"Return-Path: <{sender.address}>",
            "Delivered-To: anna@example.org",
            f"Received: from mx{dice.randrange(9)}.example.net (mx.example.net [192.0.2.{dice.randrange(1, 255)}])\n"
            f"\tby mail.example.org with ESMTPS id {dice.getrandbits(48):x};\n\t{email.utils.formatdate(date + 3)}"]
        if dice.random() < 0.6:
            signature = "\n\t ".join(base64.b64encode(dice.randbytes(48)).decode() for _ in range(5))
            lines.append("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1;\n"
                         f"\th=from:to:subject:date; b={signature}")
        lines += [
            f"Message-ID: {self.message_id(i)}", f"Date: {email.utils.formatdate(date)}",
            f"From: {self.mailbox(sender, charset)}", f"To: {self.mailbox(dice.choice(words.PEOPLE), charset)}"]
        if dice.random() < 0.35:
            copies = [self.mailbox(dice.choice(words.PEOPLE), charset) for _ in range(dice.randint(1, 6))]
            lines.append("Cc: " + ",\n\t".join(copies))
        lines.append("Subject: " + ("Re: " if ancestors else "") + tag + encoded_word(subject, charset))
        if ancestors:
            lines.append(f"In-Reply-To: {self.message_id(ancestors[0])}")
            lines.append("References: " + "\n\t".join(self.message_id(number) for number in reversed(ancestors)))
        if dice.random() < 0.25:
            lines += ["List-Id: GTK development <gtk-devel.example.org>", "List-Unsubscribe: <https://example.org/u>",
                      "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "Precedence: list"]
        lines.append("MIME-Version: 1.0")
        return "".join(line + "\n" for line in lines).encode()

    @staticmethod
    def mailbox(person, charset):
        return f"{encoded_word(person.name, charset)} <{person.address}>"

    def text(self, dice, i, language, size):
        pool = self.sentences[language]
        chosen = [dice.choice(pool) for _ in range(max(1, min(4000, size // (85 if language == "en" else 45))))]
        lines, start = [], 0
        while start < len(chosen):
            count = dice.randint(2, 6)
            lines += [*words.wrapped(chosen[start:start + count], language), ""]
            start += count
        lines.append(f"ref{i:07d} order-{dice.randrange(10 ** 8):08d}")
        if self.ancestors(i) and dice.random() < 0.7:
            lines += ["", "Anna wrote:", *("> " + line for line in lines[:8])]
        if dice.random() < 0.5:
            lines += ["", "-- ", f"https://example.org/people/{dice.randrange(10 ** 6)}"]
        return "\n".join(lines) + "\n"

    @staticmethod
    def text_part(dice, text, subtype, charset):
        data, charset = encode(text, charset)
        if data.isascii() and max(map(len, data.split(b"\n"))) < 990:
            encoding = "7bit"
        else:
            encoding = dice.choice(("quoted-printable", "base64", "8bit"))
        if encoding == "quoted-printable":
            data = quopri.encodestring(data)
        elif encoding == "base64":
            data = base64.encodebytes(data.replace(b"\n", b"\r\n"))
        return part(f'text/{subtype}; charset="{charset}"', encoding, data)

    def attachment(self, dice, size, language):
        content_type, stem, suffix = dice.choice(ATTACHMENTS)
        chance = dice.random()
        disposition = "attachment"
        if chance < 0.6:
            disposition += f';\n filename="{stem}-{dice.randrange(10000)}.{suffix}"'
        elif chance < 0.8:
            disposition += ";\n filename*=utf-8''" + urllib.parse.quote(f"{self.sentences[language][0][:12]}.{suffix}")
        else:                                   # RFC 2047 where it does not belong, as many senders do
            content_type += f';\n name="{encoded_word(self.sentences[language][1][:8] + "." + suffix, "utf-8")}"'
        lines = max(1, size // 77)
        start = dice.randrange(max(1, len(self.stuff) // 77 - lines)) * 77
        return part(content_type, "base64", self.stuff[start:start + lines * 77], f"Content-Disposition: {disposition}")

    def body(self, dice, i, language, charset, size):
        room = min(size, 60000) if size < 20000 else min(12000, size // 4)
        boundary = f"=_{dice.getrandbits(64):016x}"
        if size < 2500 or dice.random() < 0.28:
            plain = self.text_part(dice, self.text(dice, i, language, min(room, 40000)), "plain", charset)
            if (rest := size - len(plain) - 1500) < 4000:
                return "plain", plain
            body = multipart(boundary, [plain, self.attachment(dice, rest, language)])
            return "attachment", f'Content-Type: multipart/mixed;\n\tboundary="{boundary}"\n\n'.encode() + body
        text = self.text(dice, i, language, max(300, room // 3))
        html = self.text_part(dice, words.html(text, dice, i), "html", charset)
        if dice.random() < 0.15:
            picture = part("image/png", "base64", words.PICTURE, f"Content-ID: <logo{i}@example.org>",
                           'Content-Disposition: inline; filename="logo.png"')
            html = (f'Content-Type: multipart/related; boundary="{boundary}r"; type="text/html"\n\n'.encode()
                    + multipart(boundary + "r", [html, picture]))
        both = (f'Content-Type: multipart/alternative;\n\tboundary="{boundary}a"\n\n'.encode()
                + multipart(boundary + "a", [self.text_part(dice, text, "plain", charset), html]))
        if (rest := size - len(both) - 1500) < 3000:
            return "html", both
        count = 1 if rest < 200000 or dice.random() < 0.6 else dice.randint(2, 5)
        parts = [both] + [self.attachment(dice, rest // count, language) for _ in range(count)]
        head = f'Content-Type: multipart/mixed;\n\tboundary="{boundary}"\n\n'.encode()
        return "html+attachment", head + multipart(boundary, parts, b"This is a multi-part message in MIME format.\n")


def maildir_name(folder):
    """Maildir++: dots between the levels, names in IMAP's own UTF-7 (RFC 3501 5.1.3)."""
    if folder == "INBOX":
        return ""
    return "." + ".".join(modified_utf7(level) for level in folder.split("/"))


def modified_utf7(name):
    written = ""
    for is_plain, run in itertools.groupby(name, lambda letter: " " <= letter <= "~"):
        run = "".join(run)
        if is_plain:
            written += run.replace("&", "&-")
        else:
            written += "&" + base64.b64encode(run.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
    return written


def fill(maildir, count, first=0, seed=1, profile="mixed", inbox_only=False, manifest=None):
    """Writes messages into a Maildir and returns the manifest's lines as dictionaries."""
    maker, facts = Maker(seed, profile), []
    for folder in ["INBOX"] if inbox_only else [name for name, _ in FOLDERS]:
        for name in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(maildir, maildir_name(folder), name), exist_ok=True)
    for i in range(first, first + count):
        message = maker.message(i)
        folder = "INBOX" if inbox_only else maker.folder(i)
        letters = maker.flag_letters(i, folder)
        wire = imap_form(message.raw)
        path = os.path.join(maildir, maildir_name(folder), "cur",
                            f"{message.date}.M{i:07d}P1.gen,S={len(message.raw)},W={len(wire)}:2,{letters}")
        with open(path, "wb", buffering=0) as file:
            file.write(message.raw)
        os.utime(path, (message.date, message.date))
        facts.append({
            "number": i, "kind": message.kind, "folder": folder, "flags": [FLAG_LETTERS[letter] for letter in letters],
            "date": message.date, "message_id": message.message_id, "size": len(wire),
            "sha256": hashlib.sha256(wire).hexdigest(),
            "pop3_sha256": hashlib.sha256(pop3_form(message.raw)).hexdigest()})
    if manifest:
        with open(manifest, "w") as file:
            file.writelines(json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts)
    return facts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--maildir", required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", choices=SIZES, default="mixed")
    parser.add_argument("--inbox-only", action="store_true")
    parser.add_argument("--manifest")
    options = parser.parse_args()
    sizes = sorted(fact["size"] for fact in fill(**vars(options)))
    json.dump({"messages": len(sizes), "bytes": sum(sizes), "median": sizes[len(sizes) // 2],
               "p99": sizes[len(sizes) * 99 // 100], "largest": sizes[-1]}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
