# SPDX-License-Identifier: MIT
"""Tells when Python's own sqlite3 has a store open that is open here.

That module brings a copy of SQLite of its own, and on Linux and macOS a process that closes a file
loses all its locks on it: whichever copy closes first takes the other's locks away.
"""
from __future__ import annotations

import os
import sys
import urllib.parse
import warnings
import weakref
from typing import Any

_Place = tuple[int, int]
_stores: dict[_Place, weakref.WeakSet[Any]] = {}


def _path(database: object) -> str | None:
    """The file that a path or a `file:` URI of SQLite names."""
    try:
        path = os.fsdecode(database)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    if path.startswith("file:"):
        return urllib.parse.unquote(urllib.parse.urlsplit(path).path)
    return path


def _place(path: str | int | None) -> _Place | None:
    try:
        found = os.stat(path)  # type: ignore[arg-type]
    except (OSError, TypeError, ValueError):
        return None
    return found.st_dev, found.st_ino


def _is_open(place: _Place | None) -> bool:
    return place is not None and any(not inv.closed for inv in _stores.get(place, ()))


def _warn(what: str, level: int) -> None:
    warnings.warn(f"{what}: its locks may be lost. Read it in another process.", RuntimeWarning,
                  level + 1)


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event == "sqlite3.connect" and _is_open(_place(_path(arguments[0]))):
        _warn(f"sqlite3 opens {arguments[0]!r}, which is open as a store in this process", 3)


def _held(place: _Place) -> bool:
    """Has this process the file open, whoever opened it? False where no system tells."""
    try:
        return any(_place(int(name)) == place for name in os.listdir("/dev/fd"))
    except (OSError, ValueError):
        return False


class Watch:
    """Keeps an eye on a file that is about to be opened as a store."""

    def __init__(self, url: str) -> None:
        self._file = url.removeprefix("sqlite:")
        place = _place(self._file)
        if place and place not in _stores and _held(place):
            _warn(f"{self._file!r} is open in this process already, not as a store", 3)

    def begin(self, inv: Any) -> None:
        """It is open now."""
        place = _place(self._file)
        if place is None:
            return
        if not _stores:
            sys.addaudithook(_audit)
        _stores.setdefault(place, weakref.WeakSet()).add(inv)
