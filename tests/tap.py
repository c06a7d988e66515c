# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs unittest cases and reports in TAP, so that meson counts every fact and not only every file.

    if __name__ == "__main__":
        tap.main()

Names of test methods on the command line run only these; --list prints them.
"""
import sys
import time
import traceback
import unittest


class Result(unittest.TestResult):
    def __init__(self, stream):
        super().__init__()
        self.stream = stream
        self.number = 0
        self.started = 0.0
        self.details = []

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()
        self.details = []
        self.verdict, self.directive = "ok", ""

    def stopTest(self, test):
        super().stopTest(test)
        self.number += 1
        seconds = time.monotonic() - self.started
        for line in "".join(self.details).splitlines():
            self.stream.write(f"# {line}\n")
        self.stream.write(f"# {seconds:.2f} s\n")
        self.stream.write(f"{self.verdict} {self.number} {fact(test)}{self.directive}\n")
        self.stream.flush()

    def note(self, error):
        self.verdict = "not ok"
        self.details += traceback.format_exception(*error)

    def addError(self, test, err):
        super().addError(test, err)
        self.note(err)
        if not isinstance(test, unittest.TestCase):     # setUpClass or setUpModule: no test was started
            self.number += 1
            for line in "".join(self.details).splitlines():
                self.stream.write(f"# {line}\n")
            self.stream.write(f"not ok {self.number} {test}\n")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.details.append(f"in {subtest}\n")
            self.note(err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.directive = f" # SKIP {reason}"
        if not isinstance(test, unittest.TestCase):     # the whole class
            self.number += 1
            self.stream.write(f"ok {self.number} {test}{self.directive}\n")


def fact(test):
    """test_flags_go_up of class ImapTest -> imap/flags-go-up"""
    area = type(test).__name__.removesuffix("Test").lower()
    return area + "/" + test._testMethodName.removeprefix("test_").replace("_", "-")


def flatten(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flatten(item)
        else:
            yield item


def main(module="__main__"):
    tests = list(flatten(unittest.defaultTestLoader.loadTestsFromModule(sys.modules[module])))
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")]
    if "--list" in sys.argv:
        print("\n".join(test._testMethodName for test in tests))
        return
    if wanted:
        tests = [test for test in tests if test._testMethodName in wanted]
    result = Result(sys.stdout)
    suite = unittest.TestSuite(tests)
    suite.run(result)
    print(f"1..{result.number}", flush=True)
    sys.exit(0 if result.wasSuccessful() and result.number else 1)
