"""Whiteboards, notes and slides of a lesson's room, told by the people who draw, write and read."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select

from lms_core.boards import core
from lms_core.boards import service as boards
from lms_core.boards.model import Board, BoardState, BoardUpdate
from lms_core.kernel.ids import new_id
from tests.lms_core.boards.drawn import typed
from tests.support.story import PATIENCE, Person, refused
from tests.support.world import World

Json = dict[str, Any]


def text(update: bytes) -> str:
    return base64.b64encode(update).decode()


class Hand:
    """Somebody in the room, and the changes of boards they were told."""

    def __init__(self, person: Person) -> None:
        self.person, self.told = person, asyncio.Queue[Json]()

    async def enters(self, lesson_id: str) -> "Hand":
        joined = await self.person.joins(lesson_id)
        (await self.person.connects()).on("signal", self._hear)
        self.room_id = joined["room_id"]
        self.participant_id = (await self.person.commands("enter", {"grant": joined["grant"]}))["participant_id"]
        return self

    async def finds(self, kind: str = "board") -> Json:
        return await self.person.commands("board_find", {"kind": kind})

    async def opens(self, board_id: str, after: int = 0) -> Json:
        return await self.person.commands("board_open", {"board_id": board_id, "after": after})

    async def draws(self, board_id: str, update: bytes) -> int:
        body = {"board_id": board_id, "update": text(update)}
        return (await self.person.commands("board_update", body))["number"]

    async def hears(self) -> Json:
        async with asyncio.timeout(PATIENCE):
            return await self.told.get()

    def _hear(self, signal: Json) -> None:
        if signal["name"] == "board_update":
            self.told.put_nowait(signal["body"])


@pytest.fixture
async def signals(world: World) -> AsyncIterator[None]:
    """Signals are carried out: nothing of a world runs by itself."""
    task = asyncio.create_task(world.house.sockets.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def in_lesson(world: World, *names: str) -> list[Hand]:
    people = await world.enters("anna", *names)
    lesson = world.school.algebra.id
    return [await Hand(person).enters(lesson) for person in people]


@pytest.mark.usefixtures("signals")
async def test_what_one_draws_all_see_and_who_comes_later_too(world: World) -> None:
    anna, misha = await in_lesson(world, "misha")
    board = await anna.finds()
    assert (await misha.finds())["id"] == board["id"]
    opened = await anna.opens(board["id"])
    assert (opened["head"], opened["items"], opened["state"], opened["may_write"]) == (0, [], None, True)
    await misha.opens(board["id"])
    first = typed(1, 0, "сызық")
    assert await anna.draws(board["id"], first) == 1
    told = await misha.hears()
    assert told == {"board_id": board["id"], "number": 1, "update": text(first), "by": anna.participant_id}
    assert anna.told.empty(), "who drew it has it already"
    await misha.draws(board["id"], typed(2, 0, "шеңбер"))
    assert (await anna.hears())["number"] == 2
    page = await misha.opens(board["id"])
    assert [item["number"] for item in page["items"]] == [1, 2]
    assert page["items"][0]["update"] == text(first)
    assert not page["more"]
    assert [item["number"] for item in (await misha.opens(board["id"], 1))["items"]] == [2]


async def test_notes_are_another_document_than_the_whiteboard(world: World) -> None:
    [anna] = await in_lesson(world)
    assert (await anna.finds("notes"))["id"] != (await anna.finds("board"))["id"]


@pytest.mark.usefixtures("signals")
async def test_who_may_not_write_is_refused_and_reads_on(world: World) -> None:
    anna, misha = await in_lesson(world, "misha")
    board = await anna.finds()
    await anna.opens(board["id"])
    await misha.opens(board["id"])
    await anna.person.commands("set_rights", {"participant_id": misha.participant_id, "write": False})
    with refused("forbidden", 403):
        await misha.draws(board["id"], typed(2, 0, "x"))
    assert (await misha.opens(board["id"]))["may_write"] is False
    await anna.draws(board["id"], typed(1, 0, "y"))
    assert (await misha.hears())["number"] == 1
    await anna.person.commands("set_rights", {"participant_id": misha.participant_id, "write": True})
    assert await misha.draws(board["id"], typed(2, 0, "x")) == 2


@pytest.mark.usefixtures("signals")
async def test_garbage_and_giants_are_refused_and_nobody_is_disturbed(world: World) -> None:
    anna, misha = await in_lesson(world, "misha")
    board = await anna.finds()
    await anna.opens(board["id"])
    await misha.opens(board["id"])
    for update in (b"garbage", b"\xff" * 1000, typed(2, 0, "x")[:-1], typed(2, 0, "x") + b"\0"):
        with refused("board_update_broken", 422):
            await misha.draws(board["id"], update)
    with refused("board_update_too_large", 413) as no:
        await misha.draws(board["id"], typed(2, 0, "x" * (core.LARGEST_UPDATE + 100)))
    assert no[0].params == {"limit": core.LARGEST_UPDATE}
    for body in ({"board_id": board["id"]}, {"board_id": board["id"], "update": 7}, {"update": ""}):
        with refused("malformed", 422):
            await misha.person.commands("board_update", body)
    assert await anna.draws(board["id"], typed(1, 0, "whole")) == 1
    assert (await misha.hears())["number"] == 1
    assert anna.told.empty()


async def test_a_message_of_a_megabyte_ends_that_connection_alone(world: World) -> None:
    anna, misha = await in_lesson(world, "misha")
    board = await anna.finds()
    await anna.opens(board["id"])
    await misha.opens(board["id"])
    gone = asyncio.Event()
    socket = await misha.person.connects()
    socket.on("disconnect", lambda *_: gone.set())
    giant = {"board_id": board["id"], "update": text(typed(2, 0, "x" * 1_000_000))}
    await socket.emit("command", ("board_update", giant))
    async with asyncio.timeout(PATIENCE):
        await gone.wait()
    misha.person.socket = None
    assert await anna.draws(board["id"], typed(1, 0, "whole")) == 1
    again = await Hand(misha.person).enters(world.school.algebra.id)
    assert [item["number"] for item in (await again.opens(board["id"]))["items"]] == [1]


async def test_a_board_is_closed_to_who_is_not_in_its_room(world: World) -> None:
    anna, misha = await in_lesson(world, "misha")
    board = await anna.finds()
    with refused("not_found"):  # not opened on this connection
        await misha.draws(board["id"], typed(2, 0, "x"))
    with refused("not_found"):
        await misha.opens(new_id("board", 1))
    await misha.opens(board["id"])
    await misha.person.commands("leave", {})
    for deed in (misha.draws(board["id"], typed(2, 0, "x")), misha.opens(board["id"]), misha.finds()):
        with refused("not_entered"):
            await deed
    other = await anna.person.starts("Another")
    await misha.enters(other["id"])
    with refused("not_found"):
        await misha.opens(board["id"])
    with refused("not_found"):
        await misha.draws(board["id"], typed(2, 0, "x"))


async def test_what_a_breakout_draws_stays_in_it(world: World) -> None:
    anna, misha, dina = await in_lesson(world, "misha", "dina")
    groups = [{"name": "1", "person_ids": [misha.person.id]}, {"name": "2", "person_ids": [dina.person.id]}]
    await anna.person.does("open_breakouts", {"by": "list", "groups": groups}, room_id=anna.room_id)
    theirs, others = await misha.finds(), await dina.finds()
    assert len({theirs["id"], others["id"], (await anna.finds())["id"]}) == 3
    await misha.opens(theirs["id"])
    await misha.draws(theirs["id"], typed(2, 0, "secret"))
    for stranger in (dina, anna):
        with refused("not_found"):
            await stranger.opens(theirs["id"])
        assert stranger.told.empty()
    listed = await dina.person.asks("list_boards", room_id=anna.room_id)
    assert [item["id"] for item in listed["items"] if item["place"] != "main"] == []
    with refused("not_found"):
        await dina.person.asks("board_updates", board_id=theirs["id"])
    for reader in (misha, anna):
        assert theirs["id"] in [
            i["id"] for i in (await reader.person.asks("list_boards", room_id=anna.room_id))["items"]
        ]
        assert len((await reader.person.asks("board_updates", board_id=theirs["id"]))["items"]) == 1
    await anna.person.commands("go_to", {"place": theirs["place"]})
    assert (await anna.opens(theirs["id"]))["head"] == 1


@pytest.mark.complaint(10)
async def test_the_board_is_read_whole_when_the_lesson_is_over(world: World) -> None:
    anna, misha = await in_lesson(world, "misha")
    board = await anna.finds("notes")
    await anna.opens(board["id"])
    many = [typed(1, place, "а" * 900) for place in range(300)]
    for place, update in enumerate(many):
        await anna.draws(board["id"], update)
        if place % 100 == 99:
            await world.clock.advance(10)
    await anna.person.ends(world.school.algebra.id)
    [listed] = (await misha.person.asks("list_boards", room_id=anna.room_id))["items"]
    assert (listed["id"], listed["kind"], listed["head"]) == (board["id"], "notes", 300)
    found: list[str] = []
    more, after = True, 0
    while more:
        page = await misha.person.asks("board_updates", board_id=board["id"], query={"after": after})
        found += [item["update"] for item in page["items"]]
        more, after = page["more"], page["items"][-1]["number"]
    assert found == [text(update) for update in many]


async def test_a_leader_keeps_all_changes_in_one_and_the_changes_stay(world: World) -> None:
    anna, misha = await in_lesson(world, "misha")
    board = await anna.finds()
    await anna.opens(board["id"])
    for place in range(3):
        await anna.draws(board["id"], typed(1, place, "x"))
    state = {"number": 2, "state": text(typed(1, 0, "xx"))}
    with refused("forbidden", 403):
        await misha.person.asks("keep_board_state", state, board_id=board["id"])
    with refused("board_update_broken"):
        await anna.person.asks("keep_board_state", state | {"state": "AAAAAA=="}, board_id=board["id"])
    await anna.person.asks("keep_board_state", state, board_id=board["id"])
    await anna.person.asks("keep_board_state", {"number": 1, "state": text(typed(1, 0, "x"))}, board_id=board["id"])
    await anna.person.asks("keep_board_state", {"number": 9, "state": text(typed(1, 0, "x"))}, board_id=board["id"])
    opened = await misha.opens(board["id"])
    assert (opened["state"], opened["state_number"]) == (state["state"], 2)
    assert [item["number"] for item in opened["items"]] == [3]
    later = await misha.opens(board["id"], 1)
    assert [item["number"] for item in later["items"]] == [2, 3]
    whole = await misha.person.asks("board_updates", board_id=board["id"])
    assert (whole["state"], len(whole["items"])) == (None, 3)


async def test_thirty_hands_at_once_lose_nothing(world: World) -> None:
    anna, misha = await in_lesson(world, "misha")
    board = await anna.finds()
    await anna.opens(board["id"])
    await misha.opens(board["id"])
    await asyncio.gather(
        *(
            hand.draws(board["id"], typed(n * 100 + c, 0, "x"))
            for n, hand in enumerate((anna, misha))
            for c in range(30)
        )
    )
    items = (await anna.opens(board["id"]))["items"]
    assert [item["number"] for item in items] == list(range(1, 61))
    assert len({item["update"] for item in items}) == 60


async def test_a_full_board_takes_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "LARGEST_BOARD", 100)
    [anna] = await in_lesson(world)
    board = await anna.finds()
    await anna.opens(board["id"])
    await anna.draws(board["id"], typed(1, 0, "x" * 50))
    with refused("board_full", 409):
        await anna.draws(board["id"], typed(1, 50, "x" * 50))
    assert (await anna.opens(board["id"]))["head"] == 1


async def test_strangers_and_parents_read_no_board(world: World) -> None:
    [anna] = await in_lesson(world)
    board = await anna.finds()
    for operation, path in (("list_boards", {"room_id": anna.room_id}), ("board_updates", {"board_id": board["id"]})):
        with refused("not_logged_in", 401):
            await world.stranger().asks(operation, **path)


async def test_boards_are_forgotten_after_a_year_and_with_their_organisation(world: World) -> None:
    [anna] = await in_lesson(world)
    board = await anna.finds()
    await anna.opens(board["id"])
    await anna.draws(board["id"], typed(1, 0, "x"))
    await anna.person.asks("keep_board_state", {"number": 1, "state": text(typed(1, 0, "x"))}, board_id=board["id"])
    await world.clock.advance(364 * 86_400)
    await world.job("boards.forget")
    assert await rows(world) == (1, 1, 1)
    await world.clock.advance(2 * 86_400)
    await world.job("boards.forget")
    assert await rows(world) == (0, 0, 0)


async def test_boards_go_with_their_organisation(world: World) -> None:
    [anna] = await in_lesson(world)
    board = await anna.finds()
    await anna.opens(board["id"])
    await anna.draws(board["id"], typed(1, 0, "x"))
    organisation = (await anna.person.lesson(world.school.algebra.id))["organisation_id"]
    await world.run(lambda tx: boards.forget_organisation(tx, organisation))
    assert await rows(world) == (0, 0, 0)


async def rows(world: World) -> tuple[int, ...]:
    async def count(tx: Any) -> tuple[int, ...]:
        return tuple([await tx.one(select(func.count()).select_from(t)) for t in (Board, BoardUpdate, BoardState)])

    return await world.run(count)
