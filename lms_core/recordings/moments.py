"""Timed events of recordings: written as they happen, by room; with ids, never names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import MomentId, PersonId, RoomId

from .core import State
from .model import Moment, Recording


@dataclass(frozen=True, slots=True)
class Happened:
    """`key`: what tells one thing's later versions from others; the newest counts, an empty body takes it back."""

    room_id: RoomId
    at: datetime
    kind: str
    body: dict[str, Any]
    person: PersonId | None = None
    key: MomentId | None = None


async def note(tx: Tx, happened: Sequence[Happened]) -> None:
    """Write down what happened in rooms that are, or were then, being recorded."""
    for one in happened:
        here = (Recording.room_id == one.room_id) & (Recording.started_at <= one.at)
        newest = select(Recording).where(here, Recording.state != State.DELETING).order_by(Recording.started_at.desc())
        row = await tx.one(newest)
        if row is None or (row.ended_at is not None and row.ended_at < one.at):
            continue
        id_ = one.key or MomentId(tx.new_id("moment"))
        known = await tx.get(Moment, (row.organisation_id, row.id, id_)) if one.key else None
        if known is not None:
            known.body = one.body
        elif one.body:
            moment = Moment(
                organisation_id=row.organisation_id,
                recording_id=row.id,
                id=id_,
                at_s=round((one.at - row.started_at).total_seconds(), 3),
                kind=one.kind,
                person_id=one.person,
                body=one.body,
            )
            tx.add(moment)
