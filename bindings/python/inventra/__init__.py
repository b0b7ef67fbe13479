# SPDX-License-Identifier: MIT
"""An inventory and sales engine inside of your process.

    import inventra
    with inventra.open("shop.db", actor="anna") as inv:
        inv.products.create(sku="TEA-100", name="Tea", list_price="2.55")

Each noun of the store is an attribute, each operation a method of it, described by help().
"""
from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Unpack

from . import _core
from ._arguments import path_of, text_of
from ._described import *  # noqa: F401,F403
from ._described import Nouns, StateError, TimeoutError, takes
from ._described import options as _options
from ._sqlite import Watch as _Watch

if TYPE_CHECKING:
    from ._described import _ImportOptions, _OpenOptions, _SessionOptions, _StoreOptions

__version__: str = _core.version

Progress = Callable[[int, int], "bool | None"]


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

    @takes("session_options")
    def session(self, **options: Unpack[_SessionOptions]) -> Inventory:
        """The same open store for another worker, place or request; to be closed as well."""
        return Inventory(self._handle.session(_options(options, "session_options")[0]))

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

    def verify(self, *, progress: Progress | None = None) -> VerifyReport:
        """Recompute everything from the journal and compare; CorruptError when it differs."""
        found: VerifyReport = self._work("verify", progress=progress)
        return found

    def rebuild(self, *, progress: Progress | None = None) -> None:
        """Empty the derived tables and refill them from the journal."""
        self._work("rebuild", progress=progress)

    def backup(self, path: str | os.PathLike[str], *, progress: Progress | None = None) -> None:
        """Copy the store to a new file while it is in use."""
        self._work("backup", path_of("path", path), progress)

    @takes("store_options")
    def copy(self, url: str | os.PathLike[str], *, drivers: Iterable[object] = (),
             progress: Progress | None = None, **options: Unpack[_StoreOptions]) -> CopyReport:
        """Copy the store to another place, which may be another database, and stay the same store.

        It can be stopped, and goes on when it is called again; later it brings what is new.
        """
        path = path_of("url", url)
        done: CopyReport = self._work(
            "copy", path, progress, None, _options(options, "store_options")[0],
            (*drivers, *_drivers(path)))
        return done

    def state_hash(self) -> str:
        """A hash over all that the journal has made: equal journals, equal hashes."""
        hash: str = self._work("state_hash")
        return hash

    def info(self) -> StoreInfo:
        """Facts about the store."""
        facts: StoreInfo = self._work("info")
        return facts

    @takes("import_options")
    def import_csv(self, operation: str, path: str | os.PathLike[str], *,
                   progress: Progress | None = None,
                   report: Callable[[int, Error], object] | None = None,
                   **options: Unpack[_ImportOptions]) -> ImportReport:
        """Import a CSV file, one call of the operation a row, such as "product.create".

        With `skip` it goes on behind bad rows and tells `report` their line and error. With a
        `key_prefix` a second run goes on where the first one stopped.
        """
        done: ImportReport = self._work(
            "import", path_of("path", path), progress, text_of("operation", operation),
            _options(options, "import_options")[0], (), report)
        return done

    def _work(self, name: str, path: str | None = None, progress: Progress | None = None,
              subject: object = None, options: object = None, drivers: tuple[object, ...] = (),
              report: object = None) -> Any:
        return self._handle.work(name, path, progress, subject, options, drivers, report)


@takes("store_options", "session_options")
def open(url: str | os.PathLike[str], *, drivers: Iterable[object] = (),
         **options: Unpack[_OpenOptions]) -> Inventory:
    """Open a store, and make it when it is not there: a file, ":memory:" or a server's URL.

    `actor` is who works, kept with every event; channel, location and till are codes or ids.
    Servers need their adapter: inventra[postgres] is found by itself, others stand in `drivers`.
    """
    path = path_of("url", url)
    watch = _Watch(path)
    of_store, of_session = _options(options, "store_options", "session_options")
    inv = Inventory(_core.open(path, of_store, of_session, (*drivers, *_drivers(path))))
    watch.begin(inv)
    return inv


def _drivers(url: str) -> tuple[object, ...]:
    """The driver that an installed adapter offers for the scheme of a URL."""
    from importlib.metadata import entry_points
    scheme = url.partition(":")[0]
    return tuple(found.load()() for found in entry_points(group="inventra.drivers", name=scheme))
