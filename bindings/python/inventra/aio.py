# SPDX-License-Identifier: MIT
"""The same for asyncio: calls run on threads, and are awaited.

    async with await inventra.aio.open("shop.db") as inv:
        tea = await inv.products.get("TEA-100")
        async for product in inv.products.list():
            …
        async with inv.transaction():
            await inv.stock.receive(…)
"""
from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, Unpack

import inventra

from ._described import AsyncNouns

if TYPE_CHECKING:
    from ._described import _OpenOptions, _SessionOptions

__all__ = ["Inventory", "open"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


def _awaited(method: Callable[Concatenate[inventra.Inventory, _P], _T]
             ) -> Callable[Concatenate[Inventory, _P], Coroutine[Any, Any, _T]]:
    """A method of a store, on a thread."""
    async def call(self: Inventory, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        result: _T = await self.run(method, self.sync, *args, **kwargs)
        return result
    functools.update_wrapper(call, method)
    return call


class Inventory(AsyncNouns):
    """An open store whose operations are awaited; lists are walked with `async for`."""

    def __init__(self, sync: inventra.Inventory) -> None:
        self.sync = sync
        self._threads = ThreadPoolExecutor(thread_name_prefix="inventra")
        self._own: ContextVar[ThreadPoolExecutor | None] = ContextVar("own", default=None)
        super().__init__(sync, self.run)

    async def run(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call something on a thread; inside a transaction, on the transaction's."""
        executor = self._own.get() or self._threads
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(executor, lambda: call(*args, **kwargs))

    async def __aenter__(self) -> Inventory:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the store, when the calls on their way have come to their end."""
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self.sync.close)

    @property
    def closed(self) -> bool:
        """Was it closed?"""
        return self.sync.closed

    async def session(self, **options: Unpack[_SessionOptions]) -> Inventory:
        """The same open store for another worker, place or request; to be closed as well."""
        return Inventory(await self.run(self.sync.session, **options))

    def cancel(self) -> None:
        """What waits now, or waits next, raises CancelledError."""
        self.sync.cancel()

    verify = _awaited(inventra.Inventory.verify)
    rebuild = _awaited(inventra.Inventory.rebuild)
    backup = _awaited(inventra.Inventory.backup)
    copy = _awaited(inventra.Inventory.copy)
    state_hash = _awaited(inventra.Inventory.state_hash)
    info = _awaited(inventra.Inventory.info)
    import_csv = _awaited(inventra.Inventory.import_csv)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Inventory]:
        """Several commands as one: what is awaited inside, by this task, is all done or none."""
        with ThreadPoolExecutor(1, "inventra") as thread:
            token = self._own.set(thread)
            try:
                inside = self.sync.transaction()
                await self.run(inside.__enter__)
                try:
                    yield self
                except BaseException as error:
                    await self.run(inside.__exit__, type(error), error, None)
                    raise
                await self.run(inside.__exit__, None, None, None)
            finally:
                self._own.reset(token)


async def open(url: str | os.PathLike[str], *, drivers: Iterable[object] = (),
               **options: Unpack[_OpenOptions]) -> Inventory:
    """inventra.open(), awaited."""
    return Inventory(await asyncio.to_thread(inventra.open, url, drivers=drivers, **options))
