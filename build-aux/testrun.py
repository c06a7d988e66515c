#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds Penfold in several ways, runs its tests and counts them.

plain    gcc, every suite, in a display and a session bus of its own (build-test/)
address  the tests of single modules once more with AddressSanitizer and UndefinedBehaviorSanitizer (build-asan/)
thread   the tests of the folders that have threads, with ThreadSanitizer (build-tsan/)
clang    builds everything with clang (build-clang/)

Facts are counted: each line of a TAP program is one, a program that speaks no TAP is one, a build that fails is one
failure.  Where CI=true, warnings are errors and a skip that build-aux/allowed-skips.txt does not name is a failure.
"""
import argparse
import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
AUX = ROOT / "build-aux"
CI = os.environ.get("CI") == "true"
WHOLE_PROGRAM = ("e2e", "window", "bench", "repository")
THREADED = ("net", "store", "ingest", "session", "sync", "bus", "worker")
TAP = re.compile(r"(ok|not ok)\s+\d+\s*-?\s*([^#]*)(?:#\s*(SKIP|TODO)\S*\s*(.*))?", re.I)


class Count:
    def __init__(self):
        self.passed, self.failed, self.skipped = [], [], []

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        return f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"


def count_log(run, path, allowed):
    """Reads meson's testlog.json, a line per test program."""
    count = Count()
    for line in path.read_text().splitlines():
        test = json.loads(line)
        project_and_suites, _, program = test["name"].rpartition(" / ")
        place = f"{run}:{project_and_suites.partition(':')[2].partition('+')[0]}/{program}"
        facts = [found for found in map(TAP.fullmatch, test.get("stdout", "").splitlines()) if found]
        bad = len(count.failed)
        for verdict, name, directive, reason in (fact.groups() for fact in facts):
            judge(count, f"{place}/{name.strip().lstrip('/')}", verdict.lower() == "ok", directive, reason, allowed)
        if test["result"] == "SKIP" and not facts:
            judge(count, place, True, "SKIP", "", allowed)
        elif test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL") and len(count.failed) == bad:
            count.failed.append(f"{place} ({test['result'].lower()}, status {test.get('returncode')})")
        elif not facts:
            count.passed.append(place)
    return count


def judge(count, name, good, directive, reason, allowed):
    if not good and not directive:
        count.failed.append(name)
    elif not directive:
        count.passed.append(name)
    elif CI and not any(fnmatch.fnmatchcase(name, pattern) for pattern in allowed):
        count.failed.append(f"{name} (skipped, and not allowed to be: {reason or 'no reason given'})")
    else:
        count.skipped.append(f"{name}: {reason or 'no reason given'}")


def allowed_skips():
    lines = (line.split("#")[0].split() for line in (AUX / "allowed-skips.txt").read_text().splitlines())
    return [words[0] for words in lines if words]


def failure(name):
    count = Count()
    count.failed.append(name)
    return count


