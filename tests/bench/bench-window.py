#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How soon the main window shows a usable list, how long its main loop is held up, and what memory it takes.

    build-aux/with-display tests/bench/bench-window.py BUILD [MESSAGES...]

For each number of messages: makes a store, opens the window on it three times, prints the median of each figure.
The figures to keep (cairo): usable within 500 ms and 400 ms of CPU, worst delay 50 ms, 99.9th percentile 16 ms.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 3


def show(program, directory):
    since = time.monotonic_ns() // 1000
    output = subprocess.run([program, "show", directory, str(since)], check=True, stdout=subprocess.PIPE, text=True,
                            timeout=120).stdout
    return json.loads(output.splitlines()[-1])


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    program = build / "tests/bench/bench-window"
    os.environ["GSETTINGS_SCHEMA_DIR"] = str(build / "data")
    for n_messages in map(int, sys.argv[2:] or ["1000", "100000"]):
        with tempfile.TemporaryDirectory(prefix="penfold-bench-") as directory:
            subprocess.run([program, "fill", directory, str(n_messages)], check=True)
            runs = [show(program, directory) for _ in range(RUNS)]
            print(f"{n_messages:,} messages:",
                  ", ".join(f"{name} {statistics.median(run[name] for run in runs):g}" for name in runs[0]), flush=True)


if __name__ == "__main__":
    main()
