"""Keys, shown in the names of the view."""

import json
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.items import keys
from lms_core.items.answers import Chosen, Filled, Paired, Truth
from lms_core.items.areas import inside, middle
from lms_core.items.content import Accepted, Area, Feedback, Item, Near, Numeric, Option, Short, Single, TrueFalse, Unit
from lms_core.items.drawing import realise
from lms_core.items.scoring import score
from lms_core.items.views import for_learner, hear
from tests.lms_core.items.making import items, perfect, says

seeds = st.text("0123456789abcdef", min_size=1, max_size=4)


@given(items(), seeds)
def test_the_key_gets_all_points_when_it_is_sent_as_an_answer(item: Item, seed: str) -> None:
    key = keys.key_of(item, seed, "ru")
    json.dumps([key.answer, key.accepted, key.regions, key.sample, key.general, dict(key.options)])
    if key.answer is None:
        assert item.kind in ("essay", "file", "spoken")
        return
    scored = score(realise(item, seed), hear(item, seed, json.loads(json.dumps(key.answer))))
    assert (scored.points, scored.needs_person) == (item.points, False)


@given(items(), seeds)
def test_parts_are_told_by_names_that_the_learner_saw(item: Item, seed: str) -> None:
    shown = for_learner(item, seed, "kk")
    scored = score(realise(item, seed), hear(item, seed, perfect(item, shown)))
    told = keys.tell_parts(item, seed, scored.parts)
    assert not any("KEY" in one.where for one in told)
    assert sum((one.got for one in told), Fraction(0)) == sum((one.got for one in scored.parts), Fraction(0))
    if item.kind in ("cloze", "table"):
        assert [one.where for one in told] == [gap["id"] for gap in shown["gaps"]]
    if item.kind in ("multiple", "ordering") and item.rule != "neighbours" and not getattr(item.body, "worth", ()):
        assert {one.where for one in told} <= {option["id"] for option in shown["options"]}
        assert all(one.where for one in told)


def test_what_is_accepted_is_told_in_words() -> None:
    short = Item(says("?"), Short((Accepted("Abai*", pattern=True), Accepted("no", D(0)), Accepted("Abay", D("0.5")))))
    assert keys.key_of(short, "1", "kk").accepted == ("Abai…", "Abay")
    near = (Near("2.50", "0.1"), Near("3", share=D("0.5")))
    number = Item(says("?"), Numeric(near, (Unit("g", "0.001"), Unit("kg"))))
    assert keys.key_of(number, "1", "kk").accepted == ("2.5 kg (±0.1)", "3 kg")
    strange = Item(says("?"), Numeric(near, (Unit("g", "0.001"),)))
    assert keys.key_of(strange, "1", "kk").answer is None
    assert keys.key_of(strange, "1", "kk").accepted == ("2.5 (±0.1)", "3")


def test_options_are_counted_by_their_own_ids() -> None:
    single = Item(says("?"), Single((Option("a", says("A")), Option("b", says("B"), says("close"))), ("a",)))
    assert keys.option_keys(single) == {"a": True, "b": False}
    assert set(keys.option_words(single)) == {"a", "b"}
    assert keys.chosen_of(Chosen(("b",))) == ("b",)
    assert keys.option_keys(Item(says("?"), TrueFalse(False))) == {"true": False, "false": True}
    assert (keys.chosen_of(Truth(True)), keys.chosen_of(Truth())) == (("true",), ())
    assert (keys.chosen_of(Paired()), keys.option_keys(Item(says("?"), Short(())))) == ((), {})
    assert keys.chosen_of(Filled()) == ()
    [told] = keys.key_of(single, "1", "kk").options.values()
    assert told["blocks"][0]["runs"][0]["text"] == "close"


def test_what_an_author_says_depends_on_the_points() -> None:
    said = Feedback(right=says("yes"), partly=says("nearly"), wrong=says("no"))
    item = Item(says("?"), TrueFalse(True), feedback=said)

    def text(share: float) -> str:
        told = keys.said_of(item, share, "1", "ru")
        assert told
        return told["blocks"][0]["runs"][0]["text"]

    assert [text(one) for one in (1.0, 0.3, 0.0, -0.5)] == ["yes", "nearly", "no", "no"]
    assert keys.said_of(Item(says("?"), TrueFalse(True)), 1, "1", "ru") is None


@pytest.mark.parametrize(
    "area",
    [
        Area("rect", (D(0), D(0), D(4), D(2))),
        Area("circle", (D(3), D(3), D(1))),
        Area("polygon", (D(0), D(0), D(4), D(0), D(4), D(4))),
        Area("polygon", (D(0), D(0), D(9), D(0), D(9), D(9), D(8), D(9), D(8), D(1), D(0), D(1))),
    ],
)
def test_the_middle_of_an_area_lies_in_it(area: Area) -> None:
    assert inside(area, *middle(area))
