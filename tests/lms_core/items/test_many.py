"""Many questions are led on at once: each by the rules for one, and whoever asked is told what was not done and why."""

from typing import Any

import pytest
from sqlalchemy import select

from lms_core.audit.model import Entry
from lms_core.items import many
from lms_core.items.model import BankItem, ItemReview
from tests.lms_core.items.test_bank import a_bank, moves, question, writes
from tests.lms_core.items.test_trade import brings
from tests.support.story import Person, refused
from tests.support.world import World

Json = dict[str, Any]


async def leads(person: Person, bank: str, state: str, **more: Any) -> Json:
    return await person.asks("set_item_states", {"state": state} | more, bank_id=bank)


def of(*items: Json) -> list[Json]:
    return [{"id": one["row"]["id"], "version": one["row"]["version"]} for one in items]


def whys(told: Json) -> dict[str, int]:
    return {one["why"]: one["count"] for one in told["refused"]}


async def states(world: World) -> list[str]:
    return [row.state for row in await world.run(lambda tx: tx.all(select(BankItem).order_by(BankItem.id)))]


def gift(count: int) -> str:
    return "".join(f"::Q{n}:: {n} + {n} = ? {{={2 * n} ~{2 * n + 1}}}\n\n" for n in range(count))


@pytest.mark.req("S456-27.14")
async def test_all_of_an_import_goes_to_review_at_once_and_another_person_passes_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "AT_ONCE", 7)
    anna, boris = await world.enters("anna", "boris")
    bank = await a_bank(anna)
    assert (await brings(anna, bank, gift(30)))["taken"] == 30
    done = await leads(anna, bank, "review", filter={"state": "draft"})
    assert done == {"changed": 30, "already": 0, "refused": [], "next": None}
    own = await leads(anna, bank, "approved", filter={})
    assert (own["changed"], whys(own), len(own["refused"][0]["items"])) == (0, {"own_item": 30}, many.MOST_TOLD)
    assert "29 + 29 = ?" in own["refused"][0]["items"][0]["titles"].values()
    done = await leads(boris, bank, "approved", filter={}, comment="Жақсы")
    assert (done["changed"], await states(world)) == (30, ["approved"] * 30)
    assert (await leads(boris, bank, "approved", filter={}))["already"] == 30
    rows = await world.run(lambda tx: tx.all(select(ItemReview)))
    said = {(one.nth, one.version, one.reviewer_id, one.verdict, one.comment) for one in rows}
    assert (len(rows), said) == (30, {(1, 1, boris.id, "approve", "Жақсы")})


async def test_what_is_not_done_is_told_by_its_reason(world: World) -> None:
    anna, boris, deputy = await world.enters("anna", "boris", "deputy")
    bank = await a_bank(anna)
    good, changed, draft, faulty, own = [await writes(anna, bank, question(f"Сұрақ {n}")) for n in range(5)]
    sent = [good, changed, own]
    await leads(anna, bank, "review", items=of(*sent))
    seen = of(good, changed, draft, own)
    again = await boris.asks("change_item", {"version": 1, "item": question(right="a")}, item_id=own["row"]["id"])
    await moves(boris, again, "review")
    await moves(
        anna,
        await anna.asks("change_item", {"version": 1, "item": question("Басқа")}, item_id=changed["row"]["id"]),
        "review",
    )
    elsewhere = await writes(anna, await a_bank(anna, "Басқа банк"))
    asked = [*seen[:3], {"id": own["row"]["id"], "version": 2}, *of(elsewhere)]
    told = await leads(boris, bank, "approved", items=asked)
    assert (told["changed"], whys(told)) == (1, {"stale": 1, "item_state_unfit": 1, "own_item": 1, "not_found": 1})
    assert (await anna.asks("read_item", item_id=good["row"]["id"]))["row"]["state"] == "approved"
    await anna.asks("change_item", {"version": 1, "item": question(right="z")}, item_id=faulty["row"]["id"])
    told = await leads(anna, bank, "review", filter={"state": "draft"})
    assert (told["changed"], whys(told)) == (1, {"item_unfit": 1})
    assert [one["id"] for one in told["refused"][0]["items"]] == [faulty["row"]["id"]]
    assert whys(await leads(deputy, bank, "approved", items=of(elsewhere))) == {"not_found": 1}


