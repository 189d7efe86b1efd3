"""What is gone loses its bytes first and then its row, once, by the process that leads."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from lms_core.exams import handed
from lms_core.exams.model import AnswerFile
from lms_core.kernel.blobs import Leaving
from lms_core.kernel.clock import ManualClock
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import FileId, SittingId, UnitId
from server.sweeping import SECONDS, Sweeper
from tests.support.world import World

HERE = UnitId("unit_00000000000000000000000001")


class Kept:
    """Rows and bytes of the same names; deleting the bytes of `broken` fails."""

    def __init__(self, *names: str) -> None:
        self.rows, self.bytes = [*names], {*names}
        self.broken = ""

    async def run(self, _: object, work: Callable[[Any], Any]) -> Any:
        return await work(None)

    async def delete(self, key: str) -> None:
        if key == self.broken:
            raise OSError(key)
        self.bytes.discard(key)

    async def find(self, _: object) -> list[Leaving]:
        return [Leaving(HERE, name, name) for name in self.rows[:2]]

    async def drop(self, _: object, gone: Sequence[Leaving]) -> None:
        assert not self.bytes & {one.key for one in gone}
        self.rows = [name for name in self.rows if name not in {one.id for one in gone}]

    def sweeper(self, clock: ManualClock, leads: Callable[[], bool] = lambda: True) -> Sweeper:
        kept: Any = self
        return Sweeper(kept, clock, kept, self.find, self.drop, leads)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 9, 1, tzinfo=UTC))


async def test_bytes_go_before_rows_and_what_failed_is_done_again(clock: ManualClock) -> None:
    kept = Kept("a", "b", "c")
    kept.broken = "b"
    sweeper = kept.sweeper(clock)
    with pytest.raises(OSError, match="b"):
        await sweeper.sweep()
    assert (kept.rows, kept.bytes) == (["a", "b", "c"], {"b", "c"})
    kept.broken = ""
    assert [await sweeper.sweep() for _ in range(3)] == [2, 1, 0]
    assert (kept.rows, kept.bytes) == ([], set())


async def test_only_who_leads_sweeps_and_looks_again_after_a_while(clock: ManualClock) -> None:
    leading = False
    kept = Kept("a", "b", "c")
    running = asyncio.create_task(kept.sweeper(clock, lambda: leading).run())
    try:
        await clock.advance(0)
        assert kept.rows == ["a", "b", "c"]
        leading = True
        await clock.advance(SECONDS)
        assert kept.rows == []
        kept.rows, kept.bytes = ["d"], {"d"}
        await clock.advance(SECONDS / 2)
        assert kept.rows == ["d"]
        await clock.advance(SECONDS / 2)
        assert kept.rows == []
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_files_of_answers_that_are_gone_go_and_others_stay(world: World) -> None:
    house = world.house

    async def fill(tx: Tx) -> None:
        for name, gone in (("1", True), ("2", False)):
            file_id = FileId(f"file_{name:0>26}")
            tx.add(
                AnswerFile(
                    organisation_id=HERE,
                    id=file_id,
                    sitting_id=SittingId(f"sitting_{1:026}"),
                    place=1,
                    person_id=tx.new_id("person"),
                    key=f"{HERE}/answer/{file_id}",
                    name="a.pdf",
                    type="application/pdf",
                    bytes=1,
                    sha256=name * 64,
                    at=tx.now,
                    gone=gone,
                )
            )
            await tx.flush()

    await world.run(fill)
    for name in ("1", "2"):
        await house.blobs.put(f"{HERE}/answer/file_{name:0>26}", b"x")
    assert await Sweeper(house.db, world.clock, house.blobs, handed.gone, handed.removed).sweep() == 1
    assert [key async for key, _ in house.blobs.list()] == [f"{HERE}/answer/file_{2:026}"]
    assert await world.run(handed.gone) == []
