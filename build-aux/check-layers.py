#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a file under src/ includes a folder that build-aux/layers.txt does not allow."""
import pathlib, re, sys

root = pathlib.Path(sys.argv[1])
allowed, seen, bad = {}, [], []

for number, line in enumerate((root / "build-aux/layers.txt").read_text().splitlines(), 1):
    line = line.split("#")[0].strip()
    if line:
        folder, _, names = line.partition(":")
        allowed[folder] = set(names.split())
        if upward := allowed[folder] - set(seen):
            bad.append(f"layers.txt:{number}: {folder} may not name {', '.join(sorted(upward))}: not below it")
        seen.append(folder)

for path in sorted((root / "src").rglob("*.[ch]")):
    folder = path.relative_to(root / "src").parts[0]
    if folder not in allowed:
        bad.append(f"{path}: folder {folder} is missing from layers.txt")
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if found := re.match(r'\s*#\s*include\s+"([^"]+)"', line):
            target = found[1].split("/")[0] if "/" in found[1] else folder
            if ".." in found[1] or (target != folder and target not in allowed[folder]):
                bad.append(f'{path}:{number}: {folder} may not include "{found[1]}"')

for path in sorted([*(root / "src").rglob("*.[ch]"), *(root / "tests").rglob("*.[ch]")]):
    if "tests/data" not in str(path) and "SPDX-License-Identifier: GPL-3.0-or-later" not in path.read_text()[:300]:
        bad.append(f"{path}: no SPDX line")

print("\n".join(bad) or f"{len(seen)} folders, every arrow allowed")
sys.exit(bool(bad))
