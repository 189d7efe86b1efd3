"""What a mark rests on is kept for three years, and then nothing of it is."""

from sqlalchemy import func, select

from lms_core.exams.core import KEEP
from lms_core.kernel.db import Tx
from lms_core.kernel.tables import Table
from tests.lms_core.marking.judged import published, sat_by, settles
from tests.support.world import World

KEPT = ("exams", "sittings", "sitting_moves", "sitting_papers", "answers", "exam_takers", "exam_commission")
JUDGED = ("answer_scores", "results", "exam_releases")


async def _rows(world: World, *names: str) -> dict[str, int]:
    async def work(tx: Tx) -> dict[str, int]:
        tables = Table.metadata.tables
        return {name: (await tx.rows(select(func.count()).select_from(tables[name])))[0][0] for name in names}

    return await world.run(work)


async def test_sittings_and_their_exam_are_forgotten_after_three_years(world: World) -> None:
    before = await _rows(world, *KEPT, *JUDGED)
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    await sat_by(world, misha, exam, right=3, text="")
    await anna.does("release_results", {}, exam_id=exam)
    await settles(world)
    held = await _rows(world, *KEPT, *JUDGED)
    assert all(held[name] > before[name] for name in held), held
    await world.clock.advance(KEEP.total_seconds() - 24 * 3600)
    await world.job("exams.forget")
    await settles(world)
    assert await _rows(world, *KEPT, *JUDGED) == held
    await world.clock.advance(3 * 24 * 3600)
    await world.job("exams.forget")
    await settles(world)
    assert await _rows(world, *KEPT, *JUDGED) == before