class Run:
    """One way of building and testing."""

    def __init__(self, name, compiler, options=(), suites=(), without=(), slow=1, environment=()):
        self.name, self.compiler, self.options = name, compiler, list(options)
        self.suites, self.without, self.slow, self.environment = suites, without, slow, dict(environment)
        self.build = ROOT / f"build-{ {'plain': 'test', 'address': 'asan', 'thread': 'tsan'}.get(name, name) }"

    def call(self, *command, quiet=True):
        """Quiet: the output is shown only when the command fails."""
        environment = {**os.environ, **self.environment}
        if not quiet:
            return subprocess.run(command, cwd=ROOT, env=environment).returncode
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace")
        if done.returncode != 0:
            print(done.stdout[-8000:], flush=True)
        return done.returncode

    def configure(self):
        options = [*self.options, f"-Dwerror={'true' if CI else 'false'}"]
        self.environment["CC"] = f"ccache {self.compiler}" if shutil.which("ccache") else self.compiler
        if (self.build / "meson-info/meson-info.json").exists():
            if self.call("meson", "configure", str(self.build), *options) == 0:
                return True
            shutil.rmtree(self.build)
        return self.call("meson", "setup", str(self.build), *options) == 0

    def make(self, jobs):
        print(f"== {self.name}: building", flush=True)
        return self.configure() and self.call("ninja", "-C", str(self.build), "-j", str(jobs)) == 0

    def test(self, jobs, extra):
        command = [str(AUX / "with-display"), "meson", "test", "-C", str(self.build), "--num-processes", str(jobs),
                   "--print-errorlogs", "--no-rebuild", "--timeout-multiplier", str(self.slow), "--logbase", "testlog"]
        for suite in self.suites:
            command += ["--suite", suite]
        for suite in self.without:
            command += ["--no-suite", suite]
        log = self.build / "meson-logs/testlog.json"
        log.unlink(missing_ok=True)
        print(f"== {self.name}: testing", flush=True)
        begin = time.monotonic()
        status = self.call(*command, *extra, quiet=False)
        if not log.exists():
            return failure(f"{self.name}: no test ran")
        count = count_log(self.name, log, allowed_skips())
        if status != 0 and not count.failed:
            count.failed.append(f"{self.name}: meson ended with {status} and did not run all tests")
        print(f"== {self.name}: {count} in {time.monotonic() - begin:.0f} s", flush=True)
        return count


def runs(options):
    if options.suite:
        return [Run("plain", "gcc", suites=options.suite)]
    if options.quick:
        return [Run("plain", "gcc", without=WHOLE_PROGRAM[:3])]
    chosen = [
        Run("plain", "gcc"),
        Run("address", "gcc", ["-Dsanitize=address"], without=WHOLE_PROGRAM, slow=12, environment={
            # Not strict_string_checks: it measures the whole text at each strchr(), which makes linear code quadratic.
            "ASAN_OPTIONS": "detect_stack_use_after_return=1",
            "UBSAN_OPTIONS": "print_stacktrace=1", "G_SLICE": "always-malloc",
            "LSAN_OPTIONS": f"suppressions={AUX}/lsan.supp:print_suppressions=0"}),
    ]
    if threaded := [folder for folder in THREADED if (ROOT / "tests" / folder / "meson.build").exists()]:
        chosen.append(Run("thread", "gcc", ["-Dsanitize=thread"], suites=threaded, slow=12, environment={
            # GLib's slices pass memory from thread to thread unseen; malloc is seen.
            "G_SLICE": "always-malloc",
            "TSAN_OPTIONS": f"suppressions={AUX}/tsan.supp:halt_on_error=1:second_deadlock_stack=1"}))
    return [*chosen, Run("clang", "clang")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only the tests of single modules, plain build")
    parser.add_argument("--long", action="store_true", help="also the long runs: fuzzing, full crash matrices, soak")
    parser.add_argument("--suite", action="append", help="only this suite, plain build; may be repeated")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("meson", nargs="*", help="names of tests, for meson test")
    options = parser.parse_args()
    os.environ["PENFOLD_TEST_LONG"] = "1" if options.long else ""
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    total, begin = Count(), time.monotonic()
    for run in runs(options):
        if not run.make(options.jobs):
            total.add(failure(f"{run.name}: does not build"))
        elif run.name != "clang":
            extra = [] if run.name != "plain" or not options.long else ["--timeout-multiplier", "20"]
            total.add(run.test(options.jobs, extra + options.meson))
        else:
            total.passed.append("clang: builds")
    for title, names in (("Skipped", total.skipped), ("FAILED", total.failed)):
        if names:
            print(f"{title}:", *names, sep="\n  ")
    print(f"Took {time.monotonic() - begin:.0f} s")
    print(total)
    sys.exit(bool(total.failed) or not total.passed)


if __name__ == "__main__":
    main()
