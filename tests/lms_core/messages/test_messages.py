"""The chat of a lesson's room."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lms_core.kernel.ids import new_id
from lms_core.kernel.tables import Outbox
from lms_core.messages import core
from lms_core.messages.core import MessageEmpty, MessageTooLong
from lms_core.messages.model import Message
from tests.support import golden
from tests.support.story import refused
from tests.support.world import World


@given(st.text())
def test_what_is_kept_of_any_text_is_kept_again(text: str) -> None:
    try:
        kept = core.clean_text(text)
    except (MessageEmpty, MessageTooLong):
        return
    assert 1 <= len(kept) <= core.LONGEST
    assert core.clean_text(kept) == kept
    assert not set(kept) & {"\0", "\x1b", "\u202e", "\r"}


def test_the_longest_message() -> None:
    assert len(core.clean_text("ә" * 4000)) == 4000
    assert core.clean_text(" " * 50 + "ә" * 4000) == "ә" * 4000
    with pytest.raises(MessageTooLong) as no:
        core.clean_text("ә" * 4001)
    assert no.value.params == {"limit": 4000}


@pytest.mark.req("S456-27.10")
async def test_a_talk_reaches_everybody_and_stays(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    room = world.school.algebra.room_id
    before = await misha.writes(room, "апай, кіре берейін бе?")
    for person in (anna, misha, dina):
        await person.watches_chat(room)
    await anna.joins(world.school.algebra.id)
    await anna.writes(room, "  Сәлем!\r\nБастаймыз \u202e\x07 ")
    await misha.writes(room, "да 👩🏽‍🏫")
    await anna.ends(world.school.algebra.id)
    after = await dina.writes(room, "рахмет")
    assert await dina.reads(room) == ["апай, кіре берейін бе?", "Сәлем!\nБастаймыз", "да 👩🏽‍🏫", "рахмет"]
    assert before["author"] == {"id": misha.id, "name": "Misha Оспан"}
    assert (after["room_id"], after["sent_at"]) == (room, "2026-10-22T04:55:00Z")
    golden.check("sync/chat", golden.with_plain_ids(dina.watches[0].triple()))


async def test_a_long_talk_is_read_page_by_page(world: World) -> None:
    [misha] = await world.enters("misha")
    room = world.school.algebra.room_id
    for number in range(120):
        await misha.asks("post_message", {"text": str(number)}, room_id=room)
    read, before, pages = [], None, []
    while True:
        page = await misha.asks("list_messages", room_id=room, query={"before": before} if before else None)
        read = [int(item["text"]) for item in page["items"]] + read
        pages.append(len(page["items"]))
        before = page["earlier"]
        if before is None:
            break
    assert (read, pages) == (list(range(120)), [50, 50, 20])


@pytest.mark.parametrize("text", ["", " \n ", "\x01\x07", "\u202e"])
async def test_nothing_is_no_message(world: World, text: str) -> None:
    [misha] = await world.enters("misha")
    with refused("message_empty", 422):
        await misha.writes(world.school.algebra.room_id, text)


async def test_a_refused_message_leaves_nothing(world: World) -> None:
    [misha] = await world.enters("misha")
    with refused("message_too_long", 422) as caught:
        await misha.writes(world.school.algebra.room_id, "ә" * 4001)
    assert caught[0].params == {"limit": 4000}
    assert await world.run(lambda tx: tx.all(select(Message))) == []
    assert await world.run(lambda tx: tx.all(select(Outbox))) == []


@pytest.mark.parametrize("body", [{}, [], {"text": None}, {"text": 5}, {"text": {"a": 1}}])
async def test_a_rubbish_body_is_malformed(world: World, body: object) -> None:
    [misha] = await world.enters("misha")
    with refused("malformed", 422):
        await misha.asks("post_message", body, room_id=world.school.algebra.room_id)


@pytest.mark.parametrize("raw", [b"{", b"\xff\xfe", b'{"text": "\\ud800"}', b'{"text": NaN}', b"null", b"[" * 5000])
async def test_bytes_that_are_no_json_are_malformed(world: World, raw: bytes) -> None:
    [misha] = await world.enters("misha")
    path = f"/api/rooms/{world.school.algebra.room_id}/messages"
    headers = {"Authorization": f"Bearer {misha.token}", "Content-Type": "application/json"}
    async with world.http.post(path, data=raw, headers=headers) as response:
        assert (response.status, (await response.json(content_type=None))["code"]) == (422, "malformed")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("parent", "forbidden"),
        ("proctor", "forbidden"),
        ("administrator", "not_found"),
        ("erlan", "not_found"),
        ("boris", "not_found"),
        ("victor", "not_found"),
    ],
)
async def test_who_neither_reads_nor_writes_nor_listens(world: World, name: str, code: str) -> None:
    misha, person = await world.enters("misha", name)
    room = world.school.algebra.room_id
    await misha.writes(room, "құпия")
    with refused(code):
        await person.reads(room)
    with refused(code):
        await person.writes(room, "?")
    with refused("not_found" if name == "proctor" else code):
        await person.commands("subscribe", {"topic": f"room:{room}", "position": 0})


@pytest.mark.parametrize("name", ["anna", "misha", "tutor", "methodist", "director", "deputy", "inspector"])
async def test_who_reads_and_writes_without_being_there(world: World, name: str) -> None:
    [person] = await world.enters(name)
    room = world.school.algebra.room_id
    await person.writes(room, "сәлем")
    assert await person.reads(room) == ["сәлем"]
    answer = await person.commands("subscribe", {"topic": f"room:{room}", "position": 0})
    assert [told["body"]["text"] for told in answer["events"]] == ["сәлем"]


async def test_a_room_that_is_not_there_is_not_found(world: World) -> None:
    [anna] = await world.enters("anna")
    with refused("not_found", 404):
        await anna.reads(new_id("room", 1))
    with refused("malformed", 422):
        await anna.reads("room_x")


@pytest.mark.parametrize("before", ["x", "message_", "lesson_" + "0" * 26, "' or 1"])
async def test_a_page_before_nothing_is_not_found(world: World, before: str) -> None:
    [misha] = await world.enters("misha")
    with refused("not_found", 404):
        await misha.asks("list_messages", room_id=world.school.algebra.room_id, query={"before": before})


async def test_messages_are_forgotten_after_a_year(world: World) -> None:
    [misha] = await world.enters("misha")
    room = world.school.algebra.room_id
    await misha.writes(room, "ескі")
    await world.clock.advance(core.KEEP.total_seconds())
    await world.job("messages.forget")
    assert len(await world.run(lambda tx: tx.all(select(Message)))) == 1
    await world.clock.advance(1)
    await world.job("messages.forget")
    assert await world.run(lambda tx: tx.all(select(Message))) == []
