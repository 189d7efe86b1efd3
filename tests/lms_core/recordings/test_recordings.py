"""Who records, who agrees, who watches, until when; the list after a crash; deletion."""

import asyncio
import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lms_core.audit.model import Entry
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import PersonId, RecordingId, RoomId
from lms_core.lessons import visits
from lms_core.recordings import core, kept, moments
from lms_core.recordings.model import Recording, Segment, Track
from lms_core.recordings.moments import Happened
from media import segments
from tests.support.factories import NOW
from tests.support.story import Person, refused
from tests.support.world import World


async def recorded(world: World, anna: Person) -> tuple[str, str]:
    """The room of a lesson that is being recorded, and the recording."""
    await anna.joins(world.school.algebra.id)
    room = world.school.algebra.room_id
    return room, (await anna.does("start_recording", room_id=room))["recording_id"]


def facts(recording: str, track: str, person: str = "", **header: Any) -> dict[str, Any]:
    about = {"participant": f"part_{track}", "person": person, "source": "camera", "place": "main"}
    codec = {"name": "VP8", "clock": 90_000, "channels": 1, "parameters": {}}
    usual = {"began": NOW.timestamp() + 1, "number": 0, "previous": "", "starts": 0.0, "ends": 10.0}
    usual |= {"packets": 9, "dropped": 0, "final": False, "codec": codec, "about": about}
    return {"recording": recording, "track": track} | usual | header


async def segment(world: World, header: dict[str, Any]) -> str:
    """Lay a segment into the spool as a plane that died, and have it swept; its hash."""
    folder = Path(world.house.settings.data) / "spool" / "of-the-dead"
    folder.mkdir(parents=True, exist_ok=True)
    data = segments.head(header)
    (folder / f"{header['track']}-{header['number']}").write_bytes(data)
    (folder / f"{header['track']}-open.part").write_bytes(b"cut off")
    await world.house.recorded.sweep()
    assert not folder.exists()
    return hashlib.sha256(data).hexdigest()


TRACK = "track_01m7ztsqff8skybmpmbx8pr2v0"


