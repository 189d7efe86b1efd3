"""The server speaks codes, the client speaks languages: each code has its words in each catalogue."""

import json
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

import lms_core
import media
import proctoring
import server
import services
from lms_core.items.exchange.batch import WHY
from lms_core.kernel.errors import Refusal
from tests.house.tree import ROOT

LANGUAGES = ("kk", "ru", "en")
NOT_IMPORTED = ("server.migrations", "server.__main__", "media.wire.native", "media.plane.__main__")


def catalogue(language: str) -> dict[str, str]:
    """Dotted key → words."""
    return dict(_flat(json.loads((ROOT / f"web_client/src/locales/{language}.json").read_text("utf-8"))))


def codes() -> set[str]:
    """The code of every Refusal that is declared anywhere."""
    return {kind.code for kind in kinds()}


def kinds() -> set[type[Refusal]]:
    """Every Refusal that is declared anywhere."""
    for package in (lms_core, media, proctoring, server, services):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.startswith(NOT_IMPORTED):
                import_module(module.name)
    found, waiting = set[type[Refusal]](), [Refusal]
    while waiting:
        kind = waiting.pop()
        if not kind.__module__.startswith("tests"):
            found.add(kind)
        waiting += kind.__subclasses__()
    return found


@pytest.mark.req("S234-9")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_words(language: str) -> None:
    missing = {f"error.{code}" for code in codes()} - _stems(catalogue(language))
    assert missing == set()


@pytest.mark.req("S234-9")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogues_say_the_same_things(language: str) -> None:
    assert _stems(catalogue(language)) == _stems(catalogue("en"))
    assert [key for key, words in catalogue(language).items() if not words.strip()] == []


def test_a_lesson_goes_without_the_words_of_refusals_that_it_cannot_meet() -> None:
    text = (ROOT / "web_client/scripts/words.js").read_text("utf-8")
    later = set(re.findall("'([a-z_]+)'", text.partition("LATER = new Set([")[2].partition("])")[0]))
    apart = ("lms_core.items", "lms_core.exams", "lms_core.marking")
    assert len(later) > 20
    assert later <= {kind.code for kind in kinds() if kind.__module__.startswith(apart)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_an_import_has_words(language: str) -> None:
    keys = {f"bank.exchange.{re.sub('_([a-z])', lambda found: found[1].upper(), why)}" for why in WHY}
    assert keys - set(catalogue(language)) == set()


def _flat(tree: Any, above: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(tree, str):
        yield above[1:], tree
        return
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield from _flat(value, f"{above}.{key}")


def _stems(keys: dict[str, str]) -> set[str]:
    """Keys without their plural endings, which differ between the languages."""
    endings = ("_zero", "_one", "_two", "_few", "_many", "_other")
    return {key.rpartition("_")[0] if key.endswith(endings) else key for key in keys}
