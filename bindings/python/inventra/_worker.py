# SPDX-License-Identifier: MIT
"""A thread for waits that have no end."""
from __future__ import annotations

import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import Any

from . import _core


class Worker:
    """Calls one after the other on a thread of their own, which no end of the process waits for.

    Executors of concurrent.futures would: they join their threads before the process may end.
    """

    def __init__(self, handle: _core.Handle) -> None:
        self._handle = handle
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[..., Any], Any] | None]
        self._calls = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="inventra", daemon=True)
        self._thread.start()

    def submit(self, call: Callable[..., Any], *args: Any) -> Future[Any]:
        """Have it called."""
        future: Future[Any] = Future()
        self._calls.put((future, call, args))
        return future

    def cancel(self, future: Future[Any]) -> None:
        """End what waits; again, where the first time came before the wait."""
        while not future.cancel() and not future.done():
            self._handle.cancel(self._thread.ident or 0)
            wait([future], 0.2)

    def close(self) -> None:
        """Let the thread end when its call has."""
        self._calls.put(None)

    def _run(self) -> None:
        while (given := self._calls.get()) is not None:
            future, call, args = given
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = call(*args)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
            del given, future


class _Walk(Worker):
    """The pages of a list, each read by the thread: who waits for one can be interrupted."""

    def __init__(self, query: Any) -> None:
        super().__init__(query.handle)
        self._pages = iter(query)

    @contextmanager
    def next(self) -> Iterator[Future[Any]]:
        """The next page, or None; called off when the wait for it ends early."""
        waiting = self.submit(next, self._pages, None)
        try:
            yield waiting
        except BaseException:
            self.cancel(waiting)
            raise


def pages(query: Any) -> Iterator[Any]:
    """Pages that may take long, so that Ctrl-C gets through."""
    walk = _Walk(query)
    try:
        while True:
            with walk.next() as waiting:
                page = waiting.result()
            if page is None:
                return
            yield page
    finally:
        walk.close()


async def awaited_pages(query: Any) -> AsyncIterator[Any]:
    """The same for a task, with which the wait is cancelled."""
    import asyncio
    walk = _Walk(query)
    try:
        while True:
            with walk.next() as waiting:
                page = await asyncio.wrap_future(waiting)
            if page is None:
                return
            yield page
    finally:
        walk.close()
