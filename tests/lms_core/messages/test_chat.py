"""More than words: files, answers, pictures, what is taken back, what is private, who may write, the class's talk."""

from typing import Any

import pytest
from sqlalchemy import select

from lms_core.files.model import File
from lms_core.kernel.tables import Outbox
from lms_core.messages.model import Message, MessageReaction
from tests.lms_core.files import samples
from tests.server.test_uploads import opens, sends
from tests.support import golden
from tests.support.story import Person, refused
from tests.support.world import World


async def posts(person: Person, room: str, text: str = "", **more: Any) -> Any:
    return await person.does("post_message", {"text": text} | more, room_id=room)


async def reacts(person: Person, message: Any, kind: str, on: bool = True) -> Any:
    body = {"kind": kind, "on": on}
    return await person.does("react_to_message", body, room_id=message["room_id"], message_id=message["id"])


async def takes_back(person: Person, message: Any) -> Any:
    return await person.does("delete_message", room_id=message["room_id"], message_id=message["id"])


@pytest.mark.req("S456-27.16")
async def test_all_that_a_talk_may_have_reaches_everybody(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    room = world.school.algebra.room_id
    for person in (anna, misha, dina):
        await person.watches_chat(room)
    asked = await posts(misha, room, "№ 5 қалай шығарамыз?")
    file = await sends(anna, room, samples.PNG, "№ 5.png")
    told = await posts(anna, room, "", reply_to=asked["id"], file_ids=[file["id"]])
    assert (told["files"], told["reply_to"]) == ([file], asked["id"])
    await posts(anna, room, "Топтар, 2 минут қалды", to_all=True)
    await reacts(dina, told, "like")
    await reacts(misha, told, "like")
    await reacts(misha, told, "love")
    await reacts(misha, told, "love", on=False)
    rude = await posts(misha, room, "ақымақ")
    await takes_back(anna, rude)
    await anna.does("set_chat_rule", {"rule": "leaders"}, room_id=room)
    page = await dina.asks("list_messages", room_id=room)
    assert [one["text"] for one in page["items"]] == [
        asked["text"],
        "",
        "Топтар, 2 минут қалды",
        "",
    ]
    assert page["items"][1]["reactions"] == [{"kind": "like", "count": 2, "mine": True}]
    assert [one["to_all"] for one in page["items"]] == [False, False, True, False]
    assert page["items"][3]["deleted"] and page["rule"] == "leaders" and not page["leads"]
    triple = dina.watches[0].triple()
    golden.check("sync/chat_rich", golden.with_plain_ids(triple | {"me": dina.id}))


async def test_a_file_goes_with_its_message(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    room = world.school.algebra.room_id
    file = await sends(misha, room, samples.PNG)
    with refused("file_held"):
        await posts(dina, room, "менікі", file_ids=[file["id"]])
    message = await posts(misha, room, file_ids=[file["id"]])
    with refused("file_held"):
        await posts(misha, room, "тағы", file_ids=[file["id"]])
    assert await opens(dina, file["id"]) == samples.PNG
    with refused("forbidden"):
        await takes_back(dina, message)
    await takes_back(misha, message)
    await takes_back(misha, message)
    with refused("not_found"):
        await opens(anna, file["id"])
    assert [one.gone for one in await world.run(lambda tx: tx.all(select(File)))] == [True]
    with refused("too_many_files"):
        await posts(misha, room, "көп", file_ids=[file["id"]] * 11)
    with refused("not_found"):
        await posts(misha, world.school.tomorrow.room_id, "басқа", file_ids=[file["id"]])


async def test_what_is_taken_back_is_gone(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    room = world.school.algebra.room_id
    message = await posts(misha, room, "құпия сөз", reply_to=None)
    await reacts(anna, message, "wow")
    await takes_back(misha, message)
    assert await anna.reads(room) == [""]
    assert await world.run(lambda tx: tx.all(select(MessageReaction))) == []
    assert [row.text for row in await world.run(lambda tx: tx.all(select(Message)))] == [""]
    with refused("message_deleted"):
        await reacts(anna, message, "like")


async def test_pictures_are_few_and_count_once(world: World) -> None:
    misha, dina = await world.enters("misha", "dina")
    message = await posts(dina, world.school.algebra.room_id, "бес!")
    await reacts(misha, message, "clap")
    await reacts(misha, message, "clap")
    view = await reacts(misha, message, "clap")
    assert view["reactions"] == [{"kind": "clap", "count": 1, "mine": True}]
    assert len(await world.run(lambda tx: tx.all(select(Outbox).where(Outbox.name == "messages.message_reacted")))) == 1
    with refused("malformed"):
        await reacts(misha, message, "poison")
    with refused("not_found"):
        await reacts(misha, message | {"room_id": world.school.tomorrow.room_id}, "like")


async def test_what_is_private_reaches_the_teacher_and_nobody_else(world: World) -> None:
    """Another learner's socket gets no byte of it, and can subscribe to nothing that would."""
    anna, misha, dina, director = await world.enters("anna", "misha", "dina", "director")
    room = world.school.algebra.room_id
    heard: dict[str, list[Any]] = {}
    for person in (anna, misha, dina, director):
        socket = await person.connects()
        heard[person.name] = []
        socket.on("event", heard[person.name].append)
        await person.commands("subscribe", {"topic": f"room:{room}", "position": 0})
    await anna.commands("subscribe", {"topic": f"leaders:{room}", "position": 0})
    await misha.commands("subscribe", {"topic": f"private:{room}:{misha.id}", "position": 0})
    for person in (dina, director, misha):
        with refused("forbidden"):
            await person.commands("subscribe", {"topic": f"leaders:{room}", "position": 0})
    for person in (dina, director, anna):
        with refused("not_found"):
            await person.commands("subscribe", {"topic": f"private:{room}:{misha.id}", "position": 0})
    file = await sends(misha, room, samples.PNG)
    asked = await posts(misha, room, "апай, түсінбедім", private=True, file_ids=[file["id"]])
    answered = await posts(anna, room, "сабақтан соң қал", private=True, to=misha.id, reply_to=asked["id"])
    await takes_back(anna, answered)
    await posts(dina, room, "бәріне")  # comes behind all that: who has it has what was before
    for person in (anna, misha, dina, director):
        while not any(told["name"] == "messages.message_posted" for told in heard[person.name]):
            await world.settle()
            await person.commands("unsubscribe", {"topic": "nothing"})
    names = {name: [told["name"] for told in events] for name, events in heard.items()}
    assert names["dina"] == names["director"] == ["messages.message_posted"]
    assert names["misha"] == ["messages.learner_told"] * 3 + ["messages.message_posted"]
    assert names["anna"] == ["messages.leaders_told"] * 3 + ["messages.message_posted"]

    def texts(page: Any) -> list[str]:
        return [one["text"] for one in page["items"]]

    for person in (anna, misha):
        assert texts(await person.asks("list_private_messages", room_id=room)) == ["апай, түсінбедім", ""]
        assert await opens(person, file["id"]) == samples.PNG
    for person in (dina, director):
        assert texts(await person.asks("list_private_messages", room_id=room)) == []
        assert await person.reads(room) == ["бәріне"]
        with refused("not_found"):
            await opens(person, file["id"])
        with refused("not_found"):
            await takes_back(person, asked)
        with refused("not_found"):
            await reacts(person, asked, "like")
    with refused("message_is_private"):
        await posts(misha, room, "барлығына", reply_to=asked["id"])
    with refused("message_is_private"):
        await reacts(anna, asked, "like")


async def test_a_teacher_writes_alone_only_to_who_was_there(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    room = world.school.algebra.room_id
    for to in (world.school.persons["victor"], world.school.persons["dina"], None):
        with refused("not_found"):
            await posts(anna, room, "?", private=True, to=to)
    await posts(misha, room, "мен осындамын")
    assert (await posts(anna, room, "жақсы", private=True, to=misha.id))["private_with"]["id"] == misha.id
    with refused("message_is_private"):
        await posts(anna, room, "?", to=misha.id)
    view = await posts(misha, room, "?", private=True, to=world.school.persons["dina"])
    assert view["private_with"]["id"] == misha.id


@pytest.mark.parametrize(
    ("rule", "all_", "alone"), [("all", True, True), ("leaders", False, False), ("private", False, True)]
)
async def test_who_may_write_is_the_teachers_word(world: World, rule: str, all_: bool, alone: bool) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    room = world.school.algebra.room_id
    said = await posts(anna, room, "Сәлем")
    with refused("forbidden"):
        await misha.asks("set_chat_rule", {"rule": "all"}, room_id=room)
    await anna.does("set_chat_rule", {"rule": rule}, room_id=room)
    await posts(anna, room, "Тыңдаңдар")

    async def allowed(private: bool) -> bool:
        try:
            await posts(misha, room, "?", private=private)
        except Exception as no:
            assert getattr(no, "code", "") == "chat_closed"
            return False
        return True

    assert (await allowed(False), await allowed(True)) == (all_, alone)
    if all_:
        await reacts(dina, said, "like")
    else:
        with refused("chat_closed", 403):
            await reacts(dina, said, "like")
    assert (await dina.asks("list_messages", room_id=world.school.tomorrow.room_id))["rule"] == "all"


async def test_only_who_leads_calls_all_breakouts(world: World) -> None:
    [misha] = await world.enters("misha")
    with refused("forbidden"):
        await posts(misha, world.school.algebra.room_id, "!", to_all=True)


@pytest.mark.req("S456-27.16")
async def test_the_talk_of_a_class_outlives_its_lessons(world: World) -> None:
    anna, misha, dina, erlan = await world.enters("anna", "misha", "dina", "erlan")
    await posts(misha, world.school.yesterday.room_id, "кеше")
    await anna.joins(world.school.algebra.id)
    await posts(misha, world.school.algebra.room_id, "бүгін")
    await posts(dina, world.school.algebra.room_id, "тек сізге", private=True)
    await anna.ends(world.school.algebra.id)
    [known] = (await dina.asks("list_threads"))["items"]
    assert (known["subject"]["kk"], known["group"], known["last"]["text"]) == ("Алгебра", "11 «А»", "бүгін")
    assert known["room_id"] == world.school.algebra.room_id
    await posts(dina, known["room_id"], "сабақтан соң")
    page = await anna.asks("read_thread", course_id=known["course_id"])
    assert [one["text"] for one in page["items"]] == ["кеше", "бүгін", "сабақтан соң"]
    await world.clock.advance(24 * 3600)
    page = await misha.asks("read_thread", course_id=known["course_id"])
    assert (page["room_id"], len(page["items"])) == (world.school.tomorrow.room_id, 3)
    assert [one["course_id"] for one in (await erlan.asks("list_threads"))["items"]] != [known["course_id"]]
    with refused("not_found"):
        await erlan.asks("read_thread", course_id=known["course_id"])
    [victor, parent] = await world.enters("victor", "parent")
    with refused("not_found"):
        await victor.asks("read_thread", course_id=known["course_id"])
    with refused("forbidden"):
        await parent.asks("read_thread", course_id=known["course_id"])


@pytest.mark.parametrize("place", ["b" * 9000, "\u202e", "main", "", None])
async def test_any_place_is_borne(world: World, place: str | None) -> None:
    [anna] = await world.enters("anna")
    view = await posts(anna, world.school.algebra.room_id, "?", place=place)
    assert len(view["place"] or "") <= 64
