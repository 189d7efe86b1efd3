"""A few threads for the work of an event loop, with less between asking and answering than an executor has."""

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

_Item = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[..., Any], tuple[Any, ...]]


class Threads:
    """Work is done in the order of asking by whichever of `number` threads is free. They start when first asked."""

    def __init__(self, number: int, name: str) -> None:
        self._number, self._name = number, name
        self._queue = SimpleQueue[_Item | None]()
        self._threads: list[Thread] = []
        self._starting, self._ended = Lock(), False

    def run(self, work: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        """What `work` answers or raises. Cancelled before its turn, it is not begun; after that it goes on alone.
        RuntimeError after the end."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        with self._starting:
            if self._ended:
                raise RuntimeError("these threads have ended")
            if not self._threads:
                self._start()
            self._queue.put((loop, future, work, args))
        return future

    def end(self) -> None:
        """Waits for all that was asked."""
        with self._starting:
            self._ended = True
            for _ in self._threads:
                self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _start(self) -> None:
        for number in range(self._number):
            thread = Thread(target=self._work, name=f"{self._name}_{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            _do(*item)
            del item  # nothing of it is kept alive until the next one comes


def _do(
    loop: asyncio.AbstractEventLoop, future: "asyncio.Future[Any]", work: Callable[..., Any], args: tuple[Any, ...]
) -> None:
    if future.cancelled():
        return
    answer, error = None, None
    try:
        answer = work(*args)
    except BaseException as raised:
        error = raised
    try:
        loop.call_soon_threadsafe(_tell, future, answer, error)
    except RuntimeError:
        pass  # the loop has ended, and with it whoever asked
    finally:
        del error


def _tell(future: "asyncio.Future[Any]", answer: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(answer)
    else:
        future.set_exception(error)
