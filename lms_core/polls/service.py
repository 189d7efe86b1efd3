"""Asking, answering, counting."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from lms_core.access.policy import Permission
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import PersonId, PollId, RoomId, UnitId, VoteId
from lms_core.lessons import service as lessons
from lms_core.people import service as people

from . import core
from .core import Kind
from .events import PollClosed, PollCounted, PollCountedForLeaders, PollOpened, PollPublished, Voted
from .model import Poll, PollTally, PollVote


@dataclass(frozen=True, slots=True)
class Answer:
    """What one chose: options by their place from 0 on, or words."""

    choices: list[int]
    text: str


@dataclass(frozen=True, slots=True)
class PollView:
    """A poll as one person sees it. Of the kind `yes_no` the options are the codes `yes` and `no`.

    `counts` (of each option) and `voters`: for who leads, for all while `live`, and once it is published. `right`: the
    right options of a quiz, once it is closed; for who leads at once. `mine`: the reader's own answer.
    """

    id: PollId
    room_id: RoomId
    author_id: PersonId
    kind: Kind
    question: str
    options: list[str]
    anonymous: bool
    quiz: bool
    live: bool
    may_change: bool
    place: str | None
    opened_at: datetime
    closed_at: datetime | None
    published: bool
    counts: list[int] | None
    voters: int | None
    right: list[int] | None
    mine: Answer | None


@dataclass(frozen=True, slots=True)
class PollList:
    """`position`: of the room's stream, read before the items. `leads`: whether the reader leads the lesson."""

    position: int
    items: list[PollView]
    leads: bool


@dataclass(frozen=True, slots=True)
class Question:
    kind: Kind
    question: str
    options: Sequence[str]
    right: Sequence[int]
    anonymous: bool
    live: bool
    may_change: bool
    place: str | None


@dataclass(frozen=True, slots=True)
class Voter:
    id: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class Given:
    """An answer, for who leads. `voter` and `at`: None in an anonymous poll."""

    voter: Voter | None
    at: datetime | None
    choices: list[int]
    text: str


async def list_for(tx: Tx, room_id: RoomId) -> PollList:
    """A room's polls, the newest last. Raises NotFound, Forbidden."""
    there = await lessons.in_room_for(tx, room_id, Permission.LESSON_JOIN)
    organisation = there.lesson.organisation_id
    position = await tx.position(organisation)
    query = select(Poll).where(Poll.organisation_id == organisation, Poll.room_id == room_id).order_by(Poll.id)
    rows = await tx.all(query)
    return PollList(position, await _views(tx, rows, leads=there.leads), there.leads)


async def create(tx: Tx, room_id: RoomId, wish: Question) -> PollView:
    """Ask a room. Raises NotFound, Forbidden (only who leads asks), PollUnfit, PollTooLong, TooManyPolls."""
    lesson = await lessons.lead_room(tx, room_id)
    here = (Poll.organisation_id == lesson.organisation_id) & (Poll.room_id == room_id)
    if (await tx.one(select(func.count()).select_from(Poll).where(here)) or 0) >= core.MOST_POLLS:
        raise core.TooManyPolls(limit=core.MOST_POLLS)
    options = core.clean_options(wish.options, wish.kind)
    row = Poll(
        organisation_id=lesson.organisation_id,
        id=PollId(tx.new_id("poll")),
        room_id=room_id,
        author_id=tx.actor.id,
        kind=wish.kind,
        question=core.clean_question(wish.question, wish.kind),
        options={"items": options},
        right={"items": core.check_right(wish.right, len(options), wish.kind)},
        anonymous=wish.anonymous,
        live=wish.live,
        may_change=wish.may_change,
        place=None if wish.place in (None, "", "main") else wish.place[:64],
        opened_at=tx.now,
    )
    tx.add(row)
    fact = PollOpened(
        organisation_id=row.organisation_id,
        room_id=room_id,
        poll_id=row.id,
        author_id=row.author_id,
        kind=row.kind,
        question=row.question,
        options=options,
        anonymous=row.anonymous,
        quiz=bool(row.right["items"]),
        live=row.live,
        may_change=row.may_change,
        place=row.place,
        opened_at=row.opened_at,
    )
    tx.emit(fact)
    await tx.flush()
    return await _view(tx, row, leads=True)


