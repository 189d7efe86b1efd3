"""Tables that hold personal data say which, and how long."""

import inspect
import re
from importlib import import_module

from lms_core.kernel.tables import Table
from tests.house.tree import files

PERSONAL = re.compile(
    r"(^|_)(iin|login|family|given|patronymic|birth\w*|email|phone|address|photo|text|password\w*)($|_)"
)
SAYS = re.compile(r"^pii: .+, keep: .+$", re.MULTILINE)


def tables() -> list[type[Table]]:
    for floor in ("lms_core", "proctoring", "services"):
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


def test_every_table_says_what_it_is() -> None:
    assert [t.__name__ for t in tables() if t.__doc__ in (None, Table.__doc__)] == []
