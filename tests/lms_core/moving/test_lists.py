"""Lists from strangers' hands: pasted or Excel, checked first, each refused row named."""

import base64
import io
import zipfile
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from lms_core.kernel import sheets
from lms_core.kernel.errors import Refusal
from lms_core.moving import core
from tests.support.story import Person, refused
from tests.support.world import World

SHEET: dict[str, Any] = {"kind": "people", "year": 2026, "first": "2026-10-22"}
PUPILS = "ФИО;ИИН;Класс\nАхмет Әли;;11А\nСерік Нұр;123;11А\nБейбіт Ая;;9Я\n;;11А\nҚайрат Тимур;123456789013;10б"


@given(st.sampled_from(["people", "classes", "courses", "lessons"]), st.text(max_size=200))
def test_any_text_is_a_list_or_refused(kind: core.Kind, text: str) -> None:
    try:
        rows = core.rows(kind, core.split(text))
        for row in rows:
            core.name_of(row)
    except Refusal:
        return
    assert all(row.line >= 1 for row in rows)


@pytest.mark.parametrize(
    "text", ["Класс\tФИО\n11А\tАхмет Әли", "сынып;аты-жөні\n11А;Ахмет Әли", "class,full name\n11А,Ахмет Әли"]
)
def test_headers_of_three_languages_in_any_order(text: str) -> None:
    [row] = core.rows("people", core.split(text))
    assert (row.line, row.cells) == (2, {"class": "11А", "name": "Ахмет Әли"})


async def test_each_refused_row_is_named_and_the_good_ones_may_be_taken(world: World) -> None:
    [admin] = await world.enters("administrator")
    there, sheet = {"organisation_id": world.school.school.id}, SHEET | {"text": PUPILS}
    report = await admin.asks("check_list", sheet, **there)
    assert [(row["line"], row["outcome"], row["code"], row["column"]) for row in report["rows"]] == [
        (2, "add", "", ""),
        (3, "refused", "iin_invalid", ""),
        (4, "refused", "cell_unfit", "class"),
        (5, "refused", "name_unfit", ""),
        (6, "add", "", ""),
    ]
    assert await _count(admin, there) == 13, "a check writes nothing"
    with refused("import_refused", 409):
        await admin.asks("take_list", {"sheet": sheet}, **there)
    assert await _count(admin, there) == 13
    taken = await admin.asks("take_list", {"sheet": sheet, "only_good": True}, **there)
    assert (taken["added"], taken["refused"], await _count(admin, there)) == (2, 3, 15)
    again = await admin.asks("take_list", {"sheet": sheet, "only_good": True}, **there)
    assert (again["added"], again["same"], await _count(admin, there)) == (0, 2, 15)


async def test_a_thousand_people_take_few_statements(world: World) -> None:
    [admin] = await world.enters("administrator")
    asked: list[int] = []
    event.listen(world.house.db.engine, "before_cursor_execute", lambda *_: asked.append(1))
    for count in (10, 1000):
        asked.clear()
        text = "\n".join(f"Оқушы{count}а{number} Ая;11А" for number in range(count))
        report = await admin.asks(
            "take_list", {"sheet": SHEET | {"text": text}}, organisation_id=world.school.school.id
        )
        assert report["added"] == count
        assert len(asked) < 60


async def test_one_iin_is_not_two_names(world: World) -> None:
    [admin] = await world.enters("administrator")
    there = {"organisation_id": world.school.school.id}
    text = "Қайрат Тимур;11А;123456789013\nБасқа Адам;11А;123456789013"
    rows = (await admin.asks("check_list", SHEET | {"text": text}, **there))["rows"]
    assert [(row["outcome"], row["column"]) for row in rows] == [("add", ""), ("refused", "iin")]


async def test_a_list_gives_no_administrator(world: World) -> None:
    [admin] = await world.enters("administrator")
    text = "ФИО;Роль\nАхмет Әли;администратор"
    report = await admin.asks("check_list", SHEET | {"text": text}, organisation_id=world.school.school.id)
    assert [(row["code"], row["column"]) for row in report["rows"]] == [("cell_unfit", "role")]