async def vote(tx: Tx, poll_id: PollId, choices: Sequence[int], text: str) -> PollView:
    """Answer, or answer anew. The same answer twice is as once.

    Raises NotFound, Forbidden, PollClosed, VoteUnfit, PollTooLong, VoteIsFinal.
    """
    row = await _row(tx, poll_id)
    there = await lessons.in_room_for(tx, row.room_id, Permission.LESSON_JOIN)
    if row.closed_at:
        raise core.PollClosed
    chosen, text = core.check_vote(choices, text, len(_items(row.options)), row.kind)  # type: ignore[arg-type]
    mine = await tx.one(_votes(row).where(PollVote.person_id == tx.actor.id))
    same = mine is not None and (_items(mine.choices), mine.text) == (chosen, text)
    if mine and not same and not row.may_change:
        raise core.VoteIsFinal
    if mine is None:
        mine = PollVote(
            organisation_id=row.organisation_id,
            poll_id=row.id,
            id=VoteId(tx.new_id("vote")),
            person_id=tx.actor.id,
        )
        tx.add(mine)
    if not same:
        mine.choices, mine.text, mine.voted_at = {"items": chosen}, text, tx.now
        await tx.flush()
        tx.emit(Voted(organisation_id=row.organisation_id, room_id=row.room_id, poll_id=row.id))
    return await _view(tx, row, leads=there.leads)


async def close(tx: Tx, poll_id: PollId) -> PollView:
    """No more answers from now on; twice is as once. Raises NotFound, Forbidden."""
    row = await _led(tx, poll_id)
    await _close(tx, row)
    return await _view(tx, row, leads=True)


async def publish(tx: Tx, poll_id: PollId) -> PollView:
    """Show all what came out, which closes it; twice is as once. Raises NotFound, Forbidden."""
    row = await _led(tx, poll_id)
    await _close(tx, row)
    if row.published_at is None:
        row.published_at = tx.now
        counts, voters = (await _counts(tx, [row]))[row.id]
        fact = PollPublished(
            organisation_id=row.organisation_id, room_id=row.room_id, poll_id=row.id, counts=counts, voters=voters
        )
        tx.emit(fact)
    return await _view(tx, row, leads=True)


async def answers(tx: Tx, poll_id: PollId) -> tuple[PollView, list[Given]]:
    """Who answered what, by name; of an anonymous poll only what, in no order of time. Raises NotFound, Forbidden."""
    row = await _led(tx, poll_id)
    votes = await tx.all(_votes(row))
    names = {} if row.anonymous else await people.names(tx, {one.person_id for one in votes if one.person_id})
    given = [
        Given(
            Voter(one.person_id, names[one.person_id]) if one.person_id in names else None,
            None if row.anonymous else one.voted_at,
            _items(one.choices),
            one.text,
        )
        for one in votes
    ]
    given.sort(key=lambda one: (one.voter.name if one.voter else "", one.choices, one.text))
    return await _view(tx, row, leads=True), given


async def tell_counts(tx: Tx, organisation: UnitId, poll_id: PollId) -> None:
    """Who may see how many answered what is told it."""
    if row := await tx.get(Poll, (organisation, poll_id)):
        await _tell_counts(tx, row)


async def answered(tx: Tx, organisation: UnitId, room_id: RoomId) -> tuple[int, dict[PersonId, int]]:
    """How many polls with names a room had, and how many of them each person answered."""
    named = (Poll.organisation_id == organisation) & (Poll.room_id == room_id) & Poll.anonymous.is_(False)
    polls = list(await tx.all(select(Poll.id).where(named)))
    here = (PollVote.organisation_id == organisation) & PollVote.poll_id.in_(polls) & PollVote.person_id.is_not(None)
    query = select(PollVote.person_id, func.count()).where(here).group_by(PollVote.person_id)
    return len(polls), {person: count for person, count in await tx.rows(query) if person}


async def forget_old(tx: Tx) -> None:
    old = select(Poll.id).where(Poll.opened_at < tx.now - core.KEEP)
    await tx.execute(delete(PollVote).where(PollVote.poll_id.in_(old)))
    await tx.execute(delete(PollTally).where(PollTally.poll_id.in_(old)))
    await tx.execute(delete(Poll).where(Poll.opened_at < tx.now - core.KEEP))


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    for table in (PollVote, PollTally, Poll):
        await tx.execute(delete(table).where(table.organisation_id == organisation))


