"""A person's data: shown whole, to whom it may be shown, and erased by rule."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from lms_core.access.model import Account, Assignment, Login
from lms_core.audit import core as audit_core
from lms_core.audit.model import Entry
from lms_core.kernel import personal
from lms_core.kernel.ids import PersonId
from lms_core.kernel.tables import Outbox
from lms_core.messages.model import Message
from lms_core.people.model import Person as PersonRow
from server.setup_env import ROOT
from tests.support.factories import PASSWORD
from tests.support.story import refused
from tests.support.world import World

LOCALES = ROOT / "web_client" / "src" / "locales"
SAID: dict[str, tuple[set[str], str]] = {
    "enrolments": ({"enrolments"}, "as the class itself"),
    "visits": ({"visits", "lesson_guests"}, "1y"),
    "messages": ({"messages", "polls", "boards", "board_updates"}, "1y"),
    "recordings": ({"recordings", "recording_publications", "recording_events"}, "until the recording is deleted"),
    "audit": ({"audit"}, "3y"),
    "course_teachers": ({"course_teachers"}, "as the course itself"),
    "lessons": ({"lessons"}, "as the course itself"),
    "consultations": ({"consultations"}, "1y"),
    "exams": (
        {
            *("exams", "exam_commission", "exam_takers", "exam_releases"),
            *("sittings", "sitting_moves", "answers", "answer_files"),
            *("answer_marks", "regrades", "appeals", "results"),
        },
        "3y",
    ),
    "banks": ({"banks", "items", "item_versions", "item_reviews"}, "as the bank itself"),
    "scales": ({"scales"}, "as the rule itself"),
}
"""Sentence of the page about an erasure → the tables that it is about, and until when they are kept."""
IIN = "070217500124"


async def removed(world: World, name: str) -> dict[str, str]:
    [admin] = await world.enters("administrator")
    here = {"organisation_id": world.school.school.id, "person_id": world.school.persons[name]}
    await admin.does("remove_person", {}, **here)
    return here


@pytest.mark.req("S234-10")
async def test_a_person_reads_all_that_is_kept_about_them_and_no_secret(world: World) -> None:
    misha, anna = await world.enters("misha", "anna")
    await anna.joins(world.school.algebra.id)
    await misha.joins(world.school.algebra.id)
    await misha.writes(world.school.algebra.room_id, "сәлем")
    data = await misha.asks("read_my_data")
    tables = {one["table"]: one for one in data["tables"]}
    assert data["person_id"] == misha.id
    assert tables["persons"]["rows"][0]["given"] == "Misha"
    assert tables["accounts"]["rows"][0]["login"] == "misha"
    assert [row["text"] for row in tables["messages"]["rows"]] == ["сәлем"]
    assert (tables["messages"]["erased"], tables["messages"]["until"]) == ("kept", "1y")
    assert {"enrolments", "logins", "role_assignments", "audit"} <= set(tables)
    hash_ = await world.run(lambda tx: tx.one(select(Account.password_hash).where(Account.person_id == misha.id)))
    assert hash_ and hash_ not in json.dumps(data)
    fields = {name for one in data["tables"] for row in one["rows"] for name in row}
    assert not {name for name in fields if "hash" in name or "secret" in name or "token" in name}


async def test_nobody_elses_rows_are_among_them(world: World) -> None:
    misha, anna = await world.enters("misha", "anna")
    await anna.writes(world.school.algebra.room_id, "anna's")
    others = set(world.school.persons.values()) - {misha.id}
    said = json.dumps((await misha.asks("read_my_data"))["tables"])
    assert "anna's" not in said
    assert not {person for person in others if person in said} - {world.school.persons["parent"]}


async def test_who_keeps_the_roll_reads_it_and_is_written_down(world: World) -> None:
    admin, anna, director = await world.enters("administrator", "anna", "director")
    misha = world.school.persons["misha"]
    data = await admin.asks("read_data_of", person_id=misha)
    assert data["tables"]
    page = await admin.asks("read_audit", query={"what": "looked"}, organisation_id=world.school.school.id)
    assert [(one["op"], one["actor_id"], one["subject_id"]) for one in page["items"]] == [
        ("read_data_of", admin.id, misha)
    ]
    for person in (anna, director):
        with refused("forbidden"):
            await person.asks("read_data_of", person_id=misha)
    with refused("not_found"):
        await admin.asks("read_data_of", person_id=world.school.persons["victor"])
    with refused("person_above"):
        await admin.asks("read_data_of", person_id=world.school.persons["inspector"])


async def test_one_reads_ones_own_ten_times_an_hour(world: World) -> None:
    [misha] = await world.enters("misha")
    for _ in range(10):
        await misha.asks("read_my_data")
    with refused("too_many_attempts", 429):
        await misha.asks("read_my_data")


@pytest.mark.req("S234-10")
async def test_an_erased_person_is_nobody_any_more(world: World) -> None:
    misha, anna, admin = await world.enters("misha", "anna", "administrator")
    me, room = world.school.persons["misha"], world.school.algebra.room_id
    here: dict[str, Any] = {"organisation_id": world.school.school.id, "person_id": me}
    names = {"family": "Оспан", "given": "Misha", "iin": IIN}
    await admin.does("change_person", {"version": 1, "data": names}, **here)
    await misha.writes(room, "сәлем")
    with refused("person_active", 409):
        await admin.asks("erase_person", {}, person_id=me)
    await removed(world, "misha")
    with refused("forbidden"):
        await anna.asks("erase_person", {}, person_id=me)
    await admin.does("erase_person", {}, person_id=me)
    person = await world.run(lambda tx: tx.get(PersonRow, me))
    assert person
    assert (person.family, person.given, person.patronymic, person.iin) == ("", "—", None, None)
    for table in (Account, Login, Assignment):
        assert await world.run(lambda tx, t=table: tx.all(select(t).where(t.person_id == me))) == []
    assert await world.run(lambda tx: tx.all(select(Assignment).where(Assignment.subject_id == me))) == []
    [message] = await world.run(lambda tx: tx.all(select(Message).where(Message.author_id == me)))
    assert message.text == "сәлем"
    assert [item["author"]["name"] for item in (await anna.asks("list_messages", room_id=room))["items"]] == ["—"]
    everything = await world.run(lambda tx: _everything(tx, me))
    assert not [word for word in ("Misha", "misha", IIN) if word in everything]
    told = await world.run(lambda tx: tx.all(select(Outbox).where(Outbox.name == "messages.message_posted")))
    assert [(row.body["author_id"], row.body["author_name"], row.body["text"]) for row in told] == [(me, "—", "сәлем")]
    page = await admin.asks("read_audit", query={"what": "erased"}, organisation_id=world.school.school.id)
    assert [(one["actor_id"], one["subject_id"]) for one in page["items"]] == [(admin.id, me)]
    with refused("wrong_credentials"):
        await world.stranger().logs_in("misha", PASSWORD)
    await admin.does("erase_person", {}, person_id=me)  # again changes nothing
    with refused("person_erased", 409):
        await admin.asks("bring_back_person", {}, **here)


@pytest.mark.req("S234-10")
async def test_who_had_power_over_others_is_named_as_long_as_the_log(world: World) -> None:
    [teacher], anna = await world.enters("anna"), world.school.persons["anna"]
    await teacher.asks("make_paper_code", {}, person_id=world.school.persons["misha"])
    made = world.clock.now()
    await removed(world, "anna")
    [admin] = await world.enters("administrator")
    with refused("kept_by_law", 409) as caught:
        await admin.asks("erase_person", {}, person_id=anna)
    assert caught[0].params["until"] == (made + audit_core.keep_time(made.date())).date().isoformat()
    await world.clock.advance(audit_core.keep_time(made.date()).total_seconds())
    [admin] = await world.enters("administrator")
    await admin.does("erase_person", {}, person_id=anna)
    lines = await world.run(lambda tx: tx.all(select(Entry).where(Entry.actor_id == anna)))
    assert lines, "the lines stay, of an id that leads to nobody"


def test_the_page_says_of_each_table_what_stays_and_for_how_long() -> None:
    """The sentences under `personal.kept` in the catalogues say these times in words."""
    rules = {table.__tablename__: says for table, says in personal.tables() if says.of}
    kept = {name: says.erased.until for name, says in rules.items() if isinstance(says.erased, personal.Kept)}
    assert kept == {table: until for tables, until in SAID.values() for table in tables}
    for language in ("kk", "ru", "en"):
        catalogue = json.loads((LOCALES / f"{language}.json").read_text("utf-8"))
        assert set(catalogue["personal"]["kept"]) == set(SAID)


def test_a_name_is_found_beside_its_id_however_deep() -> None:
    one, other = PersonId("person_1"), PersonId("person_2")
    body = {
        "author_id": one,
        "author_name": "A",
        "message": {"author": {"id": one, "name": "A"}, "private_with": {"id": other, "name": "B"}},
        "list": [{"id": one, "name": "A"}, "A", 1],
    }
    assert personal._renamed(body, one, "—") == {
        "author_id": one,
        "author_name": "—",
        "message": {"author": {"id": one, "name": "—"}, "private_with": {"id": other, "name": "B"}},
        "list": [{"id": one, "name": "—"}, "A", 1],
    }


async def _everything(tx: Any, person: Any) -> str:
    return str(await personal.read(tx, person))
