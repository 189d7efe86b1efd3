"""What an author hears of an answer is told by the names under which the question is shown."""

from typing import Any

import pytest

from lms_core.items import keys, trying
from lms_core.items.plain import to_plain
from lms_core.items.views import Plain
from tests.lms_core.items.exchange import examples

BY_HAND = {"essay", "file", "spoken"}


@pytest.mark.parametrize("item", examples.EVERY, ids=lambda one: one.name or one.kind)
@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_parts_have_names_that_are_shown(item: Any, seed: str) -> None:
    if item.kind in BY_HAND:
        return
    answer = keys.key_of(item, seed, "ru").answer
    trial = trying.attempt(to_plain(item), seed, "ru", answer)
    assert trial.shown and trial.outcome
    known = {""} | _names(trial.shown)
    if item.kind == "hotspot":
        known |= {one.id for one in item.body.regions}
    told = {name for part in trial.outcome.parts for name in part.where.split(">")}
    assert told <= known
    assert len(told) > 1 or item.kind not in ("ordering", "matching", "cloze", "table", "drag_onto")


def _names(shown: Plain) -> set[str]:
    """Ids of options, gaps and zones."""
    lists = [shown.get(name, ()) for name in ("options", "left", "right", "labels", "zones", "gaps")]
    return {one["id"] for each in lists for one in each}