async def _close(tx: Tx, row: Poll) -> None:
    if row.closed_at:
        return
    row.closed_at = tx.now
    if row.anonymous:
        here = (PollVote.organisation_id == row.organisation_id) & (PollVote.poll_id == row.id)
        await tx.execute(update(PollVote).where(here).values(person_id=None))
    fact = PollClosed(
        organisation_id=row.organisation_id,
        room_id=row.room_id,
        poll_id=row.id,
        closed_at=tx.now,
        right=_items(row.right),
    )
    tx.emit(fact)
    await _tell_counts(tx, row)


async def _tell_counts(tx: Tx, row: Poll) -> None:
    counts, voters = (await _counts(tx, [row]))[row.id]
    kind = PollCounted if row.live else PollCountedForLeaders
    fact = kind(organisation_id=row.organisation_id, room_id=row.room_id, poll_id=row.id, counts=counts, voters=voters)
    tx.emit(fact)


async def _row(tx: Tx, poll_id: PollId) -> Poll:
    """Raises NotFound."""
    row = await tx.one(select(Poll).where(Poll.id == poll_id))
    if row is None:
        raise NotFound(kind="poll")
    return row


async def _led(tx: Tx, poll_id: PollId) -> Poll:
    """A poll of a room that the actor leads. Raises NotFound, Forbidden."""
    row = await _row(tx, poll_id)
    there = await lessons.in_room_for(tx, row.room_id, Permission.LESSON_JOIN)
    if not there.leads:
        raise Forbidden(needs=Permission.LESSON_LEAD)
    return row


def _votes(row: Poll) -> Any:
    return select(PollVote).where(PollVote.organisation_id == row.organisation_id, PollVote.poll_id == row.id)


def _items(kept: dict[str, Any]) -> list[Any]:
    return list(kept["items"])


async def _counts(tx: Tx, rows: Collection[Poll]) -> dict[PollId, tuple[list[int], int]]:
    """Of each poll: how many chose each option, and how many answered."""
    if not rows:
        return {}
    organisation = next(iter(rows)).organisation_id
    query = select(PollVote.poll_id, PollVote.choices).where(
        PollVote.organisation_id == organisation, PollVote.poll_id.in_([row.id for row in rows])
    )
    chosen: dict[PollId, list[list[int]]] = {row.id: [] for row in rows}
    for poll, choices in await tx.rows(query):
        chosen[poll].append(_items(choices))
    return {row.id: (core.counted(chosen[row.id], len(_items(row.options))), len(chosen[row.id])) for row in rows}


async def _view(tx: Tx, row: Poll, *, leads: bool) -> PollView:
    return (await _views(tx, [row], leads=leads))[0]


async def _views(tx: Tx, rows: Sequence[Poll], *, leads: bool) -> list[PollView]:
    if not rows:
        return []
    counts = await _counts(tx, rows)
    own = select(PollVote).where(
        PollVote.organisation_id == rows[0].organisation_id,
        PollVote.poll_id.in_([row.id for row in rows]),
        PollVote.person_id == tx.actor.id,
    )
    mine = {one.poll_id: Answer(_items(one.choices), one.text) for one in await tx.all(own)}
    return [_seen(row, *counts[row.id], mine.get(row.id), leads=leads) for row in rows]


def _seen(row: Poll, counts: list[int], voters: int, mine: Answer | None, *, leads: bool) -> PollView:
    told = leads or row.live or row.published_at is not None
    right = _items(row.right)
    return PollView(
        id=row.id,
        room_id=row.room_id,
        author_id=row.author_id,
        kind=row.kind,  # type: ignore[arg-type]
        question=row.question,
        options=_items(row.options),
        anonymous=row.anonymous,
        quiz=bool(right),
        live=row.live,
        may_change=row.may_change,
        place=row.place,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        published=row.published_at is not None,
        counts=counts if told else None,
        voters=voters if told else None,
        right=right if leads or row.closed_at else None,
        mine=mine,
    )
