"""Polls of a room: asked, answered, counted, told, given out."""

import asyncio
import base64
import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from lms_core.kernel.errors import Refusal
from lms_core.kernel.ids import new_id
from lms_core.kernel.jobs import JOBS
from lms_core.kernel.tables import JobRow, Outbox
from lms_core.polls import core, tables
from lms_core.polls.model import Poll, PollVote
from tests.support.story import Person, refused
from tests.support.world import World

ABCD = ["A", "B", "C", "D"]


async def asks(person: Person, question: str = "2 + 2?", options: list[str] = ABCD, **more: Any) -> Any:
    room = person.world.school.algebra.room_id
    return await person.does("create_poll", {"question": question, "options": options} | more, room_id=room)


async def votes(person: Person, poll: Any, *choices: int, text: str = "") -> Any:
    return await person.does("vote", {"choices": list(choices), "text": text}, poll_id=poll["id"])


async def seen(person: Person) -> list[Any]:
    return (await person.asks("list_polls", room_id=person.world.school.algebra.room_id))["items"]


async def counted(world: World) -> None:
    """The second is over after which counts are told again."""
    await world.clock.advance(1)
    await world.house.jobs.drain()
    await world.settle()


@pytest.mark.req("S456-27.16")
async def test_a_class_answers_and_sees_what_came_out(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    poll = await asks(anna, right=[1])
    assert (await votes(misha, poll, 1))["mine"] == {"choices": [1], "text": ""}
    await votes(dina, poll, 0)
    await votes(dina, poll, 3)
    [mine] = await seen(dina)
    assert (mine["counts"], mine["voters"], mine["right"]) == (None, None, None)
    assert (mine["mine"], mine["quiz"]) == ({"choices": [3], "text": ""}, True)
    [hers] = await seen(anna)
    assert (hers["counts"], hers["voters"], hers["right"]) == ([0, 1, 0, 1], 2, [1])
    await anna.does("close_poll", poll_id=poll["id"])
    [mine] = await seen(misha)
    assert (mine["counts"], mine["right"], mine["published"]) == (None, [1], False)
    with refused("poll_closed", 409):
        await votes(misha, poll, 2)
    await anna.does("publish_poll", poll_id=poll["id"])
    [mine] = await seen(misha)
    assert (mine["counts"], mine["voters"], mine["published"]) == ([0, 1, 0, 1], 2, True)
    answers = await anna.asks("read_answers", poll_id=poll["id"])
    assert [(one["voter"]["name"], one["choices"]) for one in answers["items"]] == [
        ("Dina Оспан", [3]),
        ("Misha Оспан", [1]),
    ]


async def test_no_learner_sees_who_answered_what(world: World) -> None:
    """Neither by asking nor by listening."""
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    room = world.school.algebra.room_id
    poll = await asks(anna)
    await votes(misha, poll, 2)
    for operation in ("read_answers", "export_poll", "close_poll", "publish_poll"):
        with refused("forbidden"):
            await dina.asks(operation, poll_id=poll["id"])
    told = await dina.commands("subscribe", {"topic": f"room:{room}", "position": 0})
    assert [one["name"] for one in told["events"]] == ["polls.poll_opened"]
    with refused("forbidden"):
        await dina.commands("subscribe", {"topic": f"leaders:{room}", "position": 0})
    kept = await world.run(lambda tx: tx.all(select(Outbox).where(Outbox.name.like("polls.%"))))
    assert not any(str(misha.id) in str(row.body) for row in kept)


async def test_nobody_can_ever_find_out_who_said_what_in_an_anonymous_poll(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    poll = await asks(anna, anonymous=True)
    await votes(misha, poll, 0)
    await votes(dina, poll, 1)
    await votes(dina, poll, 2)
    before = await anna.asks("read_answers", poll_id=poll["id"])
    assert [(one["voter"], one["at"], one["choices"]) for one in before["items"]] == [
        (None, None, [0]),
        (None, None, [2]),
    ]
    await anna.does("close_poll", poll_id=poll["id"])
    assert [row.person_id for row in await world.run(lambda tx: tx.all(select(PollVote)))] == [None, None]
    after = await anna.asks("read_answers", poll_id=poll["id"])
    assert after["items"] == before["items"]
    table = await anna.asks("export_poll", poll_id=poll["id"], query={"format": "csv"})
    assert "Оспан" not in base64.b64decode(table["content"]).decode("utf-8-sig")


async def test_counts_are_told_at_once_and_then_once_a_second(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    room = world.school.algebra.room_id
    poll = await asks(anna, live=True)
    for choice in (0, 1, 2, 3, 2, 1):
        await votes(misha, poll, choice)
    await votes(dina, poll, 1)

    async def told() -> list[Any]:
        answer = await dina.commands("subscribe", {"topic": f"room:{room}", "position": 0})
        return [(one["body"]["counts"], one["body"]["voters"]) for one in answer["events"] if "counts" in one["body"]]

    assert await told() == [([1, 0, 0, 0], 1)]
    assert len(await world.run(lambda tx: tx.all(select(JobRow).where(JobRow.name == "polls.tell_counts")))) == 1
    await counted(world)
    assert await told() == [([1, 0, 0, 0], 1), ([0, 2, 0, 0], 2)]
    await counted(world)
    assert len(await told()) == 2
    assert (await seen(dina))[0]["counts"] == [0, 2, 0, 0]


async def test_counts_that_are_not_told_reach_who_leads_alone(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    room = world.school.algebra.room_id
    poll = await asks(anna)
    await votes(misha, poll, 1)
    answer = await anna.commands("subscribe", {"topic": f"leaders:{room}", "position": 0})
    assert [one["body"]["counts"] for one in answer["events"]] == [[0, 1, 0, 0]]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"options": []}, "poll_unfit"),
        ({"options": ["A"]}, "poll_unfit"),
        ({"options": ["A", "A"]}, "poll_unfit"),
        ({"options": ["A", " "]}, "poll_unfit"),
        ({"options": ["A", "\u202e"]}, "poll_unfit"),
        ({"options": [str(n) for n in range(13)]}, "poll_unfit"),
        ({"options": ["A", "ә" * 10_000]}, "poll_too_long"),
        ({"question": "ә" * 10_000}, "poll_too_long"),
        ({"right": [4]}, "poll_unfit"),
        ({"right": [-1]}, "poll_unfit"),
        ({"right": [0, 1]}, "poll_unfit"),
        ({"kind": "text", "options": []}, "poll_unfit"),
        ({"kind": "text", "question": "Неге?", "options": ["A", "B"]}, "poll_unfit"),
        ({"kind": "guess"}, "malformed"),
        ({"options": "ABCD"}, "malformed"),
    ],
)
async def test_what_is_no_question(world: World, body: dict[str, Any], code: str) -> None:
    [anna] = await world.enters("anna")
    with refused(code, 422):
        await asks(anna, **{"question": "", "options": ABCD} | body)
    assert await world.run(lambda tx: tx.all(select(Poll))) == []


