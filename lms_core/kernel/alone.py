"""Threads that work beside each other, and one that must be alone for a moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

PATIENCE = 0.25
"""Seconds to wait for others: what lasts longer than this is not waited for, neither by who would be alone nor by who
waits for them."""


class Alone:
    """Work goes on `beside` other work until somebody wants to be `alone`: then nothing new begins, what goes on is
    waited for, and who wants to be alone goes one after another."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._beside = self._wanted = self._alone = 0

    @contextmanager
    def beside(self) -> Iterator[None]:
        with self._changed:
            if self._wanted:
                self._changed.wait_for(lambda: not self._wanted, PATIENCE)
            self._beside += 1
        try:
            yield
        finally:
            with self._changed:
                self._beside -= 1
                if self._wanted:
                    self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._wanted += 1
            self._changed.wait_for(lambda: not self._alone, PATIENCE)
            self._alone += 1
            self._changed.wait_for(lambda: not self._beside, PATIENCE)
        try:
            yield
        finally:
            with self._changed:
                self._wanted -= 1
                self._alone -= 1
                self._changed.notify_all()
