#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""compare.py EXPECTED PROGRAM: run PROGRAM in an empty folder and compare what it prints with the
lines of EXPECTED behind its licence line."""
import re
import subprocess
import sys
import tempfile


def matches(expected, actual):
    if expected.startswith("~"):
        return re.fullmatch(expected[1:], actual) is not None
    return expected == actual


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        expected = file.read().splitlines()[1:]
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([sys.argv[2]], cwd=folder, capture_output=True, text=True)
    actual = run.stdout.splitlines()
    for number in range(max(len(expected), len(actual))):
        want = expected[number] if number < len(expected) else None
        got = actual[number] if number < len(actual) else None
        if want is None or got is None or not matches(want, got):
            sys.exit(f"line {number + 1}\n  expected: {want}\n  printed:  {got}\n{run.stderr}")
    if run.returncode != 0:
        sys.exit(f"exit code {run.returncode}\n{run.stderr}")


main()
