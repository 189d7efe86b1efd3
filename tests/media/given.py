"""Grants and offers for tests of rooms."""

from dataclasses import replace

from media.grant import SOURCES, Grant
from media.plane import seam
from media.room_io import Wish

ALL = frozenset(SOURCES)


def grant(who: str = "anna", room: str = "room_1", **changes: object) -> Grant:
    """A teacher's grant for `anna`, a learner's for anybody else; participant part_x of person_x."""
    teacher = who == "anna"
    made = Grant(
        participant=f"part_{who}",
        room=room,
        person=f"person_{who}",
        name=who.title(),
        role="lead" if teacher else "join",
        publish=ALL,
        hear=True,
        moderate=teacher,
        issued_at=1000.0,
        expires_at=5000.0,
        resources=3,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def wishes(*sources: str) -> tuple[Wish, ...]:
    return tuple(Wish(str(mid), source) for mid, source in enumerate(sources))


def tracks(transport: str, *sources: str, ended: tuple[str, ...] = ()) -> tuple[seam.TrackInfo, ...]:
    """What a plane reports of an offer whose m-line 0, 1, … carries these sources."""
    return tuple(
        seam.TrackInfo(str(mid), SOURCES[source], f"{transport}:{mid}", source not in ended)
        for mid, source in enumerate(sources)
    )
