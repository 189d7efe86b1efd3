"""How one's own ways up and down are: told to who asks of their own, in a room, and not too often."""

from typing import Any

import pytest

from tests.support.story import Person, refused
from tests.support.world import NullPlanes, World

LINE = {"estimate": 900_000, "loss": 0.031, "round_trip": 0.12, "queueing_delay": 0.4}
UNKNOWN = {"packets": 0, "bytes": None, "lost": None, "repaired": 0, "asked": 0, "given_up": None}


def viewer(line: dict[str, Any] | None = None, *whys: str | None, kind: str = "receiver") -> dict[str, Any]:
    gets = {f"tr:{number}": [0, why] for number, why in enumerate(whys)}
    return {"kind": kind, "connected": True, "line": line, "gets": gets}


async def enters(person: Person, lesson: str) -> None:
    grant = (await person.joins(lesson))["grant"]
    await person.commands("enter", {"grant": grant})


async def test_only_ones_own_ways_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    async def look(self: NullPlanes, transport: str) -> dict[str, Any]:
        looked.append(transport)
        counts = {"up": {}, "down": {"tr:0": {"packets": 3, "bytes": 300, "repaired": 1, "asked": 2, "as": "rtx"}}}
        return viewer(LINE, "line", None) | {"counts": counts}

    monkeypatch.setattr(NullPlanes, "look", look)
    anna, misha = await world.enters("anna", "misha")
    for person in (anna, misha):
        await enters(person, world.school.algebra.id)
    assert (await anna.commands("lines", {}))["ways"] == []
    theirs = (await misha.commands("receive", {}))["transport_id"]
    assert (await anna.commands("lines", {}))["ways"] == []
    mine = (await anna.commands("receive", {}))["transport_id"]
    (way,) = (await anna.commands("lines", {}))["ways"]
    assert way == {
        "way": "down",
        "known": True,
        "connected": True,
        "line": LINE,
        "counts": UNKNOWN | {"packets": 3, "bytes": 300, "repaired": 1, "asked": 2},
        "pictures": [
            {"publication_id": "tr:0", "layer": 0, "why": "line"},
            {"publication_id": "tr:1", "layer": 0, "why": None},
        ],
    }
    assert (looked, theirs in looked) == ([mine], False)


async def test_a_plane_that_does_not_say_is_told_so(world: World) -> None:
    (anna,) = await world.enters("anna")
    await enters(anna, world.school.algebra.id)
    await anna.commands("receive", {})
    (way,) = (await anna.commands("lines", {}))["ways"]
    assert (way["known"], way["connected"], way["line"], way["counts"]) == (False, False, None, UNKNOWN)


async def test_who_is_in_no_room_is_refused(world: World) -> None:
    (anna,) = await world.enters("anna")
    with refused("not_entered"):
        await anna.commands("lines", {})
    await enters(anna, world.school.algebra.id)
    await anna.commands("leave", {})
    with refused("not_entered"):
        await anna.commands("lines", {})


async def test_planes_are_not_asked_more_often_than_once_a_second(world: World) -> None:
    (anna,) = await world.enters("anna")
    await enters(anna, world.school.algebra.id)
    for _ in range(10):
        await anna.commands("lines", {})
    with refused("too_many_attempts", 429):
        await anna.commands("lines", {})
    await world.clock.advance(10)
    await anna.commands("lines", {})


async def test_metrics_tell_of_lines_by_plane_and_never_by_viewer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    transports = {
        "tr_a": viewer(),
        "tr_b": viewer(LINE, "line", "size"),
        "tr_c": viewer(LINE | {"loss": 0.0}, None, kind="viewer"),
        "tr_d": viewer(LINE | {"estimate": 5_000_000, "loss": 0.0}, "off"),
        "tr_e": viewer() | {"connected": False},
        "tr_f": viewer(kind="publisher"),
        "leg": viewer(LINE, kind="leg"),
    }

    async def dump(self: NullPlanes) -> list[dict[str, Any]]:
        plane = {"plane": 0, "up": True, "deaths": 0, "rooms": 1, "transports": 6}
        return [plane | {"own": {"wire": {"repaired": 7}, "transports": transports}}]

    monkeypatch.setattr(NullPlanes, "dump", dump)
    async with world.http.get("/metrics") as answer:
        text = await answer.text()
    for line in (
        'sabaq_plane_viewers{carries="below_300k",plane="0"} 0.0',
        'sabaq_plane_viewers{carries="below_1m",plane="0"} 2.0',
        'sabaq_plane_viewers{carries="more",plane="0"} 1.0',
        'sabaq_plane_viewers{carries="unknown",plane="0"} 1.0',
        'sabaq_plane_viewers_limited{plane="0"} 1.0',
        'sabaq_plane_viewers_lossy{plane="0"} 1.0',
        'sabaq_plane_counter{name="repaired",plane="0"} 7.0',
    ):
        assert line in text, line
    assert "tr_" not in text
