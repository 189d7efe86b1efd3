from dataclasses import dataclass
from typing import Any, Literal

from lms_core.kernel.api import SELF, Api
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import PersonId, RecordingId

from . import consents, service
from .consents import ConsentView

api = Api()

Kind = Literal[
    "message", "reaction", "hand", "poll", "caption", "speaking", "showing", "spotlight",
    "entered", "left", "breakout", "chapter",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class EventView:
    """`at_s`: seconds since the recording's start. `body` by kind: message {name, text}, reaction {participant_id,
    kind}, hand {participant_id, name, raised}, poll {poll_id, state, …}, caption {name, text, lasts_s}, speaking
    {participant_ids}, showing {kind, id, page}, spotlight {participant_id}, entered {participant_id, name}, left
    {participant_id}, breakout {items}, chapter {title}."""

    at_s: float
    kind: Kind
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventList:
    """In order. `more`: ask again with `after` the last one's second."""

    items: list[EventView]
    more: bool


@dataclass(frozen=True, slots=True)
class ConsentList:
    """The asker's own first, then their children's."""

    items: list[ConsentView]


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """Without `person_id`: for oneself."""

    agrees: bool
    person_id: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Deleting:
    recording_id: RecordingId


@api.route("GET", "/api/recordings/{recording_id}/events", needs=SELF)
async def recording_events(tx: Tx, recording_id: RecordingId, after: float = -1.0) -> EventList:
    """What happened while it was recorded, after a second of it."""
    rows, more = await service.events_for(tx, recording_id, after)
    return EventList([EventView(*row) for row in rows], more)  # type: ignore[arg-type]


@api.route("DELETE", "/api/recordings/{recording_id}", needs=SELF)
async def delete_recording(tx: Tx, recording_id: RecordingId) -> Deleting:
    """Delete a recording for everybody; who leads the lesson may.

    Refusals: recording_not_ready.
    """
    await service.remove(tx, recording_id)
    return Deleting(recording_id)


@api.route("GET", "/api/me/consents", needs=SELF)
async def list_consents(tx: Tx) -> ConsentList:
    """Whether I and my children may be recorded."""
    return ConsentList(await consents.list_for(tx))


@api.route("PUT", "/api/me/consents", needs=SELF)
async def give_consent(tx: Tx, body: GiveConsent) -> ConsentList:
    """Agree to be recorded, or take that back; as a guardian for one's child."""
    await consents.give(tx, body.person_id or tx.actor.id, body.agrees)
    return ConsentList(await consents.list_for(tx))
