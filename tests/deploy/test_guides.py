"""The operator's guides know every setting and verb, and what they tell to type exists."""

import argparse
import re
from dataclasses import fields

from server import cli
from server.config import Settings
from tests.house.tree import ROOT

DOCS = ROOT / "docs"
OPERATOR, INSTALL = ((DOCS / f"{name}.md").read_text("utf-8") for name in ("operator", "install"))


def _section(text: str, heading: str) -> str:
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def _verbs() -> set[str]:
    [made] = [a for a in cli._parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return set(made.choices)


def test_every_setting_stands_in_the_table() -> None:
    told = re.findall(r"^\| (`.*?) \|", _section(OPERATOR, "Settings"), re.MULTILINE)
    names = {name for cell in told for name in re.findall(r"`(\w+)`", cell)}
    assert names == {field.name for field in fields(Settings)}


def test_every_verb_stands_in_the_table() -> None:
    told = set(re.findall(r"^\| `([\w-]+)", _section(OPERATOR, "Verbs"), re.MULTILINE))
    assert told == _verbs()


def test_what_the_installation_tells_to_run_is_a_verb() -> None:
    told = re.findall(r"python3 -m server (\w+)", INSTALL)
    assert {"doctor", "restore"} <= set(told) <= _verbs()


def test_files_that_guides_name_are_there() -> None:
    for text in (OPERATOR, INSTALL):
        for name in re.findall(r"\bdeploy/[\w./-]+\w", text):
            assert (ROOT / name).exists(), name
        for name in re.findall(r"\]\((?!http)([\w./-]+?)(?:#[\w-]+)?\)", text):
            assert (DOCS / name).exists(), name
