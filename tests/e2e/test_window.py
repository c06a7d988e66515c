#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at the window, through what a screen reader sees: sets up an account, reads, answers, sees mail arrive."""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "ui")]

import harness
from screen import Screen

FRIEND = "u40"          # who writes, and gets the answer


class WindowTest(harness.Case):
    def setUp(self):
        super().setUp()
        self.screen = Screen()
        self.window = None
        self.addCleanup(self.close_window)

    def open_window(self):
        # The private server's certificate is believed here as a real one is by the system.
        environment = {**self.penfold.environment, "SSL_CERT_FILE": self.server.ca}
        words = self.penfold.command(program=self.penfold.tree.window)
        self.window = subprocess.Popen(words, env=environment, stderr=open(self.penfold.place / "window.log", "w"))

    def close_window(self):
        if self.window is None:
            return
        subprocess.run([str(self.penfold.tree.window), "--data-dir", str(self.penfold.data), "--quit"],
                       env=self.penfold.environment, check=True, timeout=20)
        status = self.window.wait(20)
        self.end_worker()
        log = (self.penfold.place / "window.log").read_text()
        self.assertEqual(status, 0, log[-2000:])

    def end_worker(self):
        """The one that the window started."""
        out = subprocess.run(["pgrep", "-f", f"penfold-worker.*{self.penfold.data}"], stdout=subprocess.PIPE, text=True).stdout
        for number in out.split():
            subprocess.run(["kill", number], check=True)
        harness.wait_until(lambda: not any(pathlib.Path(f"/proc/{number}").exists() for number in out.split()), what="the worker's end")

    def greet(self, subject):
        self.server.deliver(self.user, self.letter(subject, sender=f"Ben <{FRIEND}@example.org>").decode())

    # --- what a person does ---

    def set_up(self, protocol):
        screen = self.screen
        screen.wait_for("Add Mail Account")
        screen.write("Name", "Anna Smith")
        screen.write("Email Address", f"{self.user}@example.org")
        screen.press("Enter Settings Manually")
        screen.wait_for("Server Settings")
        if protocol == "pop3":
            screen.keys("shift+Tab", "space", "Down", "Return")
            screen.wait_for("Collect")
        for nth, service in enumerate((protocol + "s", "smtps"), 1):
            screen.write("Server", "localhost", nth=nth)
            screen.write("Port", str(self.server.port[service]), nth=nth)
            screen.write("User Name", self.user, nth=nth)
        screen.press("Continue")
        screen.wait_for("Sign In to example.org")
        screen.write("Password", harness.PASSWORD)
        screen.press("Sign In")
        screen.wait_for("Where Should Your Mail Live?")
        screen.press("Continue")
        if protocol == "pop3":
            screen.wait_for("How Long Does Mail Stay on the Server?")
            screen.press("Continue")
        screen.press("Open Mailbox")
        screen.wait_until_closed("Ready")

    def answer(self, subject, words):
        screen = self.screen
        screen.point_at(screen.wait_for(f"Ben, {subject}"))
        harness.wait_until(lambda: "A few words." in screen.text_of("Text of the Message"), what="the text in the reader")
        screen.press("Reply")
        screen.wait_for(f"Re: {subject}", "frame", "dialog", "window")
        screen.wait_for("Message", "text")
        screen.keys(*words)
        screen.press("Send")

    def arrives(self, subject):
        return [data for _, data in self.server.fetch(FRIEND, "INBOX").values() if f"Subject: Re: {subject}".encode() in data]

    def everything(self, protocol):
        subject = f"Lunch by {protocol}"
        self.greet(subject)
        self.open_window()
        self.set_up(protocol)
        self.answer(subject, "yes")
        answers = harness.wait_until(lambda: self.arrives(subject), seconds=30, what="the answer's arrival")
        self.assertEqual(len(answers), 1)
        self.assertIn(b"yes", answers[0])
        self.assertIn(b"> A few words.", answers[0])
        if protocol == "imap":
            self.greet("Just now")
            self.screen.wait_for("Ben, Just now", seconds=5)

    def test_imap_from_the_wizard_to_the_answer(self):
        self.everything("imap")

    def test_pop3_from_the_wizard_to_the_answer(self):
        self.everything("pop3")

    def test_wrong_password_is_said_beside_its_field(self):
        screen = self.screen
        self.open_window()
        screen.wait_for("Add Mail Account")
        screen.write("Name", "Anna Smith")
        screen.write("Email Address", f"{self.user}@example.org")
        screen.press("Enter Settings Manually")
        screen.wait_for("Server Settings")
        for nth, service in enumerate(("imaps", "smtps"), 1):
            screen.write("Server", "localhost", nth=nth)
            screen.write("Port", str(self.server.port[service]), nth=nth)
            screen.write("User Name", self.user, nth=nth)
        screen.press("Continue")
        screen.wait_for("Sign In to example.org")
        screen.write("Password", "wrong")
        screen.press("Sign In")
        screen.wait_for("password")
        self.assertIsNone(screen.find("Where Should Your Mail Live?"))


if __name__ == "__main__":
    harness.main()
