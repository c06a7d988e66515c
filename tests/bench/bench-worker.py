#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the worker costs while nothing happens: private memory, wake-ups and CPU, after its first sync and started again.

    tests/bench/bench-worker.py [--build DIR] [--messages N] [--accounts KIND[,KIND…]] [--seconds N] [--threads]

Each account (imap or pop3) has N small messages; the worker itself fetches them.  Private memory is Private_Clean and
Private_Dirty of smaps_rollup, before the wait and after it; wake-ups are the voluntary switches of all threads.  The
figures to keep, with five accounts of 100,000: 16 MB (4 more within ten minutes of a first sync), 60 wake-ups in 600 s,
0.1 s of CPU a minute.  --threads says who woke up.  A session bus, where one is there, adds the tray."""
import argparse
import collections
import os
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SETTLED_S = 10                      # after the last mail came
FIRST_DATE = 1388534400


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--messages", type=int, default=100000)
    parser.add_argument("--accounts", default="imap,pop3")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--threads", action="store_true")
    return parser.parse_args()


OPTIONS = parse()
os.environ["PENFOLD_BUILD"] = OPTIONS.build
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import harness                      # noqa: E402  it reads PENFOLD_BUILD

Use = collections.namedtuple("Use", "cpu switches")


def fill(server, user, count):
    """Short letters in threads of ten; mailgen's varied ones would take hours for so many."""
    folder = pathlib.Path(server.maildir(user))
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for i in range(count):
        date = FIRST_DATE + i * 3000
        first = i - i % 10
        reference = f"References: <{first}.{user}@example.com>\n" if i != first else ""
        text = (f"From: Writer {i % 997} <writer{i % 997}@example.com>\nTo: {user}@example.org\nSubject: Letter {first} of {user}\n"
                f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(date))}\n"
                f"Message-ID: <{i}.{user}@example.com>\n{reference}\nWords number {i} and {i * 7919 % 10007}.\n")
        path = folder / "cur" / f"{date}.M{i:07d}P1.bench:2,{'S' if i % 5 else ''}"
        path.write_text(text)
        os.utime(path, (date, date))
    server.give(user)


def threads(pid):
    """CPU seconds and voluntary switches of each thread."""
    found = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        name, _, rest = (task / "stat").read_text().partition("(")[2].rpartition(")")
        fields = rest.split()
        status = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines())
        found[name, task.name] = Use((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
                                     int(status["voluntary_ctxt_switches"]))
    return found


def private(pid):
    """Megabytes."""
    lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def watch(what, pid):
    before, memory = threads(pid), private(pid)
    time.sleep(OPTIONS.seconds)
    after = threads(pid)
    spent = {key: Use(after[key].cpu - before.get(key, Use(0, 0)).cpu, after[key].switches - before.get(key, Use(0, 0)).switches)
             for key in after}
    print(f"{what:<22}{len(after):>8}{memory:>12.1f}{private(pid):>12.1f}{sum(use.switches for use in spent.values()):>10}"
          f"{sum(use.cpu for use in spent.values()):>8.2f}", flush=True)
    if OPTIONS.threads:
        for (name, number), use in sorted(spent.items()):
            print(f"    {name:<16}{number:>8}{use.switches:>6} {use.cpu:.2f}")


def fetch(penfold, accounts):
    penfold.do("sync", timeout=3600)
    for account in accounts:
        rows = penfold.folder("INBOX", account)["total"]
        if rows != OPTIONS.messages:
            raise SystemExit(f"{rows} of {OPTIONS.messages} messages arrived")


def main():
    kinds = OPTIONS.accounts.split(",")
    users = [f"{kind}{number}" for number, kind in enumerate(kinds, 1)]
    with harness.mailserver.MailServer(user=users) as server, tempfile.TemporaryDirectory(prefix="penfold-bench-") as folder:
        penfold = harness.Penfold(folder)
        for user in users:
            fill(server, user, OPTIONS.messages)
        accounts = [penfold.add_account(server, user, kind, "tls", outgoing=False) for kind, user in zip(kinds, users)]
        began = time.monotonic()
        penfold.start_worker()
        try:
            fetch(penfold, accounts)
            print(f"{len(kinds)} accounts of {OPTIONS.messages} messages, fetched in {time.monotonic() - began:.0f} s")
            print(f"{OPTIONS.seconds:>3} s of idling:{'threads':>15}{'MB before':>12}{'MB after':>12}{'wake-ups':>10}{'CPU s':>8}")
            time.sleep(SETTLED_S)
            watch("after a first sync", penfold.worker.pid)
            penfold.stop_worker()
            penfold.start_worker()
            penfold.do("sync", timeout=3600)
            time.sleep(SETTLED_S)
            watch("started again", penfold.worker.pid)
        finally:
            penfold.end()


main()
