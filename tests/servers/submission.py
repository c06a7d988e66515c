# SPDX-License-Identifier: GPL-3.0-or-later
"""A submission server for tests: takes mail from signed-in users, keeps what it got, delivers it over LMTP.

Plain, STARTTLS and implicit TLS; AUTH PLAIN, LOGIN and CRAM-MD5; SIZE, 8BITMIME, SMTPUTF8, PIPELINING.
Every message that was taken lies in the outbox folder as N.eml (exact bytes, dots unstuffed) beside N.json (the
envelope and what was answered), N counting from 1.

Recipients by their local part: a user of the mail server gets the message over LMTP; nobody else exists, but
everybody is accepted, except
    reject  550 at RCPT            defer   451 at RCPT           slow   answers RCPT after two seconds
    spam    554 after the data     drop    takes the message, delivers it, closes without an answer
    lost    closes without an answer and forgets the message
"""
import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import smtplib
import socket
import threading
import time

import certificates

SIZE_LIMIT = 100 * 1024 * 1024
LINE_LIMIT = 4096
HOST = "mail.example.test"


class Lines:
    """Reads a socket by lines and by messages, and knows what was read ahead."""

    def __init__(self, connection):
        self.connection = connection
        self.ahead = bytearray()

    def _more(self):
        piece = self.connection.recv(65536)
        if not piece:
            raise ConnectionError("closed by the client")
        self.ahead += piece

    def line(self):
        while (end := self.ahead.find(b"\n")) < 0:
            if len(self.ahead) > LINE_LIMIT:
                raise ConnectionError("line too long")
            self._more()
        line = bytes(self.ahead[:end + 1])
        del self.ahead[:end + 1]
        return line.rstrip(b"\r\n").decode("utf-8", "replace")

    def message(self):
        """The bytes before the final dot, unstuffed; None when they are more than the limit."""
        start = 0
        while not self.ahead.startswith(b".\r\n") and (end := self.ahead.find(b"\r\n.\r\n", start)) < 0:
            if len(self.ahead) > SIZE_LIMIT + LINE_LIMIT:
                raise ConnectionError("message far too long")
            start = max(0, len(self.ahead) - 4)
            self._more()
        if self.ahead.startswith(b".\r\n"):
            del self.ahead[:3]
            return b""
        data = bytes(self.ahead[:end + 2])
        del self.ahead[:end + 5]
        data = data.replace(b"\r\n.", b"\r\n")
        data = data[1:] if data.startswith(b".") else data
        return data if len(data) <= SIZE_LIMIT else None


