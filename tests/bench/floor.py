#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that any client must wait for: everything asked in one flight, everything thrown away.

    floor.py imap|imap-again|pop3 PORT USER PASSWORD CA

imap fetches every message of the INBOX, imap-again only selects it and asks for its flags, pop3 retrieves everything.
Prints one JSON line: messages, bytes, seconds."""
import json
import socket
import ssl
import sys
import time

WINDOW = 500


class Link:
    def __init__(self, port, ca):
        plain = socket.create_connection(("127.0.0.1", port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = ssl.create_default_context(cafile=ca).wrap_socket(plain, server_hostname="localhost").makefile("rwb", 1 << 18)

    def send(self, data):
        self.file.write(data)
        self.file.flush()

    def line(self):
        return self.file.readline()

    def skip(self, size):
        while size > 0:
            size -= len(self.file.read(min(size, 1 << 18)))

    def until(self, tag):
        """Reads up to the tagged answer; how many literals there were, and their bytes."""
        count = total = 0
        while not (line := self.line()).startswith(tag):
            while line.endswith(b"}\r\n"):
                size = int(line[line.rindex(b"{") + 1:-3])
                self.skip(size)
                count, total = count + 1, total + size
                line = self.line()
        return count, total


def imap(link, user, password, what):
    link.line()
    link.send(b"a LOGIN %s %s\r\n" % (user, password))
    link.until(b"a ")
    link.send(b"s EXAMINE INBOX\r\nf UID FETCH 1:* (%s)\r\n" % what)
    link.until(b"s ")
    return link.until(b"f ")


def pop3(link, user, password):
    link.line()
    for words in (b"USER " + user, b"PASS " + password):
        link.send(words + b"\r\n")
        link.line()
    link.send(b"UIDL\r\n")
    count = -1
    while link.line() != b".\r\n":
        count += 1
    asked = total = 0
    for done in range(count):
        while asked < min(count, done + WINDOW):
            asked += 1
            link.file.write(b"RETR %d\r\n" % asked)
        link.file.flush()
        while (line := link.line()) != b".\r\n":
            total += len(line)
    return count, total


def main():
    kind, port, user, password, ca = sys.argv[1:]
    began = time.monotonic()
    link = Link(int(port), ca)
    user, password = user.encode(), password.encode()
    if kind == "pop3":
        count, total = pop3(link, user, password)
    else:
        count, total = imap(link, user, password, b"UID FLAGS" if kind == "imap-again" else b"UID FLAGS INTERNALDATE BODY.PEEK[]")
    print(json.dumps({"messages": count, "bytes": total, "seconds": time.monotonic() - began}))


main()
