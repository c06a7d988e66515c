#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether po/POTFILES names every file with words for people: check-potfiles.py TOP [--write]"""
import pathlib
import re
import sys

WORDS_IN = {
    ".c": re.compile(r'\b(?:_|N_|C_|NC_|ngettext|Q_)\s*\(\s*"'),
    ".ui": re.compile(r'translatable="yes"'),
    ".in": re.compile(r"^\[Desktop Entry\]|<component", re.M),
}


def find(top):
    for folder in ("src", "data"):
        for path in sorted((top / folder).rglob("*")):
            pattern = WORDS_IN.get(path.suffix)
            if pattern and path.is_file() and pattern.search(path.read_text(errors="replace")):
                yield str(path.relative_to(top))


def main():
    top = pathlib.Path(sys.argv[1])
    file = top / "po/POTFILES"
    wanted = sorted(find(top))
    if "--write" in sys.argv:
        file.write_text("\n".join(wanted) + "\n")
        return 0
    named = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    for path in sorted(set(wanted) ^ set(named)):
        print(f"po/POTFILES: {path} is {'missing' if path in wanted else 'not there or has no words'}")
    return int(set(wanted) != set(named))


sys.exit(main())
