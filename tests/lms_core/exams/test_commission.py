"""What a commission sets, sees and does: admission, pauses, ends, time, resits, takers, changes of an exam."""

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta

import pytest

from lms_core.exams import admission
from lms_core.exams.admission import Asked, NotAdmitted
from lms_core.groups import service as groups
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Refusal
from lms_core.kernel.ids import PersonId, new_id
from tests.lms_core.exams.sat import DEVICE, ITEMS, OTHER, a_bank, exam_data, published, saves, sits
from tests.support.story import Json, Person, Refused, refused
from tests.support.world import World


async def moves(who: Person, sitting: str, act: str, why: str = "", seconds: int | None = None) -> Json:
    return await who.does("move_sitting", {"act": act, "why": why, "added_seconds": seconds}, sitting_id=sitting)


async def watched(who: Person, exam: str) -> Json:
    [one] = (await who.asks("list_sittings", exam_id=exam))["items"]
    return one


@pytest.mark.req("S456-34.10", "S141-26.3")
async def test_a_supervised_exam_lets_in_whom_the_commission_admits(world: World) -> None:
    anna, misha, proctor, boris = await world.enters("anna", "misha", "proctor", "boris")
    watch = [{"person_id": world.school.persons["proctor"], "part": "proctor"}]
    exam = await published(world, anna, supervised=True, commission=watch)
    sitting = await sits(misha, exam)
    assert (sitting["state"], sitting["questions"]) == ("checking", [])
    with refused("sitting_not_running", 409):
        await saves(misha, sitting["id"], 1, 1, None)
    assert (await sits(misha, exam))["state"] == "checking", "nobody lets oneself in"
    with refused("not_found", 404):
        await moves(boris, sitting["id"], "admit")
    with refused("forbidden", 403):
        await moves(misha, sitting["id"], "admit")
    assert (await moves(proctor, sitting["id"], "admit"))["state"] == "ready"
    running = await sits(misha, exam)
    assert (running["state"], len(running["questions"])) == ("running", 4)
    rows = (await proctor.asks("list_moves", sitting_id=sitting["id"]))["items"]
    assert [(one["act"], one["by"]) for one in rows] == [
        ("check_in", "learner"),
        ("admit", "proctor"),
        ("start", "learner"),
    ]
    assert rows[1]["who"] == "Proctor Оспан"
    for operation, body in (
        ("change_exam", {"version": 9, "data": await exam_data(world)}),
        ("cancel_exam", {"why": "x"}),
    ):
        with refused("forbidden", 403):
            await proctor.does(operation, body, exam_id=exam)


