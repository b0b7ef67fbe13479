# SPDX-License-Identifier: MIT
"""An inventory and sales engine inside of your process.

    import inventra
    with inventra.open("shop.db", actor="anna") as inv:
        inv.products.create(sku="TEA-100", name="Tea", list_price="2.55")

Each noun of the store is an attribute, each operation a method of it, described by help().
"""
from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from . import _core
from ._arguments import path_of, text_of
from ._described import *  # noqa: F401,F403
from ._described import Nouns, StateError, TimeoutError
from ._sqlite import watch as _watch

__version__: str = _core.version

Progress = Callable[[int, int], "bool | None"]


class Info(NamedTuple):
    """Facts about an open store."""
    store: uuid.UUID
    position: int
    driver: str
    database: str
    durability: str
    schema: int
    read_only: bool
    warning: str


class Verified(NamedTuple):
    """What verify() found: everything is as the journal says."""
    events: int
    position: int
    state_hash: str


class ImportReport(NamedTuple):
    """What an import did; `again` are rows that an earlier run had booked."""
    rows: int
    done: int
    again: int
    failed: int
    line: int


class Inventory(Nouns):
    """An open store, for any number of threads; each call is one command or one read.

    Close it, or use `with`. What has been read stays valid afterwards.
    """

    def __init__(self, handle: _core.Handle) -> None:
        super().__init__(handle)
        self._handle = handle

    def __enter__(self) -> Inventory:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; again is nothing. Calls of other threads come to their end.

        A wait for the feed has none: it raises CancelledError.
        """
        self._handle.close()

    @property
    def closed(self) -> bool:
        """Was it closed?"""
        return self._handle.closed

    def session(self, *, actor: str = "", channel: str = "", location: str = "", till: str = "",
                request_id: str = "") -> Inventory:
        """The same open store for another worker, place or request; to be closed as well."""
        return Inventory(self._handle.session(_places(actor, channel, location, till, request_id)))

    def cancel(self) -> None:
        """From another thread: what waits now, or waits next, raises CancelledError."""
        self._handle.cancel(0)

    @contextmanager
    def transaction(self) -> Iterator[Inventory]:
        """Several commands of this thread as one: all are done, or none.

        It waits for its turn and then has the store for itself for two seconds at most; after
        that it is rolled back, and what comes next in it, or its end, raises TimeoutError.
        """
        self._handle.transaction("begin")
        try:
            yield self
        except BaseException:
            if not self.closed:
                with suppress(TimeoutError, StateError):  # it is over already
                    self._handle.transaction("rollback")
            raise
        try:
            self._handle.transaction("commit")
        except StateError:  # a call inside was told, and did not let it out
            raise TimeoutError("the transaction took longer than two seconds and was rolled back; "
                               "what came after that was done by itself") from None

    def verify(self, *, progress: Progress | None = None) -> Verified:
        """Recompute everything from the journal and compare; CorruptError when it differs."""
        return Verified(*self._work("verify", None, progress))

    def rebuild(self, *, progress: Progress | None = None) -> None:
        """Empty the derived tables and refill them from the journal."""
        self._work("rebuild", None, progress)

    def backup(self, path: str | os.PathLike[str], *, progress: Progress | None = None) -> None:
        """Copy the store to a new file while it is in use."""
        self._work("backup", path_of("path", path), progress)

    def state_hash(self) -> str:
        """A hash over all that the journal has made: equal journals, equal hashes."""
        hash: str = self._work("state_hash", None, None)
        return hash

    def info(self) -> Info:
        """Facts about the store."""
        store, *rest = self._work("info", None, None)
        return Info(uuid.UUID(bytes=store), *rest)

    def import_csv(self, operation: str, path: str | os.PathLike[str], *, skip: bool = False,
                   key_prefix: str = "", progress: Progress | None = None,
                   report: Callable[[int, Error], object] | None = None) -> ImportReport:
        """Import a CSV file, one call of the operation a row, such as "product.create".

        With `skip` it goes on behind bad rows and tells `report` their line and error. With a
        `key_prefix` a second run goes on where the first one stopped.
        """
        return ImportReport(*self._handle.work(
            "load", path_of("path", path), progress, text_of("operation", operation), skip,
            text_of("key_prefix", key_prefix), report))

    def _work(self, what: str, path: str | None, progress: Progress | None) -> Any:
        return self._handle.work(what, path, progress, None, False, "", None)


def open(url: str | os.PathLike[str], *, actor: str = "", channel: str = "", location: str = "",
         till: str = "", read_only: bool = False, create: bool = True, migrate: bool = True,
         source: str = "python", drivers: Iterable[object] = ()) -> Inventory:
    """Open a store, and make it when it is not there: a file, ":memory:" or a server's URL.

    `actor` is who works, kept with every event; channel, location and till are codes or ids.
    Servers need their adapter: inventra[postgres] is found by itself, others stand in `drivers`.
    """
    path = path_of("url", url)
    places = _places(actor, channel, location, till, "")
    handle = _core.open(path, text_of("source", source), read_only, create, migrate, places,
                        (*drivers, *_drivers(path)))
    _watch(path)
    return Inventory(handle)


def _places(actor: str, channel: str, location: str, till: str,
            request_id: str) -> tuple[str, str, str, str, str]:
    """Who works where, as the core takes it."""
    return (text_of("actor", actor), text_of("channel", channel), text_of("location", location),
            text_of("till", till), text_of("request_id", request_id))


def _drivers(url: str) -> tuple[object, ...]:
    """The driver that an installed adapter offers for the scheme of a URL."""
    from importlib.metadata import entry_points
    scheme = url.partition(":")[0]
    return tuple(found.load()() for found in entry_points(group="inventra.drivers", name=scheme))
