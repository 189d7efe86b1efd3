"""Moodle XML: what Moodle writes is read, what we write is read again without loss, and hostile XML is refused."""

import base64
import re
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.items.content import (
    Area,
    Cloze,
    DragOnto,
    Essay,
    Files,
    Item,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    Pair,
    Short,
    Single,
    TrueFalse,
    Unit,
)
from lms_core.items.exchange.batch import Batch, Note
from lms_core.items.exchange.files import read, write
from lms_core.items.exchange.losses import as_text

from .examples import EVERY, MAP, MEDIA, PNG, RICH, items

FILE = f'<file name="a b.png" path="/" encoding="base64">{base64.b64encode(PNG).decode()}</file>'


def quiz(*questions: str) -> Batch:
    return read(f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{"".join(questions)}</quiz>'.encode(), "m.xml")


def question(kind: str, inner: str, asked: str = "&lt;p&gt;What?&lt;/p&gt;") -> str:
    head = f"<name><text>N</text></name><questiontext format='html'><text>{asked}</text></questiontext>"
    return f"<question type='{kind}'>{head}<defaultgrade>2.0000000</defaultgrade>{inner}</question>\n"


def taken(kind: str, inner: str, asked: str = "What?") -> Item:
    batch = quiz(question(kind, inner, asked))
    assert batch.refused == []
    return batch.items[0]


def answers(*of: tuple[str, str]) -> str:
    return "".join(f'<answer fraction="{f}" format="html"><text>{t}</text></answer>' for f, t in of)


def words(of) -> str:
    return as_text(of.of("en"))


@pytest.mark.req("S456-27.14")
def test_choices() -> None:
    item = taken("multichoice", "<single>true</single>" + answers(("0", "a"), ("100", "b"), ("33.33333", "c")))
    assert (item.points, item.name) == (2, "N")
    assert isinstance(item.body, Single)
    assert (item.body.right, item.body.worth[0].share) == (("b",), D("0.3333333"))
    several = taken("multichoice", "<single>false</single>" + answers(("50", "a"), ("50", "b"), ("-100", "c"))).body
    assert isinstance(several, Multiple)
    assert several.right == ("a", "b")
    assert taken("truefalse", answers(("0", "true"), ("100", "false"))).body == TrueFalse(False)


def test_typed_answers() -> None:
    short = taken("shortanswer", "<usecase>1</usecase>" + answers(("100", "a*"), ("50", "b\\*"))).body
    assert isinstance(short, Short)
    assert [(a.text, a.pattern, a.share) for a in short.accepted] == [("a*", True, 1), ("b*", False, D("0.5"))]
    assert not short.fold_case
    number = "<answer fraction='100'><text>9.81</text><tolerance>0.01</tolerance></answer>"
    units = "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit>"
    units += "<unit><multiplier>100</multiplier><unit_name>cm</unit_name></unit></units>"
    numeric = taken("numerical", number + units).body
    assert isinstance(numeric, Numeric)
    assert (numeric.near[0].value, numeric.near[0].tolerance) == ("9.81", "0.01")
    assert numeric.units == (Unit("m"), Unit("cm", "0.01"))
    assert numeric.unit_share == 0


def test_matching_ordering_essay_and_file() -> None:
    pair = "<subquestion format='html'><text>{}</text><answer><text>{}</text></answer></subquestion>"
    body = taken("matching", pair.format("a", "1") + pair.format("b", "1") + pair.format("", "3")).body
    assert isinstance(body, Matching)
    assert (len(body.right), body.pairs) == (2, (Pair("a", "a"), Pair("b", "a")))
    assert isinstance(taken("ordering", answers(("1", "x"), ("2", "y"))).body, Ordering)
    assert taken("essay", "<minwordlimit>5</minwordlimit>").body == Essay((), 5)
    sent = (
        "<responseformat>noinline</responseformat><attachments>2</attachments><filetypeslist>.pdf,.odt</filetypeslist>"
    )
    assert taken("essay", sent).body == Files(("pdf", "odt"), most_files=2)


def test_gaps() -> None:
    text = "2+2={1:NUMERICAL:=4:0.1#yes~%50%5} and {2:SHORTANSWER:=Astana~=Nur\\}} is {:MCV:a~=b#&lt;b&gt;}"
    item = taken("cloze", "", text)
    assert isinstance(item.body, Cloze)
    first, second, third = item.body.gaps
    assert isinstance(first.body, Numeric)
    assert isinstance(second.body, Short)
    assert isinstance(third.body, Single)
    assert [(n.value, n.tolerance, n.share) for n in first.body.near] == [("4", "0.1", 1), ("5", "0", D("0.5"))]
    assert ([a.text for a in second.body.accepted], second.weight) == (["Astana", "Nur}"], 2)
    assert third.body.right == ("b",)
    assert words(item.prompt) == "2+2=_____ and _____ is _____"
    select = "".join(
        f"<selectoption><text>{t}</text><group>{g}</group></selectoption>" for t, g in ("a1", "b1", "c2", "d2")
    )
    body = taken("gapselect", select, "x [[2]] y [[3]]").body
    assert isinstance(body, Cloze)
    assert [gap.body.right for gap in body.gaps if isinstance(gap.body, Single)] == [("b",), ("c",)]


def test_labels_on_a_picture() -> None:
    drag = "<drag><no>1</no><text>A</text></drag><drag><no>2</no><text>B</text></drag>"
    drop = "<drop><no>{}</no><shape>{}</shape><coords>{}</coords><choice>{}</choice></drop>"
    areas = drop.format(1, "circle", "10,11;5", 2) + drop.format(2, "rectangle", "1,2;30,4", 1)
    body = taken("ddmarker", FILE + drag + areas).body
    assert isinstance(body, DragOnto)
    assert (body.picture.width, body.picture.height) == (40, 30)
    assert [zone.area for zone in body.zones] == [
        Area("circle", (D(10), D(11), D(5))),
        Area("rect", (D(1), D(2), D(31), D(6))),
    ]
    assert body.pairs == (Pair("l2", "z1"), Pair("l1", "z2"))


def test_pictures_come_along_and_one_that_is_missing_is_noted() -> None:
    asked = "&lt;p&gt;See &lt;img src='@@PLUGINFILE@@/a%20b.png' alt='x'/&gt; &lt;img src='no.png'/&gt;&lt;/p&gt;"
    batch = quiz(question("essay", "", f"{asked}</text>{FILE}<text>"))
    assert batch.media == {MAP.sha256: (PNG, "image/png")}
    assert batch.noted == [Note("m.xml:3 N", "media_missing", "picture no.png")]


@pytest.mark.parametrize(
    ("kind", "inner", "why"),
    [
        ("description", "", "not_a_question"),
        ("coderunner", "", "kind_unknown"),
        ("multichoice", "", "options_missing"),
        ("multichoice", answers(("0", "a"), ("0", "b")), "key_missing"),
        ("multichoice", answers(("x", "a"), ("0", "b")), "answer_unreadable"),
        ("multichoice", answers(("1e9", "a"), ("0", "b")), "answer_unreadable"),
        ("truefalse", answers(("100", "maybe")), "key_missing"),
        ("shortanswer", "", "answers_missing"),
        ("numerical", "", "answers_missing"),
        ("numerical", answers(("100", "x")), "answer_unreadable"),
        ("matching", "", "key_missing"),
        ("cloze", "", "answers_missing"),
        ("ddmarker", "<drop/>", "file_missing"),
        ("essay", "<defaultgrade>0</defaultgrade>", ""),
        ("ordering", answers(("1", "a")), "options_missing"),
    ],
)
def test_what_is_no_item_is_refused_with_its_place_and_the_next_one_is_taken(kind: str, inner: str, why: str) -> None:
    batch = quiz(question(kind, inner), question("essay", ""))
    assert [(note.where, note.why) for note in batch.refused] == ([("m.xml:3 N", why)] if why else [])
    assert batch.places[-1] == "m.xml:4 N"


def test_what_has_no_place_is_noted() -> None:
    rest = "<hint><text>h</text></hint><penalty>0.5</penalty><hidden>1</hidden>"
    rest += "<responsetemplate><text>t</text></responsetemplate>"
    batch = quiz(question("essay", rest, "&lt;script&gt;x&lt;/script&gt;y"))
    assert {(note.why, note.what) for note in batch.noted} == {
        ("markup_lost", "<script>"),
        ("hint_lost", ""),
        ("setting_lost", "penalty 0.5"),
        ("setting_lost", "hidden"),
        ("setting_lost", "responsetemplate"),
    }


BOMB = '<!DOCTYPE q [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><quiz>&b;</quiz>'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (BOMB.encode(), "xml_doctype"),
        (b'<!DOCTYPE q SYSTEM "file:///etc/passwd"><quiz/>', "xml_doctype"),
        (("\ufeff" + BOMB).encode("utf-16-le"), "xml_doctype"),
        (b"<quiz>&xxe;</quiz>", "xml_broken"),
        (b"<quiz><question>", "xml_broken"),
        (b"<quiz>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</quiz>", "xml_too_deep"),
        (b"<other/>", "xml_root_unknown"),
        (b'<?xml version="1.0" encoding="koi8-r"?><quiz/>', "encoding_unknown"),
        (b"<quiz></quiz>", "empty"),
        (b"", "empty"),
        (b"<quiz>\xe9\x98\xff</quiz>", "encoding_unknown"),
    ],
)
def test_hostile_xml_is_refused(data: bytes, why: str) -> None:
    batch = read(data, "m.xml")
    assert (batch.items, [note.why for note in batch.refused]) == ([], [why])


