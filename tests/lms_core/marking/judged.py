"""An exam that was sat, and what its commission and its learners do then."""

from typing import Any

from tests.lms_core.exams.sat import DEVICE, chosen, exam_data, published, saves, sits, written
from tests.support.story import Json, Person
from tests.support.world import World

__all__ = ["chosen", "exam_data", "published", "saves", "sits", "written"]


async def settles(world: World) -> None:
    """What is owed is done: facts are told, jobs have run."""
    await world.settle()
    await world.house.jobs.drain()
    await world.settle()


def answer_to(question: Json, *, right: bool, text: str = "Because.") -> Json:
    """To a question of `sat.ITEMS`, as it is shown."""
    if question["shown"]["kind"] == "essay":
        return written(text)
    said = {one["words"]["blocks"][0]["runs"][0]["text"]: one["id"] for one in question["shown"]["options"]}
    return chosen(said["A" if right else "B"])


async def sat_by(world: World, who: Person, exam: str, *, right: int = 3, text: str = "Because.") -> Json:
    """The sitting of who answers so many of the chosen questions rightly, and the essay unless there is no text."""
    sitting = await sits(who, exam)
    for question in sitting["questions"]:
        if question["shown"]["kind"] == "essay" and not text:
            continue
        told = answer_to(question, right=right > 0, text=text)
        right -= question["shown"]["kind"] != "essay"
        await saves(who, sitting["id"], question["place"], 1, told)
    await who.does("hand_in", {"device": DEVICE}, sitting_id=sitting["id"])
    await settles(world)
    return sitting


async def task_of(who: Person, exam: str, **query: Any) -> Json:
    return (await who.asks("next_to_mark", query=query, exam_id=exam))["task"]


async def marks(who: Person, task: Json, points: str | None = "2", **more: Any) -> Json:
    body = {"place": task["place"], "revision": task["revision"], "seen": task["seen"], "points": points, **more}
    return await who.does("mark_answer", body, sitting_id=task["sitting_id"])


async def row_of(who: Person, exam: str, person: Person) -> Json:
    rows = (await who.asks("exam_results", exam_id=exam))["rows"]
    return next(one for one in rows if one["person_id"] == person.id)


def member(person: Person | str, part: str) -> Json:
    return {"person_id": person if isinstance(person, str) else person.id, "part": part}


def telling(what: str, when: str = "by_hand") -> Json:
    return {"what": what, "when": when}
