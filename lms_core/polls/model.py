from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import PersonId, PollId, RoomId, UnitId, VoteId, id_column
from lms_core.kernel.personal import Blanked, Kept, Personal
from lms_core.kernel.tables import Table

ASKED = Kept("what a class answered to", "1y", "house rule", date(2026, 11, 1))


class Poll(Table):
    """A question to a room. `options` and `right`: `{"items": […]}`; `live`: all see the bars grow.

    pii: who asked, keep: 1y
    """

    __tablename__ = "polls"
    personal = Personal(("author_id",), ASKED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[PollId] = id_column("poll", primary_key=True)
    room_id: Mapped[RoomId] = id_column("room")
    author_id: Mapped[PersonId] = id_column("person")
    kind: Mapped[str]
    question: Mapped[str]
    options: Mapped[dict[str, Any]]
    right: Mapped[dict[str, Any]]
    anonymous: Mapped[bool]
    live: Mapped[bool]
    may_change: Mapped[bool]
    place: Mapped[str | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_polls_room", "organisation_id", "room_id"),
        Index("ix_polls_one", "id"),
        Index("ix_polls_opened_at", "opened_at"),
    )


class PollVote(Table):
    """One person's answer. `person_id` goes when an anonymous poll is closed: nobody can find out any more.

    pii: what a person answered, keep: 1y
    """

    __tablename__ = "poll_votes"
    personal = Personal(("person_id",), Blanked({"person_id": None, "text": ""}))
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    poll_id: Mapped[PollId] = id_column("poll", primary_key=True)
    id: Mapped[VoteId] = id_column("vote", primary_key=True)
    person_id: Mapped[PersonId | None] = id_column("person")
    choices: Mapped[dict[str, Any]]
    text: Mapped[str]
    voted_at: Mapped[datetime]
    __table_args__ = (Index("ix_poll_votes_person", "organisation_id", "poll_id", "person_id", unique=True),)


class PollTally(Table):
    """When the counts of a poll were last told, and whether a job will tell them again."""

    __tablename__ = "poll_tallies"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    poll_id: Mapped[PollId] = id_column("poll", primary_key=True)
    told_at: Mapped[datetime]
    due: Mapped[bool] = mapped_column(default=False)
