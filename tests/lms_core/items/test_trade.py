"""Files of questions come into the bank and go out again: exactly reported, whole or not at all, whatever they hold."""

import asyncio
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from lms_core.access import service as access
from lms_core.items import banks, core, media, trade
from lms_core.items.exchange import apart
from lms_core.items.exchange.files import read, write
from lms_core.items.model import BankItem, ItemMedia, ItemVersion
from lms_core.items.plain import to_plain
from lms_core.items.service import judge
from lms_core.kernel.actor import Actor
from lms_core.kernel.db import Database, Tx
from server.sweeping import Sweeper
from tests.lms_core.items.exchange import examples
from tests.lms_core.items.test_bank import a_bank, found, question, writes
from tests.support.story import Person, refused
from tests.support.world import World

Json = dict[str, Any]
GIFT = "::Q1:: Екі? {=2 ~3}\n\n::Q2:: сынық {=\n\n::Q3:: Жер дөңгелек {T}\n"


async def brings(person: Person, bank: str, content: bytes | str, name: str = "a.gift", **query: str) -> Json:
    content = content.encode() if isinstance(content, str) else content
    return await person.sends("import_questions", content, query={"name": name} | query, bank_id=bank)


async def takes(person: Person, bank: str, **query: str) -> tuple[Json, bytes]:
    export = await person.asks("export_questions", bank_id=bank, query=query)
    async with person.world.http.get(export["url"]) as answer:
        assert answer.status == 200
        return export, await answer.read()


async def kept(world: World) -> list[Json]:
    rows = await world.run(lambda tx: tx.all(select(ItemVersion).order_by(ItemVersion.item_id)))
    return [row.body for row in rows]


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(name, data)
    return made.getvalue()