async def test_of_a_list_only_what_was_in_it_is_led_on(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    bank = await a_bank(anna)
    items = [await writes(anna, bank, question(f"Сұрақ {n}")) for n in range(3)]
    listed = await anna.asks("list_items", bank_id=bank)
    await world.clock.advance(10)
    await boris.asks("change_item", {"version": 1, "item": question("Жаңа")}, item_id=items[0]["row"]["id"])
    await writes(anna, bank, question("Кейінгі"))
    told = await leads(anna, bank, "review", filter={}, seen_at=listed["at"])
    assert (told["changed"], whys(told)) == (2, {"stale": 2})
    told = await leads(anna, bank, "review", filter={}, seen_at=listed["at"])
    assert (told["changed"], told["already"], whys(told)) == (0, 2, {"stale": 2})
    told = await leads(anna, bank, "retired", filter={"search": "Жаңа"})
    assert (told["changed"], (await states(world)).count("retired")) == (1, 1)


async def test_many_are_returned_with_a_word_and_ones_own_are_taken_back(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    bank = await a_bank(anna)
    for who in (anna, boris):
        await leads(who, bank, "review", items=of(await writes(who, bank)))
    told = await leads(boris, bank, "draft", filter={"state": "review"}, comment="Дереккөз жоқ")
    assert (told["changed"], await states(world)) == (2, ["draft", "draft"])
    [said] = await world.run(lambda tx: tx.all(select(ItemReview)))
    assert (said.verdict, said.comment, said.reviewer_id) == ("return", "Дереккөз жоқ", boris.id)


async def test_more_than_are_led_on_at_once_are_led_on_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "AT_ONCE", 2)
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    await brings(anna, bank, gift(5))
    first = await leads(anna, bank, "retired", filter={"kind": "short"})
    assert (first["changed"], first["next"]) == (0, None)
    first = await leads(anna, bank, "review", filter={}, most=3)
    assert (first["changed"], first["next"] is not None) == (4, True)
    last = await leads(anna, bank, "review", filter={}, after=first["next"])
    assert (last["changed"], last["next"], await states(world)) == (1, None, ["review"] * 5)


async def test_who_may_not_changes_nothing(world: World) -> None:
    anna, boris, director, misha = await world.enters("anna", "boris", "director", "misha")
    bank = await a_bank(anna)
    item = await writes(anna, bank)
    assert whys(await leads(director, bank, "review", filter={})) == {"forbidden": 1}
    with refused("forbidden", 403):
        await leads(misha, bank, "review", filter={})
    alone = await a_bank(anna, "Өзімдікі", shared=False)
    with refused("not_found", 404):
        await leads(boris, alone, "review", filter={})
    await anna.asks("change_bank", {"title": "Ескі", "shared": True, "archived": True}, bank_id=bank)
    with refused("bank_archived", 409):
        await leads(anna, bank, "review", items=of(item))
    assert await states(world) == ["draft"]
    await world.house.audit.flush()
    lines = await world.run(lambda tx: tx.all(select(Entry).where(Entry.op == "set_item_states")))
    assert {(one.actor_id, one.code) for one in lines} >= {(director.id, "forbidden"), (boris.id, "not_found")}


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"items": [], "filter": {}},
        {"items": [{"id": "item_" + "0" * 26, "version": 1}] * (many.MOST_CHOSEN + 1)},
        {"filter": {}, "comment": "a" * 2001},
        {"filter": {"colour": "red"}},
    ],
)
async def test_what_is_no_wish_is_refused(world: World, wish: Json) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    with refused("malformed", 422):
        await leads(anna, bank, "review", **wish)
