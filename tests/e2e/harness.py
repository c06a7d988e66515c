# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the three installed programs as separate processes, against private servers.

PENFOLD_BUILD names meson's build directory.  The programs are installed from there once, below tests/e2e/tree, and run
from that tree only.  What penfoldctl prints is written down in its manual page; here is the one place that reads it.

    with MailServer(user=people(5)) as server:
        penfold = Penfold(folder)
        account = penfold.add_account(server, "u1", "imap", "tls")
        penfold.sync()
        penfold.assert_holds(self, facts, protocol="imap")
"""
import collections
import concurrent.futures
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "servers"), str(HERE.parent)]

import mailserver
import tap

BUILD = pathlib.Path(os.environ.get("PENFOLD_BUILD", "build")).resolve()
LONG = os.environ.get("PENFOLD_TEST_LONG") == "1"
PASSWORD = mailserver.PASSWORD
main = tap.main

DONE, FAILED, USAGE, PARTLY, NO_ANSWER = range(5)       # exit statuses of penfoldctl
SYSTEM_DATA = "/usr/local/share:/usr/share"
ACTS = ("write", "sync", "rename", "unlink", "truncate", "send")

Result = collections.namedtuple("Result", "status out err")
Counts = collections.namedtuple("Counts", ("total", *ACTS, "failed", "killed"))


def people(count):
    """Names for MailServer(user=...); each test takes one of its own."""
    return [f"u{number}" for number in range(1, count + 1)]


def wait_until(condition, seconds=20, what="the condition"):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        time.sleep(0.05)
    return found


class Tree:
    """The installed programs."""

    found = None

    def __init__(self):
        place = BUILD / "tests/e2e"
        place.mkdir(parents=True, exist_ok=True)
        self.root = place / "tree"
        with open(place / "tree.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.install()
        share = next(self.root.rglob("glib-2.0/schemas")).parent.parent
        self.ctl = next(self.root.rglob("bin/penfoldctl"))
        self.window = next(self.root.rglob("bin/penfold"), None)
        self.worker = next(self.root.rglob("penfold-worker"), None)
        self.environment = {
            "GSETTINGS_SCHEMA_DIR": str(share / "glib-2.0/schemas"), "XDG_DATA_DIRS": f"{share}:{SYSTEM_DATA}",
            "PENFOLD_PROGRAM": str(self.window), "PENFOLD_LIBEXEC": str(self.worker.parent if self.worker else self.root)}

    def install(self):
        stamp = self.root / "stamp"
        programs = [BUILD / "src" / name for name in ("ctl/penfoldctl", "daemon/penfold-worker", "app/penfold")]
        newest = max((path.stat().st_mtime for path in programs if path.exists()), default=0)
        if stamp.exists() and stamp.stat().st_mtime >= newest:
            return
        shutil.rmtree(self.root, ignore_errors=True)
        done = subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", self.root],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stdout)
        # Where DESTDIR is set, this is the packager's duty.
        subprocess.run(["glib-compile-schemas", next(self.root.rglob("glib-2.0/schemas"))], check=True)
        stamp.touch()

    @classmethod
    def get(cls):
        cls.found = cls.found or cls()
        return cls.found


class Penfold:
    """One data directory, and whatever runs on it."""

    def __init__(self, folder, environment=None):
        self.place = pathlib.Path(folder)
        self.data = self.place / "data"
        self.runtime = self.place / "run"
        self.runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.tree = Tree.get()
        self.worker = None
        self.environment = {**os.environ, **self.tree.environment, "XDG_RUNTIME_DIR": str(self.runtime), "G_DEBUG": "fatal-criticals",
                            "LC_ALL": "C.UTF-8", "TZ": "UTC", **(environment or {})}

    # --- running ---

    def command(self, *words, program=None):
        return [str(program or self.tree.ctl), "--data-dir", str(self.data), *(["--secrets", "file"] if not self.data.exists() else []),
                *map(str, words)]

    def run(self, *words, stdin=None, timeout=120, environment=None):
        """penfoldctl, whatever comes of it; `out` is bytes.  A program that dies by a signal is an error at once."""
        try:
            done = subprocess.run(self.command(*words), input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  timeout=timeout, env={**self.environment, **(environment or {})})
        except subprocess.TimeoutExpired as slow:
            raise AssertionError(f"penfoldctl {' '.join(map(str, words))} takes more than {timeout} s: {slow.stderr}") from slow
        if done.returncode < 0 and not environment:
            raise AssertionError(f"penfoldctl {' '.join(map(str, words))} died by signal {-done.returncode}: {done.stderr[-3000:]}")
        return Result(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))

    def do(self, *words, **options):
        """penfoldctl, which must succeed; its output."""
        result = self.run(*words, **options)
        if result.status != DONE:
            raise AssertionError(f"penfoldctl {' '.join(map(str, words))} ended with {result.status}: {result.err}")
        return result.out

    def ask(self, *words, **options):
        """penfoldctl --json, which must succeed; the document."""
        return json.loads(self.do(*words, "--json", **options))

    def refused(self, *words, status=FAILED, **options):
        """penfoldctl, which must fail with a sentence; the sentence."""
        result = self.run(*words, **options)
        if result.status != status or not result.err.strip():
            raise AssertionError(f"penfoldctl {' '.join(map(str, words))} ended with {result.status}, not {status}: {result.err}")
        return result.err

    def start_worker(self, environment=None):
        """The worker of this store, ready."""
        log = open(self.place / "worker.log", "a")
        self.worker = subprocess.Popen(self.command(program=self.tree.worker), env={**self.environment, **(environment or {})},
                                       stdout=log, stderr=log)
        wait_until(lambda: self.worker.poll() is not None or self.worker_answers(), what="the worker's answer")
        if self.worker.poll() is not None:
            raise AssertionError("the worker ended: " + (self.place / "worker.log").read_text()[-3000:])

    def worker_answers(self):
        return self.run("jobs", timeout=20).status == DONE

    def stop_worker(self, number=signal.SIGTERM):
        self.worker.send_signal(number)
        status = self.worker.wait(30)
        self.worker = None
        return status

    def end(self):
        if self.worker is not None and self.worker.poll() is None:
            self.stop_worker()

    # --- accounts ---

    def account_words(self, server, user, protocol, security, *more, host="localhost", port=None, outgoing=True, password_file="-"):
        port = port or server.port[protocol + ("s" if security == "tls" else "")]
        words = ["account", "add", "--email", f"{user}@example.org", "--name", user.title(), "--user", user, "--protocol", protocol,
                 "--incoming", f"{host}:{port}", "--security", security, "--password-file", password_file, "--ca-file", server.ca]
        if outgoing:
            words += ["--outgoing", f"localhost:{server.port['smtps' if security == 'tls' else 'smtp']}", "--outgoing-security", security]
        return [*words, *more]

    def add_account(self, server, user, protocol="imap", security="tls", *more, **options):
        """The id of a new account."""
        out = self.do(*self.account_words(server, user, protocol, security, *more, **options), stdin=PASSWORD.encode() + b"\n")
        return int(out.split()[-1])

    # --- looking ---

    def sync(self, account=None, status=DONE, **options):
        """One round; the summary of the (first) account as a dictionary."""
        result = self.run("sync", *(["--account", account] if account else []), "--json", **options)
        if result.status != status:
            raise AssertionError(f"sync ended with {result.status}, not {status}: {result.err} {result.out.decode()[:2000]}")
        summaries = json.loads(result.out)
        return summaries[0] if isinstance(summaries, list) else summaries

    def folders(self, account=None):
        return self.ask("folders", *(["--account", account] if account is not None else []))

    def folder(self, name, account=None):
        """By its name, or INBOX by its role."""
        for folder in self.folders(account):
            if folder["name"] == name or (name == "INBOX" and folder["role"] == "inbox"):
                return folder
        raise AssertionError(f"no folder {name} among {[folder['name'] for folder in self.folders(account)]}")

    def list(self, folder="INBOX", account=None):
        number = folder if isinstance(folder, int) else self.folder(folder, account)["id"]
        return self.ask("list", number, "--limit", 10 ** 7)

    def raw(self, number):
        return self.do("raw", number)

    def hashes(self, rows, workers=2):
        """SHA-256 of what raw prints, by the row's id."""
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            return dict(zip([row["id"] for row in rows],
                            pool.map(lambda row: hashlib.sha256(self.raw(row["id"])).hexdigest(), rows)))

    def by_subject(self, subject, folder="INBOX", account=None):
        return [row for row in self.list(folder, account) if row["subject"] == subject]

    def one(self, subject, folder="INBOX", account=None):
        rows = self.by_subject(subject, folder, account)
        if len(rows) != 1:
            raise AssertionError(f"{len(rows)} messages called {subject} in {folder}")
        return rows[0]

    # --- judging ---

    def assert_holds(self, test, facts, protocol="imap", account=None, share=1):
        """The store holds exactly what the manifest says: folders, counts and the bytes of every message (or of each
        `share`th)."""
        wanted = collections.defaultdict(collections.Counter)
        for fact in facts:
            wanted[fact["folder"]][fact["sha256" if protocol == "imap" else "pop3_sha256"]] += 1
        for name, hashes in wanted.items():
            rows = self.list(name, account)
            test.assertEqual(len(rows), hashes.total(), f"messages in {name}")
            found = collections.Counter(self.hashes(rows[::share]).values())
            test.assertEqual(found - hashes, collections.Counter(), f"unknown, altered or doubled messages in {name}")
            if share == 1:
                test.assertEqual(hashes - found, collections.Counter(), f"missing messages in {name}")

    def assert_sound(self, test):
        result = self.run("check", "--json", timeout=300)
        test.assertEqual(result.status, DONE, f"check: {result.err} {result.out.decode()[:2000]}")

    # --- faults ---

    def shim(self, counts=None, program=None, **settings):
        """The environment under which killshim.c watches this store; settings without their PENFOLD_."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        names = {"KILL_BELOW": os.path.realpath(self.data), "KILL_COUNT": counts or "", "KILL_PROGRAM": program or "", **settings}
        return {"LD_PRELOAD": str(BUILD / "tests/faults/killshim.so"), **{f"PENFOLD_{name}": str(value) for name, value in names.items()}}

    def copy_to(self, folder):
        """Another store with the same content; nothing may run on this one."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.data, pathlib.Path(folder) / "data", symlinks=True)
        return Penfold(folder)