@pytest.mark.req("S456-27.14")
async def test_a_sitting_is_paused_ended_and_begun_anew(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    sitting = (await sits(misha, exam))["id"]
    await world.clock.advance(20)
    paused = await moves(anna, sitting, "pause", "Өрт дабылы")
    assert (paused["state"], paused["left"]["stands"]) == ("paused", True)
    seen = await misha.asks("read_sitting", sitting_id=sitting, query={"device": DEVICE})
    assert (seen["state"], seen["questions"]) == ("paused", []), "who waits reads no questions"
    assert [(one["act"], one["why"]) for one in seen["messages"]] == [("pause", "Өрт дабылы")]
    await world.clock.advance(600)
    assert (await moves(anna, sitting, "resume"))["left"]["whole"] == 1780
    with refused("reason_missing", 422):
        await moves(anna, sitting, "terminate")
    assert (await moves(anna, sitting, "terminate", "Көшірді"))["state"] == "terminated"
    assert (await moves(anna, sitting, "reactivate", "Қателік болды"))["state"] == "running"
    for seconds in (0, -60, 10**6):
        with refused("added_time_unfit", 422):
            await moves(anna, sitting, "add_time", "себеп", seconds)
    assert (await moves(anna, sitting, "add_time", "Кешіктік", 120))["left"]["whole"] == 1900
    assert (await moves(anna, sitting, "hand_in"))["state"] == "handed_in"
    with refused("sitting_move_unfit", 409):
        await moves(anna, sitting, "pause")


async def test_a_learner_hears_of_each_move_and_nobody_else_does(world: World) -> None:
    """The commission hears of every sitting in the exam's topic."""
    anna, misha, dina, deputy = await world.enters("anna", "misha", "dina", "deputy")
    exam = await published(world, anna)
    sitting = await sits(misha, exam)
    topic = {"topic": f"sitting:{sitting['id']}", "position": sitting["position"]}
    position = (await misha.commands("subscribe", topic))["position"]
    for act, why in (("pause", ""), ("resume", ""), ("terminate", "x"), ("reactivate", "y")):
        await moves(anna, sitting["id"], act, why)
    await moves(anna, sitting["id"], "add_time", "z", 60)
    await misha.does("bring_sitting", {"device": OTHER}, sitting_id=sitting["id"])
    heard = await misha.commands("subscribe", topic | {"position": position})
    told = [one["body"] for one in heard["events"] if one["name"] == "exams.sitting_told"]
    assert [one["act"] for one in told] == ["pause", "resume", "terminate", "reactivate", "add_time", "bring"]
    assert [one["state"] for one in told] == ["paused", "running", "terminated", "running", "running", "running"]
    for stranger in (dina, anna, deputy):
        with refused("not_found", 404):
            await stranger.commands("subscribe", topic)
    with refused("not_found", 404):
        await misha.commands("subscribe", {"topic": f"sitting:{new_id('sitting', 1)}", "position": 0})


async def test_a_learners_own_time_counts_at_once(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    me = {"exam_id": exam, "person_id": world.school.persons["misha"]}
    sitting = await sits(misha, exam)
    assert sitting["left"]["whole"] == 1800
    changed = await anna.does("change_taker", {"factor": "3/2", "extra_seconds": 60, "seat": "12"}, **me)
    assert (changed["factor"], changed["seat"], changed["sittings"][0]["state"]) == ("3/2", "12", "running")
    seen = await misha.asks("read_sitting", sitting_id=sitting["id"], query={"device": DEVICE})
    assert (seen["left"]["whole"], seen["seat"]) == (2760, "12")
    for factor in ("1/2", "9", "x", "1/0"):
        with refused("allowance_unfit", 422):
            await anna.does("change_taker", {"factor": factor}, **me)
    with refused("taker_unfit", 422):
        await anna.does("change_taker", {"seat": "я" * 41}, **me)


@pytest.fixture
def no_checks() -> Iterator[None]:
    kept = list(admission._CHECKS)
    yield
    admission._CHECKS[:] = kept


class AttendanceShort(Refusal):
    code, status = "not_admitted", 403


@pytest.mark.req("S456-34.10")
@pytest.mark.usefixtures("no_checks")
async def test_an_admission_check_refuses_and_the_commission_may_admit_after_all(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    misha_id = world.school.persons["misha"]

    @admission.admission
    async def attendance(tx: Tx, exam: Asked, persons: Collection[PersonId]) -> Mapping[PersonId, Refusal]:
        return {one: AttendanceShort(why="attendance") for one in persons if one == misha_id}

    exam = await published(world, anna)
    takers = {one["person_id"]: one for one in (await anna.asks("list_takers", exam_id=exam))["items"]}
    assert {takers[world.school.persons[name]]["check"] for name in ("misha",)} == {"not_admitted"}
    assert takers[world.school.persons["dina"]]["check"] == ""
    with refused("not_admitted", 403):
        await sits(misha, exam)
    assert (await sits(dina, exam))["state"] == "running"
    await anna.does("change_taker", {"admitted": True}, exam_id=exam, person_id=misha_id)
    assert (await sits(misha, exam))["state"] == "running"
    other = await published(world, anna)
    body = {"admitted": True, "refusal": "Қарызы бар"}
    await anna.does("change_taker", body, exam_id=other, person_id=misha_id)
    with refused("not_admitted", 403) as no:
        await sits(misha, other)
    assert no[0].params == {"why": "Қарызы бар"}
    assert issubclass(AttendanceShort, Refusal) and NotAdmitted.code == "not_admitted"


@pytest.mark.req("S456-34.10")
async def test_a_resit_is_for_some_of_those_who_took_it(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna)
    sitting = await sits(misha, exam)
    await misha.does("hand_in", {"device": DEVICE}, sitting_id=sitting["id"])
    with refused("not_found", 404):
        await anna.does("make_resit", {"persons": [world.school.persons["erlan"]]}, exam_id=exam)
    made = await anna.does("make_resit", {"persons": [world.school.persons["misha"]]}, exam_id=exam)
    assert (made["state"], made["data"]["kind"], made["data"]["resit_of"]) == ("draft", "resit", exam)
    await anna.does("publish_exam", {}, exam_id=made["id"])
    with refused("not_found", 404):
        await sits(dina, made["id"])
    again = await sits(misha, made["id"])
    assert (again["attempt"], again["exam"]["kind"]) == (1, "resit")


async def test_a_cancelled_exam_stops_who_sits_it_and_says_why(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna)
    sitting = (await sits(misha, exam))["id"]
    with refused("reason_missing", 422):
        await anna.does("cancel_exam", {"why": " "}, exam_id=exam)
    for _ in range(2):
        assert (await anna.does("cancel_exam", {"why": "Су басты"}, exam_id=exam))["state"] == "cancelled"
    seen = await misha.asks("read_sitting", sitting_id=sitting, query={"device": DEVICE})
    assert (seen["state"], seen["messages"][-1]["why"]) == ("terminated", "Су басты")
    with refused("exam_not_sat", 409):
        await sits(dina, exam)
    for operation, body in (("publish_exam", {}), ("change_exam", {"version": 3, "data": await exam_data(world)})):
        with refused("exam_is_over", 409):
            await anna.does(operation, body, exam_id=exam)


@pytest.mark.req("S141-15.3", "S141-15.6")
async def test_what_cannot_be_published_is_named(world: World) -> None:
    anna, *_ = await world.enters("anna")
    data = await exam_data(world)
    data["sections"][0]["cells"][0]["count"] = 7
    exam = (await anna.does("create_exam", data))["id"]
    with refused("blueprint_short", 409) as no:
        await anna.does("publish_exam", {}, exam_id=exam)
    assert no[0].params == {"cells": [{"section": 0, "objective": "o1", "difficulty": 1, "wanted": 7, "found": 3}]}
    for change, code in (
        ({"sections": []}, "no_questions"),
        ({"takers": {"groups": [], "persons": []}}, "exam_unfit"),
    ):
        made = await anna.does("create_exam", await exam_data(world) | change)
        with refused(code):
            await anna.does("publish_exam", {}, exam_id=made["id"])


async def test_what_makes_no_sense_is_refused_with_its_place(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    data = await exam_data(world)
    wrong = [
        ({"title": " "}, "title", "missing"),
        ({"title": "я" * 201}, "title", "long"),
        ({"attempts": 0}, "attempts", "range"),
        ({"seconds": 0}, "seconds", "range"),
        ({"languages": []}, "languages", "missing"),
        ({"kind": "resit"}, "resit_of", "kind"),
        ({"opens_at": "2026-10-23T10:00:00Z", "closes_at": "2026-10-22T10:00:00Z"}, "opens_at", "order"),
        ({"banks": ["bank_01m5ed0250s34fpfb72xpt3hq7"]}, "banks[0]", "unknown"),
        ({"sections": [{"items": [{"item_id": "item_01m5ed0250s34fpfb72xpt3hq7"}]}]}, "sections", "unknown"),
        ({"sections": [{"cells": [{"points": "0"}]}]}, "sections[0].cells[0].points", "range"),
        ({"sections": [{"cells": [{"points": "0.125"}]}]}, "sections[0].cells[0].points", "range"),
    ]
    for change, where, why in wrong:
        with refused("exam_unfit", 422) as no:
            await anna.does("create_exam", data | change)
        assert no[0].params == {"where": where, "why": why}
    with refused("forbidden", 403):
        await misha.does("create_exam", data)


@pytest.mark.req("S456-27.18")
async def test_an_exam_is_its_commissions_and_its_takers(world: World) -> None:
    anna, boris, misha, victor, deputy = await world.enters("anna", "boris", "misha", "victor", "deputy")
    ten = {"takers": {"groups": [world.school.ten.id], "persons": []}}
    with refused("forbidden", 403):
        await anna.does("create_exam", await exam_data(world) | ten)
    persons = {"takers": {"groups": [], "persons": [world.school.persons["erlan"]]}}
    with refused("forbidden", 403):
        await anna.does("create_exam", await exam_data(world) | persons)
    made = await deputy.does("create_exam", await exam_data(world) | ten)
    assert made["part"] == "chair"
    exam = await published(world, anna)
    for stranger in (boris, victor, misha):
        for operation in ("read_exam", "list_takers", "list_sittings"):
            with refused("not_found", 404):
                await stranger.asks(operation, exam_id=exam)
    assert (await deputy.asks("read_exam", exam_id=exam))["part"] == "reader"
    with refused("forbidden", 403):
        await deputy.does("cancel_exam", {"why": "x"}, exam_id=exam)


async def test_a_published_exam_changes_its_times_and_people_alone(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    sitting = await sits(misha, exam)
    now = await anna.asks("read_exam", exam_id=exam)
    with refused("exam_is_published", 409) as no:
        await anna.does(
            "change_exam", {"version": 2, "data": now["data"] | {"attempts": 3, "shuffle": False}}, exam_id=exam
        )
    assert no[0].params == {"fields": ["attempts", "shuffle"]}
    with refused("stale", 409):
        await anna.does("change_exam", {"version": 1, "data": now["data"]}, exam_id=exam)
    ends = (world.clock.now() + timedelta(minutes=10)).isoformat()
    changed = await anna.does("change_exam", {"version": 2, "data": now["data"] | {"ends_at": ends}}, exam_id=exam)
    assert changed["version"] == 3
    seen = await misha.asks("read_sitting", sitting_id=sitting["id"], query={"device": DEVICE})
    assert seen["left"]["deadline"] == "2026-10-22T05:05:00Z"


async def test_who_comes_into_a_class_takes_its_exams(world: World) -> None:
    anna, erlan = await world.enters("anna", "erlan")
    exam = await published(world, anna)
    there, person = world.school.eleven, world.school.persons["erlan"]

    async def comes(tx: Tx) -> None:
        await groups.enrol_all(tx, there, [person], world.clock.now().date())
        groups.announce(tx, there.organisation_id)

    await world.run(comes)
    await world.settle()
    assert (await sits(erlan, exam))["state"] == "running"
    assert len((await anna.asks("list_takers", exam_id=exam))["items"]) == 3


@pytest.mark.req("S456-27.14")
async def test_files_come_before_the_answer_that_names_them(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    picture = {**ITEMS[3], "body": {"kind": "file", "types": ["png"], "most_bytes": 1000}}
    bank, ids = await a_bank(world, (picture, ITEMS[0]))
    sections = [{"name": "", "items": [{"item_id": one} for one in ids]}]
    exam = await published(world, anna, banks=[bank], sections=sections, shuffle=False)
    sitting = (await sits(misha, exam))["id"]
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\x3a\x7e\x9b\x55"
    sent = await sends_file(misha, sitting, 1, "сурет.png", png)
    assert (sent["type"], sent["bytes"]) == ("image/png", len(png))
    assert (await sends_file(misha, sitting, 1, "сурет.png", png))["file_id"] == sent["file_id"]
    files = [{"sha256": sent["sha256"], "name": "сурет.png", "size": len(png)}]
    named = {"kind": "handed_in", "files": files}
    assert (await saves(misha, sitting, 1, 1, named))["outcome"] == "taken"
    with refused("not_found", 404):
        unknown = {"kind": "handed_in", "files": [files[0] | {"sha256": "0" * 64}]}
        await saves(misha, sitting, 1, 2, unknown)
    for who, place, body, code in (
        (dina, 1, png, "not_found"),
        (misha, 2, png, "malformed"),
        (misha, 9, png, "not_found"),
        (misha, 1, png + b"\0" * 1000, "file_too_large"),
        (misha, 1, b"MZ\x90\0", "file_type_refused"),
    ):
        with refused(code):
            await sends_file(who, sitting, place, "a.png", body)
    await misha.does("hand_in", {"device": DEVICE}, sitting_id=sitting)
    await world.clock.advance(121)
    with refused("sitting_not_running", 409):
        await sends_file(misha, sitting, 1, "b.png", png)


async def sends_file(who: Person, sitting: str, place: int, name: str, body: bytes) -> Json:
    headers = {"Authorization": f"Bearer {who.token}"}
    query = {"place": str(place), "name": name}
    async with who.world.http.post(f"/api/sittings/{sitting}/files", data=body, params=query, headers=headers) as said:
        answer = await said.json(content_type=None)
    if said.status != 200:
        raise Refused(said.status, answer)
    return answer
