#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a first sync, a second one and a POP3 fetch take, beside the floor that the same server allows in the same run.

    tests/bench/bench-sync.py [--build DIR] [--messages N] [--profile P] [--rtt MS[,MS…]] [--runs N] [WHAT…]

WHAT: imap, imap-again, pop3; all where none is named. Prints a table: seconds are medians, the ratio is the median of the
ratios of each run, memory is the peak resident set of penfoldctl, CPU its user and system time."""
import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--messages", type=int, default=10000)
    parser.add_argument("--profile", default="mixed")
    parser.add_argument("--rtt", default="0,50")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("what", nargs="*", default=[])
    return parser.parse_args()


OPTIONS = parse()
os.environ["PENFOLD_BUILD"] = OPTIONS.build
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import harness                      # noqa: E402  it reads PENFOLD_BUILD
from delay import Delay             # noqa: E402

KINDS = ("imap", "imap-again", "pop3")


def floor(kind, port, user, server):
    out = subprocess.run([sys.executable, HERE / "floor.py", kind, str(port), user, harness.PASSWORD, server.ca],
                         stdout=subprocess.PIPE, check=True, text=True).stdout
    return json.loads(out)


def measured(penfold):
    """One sync: seconds, CPU seconds, peak MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    process = subprocess.Popen(penfold.command("sync", "--json"), env=penfold.environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status != 0:
        raise SystemExit(f"sync ended with {os.waitstatus_to_exitcode(status)}")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def one_run(kind, server, user, port, folder):
    least = floor(kind, port, user, server)
    penfold = harness.Penfold(folder)
    penfold.add_account(server, user, "pop3" if kind == "pop3" else "imap", "tls", port=port, outgoing=False)
    if kind == "imap-again":
        penfold.sync(timeout=3600)
    seconds, cpu, memory = measured(penfold)
    rows = len(penfold.list("INBOX"))
    if rows != OPTIONS.messages:
        raise SystemExit(f"{rows} of {OPTIONS.messages} messages arrived")
    return least["seconds"], seconds, seconds / least["seconds"], cpu, memory


def measure(kind, server, user, milliseconds):
    service = "pop3s" if kind == "pop3" else "imaps"
    runs = []
    with Delay(server.port[service], milliseconds / 1000) as cable:
        for _ in range(OPTIONS.runs):
            folder = tempfile.mkdtemp(prefix="penfold-bench-")
            runs.append(one_run(kind, server, user, cable.port if milliseconds else server.port[service], folder))
            shutil.rmtree(folder)
    least, seconds, ratio, cpu, memory = (statistics.median(column) for column in zip(*runs))
    print(f"{kind:<12}{milliseconds:>8}{least:>10.2f}{seconds:>12.2f}{ratio:>8.1f}{cpu:>9.2f}{memory:>9.0f}", flush=True)


def main():
    with harness.mailserver.MailServer(user=["bench"]) as server:
        facts = server.fill("bench", OPTIONS.messages, profile=OPTIONS.profile, inbox_only=True)
        print(f"{len(facts)} messages, {sum(fact['size'] for fact in facts) / 1e6:.0f} MB, {OPTIONS.runs} runs")
        print(f"{'what':<12}{'RTT ms':>8}{'floor s':>10}{'Penfold s':>12}{'ratio':>8}{'CPU s':>9}{'peak MB':>9}")
        for kind in OPTIONS.what or KINDS:
            for milliseconds in map(int, OPTIONS.rtt.split(",")):
                measure(kind, server, "bench", milliseconds)


main()
