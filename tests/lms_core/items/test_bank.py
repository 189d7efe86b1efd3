"""The bank as its people use it: written, found, changed, passed by another person, kept from strangers."""

from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select

from lms_core.audit.model import Entry
from lms_core.items import core, service
from lms_core.items.model import ItemUse, ItemVersion
from lms_core.items.service import Used
from lms_core.kernel.ids import ExamId, ItemId, PersonId, new_id
from tests.support.story import Person, refused
from tests.support.world import World

Json = dict[str, Any]


def words(**texts: str) -> Json:
    return {
        language: {"blocks": [{"kind": "paragraph", "runs": [{"kind": "text", "text": text}]}]}
        for language, text in texts.items()
    }


def question(text: str = "Екіге екі қосқанда?", right: str = "b", **more: Any) -> Json:
    options = [{"id": one, "words": words(kk=f"нұсқа {one}")} for one in "abc"]
    body = {"kind": "single", "options": options, "right": [right]}
    return {"version": 1, "prompt": words(kk=text), "body": body} | more


async def a_bank(person: Person, title: str = "Алгебра 7", **more: Any) -> str:
    return (await person.asks("create_bank", {"title": title} | more))["id"]


async def writes(person: Person, bank: str, item: Json | None = None) -> Json:
    return await person.asks("create_item", {"item": question() if item is None else item}, bank_id=bank)


async def moves(person: Person, item: Json, state: str, comment: str = "") -> Json:
    row = item["row"]
    wish = {"version": row["version"], "state": state, "comment": comment}
    return await person.asks("set_item_state", wish, item_id=row["id"])


async def found(person: Person, bank: str, **query: Any) -> list[str]:
    listed = await person.asks("list_items", bank_id=bank, query=query)
    assert listed["total"] == len(listed["items"])
    return [one["titles"]["kk"] for one in listed["items"]]


@pytest.mark.req("S456-27.14", "S141-15.7")
async def test_a_teacher_writes_a_question_and_another_passes_it(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    bank = await a_bank(anna)
    item = await writes(anna, bank)
    assert (item["row"]["state"], item["row"]["author"], item["faults"]) == ("draft", "Anna Оспан", [])
    assert item["may"] == ["read", "write"]
    with refused("item_state_unfit", 409):
        await moves(boris, item, "approved")
    item = await moves(anna, item, "review")
    with refused("own_item", 403):
        await moves(anna, item, "approved")
    returned = await moves(boris, item, "draft", "Жауап екеу")
    assert [(one["reviewer"], one["verdict"], one["comment"]) for one in returned["reviews"]] == [
        ("Boris Оспан", "return", "Жауап екеу")
    ]
    changed = await anna.asks("change_item", {"version": 1, "item": question(right="c")}, item_id=item["row"]["id"])
    assert changed["row"]["version"] == 2
    passed = await moves(boris, await moves(anna, changed, "review"), "approved")
    assert [(one["version"], one["verdict"]) for one in passed["reviews"]] == [(1, "return"), (2, "approve")]
    assert (await moves(boris, passed, "approved"))["reviews"] == passed["reviews"]


@pytest.mark.req("S141-15.7")
async def test_versions_stay_and_a_changed_question_is_passed_anew(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    item = await writes(anna, await a_bank(anna))
    item = await moves(boris, await moves(anna, item, "review"), "approved")
    key = item["row"]["id"]
    same = await anna.asks("change_item", {"version": 1, "item": question()}, item_id=key)
    assert (same["row"]["version"], same["row"]["state"]) == (1, "approved")
    changed = await boris.asks("change_item", {"version": 1, "item": question(right="a")}, item_id=key)
    assert (changed["row"]["version"], changed["row"]["state"]) == (2, "draft")
    assert [(one["version"], one["author"]) for one in changed["versions"]] == [(1, "Anna Оспан"), (2, "Boris Оспан")]
    first = await anna.asks("read_item", item_id=key, query={"version": 1})
    assert (first["item"]["body"]["right"], first["shown_version"]) == (["b"], 1)
    with refused("not_found"):
        await anna.asks("read_item", item_id=key, query={"version": 3})
    with refused("stale", 409) as caught:
        await anna.asks("change_item", {"version": 1, "item": question("Басқа")}, item_id=key)
    assert caught[0].params == {"version": 2}
    with refused("stale", 409):
        await moves(anna, item, "review")


async def test_neither_who_began_nor_who_changed_a_question_passes_it(world: World) -> None:
    anna, boris, deputy = await world.enters("anna", "boris", "deputy")
    item = await writes(anna, await a_bank(anna))
    key = item["row"]["id"]
    changed = await boris.asks("change_item", {"version": 1, "item": question(right="a")}, item_id=key)
    changed = await moves(boris, changed, "review")
    for author in (anna, boris):
        with refused("own_item"):
            await moves(author, changed, "approved")
    assert (await moves(deputy, changed, "approved"))["row"]["state"] == "approved"


async def test_what_is_wrong_with_a_draft_is_told_and_it_goes_no_further(world: World) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    item = await writes(anna, bank, question(right="z"))
    assert [(one["where"], one["why"]) for one in item["faults"]] == [("body.right", "unknown")]
    assert item["row"]["sound"] is False
    with refused("item_unfit", 422) as caught:
        await moves(anna, item, "review")
    assert caught[0].params == {"where": "body.right", "why": "unknown"}
    lost = question()
    lost["prompt"]["kk"]["blocks"][0]["runs"].append(
        {"kind": "media", "sha256": "a" * 64, "name": "a.png", "type": "image/png"}
    )
    item = await writes(anna, bank, lost)
    assert item["faults"] == [{"where": "prompt", "why": "file"}]
    assert (await anna.asks("preview_item", {"item": lost}))["faults"] == item["faults"]
    with refused("item_unfit"):
        await moves(anna, item, "review")


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({}, "malformed"),
        ({"version": 2}, "malformed"),
        (question() | {"more": 1}, "malformed"),
        (question() | {"points": "1e999"}, "item_unfit"),
        (question() | {"body": {"kind": "guess"}}, "malformed"),
        (question("\ud800"), "malformed"),
        (question("a" * 450_000), "malformed"),
    ],
)
async def test_what_is_no_question_is_not_kept(world: World, item: Json, code: str) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    with refused(code, 422):
        await writes(anna, bank, item)
    assert await found(anna, bank) == []


