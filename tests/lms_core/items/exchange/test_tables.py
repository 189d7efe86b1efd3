"""Questions in Excel: as teachers write them, and ours."""

import io
from decimal import Decimal as D

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.items.content import Essay, Item, Matching, Multiple, Numeric, Ordering, Short, Single, TrueFalse
from lms_core.items.exchange.batch import Note
from lms_core.items.exchange.files import read, write
from lms_core.items.exchange.losses import as_text
from lms_core.items.rich import Formula, Paragraph, Rich, Text, Words, runs

from .examples import EVERY, MEDIA, RICH, items


def book(*rows: list) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as file:
        page = file.add_worksheet()
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return made.getvalue()


HEAD = ["Вопрос", "Вариант 1", "Вариант 2", "Вариант 3", "Правильный ответ", "Тип", "Баллы", "Сложность", "Метки"]


@pytest.mark.req("S456-27.14")
def test_a_table_as_a_teacher_writes_it() -> None:
    batch = read(
        book(
            HEAD,
            ["Столица?", "Алматы", "Астана", "Шымкент", "B", "", 2, 3, "география; столицы"],
            ["Чётные?", 1, 2, 4, "2;3"],
            ["Чётные?", 1, 2, 4, "Б, В", "несколько ответов"],
            [],
            ["Земля круглая", "", "", "", "Верно"],
            ["g?", "", "", "", "9,81 ± 0,05"],
            ["Автор?", "", "", "", "Абай; Абай Құнанбаев"],
            ["Пары", "a -> 1", "b -> 2", "-> 3", ""],
            ["По порядку", "x", "y", "z", "", "порядок"],
            ["Почему?", "", "", "", ""],
        ),
        "bank.xlsx",
    )
    assert (batch.refused, batch.noted) == ([], [])
    assert [type(item.body) for item in batch.items] == [
        *(Single, Multiple, Multiple, TrueFalse, Numeric, Short, Matching, Ordering, Essay),
    ]
    first, second, third, *_ = batch.items
    assert isinstance(first.body, Single)
    assert isinstance(second.body, Multiple)
    assert isinstance(third.body, Multiple)
    assert (first.body.right, first.points, first.difficulty, first.tags) == (("b",), 2, 3, ("география", "столицы"))
    assert second.body.right == third.body.right == ("b", "c")
    assert batch.places[3] == "bank.xlsx:6"
    number = batch.items[4].body
    assert isinstance(number, Numeric)
    assert (number.near[0].value, number.near[0].tolerance) == ("9.81", "0.05")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (["", "a", "b", "", "A"], "prompt_missing"),
        (["x", "a", "", "", "A"], "options_missing"),
        (["x", "a", "b", "", ""], "key_missing"),
        (["x", "a", "b", "", "C"], "answer_unknown"),
        (["x", "a", "b", "", "A;B", "один ответ"], "answer_unknown"),
        (["x", "a", "b", "", "A", "загадка"], "kind_unknown"),
        (["x", "a", "b", "", "A", "", -1], "points_unfit"),
        (["x", "", "", "", "много", "число"], "answer_unreadable"),
        (["x", "", "", "", "возможно", "да/нет"], "key_missing"),
        (["x", "a", "b -> 1", "", "", "соответствие"], "answer_unreadable"),
        (["x", "a", "", "", "", "порядок"], "options_missing"),
    ],
)
def test_a_row_that_is_no_item_is_refused_and_the_next_one_is_taken(row: list, why: str) -> None:
    batch = read(book(HEAD, row, ["good", "a", "b", "", "A"]), "t.xlsx")
    assert [(note.where, note.why) for note in batch.refused] == [("t.xlsx:2", why)]
    assert batch.places == ["t.xlsx:3"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (book(["Вопрос", "Вариант 1"], ["x", "y"]), "column_missing"),
        (book(), "empty"),
        (book(HEAD)[:-40], "sheet_broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "sheet_broken"),
    ],
)
def test_what_is_no_table_of_questions_is_refused(data: bytes, why: str) -> None:
    assert [note.why for note in read(data, "t.xlsx").refused] == [why]


def test_a_column_that_nobody_knows_is_noted() -> None:
    batch = read(book([*HEAD, "Автор"], ["x", "a", "b", "", "A", "", "", 9, "", "Анна"]), "t.xlsx")
    assert batch.noted == [Note("t.xlsx:1", "setting_lost", "Автор"), Note("t.xlsx:2", "setting_lost", "difficulty 9")]


def test_each_item_is_written_or_named_and_formulas_are_text() -> None:
    first = Item(EVERY[0].prompt, EVERY[0].body, D("2.5"), "=1+1", difficulty=4, tags=("a", "b"))
    written = write([first, *EVERY, RICH], MEDIA, "xlsx")
    left_out = {note.where for note in written.noted if note.why == "no_place_in_format"}
    batch = read(written.data, "t.xlsx")
    assert batch.refused == []
    assert len(batch.items) + len(left_out) == len(EVERY) + 2
    again = batch.items[0]
    assert (again.name, again.points, again.difficulty, again.tags) == ("=1+1", D("2.5"), 4, ("a", "b"))
    assert again.body == first.body


@pytest.mark.parametrize("text", ["$5", "$5=$6", "a $$ b $$ c", r"\$5", r"\\$", "$"])
def test_dollars_that_are_money_are_read_again_as_money(text: str) -> None:
    asked = (Text(f"{text} "), Formula("x^2"), Text(f" {text}"))
    item = Item(Words(ru=Rich((Paragraph(asked),))), EVERY[0].body)
    [found] = read(write([item], {}, "xlsx").data, "t.xlsx").items
    assert [*runs(found.prompt.of("ru"))] == [Text(f"{text} "), Formula("x^2", block=True), Text(f" {text}")]


@settings(max_examples=12)
@given(st.lists(items, min_size=1, max_size=5))
def test_what_is_written_is_read_again(made: list[Item]) -> None:
    written = write(made, MEDIA, "xlsx")
    left_out = {int(note.where.split()[0]) for note in written.noted if note.why == "no_place_in_format"}
    kept = [item for at, item in enumerate(made, 1) if at not in left_out]
    batch = read(written.data, "t.xlsx", "xlsx")
    assert [item.kind for item in batch.items] == [item.kind for item in kept]
    for item, found in zip(kept, batch.items, strict=True):
        assert as_text(found.prompt.of("ru")).split() == as_text(item.prompt.of("ru")).split()
