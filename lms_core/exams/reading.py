"""Reading the rows of sittings, as they were written down once."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import SittingId, UnitId
from lms_core.kernel.reads import Read, Write, among

from .core import Act, Row, State
from .model import SittingMove

_HERE = SittingMove.organisation_id == bindparam("organisation")
COLUMNS = (
    SittingMove.sitting_id,
    SittingMove.act,
    SittingMove.state,
    SittingMove.at,
    SittingMove.by,
    SittingMove.who_id,
    SittingMove.why,
    SittingMove.added_seconds,
    SittingMove.section,
)
_ROWS = Read(
    select(*COLUMNS)
    .where(_HERE, SittingMove.sitting_id.in_(among("sittings")))
    .order_by(SittingMove.sitting_id, SittingMove.nth)
)
_Later = SittingMove.__table__.alias("later")
_NEWEST = Read(
    select(*COLUMNS)
    .where(_HERE, SittingMove.sitting_id.in_(among("sittings")))
    .where(
        SittingMove.nth
        == select(func.max(_Later.c.nth))
        .where(_Later.c.organisation_id == SittingMove.organisation_id, _Later.c.sitting_id == SittingMove.sitting_id)
        .scalar_subquery()
    )
)
_MOVE = Write.row(SittingMove)


async def rows_of(tx: Tx, organisation: UnitId, sittings: Collection[SittingId]) -> dict[SittingId, list[Row]]:
    """All changes of each, in order."""
    found: dict[SittingId, list[Row]] = {one: [] for one in sittings}
    if sittings:
        for one in await tx.read(_ROWS, organisation=organisation, sittings=list(sittings)):
            found[one.sitting_id].append(row_of(one))
    return found


async def newest(tx: Tx, organisation: UnitId, sittings: Collection[SittingId]) -> dict[SittingId, Row]:
    """The newest change of each: its state."""
    if not sittings:
        return {}
    found = await tx.read(_NEWEST, organisation=organisation, sittings=list(sittings))
    return {one.sitting_id: row_of(one) for one in found}


def write_row(tx: Tx, organisation: UnitId, sitting: SittingId, nth: int, row: Row) -> None:
    tx.write(
        _MOVE,
        organisation_id=organisation,
        sitting_id=sitting,
        nth=nth,
        act=row.act.value,
        state=row.state.value,
        at=row.at,
        by=row.by,
        who_id=row.who or None,
        why=row.why,
        added_seconds=round(row.added.total_seconds()),
        section=row.section,
    )


def row_of(one: Any) -> Row:
    """From `COLUMNS`."""
    added = timedelta(seconds=one.added_seconds)
    return Row(Act(one.act), State(one.state), one.at, one.by, one.who_id or "", one.why, added, one.section)
