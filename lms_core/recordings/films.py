"""The file of a whole recording, made when somebody asks for it: one at a time, with progress and a stated cost."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import or_, select

from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import RecordingId
from lms_core.people import service as people

from . import core
from .core import State
from .events import FilmWanted
from .model import Film, Moment, Recording

COST = 0.35
"""Seconds of work (CPU) a second of recording takes, about."""
LEASE = timedelta(minutes=5)
TRIES = 3


@dataclass(frozen=True, slots=True)
class FilmState:
    state: Literal["waiting", "working", "ready", "failed"]
    progress: float
    cost_s: float
    key: str | None
    size: int


async def ask(tx: Tx, recording: RecordingId) -> FilmState:
    """How far the film is; the first who asks has it made. Raises NotFound, RecordingNotReady."""
    row = await tx.one(select(Recording).where(Recording.id == recording))
    if row is None:
        raise NotFound(kind="recording")
    if row.state != State.READY or row.ended_at is None:
        raise core.RecordingNotReady
    film = await tx.get(Film, (row.organisation_id, recording))
    if film is None:
        film = Film(
            organisation_id=row.organisation_id, recording_id=recording, state="waiting", asked_at=tx.now,
            progress=0.0, tries=0, size=0,
        )  # fmt: skip
        tx.add(film)
        tx.emit(FilmWanted(organisation_id=row.organisation_id, recording_id=recording))
    cost = round((row.ended_at - row.started_at).total_seconds() * COST, 1)
    return FilmState(film.state, film.progress, cost, film.file_key, film.size)  # type: ignore[arg-type]


async def take(tx: Tx) -> tuple[Recording, Film] | None:
    """The film to be made next, leased; None when there is none."""
    free = or_(Film.leased.is_(None), Film.leased < tx.now)
    waits = Film.state.in_(("waiting", "working")) & free
    film = await tx.one(select(Film).where(waits).order_by(Film.asked_at).with_for_update(skip_locked=True))
    row = film and await tx.get(Recording, (film.organisation_id, film.recording_id))
    if film is None or row is None:
        return None
    film.tries += 1
    if film.tries > TRIES:
        film.state = "failed"
        return None
    film.state, film.leased, film.progress = "working", tx.now + LEASE, 0.0
    return row, film


async def speakers(tx: Tx, row: Recording) -> list[tuple[float, list[str]]]:
    """Who spoke from which second on."""
    here = (Moment.organisation_id == row.organisation_id) & (Moment.recording_id == row.id)
    query = select(Moment.at_s, Moment.body).where(here, Moment.kind == "speaking").order_by(Moment.at_s)
    return [(at, body["participant_ids"]) for at, body in await tx.rows(query)]


async def messages(tx: Tx, row: Recording) -> list[tuple[float, str, str]]:
    """What was written to all, with its second and the author's name; what was taken back is not."""
    here = (Moment.organisation_id == row.organisation_id) & (Moment.recording_id == row.id)
    query = select(Moment.at_s, Moment.person_id, Moment.body).where(here, Moment.kind == "message")
    rows = await tx.rows(query.order_by(Moment.at_s, Moment.id))
    names = await people.names(tx, {person for _, person, _ in rows if person})
    return [
        (at, names.get(person, "") if person else "", body["text"]) for at, person, body in rows if body.get("text")
    ]


async def went_on(tx: Tx, film: Film, progress: float) -> None:
    row = await tx.get(Film, (film.organisation_id, film.recording_id))
    if row is not None:
        row.progress, row.leased = min(progress, 1.0), tx.now + LEASE


async def made(tx: Tx, film: Film, key: str | None, size: int) -> None:
    """Its file is there; without a key nothing could be made."""
    row = await tx.get(Film, (film.organisation_id, film.recording_id))
    if row is not None:
        row.state, row.progress, row.file_key, row.size = ("ready" if key else "failed"), 1.0, key, size
        row.leased = None
