import base64
from dataclasses import dataclass, field
from typing import Literal

from lms_core.access.policy import Permission
from lms_core.kernel.api import Api
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import PollId, RoomId

from . import service, tables
from .core import Kind
from .service import Given, PollList, PollView, Question

api = Api()


@dataclass(frozen=True, slots=True)
class CreatePoll:
    """`right`: the right options, by their place from 0 on; then it is a quiz. `live`: all see the bars grow.
    `yes_no` and `text` have no options."""

    question: str = ""
    options: list[str] = field(default_factory=list)
    kind: Kind = "single"
    anonymous: bool = False
    right: list[int] = field(default_factory=list)
    live: bool = False
    may_change: bool = True
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """`choices`: options by their place from 0 on; `text`: where the answer is words."""

    choices: list[int] = field(default_factory=list)
    text: str = ""


@dataclass(frozen=True, slots=True)
class ClosePoll:
    pass


@dataclass(frozen=True, slots=True)
class PublishPoll:
    pass


@dataclass(frozen=True, slots=True)
class Answers:
    poll: PollView
    items: list[Given]


@dataclass(frozen=True, slots=True)
class AnswersFile:
    """`content`: a file in base64."""

    name: str
    type: str
    content: str


_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@api.route("GET", "/api/rooms/{room_id}/polls", needs=Permission.LESSON_JOIN)
async def list_polls(tx: Tx, room_id: RoomId) -> PollList:
    """A room's polls, the newest last; each as the reader may see it."""
    return await service.list_for(tx, room_id)


@api.route("POST", "/api/rooms/{room_id}/polls", needs=Permission.LESSON_JOIN)
async def create_poll(tx: Tx, room_id: RoomId, body: CreatePoll) -> PollView:
    """Ask a room.

    Refusals: poll_unfit, poll_too_long, too_many_polls.
    """
    wish = Question(
        body.kind,
        body.question,
        body.options,
        body.right,
        body.anonymous,
        body.live,
        body.may_change,
        body.place,
    )
    return await service.create(tx, room_id, wish)


@api.route("POST", "/api/polls/{poll_id}/votes", needs=Permission.LESSON_JOIN)
async def vote(tx: Tx, poll_id: PollId, body: Vote) -> PollView:
    """Answer, or answer anew until it is closed.

    Refusals: poll_closed, vote_unfit, poll_too_long, vote_is_final.
    """
    return await service.vote(tx, poll_id, body.choices, body.text)


@api.route("POST", "/api/polls/{poll_id}/close", needs=Permission.LESSON_JOIN)
async def close_poll(tx: Tx, poll_id: PollId, body: ClosePoll) -> PollView:
    """Take no more answers. Whose they were in an anonymous poll is forgotten now."""
    return await service.close(tx, poll_id)


@api.route("POST", "/api/polls/{poll_id}/publish", needs=Permission.LESSON_JOIN)
async def publish_poll(tx: Tx, poll_id: PollId, body: PublishPoll) -> PollView:
    """Show the result to all; that closes it."""
    return await service.publish(tx, poll_id)


@api.route("GET", "/api/polls/{poll_id}/answers", needs=Permission.LESSON_JOIN)
async def read_answers(tx: Tx, poll_id: PollId) -> Answers:
    """Who answered what, for who leads the lesson; of an anonymous poll only what."""
    return Answers(*await service.answers(tx, poll_id))


@api.route("GET", "/api/polls/{poll_id}/table", needs=Permission.LESSON_JOIN)
async def export_poll(
    tx: Tx, poll_id: PollId, format: Literal["csv", "xlsx"] = "xlsx", language: Literal["kk", "ru", "en"] = "kk"
) -> AnswersFile:
    """The answers as a file, for who leads the lesson."""
    poll, given = await service.answers(tx, poll_id)
    lines = tables.rows(poll, given, language)
    content, kind = (tables.as_csv(lines), "text/csv") if format == "csv" else (tables.as_excel(lines), _EXCEL)
    return AnswersFile(f"poll.{format}", kind, base64.b64encode(content).decode())