@pytest.mark.req("S456-27.10")
async def test_it_may_start_before_the_first_publication_and_is_listed_at_once(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    room, recording = await recorded(world, anna)
    for person in (anna, misha):
        [item] = (await person.asks("list_recordings"))["items"]
        assert (item["id"], item["room_id"], item["publications"]) == (recording, room, [])
        assert (item["state"], item["ended_at"], item["title"]) == ("recording", None, "Туынды")
    assert (await anna.asks("stop_recording", room_id=room)) == {"recording_id": recording}
    with refused("not_recording", 409):
        await anna.asks("stop_recording", room_id=room)


async def test_two_who_start_at_once_start_one(world: World) -> None:
    anna, again = await world.enters("anna", "anna")
    await anna.joins(world.school.algebra.id)
    room = world.school.algebra.room_id
    both = await asyncio.gather(*(one.asks("start_recording", room_id=room) for one in (anna, again, anna, again)))
    assert len({one["recording_id"] for one in both}) == 1
    assert len((await anna.asks("list_recordings"))["items"]) == 1


async def test_only_who_leads_records_and_only_the_class_watches(world: World) -> None:
    anna, misha, erlan, victor, parent = await world.enters("anna", "misha", "erlan", "victor", "parent")
    _, recording = await recorded(world, anna)
    room = world.school.algebra.room_id
    for who, code in ((misha, "forbidden"), (erlan, "not_found"), (victor, "not_found"), (parent, "forbidden")):
        for deed in ("start_recording", "stop_recording"):
            with refused(code):
                await who.asks(deed, room_id=room)
    for who in (erlan, victor, parent):
        assert (await who.asks("list_recordings"))["items"] == []
        for question in ("get_recording", "download_recording", "recording_events", "delete_recording"):
            with refused("not_found", 404):
                await who.asks(question, recording_id=recording)
    with refused("forbidden", 403):
        await misha.asks("delete_recording", recording_id=recording)
    with refused("not_logged_in", 401):
        await world.stranger().asks("list_recordings")


async def test_who_leads_marks_a_chapter_while_it_is_recorded(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    room, recording = await recorded(world, anna)
    await world.clock.advance(61.5)
    marked = await anna.asks("mark_chapter", {"title": " Мысал\u202e 1 "}, room_id=room)
    assert marked == {"recording_id": recording, "at_s": 61.5}
    [told] = (await misha.asks("recording_events", recording_id=recording))["items"]
    assert told == {"at_s": 61.5, "kind": "chapter", "body": {"title": "Мысал 1"}}
    with refused("forbidden", 403):
        await misha.asks("mark_chapter", {"title": "Менікі"}, room_id=room)
    for wrong in ("", " ", "x" * 121):
        with refused("malformed"):
            await anna.asks("mark_chapter", {"title": wrong}, room_id=room)
    await anna.does("stop_recording", room_id=room)
    with refused("not_recording", 409):
        await anna.asks("mark_chapter", {"title": "Кеш"}, room_id=room)


async def test_an_unplanned_lesson_is_watched_by_who_was_in_it_and_by_no_other(world: World) -> None:
    """Everybody of the school may join one who knows its address; that opens no recording afterwards."""
    anna, misha, dina, boris, tutor, director, victor = await world.enters(
        "anna", "misha", "dina", "boris", "tutor", "director", "victor"
    )
    lesson = await anna.starts("Кеңес")
    recording = (await anna.does("start_recording", room_id=lesson["room_id"]))["recording_id"]
    room, person = RoomId(lesson["room_id"]), PersonId(str(misha.id))
    await world.run(lambda tx: visits.record_entered(tx, room, "part_1", person, NOW))
    await anna.does("stop_recording", room_id=lesson["room_id"])
    for who in (anna, misha, director):
        assert [one["id"] for one in (await who.asks("list_recordings"))["items"]] == [recording]
        await who.asks("get_recording", recording_id=recording)
        await who.asks("recording_events", recording_id=recording)
    for who in (dina, boris, tutor, victor):
        assert (await who.asks("list_recordings"))["items"] == []
        for question in ("get_recording", "download_recording", "recording_events", "delete_recording"):
            with refused("not_found", 404):
                await who.asks(question, recording_id=recording)
    for who in (misha, director):
        with refused("forbidden", 403):
            await who.asks("delete_recording", recording_id=recording)


async def test_that_somebody_watched_is_noted(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    _, recording = await recorded(world, anna)
    await misha.asks("get_recording", recording_id=recording)
    noted = await world.run(lambda tx: tx.all(select(Entry).where(Entry.op == "get_recording")))
    assert [(one.what, one.actor_id, one.details) for one in noted] == [
        ("looked", misha.id, {"recording_id": recording})
    ]


async def test_the_end_of_the_lesson_ends_the_recording(world: World) -> None:
    [anna] = await world.enters("anna")
    _, recording = await recorded(world, anna)
    await anna.ends(world.school.algebra.id)
    found = await anna.asks("get_recording", recording_id=recording)
    assert (found["state"], found["ended_by"]) == ("processing", "lesson_ended")


@pytest.mark.complaint(9)
async def test_what_the_dead_left_is_kept_and_the_chain_says_what_is_missing(world: World) -> None:
    [anna] = await world.enters("anna")
    room, recording = await recorded(world, anna)
    first = await segment(world, facts(recording, TRACK, str(anna.id)))
    second = await segment(world, facts(recording, TRACK, str(anna.id), number=1, previous=first, starts=10, ends=20))
    await segment(world, facts(recording, TRACK, str(anna.id), number=1, previous=first, starts=10, ends=20))
    await anna.does("stop_recording", room_id=room)
    assert await world.run(kept.take) is None  # its last segment may yet come
    await world.clock.advance(31)
    work = await world.run(kept.take)
    assert work is not None
    rows = list(await world.run(lambda tx: tx.all(select(Segment).order_by(Segment.number))))
    assert [(one.number, one.sha256, one.previous, one.why) for one in rows] == [
        (0, first, "", ""),
        (1, second, first, ""),
        (2, "", second, "cut"),
    ]
    assert core.chain_holds((one.sha256, one.previous, one.why) for one in rows)
    [listed] = (await anna.asks("list_recordings"))["items"]
    [publication] = listed["publications"]
    assert publication["gaps"] == [{"starts_s": 21.0, "ends_s": 21.0, "why": "cut"}]


async def test_a_segment_of_no_recording_is_thrown_away(world: World) -> None:
    await segment(world, facts("recording_01m7ztsqff8skybmpmbx8pr2v0", TRACK))
    await segment(world, facts("../../etc", TRACK))
    assert await world.run(lambda tx: tx.all(select(Track))) == []


@pytest.mark.req("S456-34.8")
@pytest.mark.complaint(9)
async def test_a_full_disk_ends_recordings_and_lets_none_begin(world: World) -> None:
    [anna] = await world.enters("anna")
    room, recording = await recorded(world, anna)
    for disk in world.house.disks.values():
        disk._look = lambda _: (10**9, 1000)
    await world.clock.advance(2)
    await world.house.recorded.look()
    found = await anna.asks("get_recording", recording_id=recording)
    assert (found["state"], found["ended_by"]) == ("processing", "no_space")
    with refused("no_space", 507):
        await anna.asks("start_recording", room_id=room)


@pytest.mark.req("S456-34.8")
async def test_deletion_takes_files_and_rows_and_is_noted(world: World) -> None:
    [anna] = await world.enters("anna")
    room, recording = await recorded(world, anna)
    with refused("recording_not_ready", 409):
        await anna.asks("delete_recording", recording_id=recording)
    await segment(world, facts(recording, TRACK, str(anna.id), final=True))
    await anna.does("stop_recording", room_id=room)
    assert [key async for key, _ in world.house.blobs.list()] != []
    await anna.does("delete_recording", recording_id=recording)
    assert (await anna.asks("list_recordings"))["items"] == []
    assert await world.house.recorded_files.work_once()
    assert [key async for key, _ in world.house.blobs.list()] == []
    for table in (Recording, Track, Segment):
        assert await world.run(lambda tx, table=table: tx.all(select(table))) == []
    noted = await world.run(lambda tx: tx.all(select(Entry).where(Entry.op == "delete_recording")))
    assert [one.what for one in noted] == ["erased"]


@pytest.mark.req("S456-34.8")
async def test_what_is_past_its_time_is_deleted(world: World) -> None:
    [anna] = await world.enters("anna")
    room, recording = await recorded(world, anna)
    await anna.does("stop_recording", room_id=room)
    await world.run(lambda tx: _made(tx, recording))
    days = core.rule_of(NOW.date()).days
    await world.clock.advance(timedelta(days=days).total_seconds() - 1)
    await world.job("recordings.forget")
    assert await world.run(lambda tx: kept.find(tx, RecordingId(recording)))
    await world.clock.advance(2)
    await world.job("recordings.forget")
    assert await world.house.recorded_files.work_once()
    assert await world.run(lambda tx: kept.find(tx, RecordingId(recording))) is None


async def _made(tx: Tx, recording: str) -> None:
    row = await kept.find(tx, RecordingId(recording))
    assert row
    await kept.made(tx, row, {})


async def test_consent_is_asked_once_and_can_be_taken_back(world: World) -> None:
    anna, dina = await world.enters("anna", "dina")
    assert (await anna.joins(world.school.algebra.id))["recording"] == {"on": False, "consent": "asked"}
    await anna.does("start_recording", room_id=world.school.algebra.room_id)
    assert (await anna.joins(world.school.algebra.id))["recording"] == {"on": True, "consent": "given"}
    join = {"lesson_id": world.school.algebra.id}
    assert (await dina.asks("join_lesson", **join))["recording"] == {"on": True, "consent": "asked"}
    assert (await dina.asks("join_lesson", {"consent": True}, **join))["recording"]["consent"] == "given"
    assert (await dina.asks("join_lesson", **join))["recording"]["consent"] == "given"
    assert await dina.commands("set_consent", {"agrees": False}) == {"consent": "refused"}
    assert (await dina.asks("join_lesson", **join))["recording"]["consent"] == "refused"
    [own] = (await dina.asks("list_consents"))["items"]
    assert (own["mine"], own["agrees"], own["minor"]) == (True, False, False)


async def test_for_a_minor_the_guardian_agrees_once(world: World) -> None:
    anna, misha, parent, dina = await world.enters("anna", "misha", "parent", "dina")
    await anna.joins(world.school.algebra.id)
    join = {"lesson_id": world.school.algebra.id}
    assert (await misha.asks("join_lesson", {"consent": True}, **join))["recording"]["consent"] == "guardian"
    mine, child = (await parent.asks("list_consents"))["items"]
    assert (mine["mine"], child["person_id"], child["minor"], child["agrees"]) == (True, misha.id, True, True)
    given = (await parent.asks("give_consent", {"person_id": misha.id, "agrees": True}))["items"][1]
    assert (given["guardian_agrees"], given["consent"]) == (True, "given")
    assert (await misha.asks("join_lesson", **join))["recording"]["consent"] == "given"
    with refused("not_found", 404):
        await parent.asks("give_consent", {"person_id": dina.id, "agrees": True})


async def test_what_happened_is_read_with_names_and_what_was_taken_back_is_not(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    room, recording = await recorded(world, anna)
    key: Any = "moment_01m7ztsqff8skybmpmbx8pr2v0"

    def at(seconds: float) -> datetime:
        return NOW + timedelta(seconds=seconds)

    def said(text: str) -> Happened:
        body = {"message_id": "m", "text": text} if text else {}
        return Happened(RoomId(room), at(5), "message", body, misha.id, key)

    hand = Happened(RoomId(room), at(3), "hand", {"participant_id": "part_1", "raised": True}, misha.id)
    before = Happened(RoomId(room), at(-3), "hand", {"participant_id": "part_1", "raised": True}, misha.id)
    await world.run(lambda tx: moments.note(tx, [before, said("сәлм"), hand]))
    await world.run(lambda tx: moments.note(tx, [said("сәлем")]))
    told = await anna.asks("recording_events", recording_id=recording)
    assert [(one["at_s"], one["kind"], one["body"].get("text")) for one in told["items"]] == [
        (3, "hand", None),
        (5, "message", "сәлем"),
    ]
    assert {one["body"]["name"] for one in told["items"]} == {"Misha Оспан"}
    assert (await anna.asks("recording_events", query={"after": 3}, recording_id=recording))["items"][0]["at_s"] == 5
    await world.run(lambda tx: moments.note(tx, [said("")]))
    assert len((await anna.asks("recording_events", recording_id=recording))["items"]) == 1


def test_whose_word_is_needed() -> None:
    today = date(2026, 11, 21)
    assert core.is_minor(date(2008, 11, 22), False, today)
    assert not core.is_minor(date(2008, 11, 21), True, today)
    assert (core.is_minor(None, True, today), core.is_minor(None, False, today)) == (True, False)
    assert core.consent(None, None, minor=False) == "asked"
    assert core.consent(True, False, minor=True) == "refused"
    assert core.consent(None, True, minor=True) == "given"
    assert core.consent(False, True, minor=True) == "refused"


def test_tracks_of_one_sender_are_in_step() -> None:
    tracks = {
        "sound": ("anna", 2.00, 1000.00),
        "picture": ("anna", 2.30, 1000.10),
        "clock was set": ("anna", 9.0, 5000.0),
        "other": ("misha", 3.0, None),
    }
    assert core.in_step(tracks) == {
        "sound": pytest.approx(2.0),
        "picture": pytest.approx(2.1),
        "clock was set": 9.0,
        "other": 3.0,
    }


def test_rules_are_dated() -> None:
    began = datetime(2026, 11, 21, tzinfo=UTC)
    assert core.keep_until(began) - began == timedelta(days=core.rule_of(began.date()).days)
    assert core.may_watch("join", began.date(), own=True)
    assert not core.may_watch("join", began.date(), own=False)
    assert core.may_watch("see", began.date(), own=False)
    assert not core.may_watch(None, began.date(), own=True)


def test_a_broken_chain_is_seen() -> None:
    assert core.chain_holds([("a", "", ""), ("b", "a", ""), ("", "b", "full"), ("c", "b", ""), ("", "c", "cut")])
    assert not core.chain_holds([("a", "", ""), ("c", "b", "")])
    assert not core.chain_holds([("b", "a", "")])
