"""Which tests show which requirement: read from the `@pytest.mark.req(…)` marks, written as a table.

`requirements.tsv` holds every requirement's id and what it asks; `complaints.tsv` what users of other servers complain
of, for the marks `complaint(…)`. Rewrite both tables: `python3 -m tests requirements`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import ROOT, files

PAGE = ROOT / "docs" / "requirements.md"
COMPLAINTS = ROOT / "docs" / "complaints.md"


def titles(of: str = "requirements") -> dict[str, str]:
    lines = Path(__file__).with_name(f"{of}.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def marks(mark: str = "req") -> dict[str, list[str]]:
    """Requirement id → the tests that name it."""
    found: dict[str, list[str]] = {}
    for file in files(".py", below="tests"):
        for name, ids in _marked(ast.parse((ROOT / file).read_text("utf-8")), mark):
            for one in ids:
                found.setdefault(one, []).append(f"{file.as_posix()}::{name}")
    return found


def page() -> str:
    """The whole of docs/requirements.md."""
    asked, shown = titles(), marks()
    head = (
        "# What the law asks, and the tests that show it\n\n"
        "Written by `python3 -m tests requirements` from the marks on the tests.\n\n"
        f"{len(shown)} of {len(asked)} requirements have tests.\n\n| id | asks | tests |\n|---|---|---|\n"
    )
    return head + _rows(asked, shown)


def complaints() -> str:
    """The whole of docs/complaints.md."""
    head = (
        "# What users of other servers complain of, and the tests that show it does not happen here\n\n"
        "Written by `python3 -m tests requirements` from the marks on the tests. Threads are those of BigBlueButton"
        " unless another is named.\n\n| | complaint | tests |\n|---|---|---|\n"
    )
    return head + _rows(titles("complaints"), marks("complaint"))


def rewrite() -> int:
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), "utf-8")
    COMPLAINTS.write_text(complaints(), "utf-8")
    return 0


def _rows(asked: dict[str, str], shown: dict[str, list[str]]) -> str:
    rows = (f"| {i} | {asked[i]} | {'<br>'.join(f'`{t}`' for t in shown[i])} |\n" for i in asked if i in shown)
    return "".join(rows)


def _marked(module: ast.Module, of: str) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith(f"mark.{of}"):
                    yield node.name, [str(ast.literal_eval(a)) for a in mark.args]
