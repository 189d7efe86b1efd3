"""Tables that hold personal data say which, how long, how it is shown to its person, and how it is erased."""

import inspect
import re
from importlib import import_module

from lms_core.kernel.ids import IdType
from lms_core.kernel.personal import Blanked, Kept, Personal
from lms_core.kernel.tables import Outbox, Table
from tests.house.tree import files

PERSONAL = re.compile(
    r"(^|_)(iin|login|family|given|patronymic|birth\w*|email|phone|address|photo|text|password\w*)($|_)"
)
SAYS = re.compile(r"^pii: .+, keep: .+$", re.MULTILINE)


def tables() -> list[type[Table]]:
    for floor in ("lms_core", "proctoring", "services", "server"):
        for file in files(".py", below=floor):
            if file.name == "model.py":
                import_module(".".join(file.with_suffix("").parts))
    return [t.class_ for t in Table.registry.mappers if not t.class_.__module__.startswith("tests")]


def test_a_table_with_personal_data_says_so_and_until_when() -> None:
    found = {
        table.__name__: personal
        for table in tables()
        if (personal := [c.name for c in table.__table__.columns if PERSONAL.search(c.name)])
        and not SAYS.search(inspect.getdoc(table) or "")
    }
    assert found == {}


def test_a_table_with_personal_data_or_a_persons_id_says_how_it_is_shown_and_erased() -> None:
    """`personal = Personal(…)`, see lms_core/kernel/personal.py."""
    silent = [
        table.__name__
        for table in tables()
        if (SAYS.search(inspect.getdoc(table) or "") or _persons(table)) and not isinstance(_says(table), Personal)
        if table is not Outbox  # no id leads to its rows, and each is gone within a week
    ]
    assert silent == []


def test_what_is_said_of_personal_data_fits_the_table() -> None:
    for table in tables():
        says = _says(table)
        if says is None:
            continue
        columns = set(table.__table__.columns.keys())
        assert SAYS.search(inspect.getdoc(table) or ""), f"{table.__name__} has no pii line"
        assert set(says.of) == _persons(table), f"{table.__name__}: whose rows these are"
        assert says.hides <= columns, table.__name__
        if isinstance(says.erased, Kept):
            assert says.erased.why and says.erased.until and says.erased.source, table.__name__
        if isinstance(says.erased, Blanked):
            assert set(says.erased.values) <= columns, table.__name__


def test_no_secret_is_shown() -> None:
    for table in tables():
        if says := _says(table):
            shown = [c.name for c in table.__table__.columns if c.name not in says.hides]
            assert [name for name in shown if "password" in name] == [], table.__name__


def _says(table: type[Table]) -> Personal | None:
    return getattr(table, "personal", None)


def _persons(table: type[Table]) -> set[str]:
    """Columns with the id of a person."""
    return {c.name for c in table.__table__.columns if isinstance(c.type, IdType) and c.type.kind == "person"}


def test_every_table_says_what_it_is() -> None:
    assert [t.__name__ for t in tables() if t.__doc__ in (None, Table.__doc__)] == []
