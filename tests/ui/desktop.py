# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop for tests: xfce4-panel as the tray's host, dunst for notifications, and a hand on mouse and keyboard.

It needs a display and a session bus of its own, see build-aux/with-display."""
import json
import os
import pathlib
import struct
import subprocess
import time

WATCHER = "org.kde.StatusNotifierWatcher"
NOTIFICATIONS = "org.freedesktop.Notifications"
PANEL_HEIGHT = 26
BRIGHT = 180
GAP = 5


def wait_until(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.05)
    return found


def run(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def has_owner(name):
    return "true" in run("gdbus", "call", "--session", "-d", "org.freedesktop.DBus", "-o", "/org/freedesktop/DBus",
                         "-m", "org.freedesktop.DBus.NameHasOwner", name)


class Picture:
    """The screen as it is now, read from the file that Xvfb keeps of it (X11/XWDFile.h)."""

    def __init__(self):
        data = pathlib.Path(os.environ["PENFOLD_TEST_SCREEN"]).read_bytes()
        head = struct.unpack(">25I", data[:100])
        size, self.width, self.stride, colors = head[0], head[4], head[12], head[19]
        self.pixels = data[size + 12 * colors:]

    def row(self, y):
        return self.pixels[y * self.stride:y * self.stride + 4 * self.width]

    def lit(self, before, height):
        """The columns of the uppermost rows that have a bright pixel which was another before, in runs (first, last) that
        are at least GAP columns apart."""
        columns = set()
        for y in range(height):
            mine, theirs = self.row(y), before.row(y)
            if mine != theirs:
                columns |= {x for x in range(self.width) if mine[4 * x:4 * x + 3] != theirs[4 * x:4 * x + 3]
                            and min(mine[4 * x:4 * x + 3]) > BRIGHT}
        runs = []
        for x in sorted(columns):
            if runs and x - runs[-1][1] < GAP:
                runs[-1][1] = x
            else:
                runs.append([x, x])
        return runs


class Desktop:
    """Panel and notifications for the length of a with-block."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.panel = self.notifier = None

    def __enter__(self):
        rules = self.folder / "dunstrc"
        # Notices stay until a test answers them.
        rules.write_text("[global]\n  idle_threshold = 0\n  markup = full\n[urgency_low]\n  timeout = 0\n[urgency_normal]\n  timeout = 0\n")
        self.notifier = subprocess.Popen(["dunst", "-conf", rules], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.start_panel()
        wait_until(lambda: has_owner(NOTIFICATIONS), "the notification daemon's start")
        return self

    def __exit__(self, *_):
        self.stop_panel()
        self.notifier.terminate()
        self.notifier.wait()

    def start_panel(self):
        self.panel = subprocess.Popen(["xfce4-panel", "--disable-wm-check"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: has_owner(WATCHER), "the start of a host for the tray")
        self.settle()

    def stop_panel(self):
        self.panel.kill()           # it asks nothing then
        self.panel.wait()

    # --- looking ---

    def settle(self):
        """Until the screen has not changed for half a second; the picture."""
        before, since = Picture(), time.monotonic()
        deadline = since + 20
        while time.monotonic() - since < 0.5 and time.monotonic() < deadline:
            time.sleep(0.1)
            now = Picture()
            if now.pixels != before.pixels:
                before, since = now, time.monotonic()
        return before

    def items(self):
        return run("gdbus", "call", "--session", "-d", WATCHER, "-o", "/StatusNotifierWatcher",
                   "-m", "org.freedesktop.DBus.Properties.Get", WATCHER, "RegisteredStatusNotifierItems")

    def find_icon(self, start):
        """Where the icon of what start() begins appears: x and y.  It is the first bright thing from the left that was
        not there; the clock beside it may move aside."""
        before = self.settle()
        start()
        wait_until(lambda: "StatusNotifierItem" in self.items(), "the registration of the icon")
        wait_until(lambda: Picture().lit(before, PANEL_HEIGHT), "the icon's appearance")
        first, last = self.settle().lit(before, PANEL_HEIGHT)[0]
        return (first + last) // 2, PANEL_HEIGHT // 2

    # --- the hand ---

    @staticmethod
    def click(x, y, button=1):
        subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", str(button)], check=True)

    @staticmethod
    def press(*keys):
        subprocess.run(["xdotool", "key", "--delay", "60", *keys], check=True)

    # --- notifications ---

    @staticmethod
    def shown():
        return int(run("dunstctl", "count", "displayed") or 0)

    @staticmethod
    def notices():
        """Title and body of those in the history, newest first."""
        history = json.loads(run("dunstctl", "history") or '{"data": [[]]}')
        return [(entry["summary"]["data"], entry["body"]["data"]) for entry in history["data"][0]]

    @staticmethod
    def click_notice():
        """The default action of the newest."""
        subprocess.run(["dunstctl", "action", "0"], check=True)
