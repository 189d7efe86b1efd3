"""What happens in a recorded room, written down with its time: from the room's announcements and from the outbox."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database
from lms_core.kernel.failures import Busy, DatabaseUnavailable
from lms_core.kernel.ids import MomentId, PersonId, RoomId, id_from_int, id_to_int
from lms_core.recordings import moments
from lms_core.recordings.moments import Happened
from media.rooms import Rooms

from .recording import Recordings
from .relay import Told

WRITE_EVERY: Final = 1.0
MOST_WAITING: Final = 20_000
READS_ALOUD: Final = 15.0
"""Letters a second, for how long a caption stays."""


class Moments:
    """Hears what the rooms of this process announce, while they are recorded."""

    def __init__(self, db: Database, clock: Clock, rooms: Rooms, recorded: Recordings) -> None:
        self._db, self._clock, self._rooms, self._recorded = db, clock, rooms, recorded
        self._waiting: list[Happened] = []
        self._rooms_seen: dict[str, _Seen] = {}
        rooms.on_told(self._hear)

    async def heard(self, told: Told) -> None:
        """Of what was written in a room the process takes note that has the room; of what was taken back, every
        one."""
        happened = of_event(told)
        if happened is None or len(self._waiting) >= MOST_WAITING:
            return
        if happened.room_id in self._rooms_seen or not happened.body:
            self._waiting.append(happened)

    async def run(self) -> None:
        """Until cancelled: writes what was heard."""
        while True:
            await self._clock.sleep(WRITE_EVERY)
            self._begin()
            if self._waiting:
                await self.write()

    async def write(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            await self._db.run(SYSTEM, lambda tx: moments.note(tx, waiting))
        except (DatabaseUnavailable, Busy):
            self._waiting = waiting + self._waiting

    def _begin(self) -> None:
        """Who is there when a recording begins, and what is shown then, is its first page."""
        for room_id, one in self._recorded.on.items():
            if not self._rooms.holds(room_id):
                continue
            seen = self._rooms_seen.get(room_id)
            if seen is None or seen.recording != one.id:
                seen = self._rooms_seen[room_id] = _Seen(one.id)
                if snapshot := self._rooms.snapshot(room_id):
                    self._take(room_id, seen.first(snapshot), self._clock.now())
        for room_id in [name for name in self._rooms_seen if name not in self._recorded.on]:
            del self._rooms_seen[room_id]

    def _hear(self, room_id: str, name: str, body: dict[str, Any]) -> None:
        if (seen := self._rooms_seen.get(room_id)) and len(self._waiting) < MOST_WAITING:
            self._take(room_id, seen.told(name, body), self._clock.now())

    def _take(self, room_id: str, told: Iterable[tuple[str, dict[str, Any], str | None]], at: datetime) -> None:
        for kind, body, person in told:
            self._waiting.append(Happened(RoomId(room_id), at, kind, body, PersonId(person) if person else None))


class _Seen:
    """What was last known of a room, to tell what is new in it."""

    def __init__(self, recording: str) -> None:
        self.recording = recording
        self._persons: dict[str, str] = {}
        self._hands: set[str] = set()
        self._leading: dict[str, Any] = {}

    def first(self, snapshot: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any], str | None]]:
        for participant in snapshot["participants"]:
            yield from self._entered(participant)
        yield from self._led(snapshot.get("leading", {}))

    def told(self, name: str, body: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any], str | None]]:
        who = body.get("participant_id", "")
        match name:
            case "participant_entered":
                yield from self._entered(body["participant"])
            case "participant_changed":
                yield from self._hand(body["participant"])
            case "participant_left":
                self._hands.discard(who)
                yield "left", {"participant_id": who}, self._persons.pop(who, None)
            case "hands_lowered":
                for one in body["participant_ids"]:
                    self._hands.discard(one)
                    yield "hand", {"participant_id": one, "raised": False}, self._persons.get(one)
            case "speaking":
                yield "speaking", {"participant_ids": body["participant_ids"]}, None
            case "reaction":
                yield "reaction", {"participant_id": who, "kind": body["kind"]}, self._persons.get(who)
            case "caption" if body["final"] and body["text"]:
                lasts = round(max(1.5, min(10.0, len(body["text"]) / READS_ALOUD)), 1)
                said = {"participant_id": who, "text": body["text"], "lasts_s": lasts}
                yield "caption", said, self._persons.get(who)
            case "leading_changed":
                yield from self._led(body["leading"])

    def _entered(self, participant: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any], str | None]]:
        self._persons[participant["id"]] = participant["person_id"]
        yield "entered", {"participant_id": participant["id"]}, participant["person_id"]
        yield from self._hand(participant)

    def _hand(self, participant: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any], str | None]]:
        raised, who = participant.get("hand_at") is not None, participant["id"]
        if raised != (who in self._hands):
            self._hands ^= {who}
            yield "hand", {"participant_id": who, "raised": raised}, participant["person_id"]

    def _led(self, leading: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any], str | None]]:
        before, self._leading = self._leading, leading
        nothing = {"kind": None, "id": None, "page": 0}
        if leading.get("showing") != before.get("showing"):
            yield "showing", leading.get("showing") or nothing, None
        if leading.get("spotlight") != before.get("spotlight"):
            yield "spotlight", {"participant_id": leading.get("spotlight")}, None
        items = (leading.get("breakouts") or {}).get("items", [])
        if items != (before.get("breakouts") or {}).get("items", []):
            yield "breakout", {"items": items}, None


def of_event(told: Told) -> Happened | None:
    """What an event of the outbox is in a recording."""
    body = told.body
    match told.name:
        case "messages.message_posted":
            said = {"message_id": body["message_id"], "text": body["text"]}
            return _message(body, body["sent_at"], body["author_id"], said)
        case "messages.message_told":
            view = body["message"]
            files = [{"id": one["id"], "name": one["name"]} for one in view["files"]]
            said = {"message_id": body["message_id"], "text": view["text"], "files": files}
            return _message(body, view["sent_at"], view["author"]["id"], {} if view["deleted"] else said)
        case "polls.poll_opened":
            return _poll(body, body["opened_at"], "open", "question", "options")
        case "polls.poll_closed":
            return _poll(body, body["closed_at"], "closed", "right")
        case _:
            return None


def _message(body: dict[str, Any], at: str, author: str, said: dict[str, Any]) -> Happened:
    key = MomentId(id_from_int("moment", id_to_int("message", body["message_id"])))
    return Happened(RoomId(body["room_id"]), datetime.fromisoformat(at), "message", said, PersonId(author), key)


def _poll(body: dict[str, Any], at: str, state: str, *names: str) -> Happened:
    said = {"poll_id": body["poll_id"], "state": state, **{name: body[name] for name in names}}
    return Happened(RoomId(body["room_id"]), datetime.fromisoformat(at), "poll", said)
