"""A learner's browser sees the question and never its key, and what it sends back means what was meant."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.items import answers
from lms_core.items.answers import AnswerUnfit
from lms_core.items.checks import check
from lms_core.items.content import Derived, Item, Matching, Near, Numeric, Ordering, Pair, Parameter, Single, is_live
from lms_core.items.drawing import realise
from lms_core.items.plain import from_plain, to_plain
from lms_core.items.scoring import score
from lms_core.items.views import for_learner, hear, tell
from tests.lms_core.items.making import items, options, perfect, rekeyed, says

seeds = st.text("0123456789abcdef", min_size=1, max_size=4)


@given(items())
def test_what_the_tests_make_are_sound_questions_and_survive_json(item: Item) -> None:
    assert check(item) == []
    assert from_plain(json.loads(json.dumps(to_plain(item)))) == item


@pytest.mark.req("S141-15.3", "S456-27.14")
@given(items(), seeds)
def test_nothing_of_a_key_is_in_what_a_learner_sees(item: Item, seed: str) -> None:
    seen = json.dumps(for_learner(item, seed, "ru"))
    assert "KEY" not in seen
    assert not any(number in seen for number in ("0.77123", "987", "1.773"))


@pytest.mark.req("S141-15.3")
@given(items(), seeds)
def test_questions_that_differ_only_in_their_key_look_the_same(item: Item, seed: str) -> None:
    assert for_learner(rekeyed(item), seed, "kk") == for_learner(item, seed, "kk")


@pytest.mark.req("S456-27.14", "S141-15.5")
@given(items(), seeds)
def test_who_answers_all_rightly_by_what_they_see_gets_all_points(item: Item, seed: str) -> None:
    sent = perfect(item, for_learner(item, seed, "ru"))
    scored = score(realise(item, seed), hear(item, seed, sent))
    if item.kind in ("essay", "file", "spoken"):
        assert scored.needs_person
    else:
        assert (scored.points, scored.needs_person) == (item.points, False)
        assert sum(one.got for one in scored.parts) == item.points


@given(items(), seeds)
def test_a_kept_answer_is_shown_as_it_was_sent(item: Item, seed: str) -> None:
    heard = hear(item, seed, perfect(item, for_learner(item, seed, "ru")))
    assert hear(item, seed, json.loads(json.dumps(tell(item, seed, heard)))) == heard
    assert answers.from_plain(item.body, json.loads(json.dumps(answers.to_plain(heard)))) == heard


@given(items(), seeds)
def test_no_answer_is_worth_nothing_and_costs_nothing(item: Item, seed: str) -> None:
    nothing = answers.nothing(item.body)
    assert hear(item, seed, tell(item, seed, nothing)) == nothing
    scored = score(realise(item, seed), nothing)
    assert (scored.points, scored.needs_person) == (0, is_live(item.body))


words = st.sampled_from(["", "1", "2", "KEYoption0", "\0", "x", "1e999999"])
scraps: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["kind", "ids", "value", "text", "pairs", "left", "right", "fills", "gap", "spots", "x", "y"]),
        inner,
        max_size=4,
    ),
    max_leaves=8,
)  # fmt: skip
KEYS = {"chosen": "ids", "truth": "value", "typed": "text", "paired": "pairs", "ordered": "ids", "filled": "fills",
        "spotted": "spots", "written": "text", "handed_in": "files", "recorded": "sha256"}  # fmt: skip


@given(items(), scraps, st.booleans())
def test_whatever_a_browser_sends_is_an_answer_or_refused(item: Item, sent: Any, shaped: bool) -> None:
    kind = answers.SHAPES[type(item.body)]().kind
    try:
        heard = hear(item, "1", {"kind": kind, KEYS[kind]: sent} if shaped else sent)
    except AnswerUnfit:
        return
    assert -item.points <= score(item, heard).points <= item.points
    assert json.dumps(tell(item, "1", heard))


def test_options_stand_in_another_order_for_another_seed_and_fixed_ones_stay() -> None:
    made = [*options(6), *options(1, "none of these")]
    made[-1] = replace(made[-1], fixed=True)
    item = Item(says("?"), Single(tuple(made), (made[0].id,)))
    shown = [_texts(for_learner(item, str(seed), "kk")) for seed in range(20)]
    assert len({tuple(one) for one in shown}) > 10
    assert {one[-1] for one in shown} == {"none of these 0"}
    assert _texts(for_learner(item, "1", "kk")) == shown[1]


def test_an_ordering_is_never_shown_as_written_though_nothing_else_is_shuffled() -> None:
    item = Item(says("?"), Ordering(options(6)), shuffle=False)
    shown = {tuple(_texts(for_learner(item, str(seed), "kk"))) for seed in range(20)}
    assert len(shown) > 10


@pytest.mark.req("S141-15.5")
def test_each_learner_may_get_numbers_of_their_own() -> None:
    item = Item(
        says("{{a}} + {{ b }} is?"),
        Numeric((Near("s + 0.5", "a / 100"),)),
        parameters=(Parameter("a", Decimal(1), Decimal(50)), Parameter("b", choices=(Decimal("2.5"), Decimal("7.25")))),
        derived=(Derived("s", "a + b", 2),),
    )
    assert check(item) == []
    told = {json.dumps(for_learner(item, str(seed), "ru")) for seed in range(30)}
    assert len(told) > 15
    assert all("{{" not in one and ("2,5" in one or "7,25" in one) for one in told)
    real = realise(item, "7")
    a, b = _texts_of_prompt(for_learner(item, "7", "en")).removesuffix(" is?").replace(",", ".").split(" + ")
    answer = hear(item, "7", {"kind": "typed", "text": str(Decimal(a) + Decimal(b) + Decimal("0.5"))})
    assert score(real, answer).points == 1
    assert score(real, hear(item, "7", {"kind": "typed", "text": "1000"})).points == 0


def _texts(view: dict[str, Any]) -> list[str]:
    return [one["words"]["blocks"][0]["runs"][0]["text"] for one in view["options"]]


def _texts_of_prompt(view: dict[str, Any]) -> str:
    return view["prompt"]["blocks"][0]["runs"][0]["text"]


def test_partners_are_never_shown_as_written_though_nothing_else_is_shuffled() -> None:
    left, right = options(5, "left"), options(5, "right")
    pairs = tuple(Pair(a.id, b.id) for a, b in zip(left, right, strict=True))
    item = Item(says("?"), Matching(left, right, pairs), shuffle=False)
    views = [for_learner(item, str(seed), "kk") for seed in range(20)]
    assert len({json.dumps(view["left"]) for view in views}) == 1
    assert len({json.dumps(view["right"]) for view in views}) > 10
