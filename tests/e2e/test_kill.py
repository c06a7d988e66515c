#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill -9 before and after the nth lasting act, or that act fails: nothing is lost, nothing comes or is sent twice.

A scenario is run once to count its acts.  Then, for each chosen act and each of the three: store and server as they were
before, the scenario with the fault, and the same once more without; afterwards both must be as they should.
PENFOLD_KILL_SAMPLE=N points are taken per scenario, with a seed that is printed and can be given by PENFOLD_KILL_SEED;
build-aux/test --long takes all of them.  PENFOLD_KILL_FROM=N begins with the Nth act, to go on after an interruption:

    PENFOLD_BUILD=build PENFOLD_TEST_LONG=1 PENFOLD_KILL_FROM=200 tests/e2e/test_kill.py test_send
"""
import collections
import datetime
import hashlib
import os
import pathlib
import random
import signal
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import harness

SEED = os.environ.get("PENFOLD_KILL_SEED") or f"{datetime.date.today():%Y%j}"
SAMPLE = int(os.environ.get("PENFOLD_KILL_SAMPLE") or 18)
FROM = int(os.environ.get("PENFOLD_KILL_FROM") or 1)
FAULTS = ("before", "after", "fails")


def points(total, scenario):
    """Pairs of act and fault: all, or a sample over the whole length, another one every day."""
    everything = [(number, fault) for number in range(FROM, total + 1) for fault in FAULTS]
    if harness.LONG or len(everything) <= SAMPLE:
        return everything
    step = len(everything) / SAMPLE
    dice = random.Random(f"{SEED}:{scenario}")
    return [everything[int((index + dice.random()) * step)] for index in range(SAMPLE)]


class KillTest(harness.Case):
    def sweep(self, act, judge):
        """`act(penfold, environment)` is the scenario; `judge(penfold, fresh)` looks at a store that went through it,
        `fresh` being how many messages the submission server took since the scenario began."""
        self.server.keep_mail(self.user)
        counts_file = self.penfold.place / "counts"
        sent = len(self.server.sent())
        counted = self.penfold.copy_to(self.penfold.place / "tried")
        act(counted, counted.shim(counts_file))
        judge(counted, len(self.server.sent()) - sent)
        total = harness.read_counts(counts_file).total
        self.assertGreater(total, 2, "the shim saw nothing")
        chosen = points(total, self._testMethodName)
        print(f"# {total} acts, {len(chosen)} points, seed {SEED}", flush=True)
        struck = 0
        for done, (number, fault) in enumerate(chosen, 1):
            with self.subTest(act=number, fault=fault):
                self.server.bring_back_mail(self.user)
                counts_file.unlink()
                sent = len(self.server.sent())
                penfold = self.penfold.copy_to(self.penfold.place / "tried")
                act(penfold, penfold.shim(counts_file, **self.settings(number, fault)))
                counts = harness.read_counts(counts_file)
                struck += bool(counts.killed or counts.failed)
                act(penfold, None)
                penfold.assert_sound(self)
                judge(penfold, len(self.server.sent()) - sent)
            if done % 100 == 0:
                print(f"# {done} points up to act {number}", flush=True)
        # Threads take turns as they like, so that the last acts are not always there.
        self.assertGreater(struck, 0.7 * len(chosen), "the faults did not come")

    @staticmethod
    def settings(number, fault):
        return {"FAIL_AT": number, "FAIL_WITH": "error"} if fault == "fails" else {"KILL_AT": number, "KILL_WHEN": fault}

    @staticmethod
    def sync(penfold, environment):
        """One round; a killed one may say what it likes."""
        result = penfold.run("sync", "--json", environment=environment)
        if environment is None and result.status != harness.DONE:
            raise AssertionError(f"sync after a kill ended with {result.status}: {result.err}")
        if environment is not None and result.status not in (harness.DONE, harness.FAILED, harness.PARTLY, -signal.SIGKILL):
            raise AssertionError(f"sync ended with {result.status}: {result.err}")

    def assert_server_holds(self, facts):
        found = collections.Counter(hashlib.sha256(data).hexdigest() for _, data in self.server.fetch(self.user, "INBOX").values())
        self.assertEqual(found, collections.Counter(fact["sha256"] for fact in facts))

    def test_imap_sync(self):
        facts = self.server.fill(self.user, 25, inbox_only=True)
        self.penfold.add_account(self.server, self.user)

        def judge(penfold, _fresh):
            penfold.assert_holds(self, facts, share=4)
            self.assert_server_holds(facts)

        self.sweep(self.sync, judge)

    def test_pop3_sync(self):
        facts = self.server.fill(self.user, 25, inbox_only=True)
        self.penfold.add_account(self.server, self.user, "pop3")

        def judge(penfold, _fresh):
            penfold.assert_holds(self, facts, "pop3", share=4)
            self.assert_server_holds(facts)

        self.sweep(self.sync, judge)

    def test_pop3_sync_that_removes_from_the_server(self):
        facts = self.server.fill(self.user, 8, inbox_only=True)
        self.penfold.add_account(self.server, self.user, "pop3", "tls", "--leave", "remove", "--yes")

        def judge(penfold, _fresh):
            penfold.assert_holds(self, facts, "pop3")
            penfold.sync()
            self.assert_server_holds([])

        self.sweep(self.sync, judge)

    def test_pop3_deletion(self):
        for number in range(6):
            self.put(f"Message {number}")
        self.penfold.add_account(self.server, self.user, "pop3")
        self.penfold.sync()
        for number in (1, 4):
            self.penfold.do("delete", self.penfold.one(f"Message {number}")["id"], "--now")
        kept = {"Message 0", "Message 2", "Message 3", "Message 5"}

        def judge(penfold, _fresh):
            self.assertEqual(set(self.on_server()), kept)
            self.assertEqual({row["subject"] for row in penfold.list("INBOX")}, kept)
            self.assertEqual(penfold.ask("changes"), [])
            self.assertEqual(penfold.sync()["messages_new"], 0)

        self.sweep(self.sync, judge)

    def change_everything(self):
        """A store with one wish of each kind, not told to the server yet; the id of its account's Archive and of the one on
        this computer."""
        for name in ("Flagged", "Moved", "Copied", "Trashed", "Deleted", "Kept", "Stays"):
            self.put(name)
        account = self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        archive, here = (self.penfold.folder("Archive", number)["id"] for number in (account, 0))
        self.penfold.do("flag", self.penfold.one("Flagged")["id"], "flagged")
        self.penfold.do("move", self.penfold.one("Moved")["id"], archive)
        self.penfold.do("copy", self.penfold.one("Copied")["id"], archive)
        self.penfold.do("move", self.penfold.one("Kept")["id"], here)
        self.penfold.do("delete", self.penfold.one("Trashed")["id"])
        self.penfold.do("delete", self.penfold.one("Deleted")["id"], "--now")
        return archive, here

    def sweep_changes(self, left):
        """left: what the server keeps in its inbox, marked as deleted."""
        archive, here = self.change_everything()
        wanted = {"INBOX": ["Copied", "Flagged", "Stays"], "Archive": ["Copied", "Moved"], "Trash": ["Trashed"]}

        def judge(penfold, _fresh):
            for folder, subjects in wanted.items():
                self.assertEqual(self.subjects_there(folder), subjects)
                rows = penfold.list(archive if folder == "Archive" else folder)
                self.assertEqual(sorted(row["subject"] for row in rows), subjects)
            self.assertEqual(self.subjects_there("INBOX", marked=True), left)
            self.assertEqual([(row["subject"], row["where"]) for row in penfold.list(here)], [("Kept", "here")])
            self.assertEqual(self.on_server()["Flagged"], {"flagged"})
            self.assertEqual(penfold.ask("changes"), [])
            self.assertEqual(penfold.sync()["messages_new"], 0)

        self.sweep(self.sync, judge)

    def test_changes_go_up(self):
        self.sweep_changes([])

    def test_changes_go_up_to_an_old_server(self):
        """Without MOVE, UIDPLUS and CONDSTORE, where nothing but marks says what was done."""
        self.server = self.enterContext(harness.mailserver.MailServer(user=[self.user], imap_capability="IMAP4rev1"))
        self.sweep_changes(["Deleted", "Kept", "Moved", "Trashed"])

    def subjects_there(self, folder, marked=False):
        return sorted(next(line[9:] for line in data.decode().splitlines() if line.startswith("Subject: "))
                      for flags, data in self.server.fetch(self.user, folder).values() if ("\\Deleted" in flags) == marked)

    def test_repair(self):
        facts = self.server.fill(self.user, 12, inbox_only=True)
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        (self.penfold.data / "mail.db").write_bytes(b"no database" * 1000)

        def act(penfold, environment):
            result = penfold.run("check", "--repair", environment=environment)
            if environment is None:
                self.assertEqual(result.status, harness.DONE, result.err)

        def judge(penfold, _fresh):
            penfold.sync()
            penfold.assert_holds(self, facts, share=4)
            self.assert_server_holds(facts)

        self.sweep(act, judge)

    def test_account_leaves_and_its_mail_stays(self):
        facts = self.server.fill(self.user, 6, inbox_only=True)
        account = self.penfold.add_account(self.server, self.user)
        self.penfold.sync()

        def act(penfold, environment):
            result = penfold.run("account", "remove", account, "--keep-mail", environment=environment)
            if environment is None and penfold.ask("account", "list"):
                raise AssertionError(f"account remove after a kill ended with {result.status}: {result.err}")

        def judge(penfold, _fresh):
            kept, = [folder for folder in penfold.folders() if folder["total"]]
            self.assertEqual((kept["account"], kept["total"]), (0, len(facts)))
            rows = penfold.list(kept["id"])
            self.assertEqual({row["where"] for row in rows}, {"here"})
            self.assertEqual(sorted(penfold.hashes(rows).values()), sorted(fact["sha256"] for fact in facts))
            self.assert_server_holds(facts)
            self.assertEqual((penfold.data / "secrets").read_text().count(harness.PASSWORD), 0)

        self.sweep(act, judge)

    def test_folder_with_new_numbers(self):
        facts = self.server.fill(self.user, 12, inbox_only=True)
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        self.server.doveadm("mailbox", "update", "-u", self.user, "--uid-validity", "4711", "INBOX")

        def judge(penfold, _fresh):
            penfold.assert_holds(self, facts, share=4)
            self.assert_server_holds(facts)
            self.assertEqual(penfold.sync()["messages_new"], 0)

        self.sweep(self.sync, judge)

    def test_imported_mail_goes_up(self):
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        box = self.penfold.place / "box"
        box.mkdir()
        for number in range(5):
            (box / f"{number}.eml").write_bytes(self.letter(f"Letter {number}"))
        (box / "5.eml").write_bytes(b"Subject: Letter without a Message-ID\r\n\r\nHello\r\n")
        archive = self.penfold.folder("Archive")["id"]
        self.penfold.do("import", box, "--into", archive)
        here = next(folder["id"] for folder in self.penfold.folders(0) if folder["role"] == "archive")
        for verb in ("copy", "move"):
            (box / "here.eml").write_bytes(self.letter(f"Letter to {verb}"))
            self.penfold.do("import", box / "here.eml", "--into", here)
            self.penfold.do(verb, self.penfold.one(f"Letter to {verb}", here)["id"], archive)
        wanted = [*(f"Letter {number}" for number in range(5)), "Letter to copy", "Letter to move", "Letter without a Message-ID"]

        def judge(penfold, _fresh):
            penfold.sync()
            self.assertEqual(self.subjects_there("Archive"), wanted)
            self.assertEqual(sorted(row["subject"] for row in penfold.list(archive)), wanted)
            self.assertEqual({row["where"] for row in penfold.list(archive)}, {"both"})
            self.assertEqual([row["subject"] for row in penfold.list(here)], ["Letter to copy"])

        self.sweep(self.sync, judge)

    def test_sync_by_a_worker(self):
        facts = self.server.fill(self.user, 12, inbox_only=True)
        self.penfold.add_account(self.server, self.user)

        def act(penfold, environment):
            try:
                penfold.start_worker(environment)
                penfold.run("sync", "--json")
            except AssertionError:
                if environment is None:
                    raise
            finally:
                penfold.end()

        self.sweep(act, lambda penfold, _fresh: penfold.assert_holds(self, facts, share=4))

    def test_recording_changes(self):
        """What the shell confirmed is there; what it could not confirm is there whole or not at all."""
        self.put("Letter")
        self.penfold.add_account(self.server, self.user)
        self.penfold.sync()
        number = self.penfold.one("Letter")["id"]
        archive = self.penfold.folder("Archive")["id"]
        confirmed = []

        def act(penfold, environment):
            result = penfold.run("move", number, archive, environment=environment)
            if result.status == harness.DONE:
                confirmed[:] = [True]
            penfold.sync()

        def judge(penfold, _fresh):
            places = [folder for folder in ("INBOX", "Archive") for _ in penfold.by_subject("Letter", folder)]
            on_server = [folder for folder in ("INBOX", "Archive") for _ in self.on_server(folder)]
            self.assertEqual(places, ["Archive"] if confirmed else on_server)
            self.assertEqual(on_server, places)
            confirmed.clear()

        self.sweep(act, judge)

    def test_send(self):
        account = self.penfold.add_account(self.server, self.user)
        message = self.letter("Out", sender=f"{self.user}@example.org", To="away@example.com")
        self.penfold.do("send", "-", "--account", account, stdin=message)

        def act(penfold, environment):
            result = penfold.run("sync", "--json", environment=environment)
            if environment is None:
                self.assertIn(result.status, (harness.DONE, harness.PARTLY), result.err)

        def judge(penfold, fresh):
            penfold.run("sync", "--json")
            states = [change["state"] for change in penfold.ask("changes") if change["state"] not in ("done", "sent")]
            self.assertLessEqual(fresh, 1, "sent twice")
            self.assertLessEqual(len(penfold.by_subject("Out", "Sent")), 1, "two copies in Sent")
            if fresh == 0:
                self.assertEqual(states, ["unknown"], "neither sent nor unknown")
            if not states:
                self.assertEqual(len(self.on_server("Sent")), 1, "no copy in Sent")

        self.sweep(act, judge)

    def test_queueing_a_message(self):
        """What the shell confirmed is sent; what it could not confirm is sent whole, once, or not at all."""
        account = self.penfold.add_account(self.server, self.user)
        message = self.letter("Out", sender=f"{self.user}@example.org", To="away@example.com", body="word " * 50_000)
        confirmed = []

        def act(penfold, environment):
            if environment is not None:
                result = penfold.run("send", "-", "--account", account, stdin=message, environment=environment)
                confirmed[:] = [result.status == harness.DONE]
            penfold.sync()

        def judge(penfold, fresh):
            self.assertIn(fresh, [1] if confirmed[0] else [0, 1])
            self.assertEqual([len(data) for _, data in self.server.fetch(self.user, "Sent").values()], fresh * [len(message)])
            self.assertEqual(len(penfold.by_subject("Out", "Sent")), fresh)
            self.assertEqual([change for change in penfold.ask("changes") if change["state"] not in ("done", "sent")], [])

        self.sweep(act, judge)


if __name__ == "__main__":
    harness.main()