def test_windows_1251_as_the_file_says() -> None:
    text = '<?xml version="1.0" encoding="windows-1251"?><quiz>' + question("essay", "", "Почему?") + "</quiz>"
    batch = read(text.encode("cp1251"), "m.xml")
    assert as_text(batch.items[0].prompt.of("ru")) == "Почему?"
    assert batch.noted == []


@pytest.mark.req("S456-27.14")
@pytest.mark.parametrize("item", [*EVERY, RICH], ids=lambda item: item.name)
def test_an_item_of_every_kind_is_the_same_after_the_way_there_and_back(item: Item) -> None:
    again = read(write([item], MEDIA, "moodle").data, "m.xml")
    assert (again.refused, again.noted, again.items) == ([], [], [item])
    assert again.media.keys() <= MEDIA.keys()


@given(st.lists(items, max_size=3))
def test_our_items_are_the_same_after_the_way_there_and_back(made: list[Item]) -> None:
    again = read(write(made, MEDIA, "moodle").data, "m.xml")
    assert (again.items, again.noted) == (made, [])


@given(items)
def test_what_moodle_sees_of_it_is_an_item_too(item: Item) -> None:
    written = write([item], MEDIA, "moodle")
    seen = read(re.sub(rb"<\?sabaq-item.*?\?>", b"", written.data, flags=re.DOTALL), "m.xml")
    assert seen.refused == [] or item.kind == "multiple"
    if "scoring_replaced" not in {note.why for note in written.noted} and seen.items:
        assert seen.items[0].kind == item.kind
        assert as_text(seen.items[0].prompt.of("ru")) == as_text(item.prompt.of("ru"))


def test_what_another_program_changed_counts_and_not_what_we_once_wrote() -> None:
    data = write([EVERY[0]], MEDIA, "moodle").data
    ours, _, seen = data.partition(b"?>\n<name>")
    changed = read(ours + b"?>\n<name>" + seen.replace("ответ b".encode(), "ответ Б".encode()), "m.xml")
    assert [note.why for note in changed.noted] == ["own_part_outdated"]
    assert isinstance(changed.items[0].body, Single)
    assert as_text(changed.items[0].body.options[1].words.of("ru")) == "ответ Б"
    broken = read(re.sub(rb'"version":1', b'"version":9', data), "m.xml")
    assert [note.why for note in broken.noted] == ["own_part_broken"]
    assert broken.items[0].body == EVERY[0].body
    indented = data.replace(b"<answer ", b"\n\n   <answer ")
    assert read(indented, "m.xml").items == [EVERY[0]]
