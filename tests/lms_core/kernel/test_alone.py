"""Who would be alone waits for who is there, and nobody new begins; what lasts too long is not waited for."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Event

import pytest

from lms_core.kernel import alone
from lms_core.kernel.alone import Alone

LONG = 30.0


class _Visit:
    """Somebody who comes in on a thread of their own, and stays until told."""

    def __init__(self, pool: ThreadPoolExecutor, way: Callable[[], AbstractContextManager[None]]) -> None:
        self.inside, self._leaves = Event(), Event()
        self._done: Future[None] = pool.submit(self._go, way)

    def _go(self, way: Callable[[], AbstractContextManager[None]]) -> None:
        with way():
            self.inside.set()
            assert self._leaves.wait(LONG)

    def leave(self) -> None:
        self._leaves.set()
        self._done.result(LONG)


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> ThreadPoolExecutor:
    monkeypatch.setattr(alone, "PATIENCE", LONG)
    return ThreadPoolExecutor(8)


def test_work_goes_on_beside_other_work(pool: ThreadPoolExecutor) -> None:
    door = Alone()
    visits = [_Visit(pool, door.beside) for _ in range(3)]
    assert all(one.inside.wait(LONG) for one in visits)
    for one in visits:
        one.leave()


def test_who_would_be_alone_waits_for_who_is_there_and_nobody_begins_meanwhile(pool: ThreadPoolExecutor) -> None:
    door = Alone()
    first = _Visit(pool, door.beside)
    assert first.inside.wait(LONG)
    lone = _Visit(pool, door.alone)
    assert not lone.inside.wait(0.05)
    late = _Visit(pool, door.beside)
    assert not late.inside.wait(0.05)
    first.leave()
    assert lone.inside.wait(LONG)
    assert not late.inside.wait(0.05)
    lone.leave()
    assert late.inside.wait(LONG)
    late.leave()


def test_those_who_would_be_alone_go_one_after_another(pool: ThreadPoolExecutor) -> None:
    door = Alone()
    first = _Visit(pool, door.alone)
    assert first.inside.wait(LONG)
    second = _Visit(pool, door.alone)
    assert not second.inside.wait(0.05)
    first.leave()
    assert second.inside.wait(LONG)
    second.leave()


def test_what_lasts_too_long_is_not_waited_for(pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "PATIENCE", 0.01)
    door = Alone()
    visits = [_Visit(pool, way) for way in (door.beside, door.alone, door.alone, door.beside)]
    assert all(one.inside.wait(LONG) for one in visits)
    for one in visits:
        one.leave()
    with door.alone():
        pass