class Conversation:
    """One connection, from greeting to close, on a thread of its own."""

    def __init__(self, server, connection, context, encrypted):
        self.server = server
        self.context = context
        self.encrypted = encrypted
        self.take_connection(connection)
        self.user = None
        self.helo = None
        self.forget_envelope()

    def take_connection(self, connection):
        self.connection = connection
        self.lines = Lines(connection)

    def forget_envelope(self):
        self.sender = None
        self.parameters = []
        self.recipients = []

    def say(self, *lines):
        marked = [line[:3] + "-" + line[4:] for line in lines[:-1]] + [lines[-1]]
        self.connection.sendall("".join(line + "\r\n" for line in marked).encode())

    def run(self):
        self.say(f"220 {HOST} ESMTP ready")
        while True:
            verb, _, rest = self.lines.line().partition(" ")
            handle = getattr(self, "on_" + verb.lower(), None)
            if handle is None:
                self.say("500 5.5.2 Command unknown")
            elif handle(rest.strip()) == "close":
                return

    def on_ehlo(self, name):
        self.helo = name
        self.forget_envelope()
        offers = ["PIPELINING", f"SIZE {SIZE_LIMIT}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        if not self.encrypted:
            offers.append("STARTTLS")
        if self.encrypted or self.server.plain_sign_in:
            offers.append("AUTH PLAIN LOGIN CRAM-MD5")
        self.say(f"250 {HOST}", *("250 " + offer for offer in offers))

    def on_helo(self, name):
        self.helo = name
        self.say(f"250 {HOST}")

    def on_noop(self, _rest):
        self.say("250 2.0.0 Fine")

    def on_rset(self, _rest):
        self.forget_envelope()
        self.say("250 2.0.0 Forgotten")

    def on_quit(self, _rest):
        self.say("221 2.0.0 Goodbye")
        return "close"

    def on_starttls(self, _rest):
        if self.encrypted:
            self.say("503 5.5.1 Already encrypted")
            return None
        if self.lines.ahead:
            self.say("501 5.5.1 Nothing may follow STARTTLS before the handshake")
            return "close"
        self.say("220 2.0.0 Go ahead")
        self.take_connection(self.context.wrap_socket(self.connection, server_side=True))
        self.encrypted = True
        self.user = self.helo = None
        self.forget_envelope()
        return None

    def on_auth(self, rest):
        mechanism, _, initial = rest.partition(" ")
        if not self.encrypted and not self.server.plain_sign_in:
            self.say("538 5.7.11 Encryption required")
            return
        try:
            user = self.prove(mechanism.upper(), initial)
        except ValueError:
            self.say("501 5.5.2 Cannot decode that")
            return
        if user is None:
            self.say("535 5.7.8 Name or password wrong")
        elif user == "":
            self.say("504 5.5.4 Mechanism unknown")
        else:
            self.user = user
            self.say("235 2.7.0 Welcome")

    def prove(self, mechanism, initial):
        """The user's name; None when the proof is wrong; empty when the mechanism is unknown."""
        if mechanism == "PLAIN":
            _, user, password = self.decode(initial or self.ask(b"")).split("\0")
        elif mechanism == "LOGIN":
            user = self.decode(initial or self.ask(b"Username:"))
            password = self.decode(self.ask(b"Password:"))
        elif mechanism == "CRAM-MD5":
            challenge = f"<{secrets.token_hex(8)}@{HOST}>".encode()
            user, _, digest = self.decode(self.ask(challenge)).partition(" ")
            known = self.server.users.get(local_part(user), "")
            wanted = hmac.new(known.encode(), challenge, hashlib.md5).hexdigest()
            return user if known and hmac.compare_digest(wanted, digest) else None
        else:
            return ""
        return user if self.server.users.get(local_part(user)) == password else None

    def ask(self, challenge):
        self.say("334 " + base64.b64encode(challenge).decode())
        return self.lines.line()

    @staticmethod
    def decode(text):
        if text == "*":
            raise ValueError("cancelled")
        return base64.b64decode(text, validate=True).decode()

    def on_mail(self, rest):
        found = re.match(r"FROM:\s*<([^>]*)>\s*(.*)$", rest, re.I)
        if self.user is None:
            self.say("530 5.7.0 Sign in first")
        elif found is None:
            self.say("501 5.5.4 Syntax: MAIL FROM:<address>")
        elif (size := re.search(r"SIZE=(\d+)", found[2], re.I)) and int(size[1]) > SIZE_LIMIT:
            self.say("552 5.3.4 Message too big")
        else:
            self.forget_envelope()
            self.sender, self.parameters = found[1], found[2].split()
            self.say("250 2.1.0 Sender fine")

    def on_rcpt(self, rest):
        found = re.match(r"TO:\s*<([^>]+)>", rest, re.I)
        if self.sender is None:
            self.say("503 5.5.1 MAIL first")
            return
        if found is None:
            self.say("501 5.5.4 Syntax: RCPT TO:<address>")
            return
        name = local_part(found[1])
        if name == "reject":
            self.say(f"550 5.1.1 <{found[1]}> is unknown here")
        elif name == "defer":
            self.say(f"451 4.2.1 <{found[1]}> cannot take mail now")
        else:
            if name == "slow":
                time.sleep(2)
            self.recipients.append(found[1])
            self.say("250 2.1.5 Recipient fine")

    def on_data(self, _rest):
        if not self.recipients:
            self.say("503 5.5.1 No recipient")
            return None
        self.say("354 Go ahead")
        data = self.lines.message()
        answer = self.judge(data)
        if answer != "lost":
            self.server.keep(self, data, answer)
        self.forget_envelope()
        if answer in ("lost", "drop"):
            return "close"
        self.say(answer)
        return None

    def judge(self, data):
        """Delivers, and says what to answer; or the word for giving no answer."""
        names = [local_part(recipient) for recipient in self.recipients]
        if data is None:
            return "552 5.3.4 Message too big"
        if "spam" in names:
            return "554 5.7.1 This looks like spam"
        if "lost" in names:
            return "lost"
        refusal = self.server.deliver(self.sender, self.recipients, data)
        if "drop" in names:
            return "drop"
        return refusal or "250 2.0.0 Taken"


class SubmissionServer:
    """Listens on every face of the certificates.  `users` maps names to passwords; `outbox` is a folder."""

    def __init__(self, users, outbox, plain_port, tls_port, contexts, lmtp_port, plain_sign_in=True):
        self.users = users
        self.outbox = outbox
        self.contexts = contexts
        self.lmtp_port = lmtp_port
        self.plain_sign_in = plain_sign_in
        self.lock = threading.Lock()
        self.count = len([name for name in os.listdir(outbox) if name.endswith(".eml")])
        self.listeners = []
        for face in certificates.FACES:
            for port, encrypted in ((plain_port, False), (tls_port, True)):
                self.listeners.append((socket.create_server((face.address, port)), face.name, encrypted))

    def start(self):
        for listener in self.listeners:
            threading.Thread(target=self.accept, args=listener, daemon=True).start()

    def close(self):
        for listener, _, _ in self.listeners:
            listener.close()

    def accept(self, listener, face, encrypted):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.settimeout(300)
            threading.Thread(target=self.converse, args=(connection, face, encrypted), daemon=True).start()

    def converse(self, connection, face, encrypted):
        context = self.contexts[face]
        talk = None
        try:
            if encrypted:
                connection = context.wrap_socket(connection, server_side=True)
            talk = Conversation(self, connection, context, encrypted)
            talk.run()
        except OSError:
            pass                                # the client left, or refused the certificate
        finally:
            (talk.connection if talk else connection).close()

    def keep(self, talk, data, answer):
        envelope = {"from": talk.sender, "to": talk.recipients, "parameters": talk.parameters, "user": talk.user,
                    "encrypted": talk.encrypted, "helo": talk.helo, "answer": answer, "time": time.time()}
        with self.lock:
            self.count += 1
            path = f"{self.outbox}/{self.count}"
            with open(path + ".json", "w") as file:
                json.dump(envelope, file)
            with open(path + ".tmp", "wb") as file:
                file.write(data or b"")
            os.rename(path + ".tmp", path + ".eml")

    def deliver(self, sender, recipients, data):
        """None when every mailbox took it, else the first refusal."""
        for recipient in recipients:
            if local_part(recipient) not in self.users:
                continue
            try:
                # One transaction each: smtplib does not read LMTP's one reply per recipient.
                with smtplib.LMTP("127.0.0.1", self.lmtp_port) as lmtp:
                    lmtp.sendmail(sender, [f"{local_part(recipient)}@example.org"], data)
            except smtplib.SMTPRecipientsRefused as refused:
                code, text = next(iter(refused.recipients.values()))
                return f"{code} {text.decode('utf-8', 'replace')}".splitlines()[0]
            except smtplib.SMTPResponseException as refused:
                return f"{refused.smtp_code} {refused.smtp_error.decode('utf-8', 'replace')}".splitlines()[0]
            except OSError as error:
                return f"451 4.3.0 Cannot deliver: {error}"
        return None


def local_part(address):
    return address.partition("@")[0].partition("+")[0].lower()
