"""What of a room outlives the process that holds it: who is there, with which rights, and who was silenced.

Connections, transports and publications end with their process; of them only the names of transports are
kept, so that each browser is told which of its own are gone. The snapshot is plain JSON:

    {format, room_id, version, participants: [{grant, since, transports, silenced}]}

`since` is in epoch seconds, `transports` are those that its participant must be told are lost, `silenced`
the sources that another person muted. Beside them stands what Doing.kept answers; a snapshot without it is one of
a room in which nothing was led.
"""

from collections.abc import Mapping
from typing import Any, Final

from .grant import from_claims, to_claims
from .room_people import People
from .room_stage import Stage
from .room_state import Participant

FORMAT: Final = 1
SPOKE_STEP: Final = 30.0
"""Seconds in which speech is kept, so that a word is no reason to write."""
VERSIONS_APART: Final = 1_000_000
"""A restored room counts on from so far above its snapshot that no signal of its former life can follow."""


def durable(room_id: str, version: int, people: People, stage: Stage, wall: float) -> dict[str, Any]:
    """The snapshot. `wall` turns the room's seconds into epoch seconds when added."""
    participants = [
        {
            "grant": to_claims(one.grant),
            "since": round(one.since + wall, 3),
            "transports": [*one.unheard, *(path.id for path in stage.of(one.id, "up", "down") if path.opened)],
            "silenced": stage.silenced_of(one.id),
            "spoke": one.spoke // SPOKE_STEP * SPOKE_STEP,
        }
        for one in people.present.values()
    ]
    return {"format": FORMAT, "room_id": room_id, "version": version, "participants": participants}


def restore(snapshot: Mapping[str, Any], people: People, stage: Stage, now: float, wall: float, seen: float) -> int:
    """Put back who was there, nobody connected yet; answers the version to go on from.

    `seen`: until when (room's seconds) they are known to have been there. Raises ValueError for a snapshot
    of another format, and like KeyError for one that is broken.
    """
    if snapshot["format"] != FORMAT:
        raise ValueError(f"a room's snapshot of format {snapshot['format']!r}")
    back = [_participant(kept, now, wall, seen) for kept in snapshot["participants"]]
    for one, kept in zip(back, snapshot["participants"], strict=True):
        people.present[one.id] = one
        one.standing = people.stand(one.grant.person)
        one.standing.silenced |= set(kept["silenced"])
    return int(snapshot["version"]) + VERSIONS_APART


def _participant(kept: Mapping[str, Any], now: float, wall: float, seen: float) -> Participant:
    since = min(now, kept["since"] - wall)
    return Participant(
        from_claims(kept["grant"]),
        since,
        gone_at=now,
        seen_until=min(now, max(since, seen)),
        connected=False,
        spoke=kept.get("spoke", 0.0),
        unheard=list(kept["transports"]),
    )
