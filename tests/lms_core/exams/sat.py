"""An exam of four questions, and what people do with it."""

from typing import Any

from tests.support.story import Json, Person
from tests.support.world import World

DEVICE, OTHER = "desk-1", "phone-2"


def words(text: str) -> Json:
    one = {"blocks": [{"kind": "paragraph", "runs": [{"kind": "text", "text": text}]}]}
    return {"kk": one, "ru": one, "en": one}


def single(prompt: str, **more: Any) -> Json:
    options = [
        {"id": name, "words": words(letter)} for name, letter in zip(("right", "wrong", "other"), "ABC", strict=True)
    ]
    body = {"kind": "single", "options": options, "right": ["right"]}
    return {"version": 1, "prompt": words(prompt), "body": body, "difficulty": 1, "objectives": ["o1"], **more}


def essay(prompt: str) -> Json:
    return {"version": 1, "prompt": words(prompt), "body": {"kind": "essay"}, "difficulty": 2, "objectives": ["o2"]}


ITEMS = (single("2 + 2"), single("3 + 3"), single("4 + 4"), essay("Why?"))


async def a_bank(world: World, sent: tuple[Json, ...] = ITEMS) -> tuple[str, list[str]]:
    """A shared bank with these questions, written by boris and passed by anna; their ids."""
    anna, boris = await world.enters("anna", "boris")
    bank = await boris.asks("create_bank", {"title": "Алгебра", "shared": True})
    ids = []
    for one in sent:
        made = await boris.asks("create_item", {"item": one}, bank_id=bank["id"])
        assert made["faults"] == []
        ids.append(made["row"]["id"])
        await boris.asks("set_item_state", {"version": 1, "state": "review"}, item_id=ids[-1])
        await anna.asks("set_item_state", {"version": 1, "state": "approved"}, item_id=ids[-1])
    return bank["id"], ids


async def exam_data(world: World, **more: Any) -> Json:
    """Three drawn and one named, open now for half an hour's work by 11 «А»."""
    bank, ids = await a_bank(world)
    cells = [{"objective": "o1", "difficulty": 1, "count": 3, "points": "1"}]
    section = {"name": "Алгебра", "cells": cells, "items": [{"item_id": ids[3], "points": "2.5"}]}
    return {
        "title": "Туынды",
        "banks": [bank],
        "sections": [section],
        "seconds": 1800,
        "takers": {"groups": [world.school.eleven.id], "persons": []},
        **more,
    }


async def published(world: World, anna: Person, **more: Any) -> str:
    """The id of an exam of anna's that may be sat."""
    made = await anna.does("create_exam", await exam_data(world, **more))
    assert (await anna.does("publish_exam", {}, exam_id=made["id"]))["state"] == "published"
    return made["id"]


async def sits(who: Person, exam: str, device: str = DEVICE, **more: Any) -> Json:
    return await who.does("start_sitting", {"device": device, **more}, exam_id=exam)


async def saves(who: Person, sitting: str, place: int, nth: int, answer: Json | None, **more: Any) -> Json:
    """`nth`: the revision."""
    body = {"place": place, "revision": nth, "answer": answer, "device": DEVICE, **more}
    return await who.does("answer", body, sitting_id=sitting)


def chosen(option: str) -> Json:
    return {"kind": "chosen", "ids": [option]}


def written(text: str) -> Json:
    return {"kind": "written", "text": text}
