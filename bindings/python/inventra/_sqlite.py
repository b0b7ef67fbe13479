# SPDX-License-Identifier: MIT
"""Tells when Python's own sqlite3 opens a store that is open here.

That module brings a copy of SQLite of its own, and on Linux and macOS a process that closes a file
loses all its locks on it: whichever copy closes first takes the other's locks away.
"""
from __future__ import annotations

import os
import sys
import warnings

_seen: set[tuple[int, int]] = set()


def _place(path: object) -> tuple[int, int] | None:
    try:
        found = os.stat(os.fspath(path))  # type: ignore[call-overload]
    except (OSError, TypeError, ValueError):
        return None
    return found.st_dev, found.st_ino


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event == "sqlite3.connect" and _place(arguments[0]) in _seen:
        warnings.warn(f"sqlite3 opens {arguments[0]!r}, which is open as a store in this process: "
                      "its locks may be lost. Read it in another process.", RuntimeWarning, 3)


def watch(path: str) -> None:
    """Keep an eye on a file that was opened as a store."""
    place = _place(path.removeprefix("sqlite:"))
    if place is None:
        return
    if not _seen:
        sys.addaudithook(_audit)
    _seen.add(place)
