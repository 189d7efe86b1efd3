"""Results as Excel."""

import base64
import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from lms_core.audit.model import Entry
from tests.lms_core.marking.judged import marks, published, sat_by, task_of
from tests.support.story import Person, refused
from tests.support.world import World


async def sheets(who: Person, exam: str, language: str) -> dict[str, Any]:
    file = await who.asks("results_sheet", query={"language": language}, exam_id=exam)
    assert file["name"].endswith(".xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(base64.b64decode(file["content"])))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.mark.req("S456-27.14")
@pytest.mark.parametrize(
    ("language", "names"),
    [("kk", ["Нәтижелер", "Сұрақтар", "Хаттама"]), ("ru", ["Результаты", "Вопросы", "Протокол"]),
     ("en", ["Results", "Questions", "Record"])],
)  # fmt: skip
async def test_the_table_says_what_the_page_says(world: World, language: str, names: list[str]) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna, title="=1+1")
    await sat_by(world, misha, exam, right=3)
    await sat_by(world, dina, exam, right=1)
    while task := await task_of(anna, exam):
        await marks(anna, task, "2")
    found = await sheets(anna, exam, language)
    assert list(found) == names
    rows = found[names[0]]
    assert rows[1][:3] == ["Dina Оспан", "11 «А»", 1.0]
    assert (rows[1][4:8], rows[2][4:8]) == ([3.0, 5.5, 55.0, "3"], [5.0, 5.5, 91.0, "5"])
    assert sum(one for one in rows[2][8:12] if isinstance(one, float)) == 5.0
    assert [one[4] for one in found[names[1]][1:5]].count(0.5) == 2
    record = found[names[2]]
    assert record[1][0] == "=1+1", "text stays text"
    assert "Anna Оспан" in {cell for row in record for cell in row}
    lines = await world.run(lambda tx: tx.all(select(Entry).where(Entry.op == "results_sheet")))
    assert [(one.what, one.actor_id) for one in lines] == [("exported", anna.id)]


async def test_an_exam_that_nobody_sat_has_a_table_too(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    exam = await published(world, anna)
    assert len((await sheets(anna, exam, "ru"))["Результаты"]) > 2
    with refused("not_found"):
        await boris.asks("results_sheet", exam_id=exam)