async def test_kazakh_letters_make_classes_of_their_own(world: World) -> None:
    [admin] = await world.enters("administrator")
    there = {"organisation_id": world.school.school.id}
    sheet = SHEET | {"kind": "classes", "text": "7 «А»\n7 «Ә»\n7а\n7 A"}
    report = await admin.asks("take_list", {"sheet": sheet}, **there)
    assert [row["outcome"] for row in report["rows"]] == ["add", "add", "same", "same"]
    people = SHEET | {"text": "Ахмет Әли;7Ә\nБейбіт Ая;7a"}
    assert (await admin.asks("take_list", {"sheet": people}, **there))["refused"] == 0
    lines = (await admin.asks("list_groups", query={"day": "2026-10-22", "year": 2026}, **there))["items"]
    sevens = [(line["group"]["name"], line["learners"]) for line in lines if line["group"]["grade"] == 7]
    assert sevens == [("7 «А»", 1), ("7 «Ә»", 1)]


async def test_the_language_of_people_is_written_chosen_or_that_of_who_sends_the_list(world: World) -> None:
    [admin] = await world.enters("administrator")
    there = {"organisation_id": world.school.school.id}
    await admin.asks("change_me", {"language": "ru"})
    text = "ФИО;Тілі\nАхмет Әли;\nБейбіт Ая;Қазақша\nСерік Нұр;english\nТимур Қайрат;эльфийский"
    report = await admin.asks("take_list", {"sheet": SHEET | {"text": text}, "only_good": True}, **there)
    assert [(row["outcome"], row["column"]) for row in report["rows"]][-1] == ("refused", "language")
    await admin.asks("take_list", {"sheet": SHEET | {"text": "Жұмаділ Арман", "language": "en"}}, **there)
    spoken = {line["family"]: line["language"] for line in (await admin.asks("list_people", **there))["items"]}
    assert [spoken[name] for name in ("Ахмет", "Бейбіт", "Серік", "Жұмаділ")] == ["ru", "kk", "en", "en"]


@pytest.mark.req("S503-13.1")
async def test_excel_is_read_and_its_template_is_understood(world: World) -> None:
    [admin] = await world.enters("administrator")
    there = {"organisation_id": world.school.school.id}
    made = await admin.asks("read_template", query={"language": "ru"}, kind="people")
    assert sheets.read(base64.b64decode(made["content"])) == [
        ["ФИО", "Класс", "ИИН", "Роль", "Логин", "Ребёнок", "Язык"]
    ]
    file = _xlsx([["Класс", "ФИО"], ["11А", "Ахмет Әли"]])
    report = await admin.asks("take_list", {"sheet": SHEET | {"file": file}}, **there)
    assert (report["added"], report["refused"]) == (1, 0)


@pytest.mark.parametrize("file", ["", "bm8gdGFibGU=", "!", base64.b64encode(b"PK\3\4" + bytes(100)).decode()])
async def test_what_is_no_list_is_refused(world: World, file: str) -> None:
    [admin] = await world.enters("administrator")
    with refused("list_unfit", 422):
        await admin.asks("check_list", SHEET | {"file": file}, organisation_id=world.school.school.id)


def test_a_bomb_is_refused_not_unpacked() -> None:
    """Two gigabytes of one row in two megabytes."""
    good, bad = zipfile.ZipFile(io.BytesIO(base64.b64decode(_xlsx([["ФИО"]])))), io.BytesIO()
    with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in good.namelist():
            with bomb.open(name, "w", force_zip64=True) as part:
                if name.endswith("sheet1.xml"):
                    part.write(b'<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>')
                    for _ in range(1024):
                        part.write(b"a" * 1024 * 1024)
                else:
                    part.write(good.read(name))
    with pytest.raises(sheets.Unreadable):
        sheets.read(bad.getvalue())


def _xlsx(rows: list[list[str]]) -> str:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return base64.b64encode(made.getvalue()).decode()


async def _count(person: Person, there: dict[str, Any]) -> int:
    return len((await person.asks("list_people", **there))["items"])
