#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows Penfold with a full mailbox that belongs to nobody.

    demo.py BUILD [OPTION...]        as build-aux/run --demo calls it; further options go to penfold

Starts a private mail server on this computer with a few hundred sample messages (mailbox.py), makes a throw-away
profile with that account and opens the window.  Sending works too: to robin@example.org, to nobody else.  When the
window and the background worker have ended, or on Ctrl+C, everything is stopped and removed.
"""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "tests/servers")]

import mailbox
import mailserver

PR_SET_CHILD_SUBREAPER = 36


def add_account(build, profile, server):
    """The same words that a person would type; the password goes in by a file."""
    password = profile / "password"
    password.write_text("secret\n")
    password.chmod(0o600)
    subprocess.run(
        [build / "src/ctl/penfoldctl", "--data-dir", profile / "data", "--secrets", "file", "account", "add",
         "--email", mailbox.OWNER_ADDRESS, "--name", "Robin Hale", "--user", mailbox.OWNER, "--protocol", "imap",
         "--incoming", f"localhost:{server.port['imaps']}", "--security", "tls",
         "--outgoing", f"localhost:{server.port['smtps']}", "--outgoing-security", "tls",
         "--ca-file", server.ca, "--password-file", password, "--yes"], check=True, stdout=subprocess.DEVNULL)
    password.unlink()


def wait_for_all_but(keeper):
    """Until every process that came from the window has ended, also a worker that went on its own."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0 and children() == {keeper}:
                return
            if pid == 0:
                time.sleep(0.2)
        except ChildProcessError:
            return


def children():
    return set(map(int, pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()))


def show(build, profile, server, options):
    window = subprocess.Popen([build / "src/app/penfold", "--data-dir", profile / "data", *options])
    status = window.wait()
    if children() - {server.process.pid}:
        print("The window is closed; mail keeps coming in the background, as it does with a real account.\n"
              "Press Ctrl+C to end the demo.", flush=True)
    wait_for_all_but(server.process.pid)
    return status


def end_children(keeper):
    """What is left after Ctrl+C: the window, then a worker that becomes ours when the window has gone."""
    told = set()
    while left := children() - {keeper}:
        for pid in left - told:
            os.kill(pid, signal.SIGTERM)
        told |= left
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        time.sleep(0.05)


def main():
    build, options = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    profile = pathlib.Path(tempfile.mkdtemp(prefix="penfold-demo-"))
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    status = 1
    try:
        with mailserver.MailServer(user=[f"{mailbox.OWNER}:secret"]) as server:
            print(f"Sample mailbox with {mailbox.write(server.maildir(mailbox.OWNER))} messages on a private mail server", flush=True)
            server.give(mailbox.OWNER)
            try:
                add_account(build, profile, server)
                status = show(build, profile, server, options)
            finally:
                end_children(server.process.pid)
    except KeyboardInterrupt:
        status = 0
    finally:
        shutil.rmtree(profile, ignore_errors=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
