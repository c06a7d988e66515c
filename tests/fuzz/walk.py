#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feeds every file of the archives to a program of this folder: walk.py PROGRAM FOLDER-OF-ARCHIVES

The archives are unpacked below a folder that is gone afterwards. A file that crashes the program is the last one it
named."""
import pathlib
import subprocess
import sys
import tempfile


def unpack(archive, folder):
    bytes_of = subprocess.Popen(["zstd", "-dcq", archive], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-xf", "-", "-C", folder], stdin=bytes_of.stdout, check=True)
    if bytes_of.wait() != 0:
        raise SystemExit(f"{archive} cannot be unpacked")


def main():
    program, archives = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="penfold-mail-") as folder:
        for archive in sorted(pathlib.Path(archives).glob("*.tar.zst")):
            unpack(archive, folder)
        walk = subprocess.run([program, "--whole", folder], stdout=subprocess.PIPE, text=True)
    lines = walk.stdout.splitlines()
    if walk.returncode != 0:
        print(f"{pathlib.Path(program).name} ended with {walk.returncode} at {lines[-1] if lines else 'its start'}")
        return 1
    print(lines[-1])
    return 0


sys.exit(main())