def read_counts(path):
    return Counts(*struct.unpack("9Q", pathlib.Path(path).read_bytes()))


def flags_of(row):
    """Flags as words: seen, flagged, ..., whatever their spelling."""
    return {flag.lstrip("\\$").lower() for flag in row["flags"]}


class Case(unittest.TestCase):
    """A test with a server for the class and a store for each function."""

    users = 40
    server_options = {}

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(mailserver.MailServer(user=people(cls.users), **cls.server_options))
        cls.free_users = people(cls.users)

    def setUp(self):
        self.user = type(self).free_users.pop(0)
        self.penfold = self.new_penfold()

    def new_penfold(self):
        penfold = Penfold(self.enterContext(tempfile.TemporaryDirectory(prefix="penfold-")))
        self.addCleanup(penfold.end)
        return penfold

    def letter(self, subject="Hello", body="A few words.", sender="friend@example.com", **header):
        lines = {"From": sender, "To": f"{self.user}@example.org", "Subject": subject, "Date": "Mon, 02 Jun 2025 10:00:00 +0000",
                 "Message-ID": f"<{time.monotonic_ns()}.{subject.encode().hex()}@example.com>", **header}
        return "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items()).encode() + f"\r\n{body}\r\n".encode()

    def put(self, subject, folder="INBOX", flags="", **options):
        """A message on the server, placed there by somebody else."""
        message = self.letter(subject, **options)
        self.server.append(self.user, folder, message, flags)
        return message

    def on_server(self, folder="INBOX"):
        """Subject: flags of what the server holds."""
        found = {}
        for flags, data in self.server.fetch(self.user, folder).values():
            subject = next(line[9:] for line in data.decode("utf-8", "replace").splitlines() if line.startswith("Subject: "))
            found[subject] = {flag.lstrip("\\").lower() for flag in flags} - {"recent"}
        return found


class Listener:
    """A server that does as the given function does: it gets each connection's socket, on a thread."""

    def __init__(self, serve):
        self.serve = serve
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.connections = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        try:
            self.serve(connection)
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        for connection in self.connections:
            connection.close()


class Cable(Listener):
    """Passes everything on to a server; after `cut_after` bytes from the server each connection is reset."""

    def __init__(self, port):
        self.cut_after = None
        self.cuts = 0
        super().__init__(lambda client: self.carry(client, port))

    def carry(self, client, port):
        with socket.create_connection(("127.0.0.1", port)) as server:
            threading.Thread(target=self.pump, args=(client, server), daemon=True).start()
            left = self.cut_after
            while piece := server.recv(65536 if left is None else min(left, 65536)):
                client.sendall(piece)
                if left is not None and (left := left - len(piece)) == 0:
                    self.cuts += 1
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.shutdown(socket.SHUT_RD)         # ends the pump's waiting, which would keep the connection alive
                    break
        client.close()

    @staticmethod
    def pump(source, sink):
        try:
            while piece := source.recv(65536):
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