@pytest.mark.parametrize(
    ("kind", "choices", "text"),
    [
        ("single", [], ""),
        ("single", [4], ""),
        ("single", [-1], ""),
        ("single", [0, 1], ""),
        ("multiple", [0, 0], ""),
        ("multiple", [], ""),
        ("yes_no", [2], ""),
        ("text", [], ""),
        ("text", [], " \n"),
        ("text", [0], "сөз"),
    ],
)
async def test_what_is_no_answer(world: World, kind: str, choices: list[int], text: str) -> None:
    anna, misha = await world.enters("anna", "misha")
    poll = await asks(anna, "?!", ABCD if kind in ("single", "multiple") else [], kind=kind)
    with refused("vote_unfit", 422):
        await votes(misha, poll, *choices, text=text)
    assert await world.run(lambda tx: tx.all(select(PollVote))) == []


async def test_words_and_several_and_yes(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    words = await asks(anna, "Неге?", [], kind="text")
    assert (await votes(misha, words, text=" себебі\r\n солай "))["mine"]["text"] == "себебі\n солай"
    with refused("poll_too_long"):
        await votes(dina, words, text="ә" * 10_000)
    several = await asks(anna, "Қайсысы?", ["бір", "екі", "үш"], kind="multiple", right=[2, 0])
    assert (await votes(misha, several, 2, 0))["mine"]["choices"] == [0, 2]
    yes = await asks(anna, "", [], kind="yes_no", may_change=False)
    assert yes["options"] == ["yes", "no"]
    await votes(misha, yes, 0)
    await votes(misha, yes, 0)
    with refused("vote_is_final", 409):
        await votes(misha, yes, 1)


async def test_two_answers_at_once_are_one(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    poll = await asks(anna)
    asked = [misha.asks("vote", {"choices": [n % 4]}, poll_id=poll["id"]) for n in range(8)]
    await asyncio.gather(*asked)
    assert len(await world.run(lambda tx: tx.all(select(PollVote)))) == 1
    assert (await seen(anna))[0]["voters"] == 1


async def test_an_answer_and_the_end_at_once_lose_nothing(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    poll = await asks(anna)
    done = await asyncio.gather(
        *(person.asks("vote", {"choices": [1]}, poll_id=poll["id"]) for person in (misha, dina)),
        anna.asks("close_poll", poll_id=poll["id"]),
        return_exceptions=True,
    )
    taken = sum(isinstance(one, dict) for one in done[:2])
    assert all(isinstance(one, dict) or getattr(one, "code", "") == "poll_closed" for one in done)
    assert (await seen(anna))[0]["voters"] == taken


@pytest.mark.parametrize(
    ("name", "code"),
    [("erlan", "not_found"), ("boris", "not_found"), ("victor", "not_found"), ("parent", "forbidden")],
)
async def test_strangers_neither_ask_nor_answer_nor_look(world: World, name: str, code: str) -> None:
    anna, stranger = await world.enters("anna", name)
    poll = await asks(anna)
    with refused(code):
        await votes(stranger, poll, 1)
    with refused(code):
        await seen(stranger)
    with refused(code):
        await asks(stranger)
    with refused(code):
        await stranger.asks("read_answers", poll_id=poll["id"])
    with refused("not_found"):
        await votes(anna, {"id": new_id("poll", 1)}, 1)


async def test_the_answers_are_given_out_as_tables(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    poll = await asks(anna, "=1+1", ["=HYPERLINK()", "+7"], right=[1])
    await votes(misha, poll, 0)
    await votes(dina, poll, 1)
    made = await anna.asks("export_poll", poll_id=poll["id"], query={"format": "csv", "language": "ru"})
    lines = list(csv.reader(io.StringIO(base64.b64decode(made["content"]).decode("utf-8-sig")), delimiter=";"))
    assert lines[0] == ["Вопрос", "'=1+1"]
    assert lines[-3:] == [
        ["Имя", "Ответ", "Верно"],
        ["Dina Оспан", "'+7", "Да"],
        ["Misha Оспан", "'=HYPERLINK()", "Нет"],
    ]
    made = await anna.asks("export_poll", poll_id=poll["id"], query={"language": "kk"})
    book = CalamineWorkbook.from_filelike(io.BytesIO(base64.b64decode(made["content"])))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0][:2] == ["Сұрақ", "'=1+1"] and rows[3][:2] == ["'=HYPERLINK()", 1.0]


async def test_polls_are_forgotten_after_a_year(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    await votes(misha, await asks(anna), 1)
    await world.clock.advance(core.KEEP.total_seconds() + 1)
    await world.run(JOBS["polls.forget"].work)
    assert (
        await world.run(lambda tx: tx.all(select(PollVote))) == await world.run(lambda tx: tx.all(select(Poll))) == []
    )


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert core.cell(text)[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")


@given(st.lists(st.integers(-3, 15), max_size=6), st.text(max_size=20), st.sampled_from(["single", "multiple", "text"]))
def test_any_answer_is_taken_whole_or_refused(choices: list[int], text: str, kind: Any) -> None:
    try:
        kept, words = core.check_vote(choices, text, 4, kind)
    except Refusal:
        return
    assert core.check_vote(kept, words, 4, kind) == (kept, words)
    assert core.counted([kept], 4) == [int(one in kept) for one in range(4)]


def test_a_table_has_words_in_each_language() -> None:
    assert len({frozenset(words) for words in tables._WORDS.values()}) == 1