@pytest.mark.req("S141-15.6")
async def test_questions_are_found_by_objective_and_difficulty(world: World) -> None:
    """By words in any case, kind, language and state too."""
    anna, boris = await world.enters("anna", "boris")
    named = {"subject": "algebra", "code": "7.2.1.1", "names": {"kk": "Дәреже", "ru": "", "en": ""}}
    assert (await anna.asks("add_objective", named))["names"] == {"kk": "Дәреже", "ru": "Дәреже", "en": "Дәреже"}
    listed = await boris.asks("list_objectives", query={"subject": "algebra"})
    assert [one["code"] for one in listed["items"]] == ["7.2.1.1"]
    assert "algebra" in [one["code"] for one in listed["subjects"]]
    with refused("objective_unfit", 422):
        await anna.asks("add_objective", named | {"subject": "магия"})
    bank = await a_bank(anna)
    await writes(anna, bank, question("Квадрат теңдеу", objectives=["7.2.1.1"], difficulty=3, subject="algebra"))
    await writes(anna, bank, question("Сызықтық теңдеу", objectives=["7.2.1.1", "7.2.1.2"], difficulty=1))
    essay = await writes(anna, bank, {"version": 1, "prompt": words(kk="Эссе", ru="Эссе"), "body": {"kind": "essay"}})
    assert await found(boris, bank) == ["Эссе", "Сызықтық теңдеу", "Квадрат теңдеу"]
    assert await found(boris, bank, search="ТЕҢДЕУ") == ["Сызықтық теңдеу", "Квадрат теңдеу"]
    assert await found(boris, bank, search="тендеу квадрат") == ["Квадрат теңдеу"]
    assert await found(boris, bank, objective="7.2.1.1", difficulty=3) == ["Квадрат теңдеу"]
    assert await found(boris, bank, objective="7.2.1.2") == ["Сызықтық теңдеу"]
    assert await found(boris, bank, subject="algebra") == ["Квадрат теңдеу"]
    assert await found(boris, bank, kind="essay") == await found(boris, bank, language="ru") == ["Эссе"]
    assert await found(boris, bank, search="%") == await found(boris, bank) != []
    assert await found(boris, bank, search="e " * 2000) == await found(boris, bank, search="e")
    await moves(anna, essay, "retired")
    assert await found(boris, bank) == ["Сызықтық теңдеу", "Квадрат теңдеу"]
    assert await found(boris, bank, state="retired") == ["Эссе"]


