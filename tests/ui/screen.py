# SPDX-License-Identifier: GPL-3.0-or-later
"""What a screen reader finds in Penfold's windows, and what its user can do there (AT-SPI on GTK 4.8).

    screen = Screen()
    screen.press("Next")
    screen.write("Address", "anna@example.org")
    screen.wait_for("Lunch?")

It needs a display and a session bus of its own, see build-aux/with-display.  libatspi remembers what it saw: each look
clears that, or nothing ever changes."""
import subprocess
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib          # noqa: E402

ROWS_MAX = 300          # children looked at of one widget: lists expose some hundred rows


def pump():
    while GLib.MainContext.default().iteration(False):
        pass


def children(item):
    item.clear_cache()
    for number in range(min(item.get_child_count(), ROWS_MAX)):
        child = item.get_child_at_index(number)
        if child is not None:
            yield child


def walk(item):
    """Every widget below but those on pages of a stack that are not shown: these have no size."""
    try:
        for child in children(item):
            if not is_hidden_page(child):
                yield child
                yield from walk(child)
    except GLib.Error:          # it went while we looked
        return


def is_hidden_page(item):
    """GTK 4.8 gives SHOWING to nothing that could be asked; a page's own size tells nothing, its child's does."""
    if item.get_name() != "GtkStackPage":
        return False
    child = next(children(item), None)
    return child is None or Atspi.Component.get_extents(child, Atspi.CoordType.WINDOW).width == 0


def clean(name):
    """Without the underline of a mnemonic."""
    return (name or "").replace("_", "")


class Screen:
    def __init__(self, application="penfold"):
        Atspi.init()
        self.name = application

    # --- looking ---

    def application(self):
        pump()
        desktop = Atspi.get_desktop(0)
        for child in children(desktop):
            if child.get_name() == self.name:
                return child
        return None

    def items(self):
        application = self.application()
        return walk(application) if application is not None else iter(())

    def find(self, name, *roles, nth=1):
        """The nth shown widget whose name has these words, of one of the roles; None."""
        for item in self.items():
            try:
                if name in clean(item.get_name()) and (not roles or item.get_role_name() in roles):
                    nth -= 1
                    if nth == 0:
                        return item
            except GLib.Error:
                continue
        return None

    def names(self):
        return [name for name in (clean(item.get_name()) for item in self.items()) if name]

    def wait_for(self, name, *roles, nth=1, seconds=20):
        deadline = time.monotonic() + seconds
        while (found := self.find(name, *roles, nth=nth)) is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"{name!r} did not appear within {seconds} s; there are {self.names()}")
            time.sleep(0.1)
        return found

    def wait_until_gone(self, name, *roles, seconds=20):
        deadline = time.monotonic() + seconds
        while self.find(name, *roles) is not None:
            if time.monotonic() > deadline:
                raise AssertionError(f"{name!r} did not go within {seconds} s")
            time.sleep(0.1)

    @staticmethod
    def wait_until_closed(title, seconds=20):
        """Asks the display, not the widgets: GTK 4.8 can crash when it is asked for one that is just going."""
        deadline = time.monotonic() + seconds
        while subprocess.run(["xdotool", "search", "--onlyvisible", "--name", f"^{title}$"], stdout=subprocess.DEVNULL).returncode == 0:
            if time.monotonic() > deadline:
                raise AssertionError(f"the window {title!r} did not close within {seconds} s")
            time.sleep(0.1)

    def text_of(self, name, *roles):
        item = self.wait_for(name, *(roles or ("text",)))
        return Atspi.Text.get_text(item, 0, Atspi.Text.get_character_count(item))

    # --- doing ---

    def press(self, name, *roles):
        """A button or whatever else has a click."""
        item = self.wait_for(name, *(roles or ("push button", "toggle button", "menu item")))
        for number in range(Atspi.Action.get_n_actions(item)):
            if Atspi.Action.get_action_name(item, number) in ("click", "toggle", "activate"):
                Atspi.Action.do_action(item, number)
                return
        self.point_at(item)

    def point_at(self, item):
        """A click of the mouse in its middle, for widgets that have no action."""
        area = Atspi.Component.get_extents(item, Atspi.CoordType.WINDOW)
        window = item
        while window.get_role_name() not in ("frame", "dialog", "window"):
            window = window.get_parent()
        left, top = self.origin(window.get_name())
        subprocess.run(["xdotool", "mousemove", str(left + area.x + area.width // 2), str(top + area.y + area.height // 2),
                        "click", "1"], check=True)

    @staticmethod
    def origin(title):
        out = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", f"^{title}$", "getwindowgeometry", "--shell"],
                             stdout=subprocess.PIPE, check=True, text=True).stdout
        values = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
        return int(values["X"]), int(values["Y"])

    def write(self, name, text, nth=1):
        """Replaces what is in an entry or a text view."""
        item = self.wait_for(name, "text", "password text", "entry", nth=nth)
        Atspi.EditableText.set_text_contents(item, "")
        Atspi.EditableText.insert_text(item, 0, text, len(text.encode()))

    @staticmethod
    def keys(*names):
        subprocess.run(["xdotool", "key", "--delay", "60", *names], check=True)
