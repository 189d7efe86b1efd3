"""GIFT and Aiken: as their documentation says, and as people write them."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.items.content import Essay, Item, Matching, Multiple, Numeric, Pair, Short, Single, TrueFalse
from lms_core.items.exchange.batch import Batch, Note
from lms_core.items.exchange.files import read, write
from lms_core.items.exchange.losses import as_text

from .examples import EVERY, MEDIA, RICH, items


def one(text: str) -> Item:
    batch = read(text.encode(), "q.txt", "gift")
    assert (len(batch.items), batch.refused) == (1, [])
    return batch.items[0]


def words(of) -> str:
    return as_text(of.of("en"))


def test_one_of_several() -> None:
    item = one("::Grant:: Who's buried?{ =Grant#yes ~no one#no\n~%50%Napoleon ####Read on\\: p. 5 }")
    assert (item.name, words(item.prompt)) == ("Grant", "Who's buried?")
    assert isinstance(item.body, Single)
    assert [(words(o.words), words(o.feedback)) for o in item.body.options] == [
        ("Grant", "yes"),
        ("no one", "no"),
        ("Napoleon", ""),
    ]
    assert item.body.right == ("a",)
    assert [(w.id, w.share) for w in item.body.worth] == [("c", D("0.5"))]
    assert words(item.feedback.general) == "Read on: p. 5"


def test_several_of_several() -> None:
    body = one("Pick { ~%33.33333%a ~%33.33333%b ~%33.33333%c ~%-100%d }").body
    assert isinstance(body, Multiple)
    assert body.right == ("a", "b", "c")
    assert sum(w.share for w in body.worth if w.share > 0) == 1
    assert body.worth[-1].share == -1


def test_true_and_false_with_their_feedback() -> None:
    item = one("Sun rises in the west.{F#wrong#right}")
    assert item.body == TrueFalse(False)
    assert (words(item.feedback.wrong), words(item.feedback.right)) == ("wrong", "right")
    assert one("x{TRUE}").body == TrueFalse(True)


def test_short_answers_and_a_gap_in_the_middle() -> None:
    batch = read(b"Two plus {=two =%50%2 =fo*r} equals four.", "q")
    (item,) = batch.items
    assert words(item.prompt) == "Two plus _____ equals four."
    assert isinstance(item.body, Short)
    assert [(a.text, a.share, a.pattern) for a in item.body.accepted] == [
        ("two", 1, False),
        ("2", D("0.5"), False),
        ("fo*r", 1, True),
    ]
    assert batch.noted == [Note("q:1", "blank_added")]


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("x{#3:2}", [("3", "2", 1)]),
        ("x{#1..5}", [("3", "2", 1)]),
        ("x{#-1.5}", [("-1.5", "0", 1)]),
        ("x{#=1822:0 =%50%1822:2}", [("1822", "0", 1), ("1822", "2", D("0.5"))]),
        ("x{#3,14:0,01}", [("3.14", "0.01", 1)]),
    ],
)
def test_numbers(text: str, near: list) -> None:
    body = one(text).body
    assert isinstance(body, Numeric)
    assert [(n.value, n.tolerance, n.share) for n in body.near] == near


def test_matching_with_one_too_many() -> None:
    body = one("Match { =a -> 1 =b -> 2 =c -> 1 = -> 9 }").body
    assert isinstance(body, Matching)
    assert [words(o.words) for o in body.right] == ["1", "2", "9"]
    assert body.pairs == (Pair("a", "a"), Pair("b", "b"), Pair("c", "a"))


def test_essay_escapes_html_formulas_and_tags() -> None:
    item = one("// [id:7] [tag:a\\]b] [tag:c]\n[html]<p>1 \\= 1 \\{x\\} <b>so</b> \\\\(x^2\\\\)</p>{}")
    assert item.body == Essay()
    assert item.tags == ("a]b", "c")
    assert words(item.prompt) == "1 = 1 {x} so $$x^2$$"


def test_categories_become_tags_and_line_numbers_are_those_of_the_file() -> None:
    text = "$CATEGORY: Maths/Sets\n\n\n::A:: x{T}\n\n// note\nbad {=\n\ny{F}\n"
    batch = read(text.encode(), "folder\\bank.gift")
    assert [item.tags for item in batch.items] == [("Maths/Sets",)] * 2
    assert batch.places == ["bank.gift:4", "bank.gift:9"]
    assert batch.refused == [Note("bank.gift:7", "braces_unbalanced", "bad {=")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("just words", "answers_missing"),
        ("x{=a", "braces_unbalanced"),
        ("x}a{", "braces_unbalanced"),
        ("x{a}{b}", "braces_unbalanced"),
        ("x{nonsense}", "answer_unreadable"),
        ("x{=a ~}", "answer_unreadable"),
        ("x{~a ~b}", "key_missing"),
        ("x{~%50%a}", "options_missing"),
        ("x{~%500%a ~b}", "answer_unreadable"),
        ("x{#}", "answers_missing"),
        ("x{#abc}", "answer_unreadable"),
        ("x{#5..1}", "answer_unreadable"),
        ("{=a}", "prompt_missing"),
        ("x{=a ->}", "answer_unreadable"),
        ("x{" + "=a" * 150_000 + "}", "too_long"),
    ],
)
def test_what_is_no_item_is_refused_and_the_next_one_is_taken(text: str, why: str) -> None:
    batch = read(f"{text}\n\nnext{{T}}".encode(), "q", "gift")
    assert [(note.where, note.why) for note in batch.refused] == [("q:1", why)]
    assert batch.places == ["q:3"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1251"])
def test_encodings(encoding: str) -> None:
    text = "Какой город столица Казахстана?{=Астана ~Алматы}\r\n\r\nВторой вопрос{T}"
    data = (b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding)
    batch = read(data, "q")
    assert [as_text(item.prompt.of("ru")) for item in batch.items] == [
        "Какой город столица Казахстана?",
        "Второй вопрос",
    ]
    assert batch.noted == ([Note("q", "encoding_guessed", "windows-1251")] if encoding == "cp1251" else [])
    assert batch.places == ["q:1", "q:3"]


@pytest.mark.parametrize("encoding", ["koi8-r", "cp866", "utf-16-le", "utf-32", "latin-1"])
def test_encodings_that_nobody_can_be_sure_of(encoding: str) -> None:
    text = "Ça va très bien, à bientôt?{=öäü ~ß}" if encoding == "latin-1" else "Какой город столица?{=Астана ~Алматы}"
    assert [note.why for note in read(text.encode(encoding), "q").refused] == ["encoding_unknown"]


def test_aiken() -> None:
    text = "What is it?\nTwo lines.\nA. one\nB) two\nC. three\nANSWER: B\n\nҚанша?\nA. бір\nB. екі\nЖАУАБЫ: A\n"
    batch = read(text.encode(), "q")
    assert batch.refused == batch.noted == []
    first, second = batch.items
    assert isinstance(first.body, Single)
    assert (words(first.prompt), first.body.right) == ("What is it?\nTwo lines.", ("b",))
    assert [words(o.words) for o in first.body.options] == ["one", "two", "three"]
    assert second.languages() == ("kk",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x\nA. a\nB. b\nANSWER: C", "answer_unknown"),
        ("x\nA. a\nB. b\nANSWER: AB", "answer_unknown"),
        ("x\nA. a\nANSWER: A", "options_missing"),
        ("x\nA. a\nA. b\nANSWER: A", "answer_unreadable"),
        ("A. a\nB. b\nANSWER: A", "prompt_missing"),
        ("x\nA. a\nB. b\n", "key_missing"),
        ("x\nANSWER: A", "options_missing"),
        ("x\nA. a\nloose\nB. b\nANSWER: A", "answer_unreadable"),
    ],
)
def test_what_is_no_aiken_item_is_refused_and_the_next_one_is_taken(text: str, why: str) -> None:
    good = "\n\ngood\nA. a\nB. b\nANSWER: A\n"
    batch = read((text + good).encode(), "q", "aiken")
    assert why in {note.why for note in batch.refused}
    assert [words(item.prompt) for item in batch.items] == ["good"]


@given(st.lists(items, max_size=4))
def test_gift_written_is_read_again_and_all_that_is_lost_is_told(made: list[Item]) -> None:
    written = write(made, MEDIA, "gift")
    again: Batch = read(written.data, "q", "gift") if made else Batch()
    told = {int(note.where.split()[0]) for note in written.noted}
    left_out = {int(note.where.split()[0]) for note in written.noted if note.why == "no_place_in_format"}
    assert [note for note in again.refused if note.why != "empty"] == []
    assert len(again.items) == len(made) - len(left_out)
    kept = [(at, item) for at, item in enumerate(made, 1) if at not in left_out]
    for (at, item), found in zip(kept, again.items, strict=True):
        assert found.kind == item.kind
        assert as_text(found.prompt.of("ru")) == as_text(item.prompt.of("ru"))
        if at not in told and isinstance(item.body, Single):
            assert isinstance(found.body, Single)
            assert found.body.right == tuple("abcde"["abcde".index(one)] for one in item.body.right)
            assert [as_text(o.words.of("ru")) for o in found.body.options] == [
                as_text(o.words.of("ru")) for o in item.body.options
            ]


@given(st.lists(items, max_size=4))
def test_aiken_written_is_read_again(made: list[Item]) -> None:
    written = write(made, MEDIA, "aiken")
    left_out = {note.where for note in written.noted if note.why == "no_place_in_format"}
    assert len(read(written.data, "q", "aiken").items) == len(made) - len(left_out)


def test_each_item_is_written_or_named() -> None:
    for form in ("gift", "aiken"):
        written = write([*EVERY, RICH], MEDIA, form)
        left_out = {note.where for note in written.noted if note.why == "no_place_in_format"}
        assert len(read(written.data, "q", form).items) + len(left_out) == len(EVERY) + 1
    whys = {note.why for note in write([RICH], MEDIA, "aiken").noted}
    assert whys == {
        *("languages_lost", "media_lost", "markup_lost", "feedback_lost", "rule_lost", "penalty_lost"),
        *("parameters_lost", "setting_lost"),
    }


@given(st.binary(max_size=300) | st.text("{}=~#%:\\/a1.\n ->ABANSWER:TF", max_size=200).map(str.encode))
def test_whatever_is_sent_is_taken_or_refused(data: bytes) -> None:
    for form in ("auto", "gift", "aiken"):
        batch = read(data, "q", form)
        assert batch.items or batch.refused
