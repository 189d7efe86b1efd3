"""`import-questions` as an operator types it: into nothing, beside a demo school, into a bank; whatever the file is."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lms_core.items import banks, trade
from lms_core.items.banks import BankArchived
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import BankId
from lms_core.orgs import service as orgs
from server import first_start, importing, migrate
from server.config import Settings
from tests.lms_core.items.exchange import examples
from tests.lms_core.items.test_trade import GIFT, HOSTILE, kept
from tests.support.running import ROOT
from tests.support.world import World, a_world, on_postgres


def _verb(*words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "server", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == expect, done.stderr[-2000:]
    return done


def _titles(data: Path) -> list[Any]:
    with closing(sqlite3.connect(data / "sabaq.sqlite")) as connection:
        return connection.execute(
            "SELECT units.demo, banks.shared, items.title_kk, items.state FROM items "
            "JOIN banks ON banks.id = items.bank_id JOIN units ON units.id = items.organisation_id ORDER BY items.id"
        ).fetchall()


@pytest.mark.req("S456-27.14")
def test_a_file_is_taken_into_an_empty_folder(tmp_path: Path) -> None:
    file, data = tmp_path / "тест.gift", tmp_path / "data"
    file.write_text(GIFT, "utf-8")
    said = _verb("import-questions", str(file), "--format", "auto", "--json", "--data", str(data))
    assert json.loads(said.stdout) == {
        "taken": 2,
        "refused": [{"where": "тест.gift:3", "why": "braces_unbalanced", "what": "сынық {="}],
        "noted": [],
        "tests": [],
    }
    assert _titles(data) == [(0, 1, "Екі?", "draft"), (0, 1, "Жер дөңгелек", "draft")]
    no = _verb("import-questions", str(tmp_path / "no.gift"), "--json", "--data", str(data), expect=1)
    assert (no.stdout, no.stderr.count("\n"), "No such file" in no.stderr) == ("", 1, True)
    bank = "bank_" + "0" * 26
    no = _verb("import-questions", str(file), "--bank", bank, "--data", str(data), expect=1)
    assert (no.stdout, no.stderr) == ("", f"sabaq: {file} was not taken: not_found\n")
    assert len(_titles(data)) == 2


async def brings(world: World, content: bytes, tmp_path: Path, **more: Any) -> trade.ImportReport:
    """As the verb does, into the world's own database."""
    (tmp_path / "x").write_bytes(content)
    asked = {"format": "auto", "bank": None} | more
    return await importing.bring_in(world.house.settings, tmp_path / "x", **asked)


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_is_told_and_nothing_of_it_is_kept(world: World, name: str, tmp_path: Path) -> None:
    data, why = HOSTILE[name]
    report = importing.said(await brings(world, data, tmp_path))
    assert report["taken"] == len(await kept(world))
    assert report["taken"] or report["refused"]
    if why:
        assert [(one["where"].partition(":")[0], one["why"]) for one in report["refused"]] == [("x", why)]


async def test_it_goes_into_the_first_organisations_oldest_shared_bank_or_the_one_that_is_named(
    world: World, tmp_path: Path
) -> None:
    [anna] = await world.enters("anna")
    own = (await anna.asks("create_bank", {"title": "Жеке", "shared": False}))["id"]
    shared = (await anna.asks("create_bank", {"title": "Ортақ"}))["id"]
    later = (await anna.asks("create_bank", {"title": "Кейінгі"}))["id"]
    await brings(world, b"One {T}", tmp_path)
    await brings(world, b"Two {T}", tmp_path, bank=own)
    for bank, count in ((shared, 1), (own, 1), (later, 0)):
        assert (await anna.asks("list_items", bank_id=bank))["total"] == count
    [row] = (await anna.asks("list_items", bank_id=shared))["items"]
    assert (row["author_id"], row["author"]) == (None, "")
    await anna.asks("change_bank", {"title": "Ортақ", "shared": True, "archived": True}, bank_id=shared)
    with pytest.raises(BankArchived):
        await brings(world, b"One {T}", tmp_path, bank=shared)
    with pytest.raises(NotFound):
        await brings(world, b"One {T}", tmp_path, bank=BankId("no bank at all"))
    await brings(world, b"Three {T}", tmp_path)
    assert (await anna.asks("list_items", bank_id=later))["total"] == 1


async def test_pictures_come_along(world: World, tmp_path: Path) -> None:
    from lms_core.items.exchange.files import write

    report = await brings(world, write(examples.EVERY, examples.MEDIA, "qti30").data, tmp_path)
    assert (report.taken, report.refused) == (len(examples.EVERY), [])
    assert len([key async for key, _ in world.house.blobs.list()]) == 1


async def test_more_bytes_than_any_file_has_are_a_refusal(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trade, "MOST_BYTES", 3)
    report = await brings(world, b"One {T}", tmp_path)
    assert (report.taken, [(one.where, one.why) for one in report.refused]) == (0, [("x", "too_large")])


async def test_an_organisation_that_only_keeps_questions_is_set_up_like_an_empty_installation(tmp_path: Path) -> None:
    """Its questions are there afterwards; and until then the demo school is offered."""
    async with a_world(tmp_path / "data", empty=True) as world:
        bank = await world.run(first_start.a_place_for_imports)
        await world.run(lambda tx: banks.shared_bank(tx, bank.id))
        assert await world.run(first_start.state) == "empty"
        code = await world.run(first_start.make_invitation)
        admin = {"family": "Оспан", "given": "Алия", "login": "aliya", "password": "сабаққа келіңіз 2026"}
        names = {"kk": "№ 7 мектеп", "ru": "Школа № 7", "en": "School 7"}
        body = {"invitation": code, "kind": "school", "names": names, "admin": admin}
        me = (await world.stranger().asks("set_up_organisation", body))["me"]
        assert [one["organisation"]["ru"] for one in me["roles"]] == ["Школа № 7"]
        first = await world.run(orgs.first_organisation)
        assert first is not None
        assert (first.id, await world.run(first_start.state)) == (bank.id, "ready")
        again = await world.run(first_start.a_place_for_imports)
        assert again.id == bank.id


def test_a_person_is_told_each_question_that_was_not_taken() -> None:
    refused, noted = trade.Note("a.gift:3", "key_missing"), trade.Note("a.gift:9 Q", "hint_lost", "x")
    report = trade.ImportReport(2, [refused], [noted])
    assert importing.tell(report).splitlines() == [
        "a.gift:3: not taken: key_missing",
        "a.gift:9 Q: hint_lost x",
        "2 taken, 1 not",
    ]


async def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    if on_postgres():
        pytest.skip("the file of SQLite stands for both")
    settings = Settings(data=tmp_path / "data")
    (tmp_path / "x").write_text(GIFT, "utf-8")
    await importing.bring_in(settings, tmp_path / "x", "auto", None)
    with closing(sqlite3.connect(settings.data / "sabaq.sqlite")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'tomorrow'")
        connection.commit()
    with pytest.raises(migrate.CannotStart):
        await importing.bring_in(settings, tmp_path / "x", "auto", None)
