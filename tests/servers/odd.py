# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd messages: legal ones that break programs, and wrong ones that are seen in the wild.

KINDS is a list of (name, function); the function gets a Frame and returns the bytes as a Maildir file holds them.
"""
import base64
import collections
import email.header
import email.utils

Frame = collections.namedtuple("Frame", "message_id date number")

KINDS = []


def kind(function):
    KINDS.append((function.__name__.replace("_", "-"), function))
    return function


def head(frame, subject, extra="", sender="Odd Sender <odd@example.org>", leave_out=()):
    lines = {"From": sender, "To": "anna@example.org", "Subject": subject, "Date": email.utils.formatdate(frame.date),
             "Message-ID": frame.message_id}
    return "".join(f"{name}: {value}\n" for name, value in lines.items() if name not in leave_out).encode() + extra.encode()


def plain(frame, subject, body=b"body\n", extra="", **options):
    return head(frame, "odd: " + subject, extra, **options) + b"\n" + body


def pieces(boundary, parts, close=True):
    text = b"".join(b"--" + boundary.encode() + b"\n" + part for part in parts)
    return text + (b"--" + boundary.encode() + b"--\n" if close else b"")


def composed(frame, subject, parts, content_type="multipart/mixed", **options):
    return plain(frame, subject, pieces("odd", parts, **options), f"Content-Type: {content_type}; boundary=odd\n")


# --- the frame of a message ---

@kind
def nothing_at_all(frame):
    return b""


@kind
def empty_body(frame):
    return plain(frame, "empty body", b"")


@kind
def no_blank_line(frame):
    return head(frame, "odd: header only, no blank line")


@kind
def header_cut_in_a_line(frame):
    return head(frame, "odd: header ends within a line") + b"X-Cut: in the mid"


@kind
def no_header(frame):
    return b"\nOnly a body, number %d.\n" % frame.number


@kind
def no_header_no_blank_line(frame):
    return b"This was never a message, number %d.\n" % frame.number


@kind
def mbox_line_first(frame):
    return b"From odd@example.org Mon Jan  1 00:00:00 2024\n" + plain(frame, "mbox line before the header")


@kind
def no_last_newline(frame):
    return plain(frame, "no newline at the end", b"last line without newline")


@kind
def carriage_return_last(frame):
    return plain(frame, "a carriage return at the end", b"last line\r")


@kind
def bare_line_feeds(frame):
    return plain(frame, "some lines end in CRLF, some in LF").replace(b"\n", b"\r\n") + b"bare\nfeeds\r\nand both\n"


@kind
def bare_carriage_returns(frame):
    return plain(frame, "carriage returns within lines", b"one\rtwo\r\r\nthree\r\r\r\nfour\n")


@kind
def nul_bytes(frame):
    return plain(frame, "NUL in the body", b"before\0after\n\0\0\0\n")


@kind
def nul_in_header(frame):
    return head(frame, "odd: NUL \0 in the subject") + b"\nbody\n"


@kind
def lone_dots(frame):
    return plain(frame, "lone dots and From lines", b".\n..\n...\n.hidden\nFrom the start\n>From quoted\n.\n")


@kind
def long_lines(frame):
    return plain(frame, "lines of 998 and 200,000 bytes", b"a" * 998 + b"\n" + b"b" * 200_000 + b"\n")


# --- header fields ---

@kind
def no_subject(frame):
    return head(frame, "", leave_out=("Subject",)) + b"\nno subject\n"


@kind
def no_date(frame):
    return plain(frame, "no Date", leave_out=("Date",))


@kind
def no_message_id(frame):
    return plain(frame, "no Message-ID", leave_out=("Message-ID",))


@kind
def no_sender(frame):
    return plain(frame, "no From", leave_out=("From",))


@kind
def shared_message_id(frame):
    return plain(frame, "a Message-ID that others have too", b"body %d\n" % frame.number, "Message-ID: <same@example.org>\n",
                 leave_out=("Message-ID",))


@kind
def doubled_fields(frame):
    return plain(frame, "first subject", extra="Subject: odd: second subject\nFrom: other@example.org\n")


@kind
def utf8_header(frame):
    return head(frame, "odd: UTF-8 in the header, üöä 日本") + b"\nbody\n"


@kind
def latin1_header(frame):
    return head(frame, "odd: Latin-1 in the header, @").replace(b"@\n", b"\xfc\xf6\n", 1) + b"\nbody\n"


@kind
def split_encoded_word(frame):
    return head(frame, "=?utf-8?B?44GC4w==?=\n =?utf-8?B?gYTjgYY=?= odd: a letter split across words") + b"\nbody\n"


@kind
def unknown_charset_word(frame):
    return head(frame, "=?x-unknown-8?Q?odd=3A_unknown_charset_=FC?=") + b"\nbody\n"


@kind
def folded_subject(frame):
    return head(frame, "odd:\n folded\n\tsubject\n   with many  spaces") + b"\nbody\n"


@kind
def long_subject(frame):
    return plain(frame, "very " * 4000 + "long subject")


@kind
def turned_text(frame):
    subject = "odd: \u202egnp.exe \u2066turned\u2069 \u200bzero width"
    return head(frame, email.header.Header(subject, "utf-8").encode()) + b"\nbody\n"


@kind
def group_addresses(frame):
    return plain(frame, "groups", extra='Cc: undisclosed-recipients:;, Friends: a@example.org, "B, C" <b@example.org>;\n')


@kind
def comments_in_address(frame):
    return plain(frame, "comments", sender='(odd (nested)) "A \\"q\\" B" <"a b"@[192.0.2.1]> (tail)')


@kind
def old_date(frame):
    return plain(frame, "a date of the old kind", extra="Date: Mon, 3 Feb 97 10:11:12 EST\n", leave_out=("Date",))


@kind
def unreadable_date(frame):
    return plain(frame, "no date at all", extra="Date: yesterday evening\n", leave_out=("Date",))


@kind
def date_to_come(frame):
    return plain(frame, "far future", extra="Date: Fri, 31 Dec 2099 23:59:60 +1400\n", leave_out=("Date",))


@kind
def many_references(frame):
    names = "\n ".join(f"<{number}@example.org>" for number in range(700))
    return plain(frame, "700 references", extra=f"References: {names}\n")


@kind
def own_reference(frame):
    return plain(frame, "answers itself", extra=f"In-Reply-To: {frame.message_id}\nReferences: {frame.message_id}\n")


@kind
def many_recipients(frame):
    return plain(frame, "2000 recipients", extra="Cc: " + ",\n ".join(f"r{k}@example.org" for k in range(2000)) + "\n")


# --- text ---

@kind
def unknown_charset(frame):
    return plain(frame, "unknown charset", b"\xfc\xe4\xf6 bytes\n",
                 "Content-Type: text/plain; charset=x-unknown-8\nContent-Transfer-Encoding: 8bit\n")


@kind
def iso_2022_jp(frame):
    subject = email.header.Header("会議の資料を添付いたしますのでご確認をお願いいたします", "iso-2022-jp").encode()
    return head(frame, subject, "Content-Type: text/plain; charset=iso-2022-jp\n") + b"\n" + "添付をご確認ください。\n".encode("iso-2022-jp")


@kind
def gb18030(frame):
    return plain(frame, "letters of four bytes", "四字节字符 𠀀 测试\n".encode("gb18030"),
                 "Content-Type: text/plain; charset=gb18030\nContent-Transfer-Encoding: 8bit\n")


@kind
def utf16(frame):
    return plain(frame, "UTF-16", base64.encodebytes("héllo in UTF-16\r\n".encode("utf-16")),
                 "Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n")


@kind
def utf7(frame):
    return plain(frame, "UTF-7", b"Hi Mom -+Jjo--!\n", "Content-Type: text/plain; charset=utf-7\n")


@kind
def broken_base64(frame):
    return plain(frame, "broken base64", b"aGVsbG8*gd29y!bGQ\nbmVlZGxl=\n=== trailing text\n",
                 "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n")


@kind
def broken_quoted_printable(frame):
    return plain(frame, "broken quoted-printable", b"soft =\nbreak =ZZ =C3 =\t\n=3D end=\n",
                 "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n")


@kind
def deep_html(frame):
    return plain(frame, "5000 nested elements", b"<div>" * 5000 + b"found" + b"</div>" * 5000 + b"\n",
                 "Content-Type: text/html; charset=utf-8\n")


@kind
def uuencoded(frame):
    return plain(frame, "uuencode", b"begin 644 hi.txt\n#0V%T\n`\nend\n")


# --- structure ---

@kind
def deep_nesting(frame):
    part = b"Content-Type: text/plain\n\ninnermost\n"
    for depth in range(40):
        part = f"Content-Type: multipart/mixed; boundary=deep{depth}x\n\n".encode() + pieces(f"deep{depth}x", [part])
    return head(frame, "odd: 40 levels") + part


@kind
def many_parts(frame):
    return composed(frame, "500 parts", [b"Content-Type: text/plain\n\n%d\n" % number for number in range(500)])


@kind
def no_closing_boundary(frame):
    return composed(frame, "no closing boundary", [b"Content-Type: text/plain\n\npart one\n"], close=False)


@kind
def no_parts(frame):
    return composed(frame, "no parts", [])


@kind
def forwarded_twice(frame):
    return plain(frame, "a message in a message in a message",
                 b"From: a@example.org\nSubject: inner\nContent-Type: message/rfc822\n\nFrom: b@example.org\nSubject: innermost\n\nx\n",
                 "Content-Type: message/rfc822\n")


@kind
def empty_attachment(frame):
    return composed(frame, "empty attachment", [
        b"Content-Type: text/plain\n\nsee attached\n",
        b"Content-Type: application/pdf; name=empty.pdf\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n"])


@kind
def hostile_file_names(frame):
    return composed(frame, "hostile file names", [
        b'Content-Type: text/plain; name="../../etc/passwd"\n\nx\n',
        b'Content-Type: text/plain\nContent-Disposition: attachment; filename="CON.txt\\\\..\\\\a\x07b"\n\ny\n',
        b'Content-Type: application/x-sh; name="\xe2\x80\xaegpj.exe"\n\nz\n'])


@kind
def continued_parameters(frame):
    return plain(frame, "RFC 2231 in pieces", b"AAAA\n", (
        "Content-Type: application/octet-stream;\n name*0*=iso-8859-1'en'na%EFve%20;\n name*1*=fi%6Ce;\n name*2=\".txt\"\n"
        "Content-Disposition: attachment;\n filename*0=\"very-long-\";\n filename*1=\"file-name.txt\"\n"
        "Content-Transfer-Encoding: base64\n"))


@kind
def invitation(frame):
    return plain(frame, "invitation", (
        b"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1@example.org\nDTSTART:20240101T100000Z\n"
        b"SUMMARY:Meeting\nEND:VEVENT\nEND:VCALENDAR\n"), "Content-Type: text/calendar; method=REQUEST; charset=utf-8\n")


@kind
def bounce(frame):
    return composed(frame, "returned to sender", [
        b"\nIt failed.\n",
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example.org\n\nFinal-Recipient: rfc822; x@example.org\n"
        b"Action: failed\nStatus: 5.1.1\n",
        b"Content-Type: text/rfc822-headers\n\nSubject: the original\n"],
        "multipart/report; report-type=delivery-status")


@kind
def encrypted(frame):
    return composed(frame, "encrypted", [
        b"Content-Type: application/pgp-encrypted\n\nVersion: 1\n",
        b"Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n\nhQEMA5kAAAAA\n-----END PGP MESSAGE-----\n"],
        'multipart/encrypted; protocol="application/pgp-encrypted"')
