"""What the room says of its people counts in its chat: who may write, where they are, who leads beside the teacher."""

from typing import Any

import pytest

from lms_core.kernel.ids import PersonId, RoomId
from lms_core.lessons import service as lessons
from lms_core.lessons.service import Stands
from tests.lms_core.messages.test_chat import posts, reacts, takes_back
from tests.support.story import Person, refused
from tests.support.world import World


async def stand(world: World, room: RoomId, *, quiet: bool = False, **said: tuple[bool, str | None, bool]) -> None:
    """As the room says it (room_io.Stood)."""
    persons = {PersonId(world.school.persons[name]): Stands(*one) for name, one in said.items()}
    await world.run(lambda tx: lessons.record_standings(tx, room, quiet, persons))


@pytest.fixture
async def room(world: World) -> RoomId:
    [anna] = await world.enters("anna")
    await anna.joins(world.school.algebra.id)
    return world.school.algebra.room_id


async def page_of(person: Person, room: RoomId) -> Any:
    return await person.asks("list_messages", room_id=room)


async def test_who_has_no_right_to_write_writes_to_who_leads_alone(world: World, room: RoomId) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    message = await posts(anna, room, "сәлем")
    await stand(world, room, misha=(False, None, False))
    with refused("may_not_write"):
        await posts(misha, room, "жазамын")
    with refused("may_not_write"):
        await reacts(misha, message, "like")
    await posts(misha, room, "мұғалім, сұрағым бар", private=True)
    await posts(dina, room, "менде құқық бар")
    assert [(await page_of(one, room))["may_write"] for one in (anna, misha, dina)] == [True, False, True]
    await stand(world, room)
    await posts(misha, room, "енді жазамын")


async def test_who_comes_later_and_who_was_never_inside_is_quiet_with_all(world: World, room: RoomId) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    await stand(world, room, quiet=True, dina=(True, None, False))
    with refused("may_not_write"):
        await posts(misha, room, "мен үйдемін")
    await posts(dina, room, "маған рұқсат берілді")
    await posts(anna, room, "мұғалімге әрқашан болады")
    await anna.does("end_lesson", lesson_id=world.school.algebra.id)
    await posts(misha, room, "сабақтан кейін")


async def test_a_breakout_reads_and_writes_its_own_chat_and_the_teacher_every(world: World, room: RoomId) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    await posts(anna, room, "бәріне")
    await stand(world, room, misha=(True, "b1", False), dina=(True, "b2", False))
    for place in (None, "b2"):
        with refused("elsewhere"):
            await posts(misha, room, "басқа жерде", place=place)
    told = await posts(misha, room, "біз мұндамыз", place="b1")
    await posts(anna, room, "көріп тұрмын", place="b1")
    assert [one["text"] for one in (await page_of(misha, room))["items"]] == ["бәріне", "біз мұндамыз", "көріп тұрмын"]
    assert [one["text"] for one in (await page_of(dina, room))["items"]] == ["бәріне"]
    assert len((await page_of(anna, room))["items"]) == 3
    assert (await page_of(misha, room))["place"] == "b1"
    with refused("not_found"):
        await reacts(dina, told, "like")
    await stand(world, room)
    assert [one["text"] for one in (await page_of(misha, room))["items"]] == ["бәріне", "біз мұндамыз"]
    [known] = (await dina.asks("list_threads"))["items"]
    thread = await dina.asks("read_thread", course_id=known["course_id"])
    assert "біз мұндамыз" not in [one["text"] for one in thread["items"]]


async def test_what_is_written_in_a_breakout_is_told_on_no_topic_of_the_others(world: World, room: RoomId) -> None:
    misha, dina = await world.enters("misha", "dina")
    await stand(world, room, misha=(True, "b1", False))
    await dina.watches_chat(room)
    await posts(misha, room, "құпия", place="b1")
    await posts(dina, room, "ашық")
    assert await dina.reads(room) == ["ашық"]
    assert "құпия" not in str(dina.watches[0].triple())


async def test_who_leads_beside_the_teacher_leads_the_talk_and_polls(world: World, room: RoomId) -> None:
    misha, dina = await world.enters("misha", "dina")
    await posts(dina, room, "мұғалімге ғана", private=True)
    rude = await posts(dina, room, "ақымақ")
    poll = {"question": "Иә ме?", "kind": "yes_no"}
    with refused("forbidden"):
        await misha.does("set_chat_rule", {"rule": "leaders"}, room_id=room)
    with refused("forbidden"):
        await misha.does("create_poll", poll, room_id=room)
    await stand(world, room, misha=(True, None, True))
    assert [one["text"] for one in (await misha.asks("list_private_messages", room_id=room))["items"]] == [
        "мұғалімге ғана"
    ]
    await posts(misha, room, "көріп отырмын", private=True, to=dina.id)
    await takes_back(misha, rude)
    await misha.does("set_chat_rule", {"rule": "leaders"}, room_id=room)
    asked = await misha.does("create_poll", poll, room_id=room)
    await misha.does("close_poll", {}, poll_id=asked["id"])
    assert (await misha.asks("read_answers", poll_id=asked["id"]))["items"] == []
    with refused("forbidden"):
        await misha.does("end_lesson", lesson_id=world.school.algebra.id)
    await stand(world, room)
    with refused("forbidden"):
        await misha.does("create_poll", poll, room_id=room)
    assert (await misha.asks("list_private_messages", room_id=room))["items"] == []