async def test_a_long_bank_is_read_page_by_page(world: World) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    text = "\n\n".join(f"::Q{at}:: Сұрақ {at} {{T}}" for at in range(120))
    await anna.sends("import_questions", text.encode(), query={"name": "a.gift"}, bank_id=bank)
    seen, after = [], None
    while True:
        page = await anna.asks("list_items", bank_id=bank, query={"after": after} if after else None)
        assert page["total"] == 120
        seen += [one["titles"]["kk"] for one in page["items"]]
        if not (after := page["next"]):
            break
    assert seen == [f"Сұрақ {at}" for at in reversed(range(120))]


OPERATIONS: dict[str, Any] = {
    "list_items": None,
    "create_item": {"item": question()},
    "read_item": None,
    "change_item": {"version": 1, "item": question("Басқа")},
    "set_item_state": {"version": 1, "state": "retired"},
    "change_bank": {"title": "Менікі", "shared": True},
    "export_questions": None,
}
SEES = {"list_items", "read_item", "export_questions"}


@pytest.mark.parametrize("name", ["misha", "parent", "proctor", "administrator", "victor"])
async def test_strangers_and_learners_see_no_bank(world: World, name: str) -> None:
    """Who learns, watches or only keeps the school gets no question; a teacher of another school finds nothing."""
    anna, stranger = await world.enters("anna", name)
    bank = await a_bank(anna)
    item = await writes(anna, bank)
    code = "not_found" if name == "victor" else "forbidden"
    for operation, body in (OPERATIONS | {"set_item_states": {"state": "retired", "filter": {}}}).items():
        path = {"bank_id": bank} if "bank_id" in world.routes[operation].path_params else {"item_id": item["row"]["id"]}
        with refused(code):
            await stranger.asks(operation, body, **path)
    for operation in ("import_questions", "add_item_media"):
        with refused(code):
            await stranger.sends(operation, b"{T}", query={"name": "a.gift"}, bank_id=bank)
    if name == "victor":
        assert (await stranger.asks("list_banks"))["items"] == []
    else:
        with refused("forbidden"):
            await stranger.asks("list_banks")
    assert await found(anna, bank) == ["Екіге екі қосқанда?"]


async def test_a_director_reads_and_writes_nothing(world: World) -> None:
    anna, director = await world.enters("anna", "director")
    bank = await a_bank(anna)
    item = await writes(anna, bank)
    assert (await director.asks("list_banks"))["items"][0]["may"] == ["read"]
    for operation, body in OPERATIONS.items():
        path = {"bank_id": bank} if "bank_id" in world.routes[operation].path_params else {"item_id": item["row"]["id"]}
        if operation in SEES:
            assert await director.asks(operation, body, **path)
        else:
            with refused("forbidden"):
                await director.asks(operation, body, **path)


@pytest.mark.parametrize("name", ["boris", "tutor", "methodist", "deputy", "inspector"])
async def test_a_shared_bank_is_everybodys_who_asks_there(world: World, name: str) -> None:
    anna, other = await world.enters("anna", name)
    bank = await a_bank(anna)
    await writes(other, bank)
    [seen] = (await other.asks("list_banks"))["items"]
    assert (seen["title"], seen["items"], seen["owner"]) == ("Алгебра 7", 1, "Anna Оспан")
    assert seen["may"] == ["read", "write", "change", *([] if name == "tutor" else ["review"])]