@pytest.mark.req("S456-27.14")
async def test_what_a_file_holds_is_taken_and_what_it_does_not_is_told_with_its_place(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    bank = await a_bank(anna)
    report = await brings(anna, bank, GIFT, "Тоқсан/../тест.gift")
    assert report == {
        "taken": 2,
        "refused": [{"where": "тест.gift:3", "why": "braces_unbalanced", "what": "сынық {="}],
        "noted": [],
        "tests": [],
    }
    assert await found(boris, bank) == ["Жер дөңгелек", "Екі?"]
    rows = (await boris.asks("list_items", bank_id=bank))["items"]
    assert {(one["state"], one["sound"], one["author"]) for one in rows} == {("draft", True, "Anna Оспан")}


@pytest.mark.req("S456-27.14")
@pytest.mark.parametrize("format", ["qti21", "qti22", "qti30", "moodle"])
async def test_our_own_questions_come_back_as_they_went(world: World, format: str) -> None:
    """Of every kind, with their pictures, in another bank."""
    [anna] = await world.enters("anna")
    first, second = await a_bank(anna), await a_bank(anna, "Екінші")
    package = write(examples.EVERY, examples.MEDIA, "qti30").data
    assert (await brings(anna, first, package, "a.zip"))["taken"] == len(examples.EVERY)
    export, data = await takes(anna, first, format=format)
    assert export["items"] == len(examples.EVERY)
    again = await brings(anna, second, data, export["name"])
    assert (again["taken"], again["refused"]) == (len(examples.EVERY), [])
    bodies = await kept(world)
    assert bodies[len(examples.EVERY) :] == bodies[: len(examples.EVERY)] == [to_plain(one) for one in examples.EVERY]


async def test_a_picture_comes_along_and_is_shown(world: World) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    await brings(anna, bank, write(examples.EVERY, examples.MEDIA, "qti30").data, "a.zip")
    [row] = (await anna.asks("list_items", bank_id=bank, query={"kind": "hotspot"}))["items"]
    item = await anna.asks("read_item", item_id=row["id"])
    [url] = item["media"].values()
    async with world.http.get(url) as answer:
        assert (answer.content_type, await answer.read()) == ("image/png", examples.PNG)


async def test_a_test_that_comes_along_names_its_questions(world: World) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    item = (
        '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="q{0}" title="Q{0}">'
        '<responseDeclaration identifier="R" cardinality="single" baseType="identifier"><correctResponse>'
        "<value>a</value></correctResponse></responseDeclaration><itemBody><choiceInteraction responseIdentifier="
        '"R" maxChoices="1"><prompt>Сұрақ {0}</prompt><simpleChoice identifier="a">иә</simpleChoice>'
        '<simpleChoice identifier="b">жоқ</simpleChoice></choiceInteraction></itemBody></assessmentItem>'
    )
    test = (
        '<assessmentTest xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="t" title="Тоқсандық">'
        '<testPart identifier="p"><assessmentSection identifier="s" title="Бірінші"><assessmentItemRef identifier='
        '"r" href="2.xml"/></assessmentSection></testPart></assessmentTest>'
    )
    listed = "".join(
        f'<resource identifier="r{n}" type="imsqti_{kind}_xmlv2p1" href="{n}"/>'
        for n, kind in (("1.xml", "item"), ("2.xml", "item"), ("t.xml", "test"))
    )
    manifest = f"<manifest><resources>{listed}</resources></manifest>"
    files = {"imsmanifest.xml": manifest, "1.xml": item.format(1), "2.xml": item.format(2), "t.xml": test}
    report = await brings(anna, bank, zipped({name: text.encode() for name, text in files.items()}), "t.zip")
    rows = {one["titles"]["kk"]: one["id"] for one in (await anna.asks("list_items", bank_id=bank))["items"]}
    [told] = report["tests"]
    assert (report["taken"], told["name"]) == (2, "Тоқсандық")
    assert [(one["name"], one["item_ids"]) for one in told["sections"]] == [("Бірінші", [rows["Сұрақ 2"]])]


HOSTILE = {
    "doctype": (b'<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>', "xml_doctype"),
    "laughs": (b'<!DOCTYPE q [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><quiz>&b;</quiz>', "xml_doctype"),
    "deep": (b"<quiz>" + b"<a>" * 100_000, "xml_too_deep"),
    "half": (b'<?xml version="1.0"?><quiz><question type="essay"><name>', "xml_broken"),
    "bomb": (zipped({"q.xml": bytes(50_000_000)}), "zip_bomb"),
    "path": (zipped({"../../q.xml": b"<a/>"}), "zip_path"),
    "torn": (zipped({"q.xml": b"<a/>"})[:-20], "zip_broken"),
    "nothing": (b"", "empty"),
    "encoding": (b'<?xml version="1.0" encoding="utf-7"?><quiz/>', "encoding_unknown"),
    "noise": (bytes(range(256)) * 50, None),
    "nul": (b"Q {T}\0", None),
    "halves": (b"\xed\xa0\x80 Q {T}", None),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_files_are_refused_with_a_word_and_nothing_is_kept(world: World, name: str) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    data, why = HOSTILE[name]
    report = await brings(anna, bank, data, "x")
    if why:
        assert (report["taken"], [one["why"] for one in report["refused"]]) == (0, [why])
        assert report["refused"][0]["where"].startswith("x")
    assert report["taken"] == len(await kept(world))
    assert report["taken"] or report["refused"]


async def test_more_bytes_than_any_file_has_are_not_taken_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    monkeypatch.setattr(trade, "MOST_BYTES", 1000)
    with refused("file_too_large", 413) as caught:
        await brings(anna, bank, GIFT * 100)
    assert caught[0].params == {"limit": 1000}


async def test_a_format_that_is_said_is_believed(world: World) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    aiken = "Екі?\nA. 2\nB. 3\nANSWER: A\n"
    assert (await brings(anna, bank, aiken, "a.txt", format="aiken"))["taken"] == 1
    told = await brings(anna, bank, aiken, "a.txt", format="moodle")
    assert (told["taken"], [one["why"] for one in told["refused"]]) == (0, ["xml_broken"])
    told = await brings(anna, bank, aiken, "a.txt", format="word")
    assert [(one["where"], one["why"]) for one in told["refused"]] == [("a.txt", "format_unknown")]
    with refused("malformed", 422):
        await anna.asks("export_questions", bank_id=bank, query={"format": "word"})


@pytest.mark.parametrize("code", [3, -9, 1])
async def test_a_reader_that_dies_is_a_refusal(world: World, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of memory, of the system, of a fault of ours."""
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)

    async def dies(*_: Any) -> Any:
        raise apart.Failed(code) if code > 0 and code != 3 else apart.TooHeavy

    monkeypatch.setattr(apart, "_run", dies)
    report = await brings(anna, bank, GIFT)
    why = "reader_failed" if code == 1 else "too_heavy"
    assert (report["taken"], [(one["where"], one["why"]) for one in report["refused"]]) == (0, [("a.gift", why)])
    with refused("export_failed"):
        await anna.asks("export_questions", bank_id=bank)


async def test_a_reader_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "SECONDS", 0.0)
    (tmp_path / "in").write_text(GIFT, "utf-8")
    reading = await apart.read(tmp_path, "a.gift", "auto")
    assert [one.why for one in reading.refused] == ["too_heavy"]


async def test_a_reader_tells_what_the_reading_itself_tells(tmp_path: Path) -> None:
    data = write(examples.EVERY, examples.MEDIA, "moodle").data + b"<!-- -->"
    (tmp_path / "in").write_bytes(data)
    reading, batch = await apart.read(tmp_path, "a.xml", "auto"), read(data, "a.xml")
    items = [one async for some in reading.parts(1) for one in some]
    assert [json.loads(one.plain) for one in items] == [to_plain(item) for item in batch.items] != []
    assert [core.Described(**one.said).titles for one in items] == [
        [*core.described(item).titles] for item in batch.items
    ]
    assert reading.items == len(items)
    assert [(one.where, one.why, one.what) for one in reading.noted] == [
        (one.where, one.why, one.what) for one in batch.noted
    ]
    assert {digest: (tmp_path / "media" / digest).read_bytes() for digest in reading.media} == {
        digest: data for digest, (data, _) in batch.media.items()
    }


async def test_an_import_that_fails_half_way_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    text = "\n\n".join(f"Сұрақ {at} {{T}}" for at in range(3 * trade.AT_ONCE))
    real, turns = trade._arrive, iter(range(10))

    async def fails(*args: Any) -> Any:
        if next(turns) == 2:
            raise RuntimeError("the disk is gone")
        return await real(*args)

    monkeypatch.setattr(trade, "_arrive", fails)
    with refused("internal", 500):
        await brings(anna, bank, text)
    assert (await found(anna, bank), await kept(world)) == ([], [])
    assert await world.run(lambda tx: tx.one(select(func.count()).select_from(BankItem))) == 0


async def test_what_an_import_that_was_cut_off_left_behind_is_hidden_and_goes(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)

    async def never(*_: Any) -> None:
        raise asyncio.CancelledError  # as when the process ends

    monkeypatch.setattr(trade, "_show", never)
    plain = await a_cut_import(world, anna, bank, tmp_path / "items")
    assert (await found(anna, bank), await kept(world)) == ([], [plain])
    [item] = await world.run(lambda tx: tx.all(select(BankItem.id)))
    with refused("not_found"):
        await anna.asks("read_item", item_id=item)
    await world.job("items.forget")
    assert len(await kept(world)) == 1
    await world.clock.advance(25 * 3600)
    await world.job("items.forget")
    assert await kept(world) == []


async def a_cut_import(world: World, person: Person, bank: Any, lines: Path) -> Json:
    """Of one question."""
    actor = await world.run(lambda tx: _actor(tx, person))
    plain = _one_line(lines)
    ref = await world.run(lambda tx: banks.any_bank(tx, bank))

    with pytest.raises(asyncio.CancelledError):
        await trade.take(By(world.house.db, actor), ref, trade.Reading(1, lines=lines))
    return plain


def _one_line(file: Path) -> Json:
    judged = judge(question())
    said = {name: getattr(judged.said, name) for name in judged.said.__slots__}
    file.write_text(json.dumps({"plain": json.dumps(judged.plain), "said": said}) + "\n", "utf-8")
    return judged.plain


@dataclass
class By:
    db: Database
    actor: Actor


async def _actor(tx: Tx, person: Person) -> Actor:
    assert person.id
    return await access.actor_of(tx, person.id)


@pytest.mark.req("S456-27.14")
async def test_a_picture_of_ones_own_is_put_into_a_question(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    bank = await a_bank(anna)
    sent = await anna.sends("add_item_media", examples.PNG, query={"name": "карта.png"}, bank_id=bank)
    assert (sent["type"], sent["name"], sent["bytes"]) == ("image/png", "карта.png", len(examples.PNG))
    item = question()
    shown = {name: sent[name] for name in ("sha256", "name", "type")}
    item["prompt"]["kk"]["blocks"][0]["runs"].append({"kind": "media", **shown})
    made = await writes(anna, bank, item)
    assert (made["faults"], list(made["media"])) == ([], [sent["sha256"]])
    tried = await boris.asks("preview_item", {"item": item})
    for url in (sent["url"], made["media"][sent["sha256"]], tried["media"][sent["sha256"]]):
        async with world.http.get(url) as answer:
            assert await answer.read() == examples.PNG


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.png", "file_empty"),
        (b"%PDF-1.4", "a.pdf", "media_unfit"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "media_unfit"),
        (b"MZ\x90\0", "a.png", "file_type_refused"),
        (examples.PNG, "a.jpg", "file_lies"),
        (examples.PNG, "a" * 300, "file_name_too_long"),
    ],
)
async def test_what_is_no_picture_is_not_kept(world: World, content: bytes, name: str, code: str) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    with refused(code):
        await anna.sends("add_item_media", content, query={"name": name}, bank_id=bank)
    assert [key async for key, _ in world.house.blobs.list()] == []


async def test_media_that_no_question_shows_go_after_a_day(world: World) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    await brings(anna, bank, write(examples.EVERY, examples.MEDIA, "qti30").data, "a.zip")
    other = examples.png(3, 3)
    await anna.sends("add_item_media", other, query={"name": "b.png"}, bank_id=bank)
    await takes(anna, bank, format="gift")
    assert len(await _blobs(world)) == 3
    await world.clock.advance(23 * 3600)
    await anna.sends("add_item_media", other, query={"name": "b.png"}, bank_id=bank)
    assert len(await _blobs(world)) == 3
    await world.clock.advance(2 * 3600)
    assert len(await _swept(world)) == 2
    await world.clock.advance(25 * 3600)
    [key] = await _swept(world)
    [row] = await world.run(lambda tx: tx.all(select(ItemMedia)))
    assert (row.key, row.held, row.sha256) == (key, True, examples.MAP.sha256)
    await anna.sends("add_item_media", other, query={"name": "b.png"}, bank_id=bank)
    assert len(await _blobs(world)) == 2


async def test_of_one_person_so_many_bytes_are_taken_in_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "MOST_A_DAY", len(examples.PNG) + 1)
    anna, boris = await world.enters("anna", "boris")
    bank = await a_bank(anna)
    for name in ("a.png", "b.png"):  # the same once more is no more
        await anna.sends("add_item_media", examples.PNG, query={"name": name}, bank_id=bank)
    await anna.sends("add_item_media", examples.png(3, 3), query={"name": "b.png"}, bank_id=bank)
    steps = [
        anna.sends("add_item_media", examples.png(4, 4), query={"name": "c.png"}, bank_id=bank),
        brings(anna, bank, GIFT),
        anna.asks("export_questions", bank_id=bank),
    ]
    for step in steps:
        with refused("too_many_bytes"):
            await step
    await boris.sends("add_item_media", examples.png(4, 4), query={"name": "c.png"}, bank_id=bank)
    said = {one["table"]: one for one in (await anna.asks("read_my_data"))["tables"]}["item_media"]
    assert (len(said["rows"]), "key" in said["rows"][0]) == (2, False)
    await world.clock.advance(25 * 3600)
    await world.job("items.forget")
    rows = await world.run(lambda tx: tx.all(select(ItemMedia)))
    assert {row.sender_id for row in rows} == {None}
    [anna] = await world.enters("anna")
    await anna.sends("add_item_media", examples.png(5, 5), query={"name": "d.png"}, bank_id=bank)


async def test_an_export_is_only_of_what_one_may_read_and_of_a_state(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    bank = await a_bank(anna, "Жеке / банк", shared=False)
    await brings(anna, bank, GIFT)
    with refused("not_found"):
        await boris.asks("export_questions", bank_id=bank)
    export, data = await takes(anna, bank, format="gift")
    assert (export["name"], export["items"]) == ("Жеке - банк.gift.txt", 2)
    assert "Жер дөңгелек" in data.decode()
    export, _ = await takes(anna, bank, format="xlsx", state="draft")
    assert export["items"] == 2


async def test_one_file_is_read_at_a_time_and_one_person_does_not_fill_the_queue(world: World) -> None:
    [anna] = await world.enters("anna")
    bank = await a_bank(anna)
    answers = await asyncio.gather(*(brings(anna, bank, GIFT) for _ in range(4)), return_exceptions=True)
    taken = [one for one in answers if isinstance(one, dict)]
    codes = [getattr(one, "code", "") for one in answers if not isinstance(one, dict)]
    assert (len(taken), codes) == (3, ["too_many_attempts"])
    assert len(await kept(world)) == 6


async def _blobs(world: World) -> list[str]:
    return [key async for key, _ in world.house.blobs.list()]


async def _swept(world: World) -> list[str]:
    await world.job("items.forget")
    house = world.house
    await Sweeper(house.db, world.clock, house.blobs, media.gone, media.removed).sweep()
    return await _blobs(world)