async def test_ones_own_bank_is_seen_by_nobody_else(world: World) -> None:
    anna, boris, deputy = await world.enters("anna", "boris", "deputy")
    bank = await a_bank(anna, shared=False)
    item = await writes(anna, bank)
    for other in (boris, deputy):
        assert (await other.asks("list_banks"))["items"] == []
        for operation in ("list_items", "export_questions"):
            with refused("not_found"):
                await other.asks(operation, bank_id=bank)
        with refused("not_found"):
            await other.asks("read_item", item_id=item["row"]["id"])
    await anna.asks("change_bank", {"title": "Ортақ", "shared": True}, bank_id=bank)
    assert (await boris.asks("read_item", item_id=item["row"]["id"]))["may"] == ["read", "write", "review"]
    with refused("forbidden"):
        await boris.asks("change_bank", {"title": "Ортақ", "shared": False}, bank_id=bank)


async def test_a_closed_bank_is_only_read(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    bank = await a_bank(anna)
    item = await writes(anna, bank)
    closed = await boris.asks("change_bank", {"title": "Ескі", "shared": True, "archived": True}, bank_id=bank)
    assert (closed["archived"], closed["may"]) == (True, ["read", "change"])
    assert (await anna.asks("list_banks"))["items"] == []
    assert [one["id"] for one in (await anna.asks("list_banks", query={"archived": "true"}))["items"]] == [bank]
    assert (await anna.asks("read_item", item_id=item["row"]["id"]))["may"] == ["read"]
    for step in (
        writes(anna, bank),
        anna.sends("import_questions", b"Q {T}", bank_id=bank),
        anna.asks("change_item", {"version": 1, "item": question("Жаңа")}, item_id=item["row"]["id"]),
    ):
        with refused("bank_archived", 409):
            await step
    with refused("bank_archived"):
        await moves(anna, item, "review")
    await anna.asks("change_bank", {"title": "Ескі", "shared": True}, bank_id=bank)
    assert (await moves(anna, item, "review"))["row"]["state"] == "review"


@pytest.mark.parametrize("title", ["", " \u202e ", "а" * 201])
async def test_a_bank_has_a_title(world: World, title: str) -> None:
    [anna] = await world.enters("anna")
    with refused("bank_unfit", 422):
        await a_bank(anna, title)


@pytest.mark.req("S456-27.14")
async def test_that_somebody_looked_at_a_key_or_took_all_of_them_leaves_a_line(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    bank = await a_bank(anna)
    item = (await writes(anna, bank))["row"]["id"]
    await anna.asks("read_item", item_id=item)
    await boris.asks("list_items", bank_id=bank)
    assert await _lines(world) == []
    await boris.asks("read_item", item_id=item)
    await boris.asks("export_questions", bank_id=bank, query={"format": "gift"})
    assert await _lines(world) == [
        ("looked", "read_item", boris.id, {"item": item, "version": 1}),
        ("exported", "export_questions", boris.id, {"bank": bank, "items": 1}),
    ]


async def test_an_export_is_no_picture(world: World) -> None:
    """It holds keys: who knows its hash gets no address of it out of a question."""
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    await writes(anna, bank)
    export = await anna.asks("export_questions", bank_id=bank, query={"format": "moodle"})
    async with world.http.get(export["url"]) as answer:
        digest = sha256(await answer.read()).hexdigest()
    item = question("Сурет")
    shown = {"kind": "media", "sha256": digest, "name": "a.png", "type": "image/png"}
    item["prompt"]["kk"]["blocks"][0]["runs"].append(shown)
    made = await writes(anna, bank, item)
    assert (made["media"], made["faults"]) == ({}, [{"where": "prompt", "why": "file"}])
    assert (await anna.asks("preview_item", {"item": item}))["media"] == {}


async def test_a_list_tells_no_key(world: World) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    await writes(anna, bank, question("Сұрақ", right="b"))
    [row] = (await anna.asks("list_items", bank_id=bank))["items"]
    assert not {"body", "item", "right", "options"} & row.keys()


@pytest.mark.req("S456-27.14")
async def test_a_teacher_tries_a_question_as_a_learner_and_nothing_is_kept(world: World) -> None:
    [anna] = await world.enters("anna")
    tried = await anna.asks("preview_item", {"item": question(), "seed": "7", "language": "kk"})
    assert (tried["outcome"], tried["faults"], tried["shown"]["kind"]) == (None, [], "single")
    assert "right" not in tried["shown"]
    shown = {one["words"]["blocks"][0]["runs"][0]["text"]: one["id"] for one in tried["shown"]["options"]}
    for text, points in {"нұсқа b": "1", "нұсқа a": "0"}.items():
        answer = {"kind": "chosen", "ids": [shown[text]]}
        tried = await anna.asks("preview_item", {"item": question(), "seed": "7", "language": "kk", "answer": answer})
        assert (tried["outcome"]["points"], tried["outcome"]["most"]) == (points, "1")
    tried = await anna.asks("preview_item", {"item": question(right="z")})
    assert (tried["shown"], [one["why"] for one in tried["faults"]]) == (None, ["unknown"])
    with refused("item_answer_unfit", 422):
        await anna.asks("preview_item", {"item": question(), "answer": {"kind": "chosen", "ids": ["9"]}})
    assert await world.run(lambda tx: tx.all(select(ItemVersion))) == []


@pytest.mark.req("S141-15.6")
async def test_how_a_question_did_in_exams_stands_beside_it(world: World) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    item = ItemId((await writes(anna, bank))["row"]["id"])
    school = world.school.school.id
    exams = [ExamId(new_id("exam", at)) for at in (1, 2)]
    for exam, asked, facility in ((exams[0], 30, 0.5), (exams[1], 10, 0.9), (exams[1], 10, 0.7)):
        used = [Used(item, 1, asked, facility, 0.25)]
        await world.run(lambda tx, exam=exam, used=used: service.note_uses(tx, school, exam, "Тоқсандық", used))
    [row] = (await anna.asks("list_items", bank_id=bank))["items"]
    assert (row["asked"], row["discrimination"]) == (40, 0.25)
    assert row["facility"] == pytest.approx((30 * 0.5 + 10 * 0.7) / 40)
    uses = (await anna.asks("read_item", item_id=item))["uses"]
    assert [(one["exam_id"], one["title"], one["facility"]) for one in uses] == [
        (exams[0], "Тоқсандық", 0.5),
        (exams[1], "Тоқсандық", 0.7),
    ]
    assert len(await world.run(lambda tx: tx.all(select(ItemUse)))) == 2


@pytest.mark.req("S141-15.6")
async def test_exams_draw_from_what_was_passed_and_get_the_version_they_froze(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    bank = await a_bank(anna)
    passed = await writes(anna, bank, question("Бірінші", objectives=["7.1"], difficulty=2, family="пара"))
    passed = await moves(boris, await moves(anna, passed, "review"), "approved")
    await writes(anna, bank, question("Екінші"))
    await writes(anna, bank, question("Бұзық", right="z"))
    school, key = world.school.school.id, ItemId(passed["row"]["id"])

    async def candidates(*states: Any) -> list[Any]:
        return await world.run(lambda tx: service.candidates(tx, school, [bank], states))  # type: ignore[list-item]

    [one] = await candidates("approved")
    assert (one.id, one.version, one.objectives, one.difficulty, one.family) == (key, 1, {"7.1"}, 2, "пара")
    assert [one.titles.kk for one in await candidates("approved", "draft")] == ["Бірінші", "Екінші"]
    await anna.asks("change_item", {"version": 1, "item": question("Өзгерді")}, item_id=key)
    assert await candidates("approved") == []
    frozen = await world.run(lambda tx: service.of_paper(tx, school, [(key, 1), (key, 2), (key, 9)]))
    assert {version: core.described(one).titles[0] for (_, version), one in frozen.items()} == {
        1: "Бірінші",
        2: "Өзгерді",
    }
    elsewhere = await world.run(lambda tx: service.of_paper(tx, world.school.other.id, [(key, 1)]))
    assert elsewhere == {}


async def _lines(world: World) -> list[tuple[str, str, PersonId | None, Json]]:
    rows = await world.run(lambda tx: tx.all(select(Entry).where(Entry.what.in_(("looked", "exported")))))
    return [(row.what, row.op, row.actor_id, row.details) for row in sorted(rows, key=lambda one: one.id)]
