"""QTI 2.1, 2.2 and 3.0: as the specification's examples have it, our own items without loss, hostile packages."""

import io
import re
import stat
import zipfile
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.items.content import (
    Area,
    Cloze,
    DragOnto,
    Essay,
    Hotspot,
    Item,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    Pair,
    Short,
    Single,
    Worth,
)
from lms_core.items.exchange import qti_out
from lms_core.items.exchange.batch import Batch, Note, Outline
from lms_core.items.exchange.files import read, write
from lms_core.items.exchange.losses import as_text

from .examples import EVERY, MEDIA, PNG, RICH, items

VERSIONS = ("qti21", "qti22", "qti30")
SPACE = 'xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1"'
TEMPLATE = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/"


def item(body: str, declarations: str = "", template: str = "match_correct", more: str = "") -> str:
    return (
        f'<assessmentItem {SPACE} identifier="Q" title="T" adaptive="false" timeDependent="false">{declarations}'
        f'<itemBody>{body}</itemBody><responseProcessing template="{TEMPLATE}{template}"/>{more}</assessmentItem>'
    )


def declared(
    *values: str, cardinality: str = "single", base: str = "identifier", mapping: str = "", id="RESPONSE"
) -> str:
    correct = "".join(f"<value>{one}</value>" for one in values)
    return (
        f'<responseDeclaration identifier="{id}" cardinality="{cardinality}" baseType="{base}">'
        f"<correctResponse>{correct}</correctResponse>{mapping}</responseDeclaration>"
    )


def mapping(upper: str = "", **points: object) -> str:
    entries = "".join(f'<mapEntry mapKey="{k.replace("_", " ")}" mappedValue="{v}"/>' for k, v in points.items())
    return f'<mapping defaultValue="0"{upper and f" upperBound={chr(34)}{upper}{chr(34)}"}>{entries}</mapping>'


def taken(xml: str, files: dict[str, bytes] | None = None) -> Item:
    batch = read(zipped({"q.xml": xml.encode(), **(files or {})}), "p.zip")
    assert batch.refused == []
    return batch.items[0]


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zip_:
        for name, data in files.items():
            zip_.writestr(name, data)
    return made.getvalue()


def words(of) -> str:
    return as_text(of.of("en"))


CHOICES = "".join(
    f'<simpleChoice identifier="{one}">{one.lower()}</simpleChoice>' for one in ("ChoiceA", "ChoiceB", "C")
)
CHOICE = (
    f'<p>Look</p><choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="{{}}">'
    f"<prompt>Which?</prompt>{CHOICES}</choiceInteraction>"
)


@pytest.mark.req("S456-27.14")
def test_one_choice_by_match_correct() -> None:
    found = taken(item(CHOICE.format(1), declared("ChoiceB")))
    assert isinstance(found.body, Single)
    assert (found.body.right, found.points, found.name, found.shuffle) == (("ChoiceB",), 1, "T", True)
    assert words(found.prompt) == "Look\nWhich?"
    assert [words(one.words) for one in found.body.options] == ["choicea", "choiceb", "c"]


def test_several_by_map_response() -> None:
    points = mapping("2", ChoiceA=1, ChoiceB=1, C=-2)
    found = taken(
        item(CHOICE.format(0), declared("ChoiceA", "ChoiceB", cardinality="multiple", mapping=points), "map_response")
    )
    assert isinstance(found.body, Multiple)
    assert (found.body.right, found.points, found.rule) == (("ChoiceA", "ChoiceB"), 2, "")
    assert found.body.worth == (Worth("ChoiceA", D("0.5")), Worth("ChoiceB", D("0.5")), Worth("C", D(-1)))
    strict = taken(item(CHOICE.format(0), declared("ChoiceA", "ChoiceB", cardinality="multiple", mapping=points)))
    assert isinstance(strict.body, Multiple)
    assert (strict.rule, strict.body.worth) == ("all_or_nothing", ())


def test_the_names_of_3_0() -> None:
    xml = (
        '<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="Q" '
        'title="T" xml:lang="kk">'
        '<qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="identifier">'
        "<qti-correct-response><qti-value>B</qti-value></qti-correct-response></qti-response-declaration>"
        '<qti-item-body><qti-choice-interaction response-identifier="RESPONSE" max-choices="1">'
        "<qti-prompt>What?</qti-prompt>"
        '<qti-simple-choice identifier="A">a</qti-simple-choice><qti-simple-choice identifier="B" fixed="true">b'
        "</qti-simple-choice></qti-choice-interaction></qti-item-body><qti-response-processing "
        'template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"/></qti-assessment-item>'
    )
    batch = read(xml.encode(), "q.xml")
    assert (batch.refused, batch.noted, batch.places) == ([], [], ["q.xml:1 Q"])
    body = batch.items[0].body
    assert isinstance(body, Single)
    assert (body.right, body.options[1].fixed, batch.items[0].languages()) == (("B",), True, ("kk",))


def test_order_match_and_typed() -> None:
    order = f'<orderInteraction responseIdentifier="RESPONSE"><prompt>o</prompt>{CHOICES}</orderInteraction>'
    body = taken(item(order, declared("C", "ChoiceA", "ChoiceB", cardinality="ordered"))).body
    assert isinstance(body, Ordering)
    assert [one.id for one in body.options] == ["C", "ChoiceA", "ChoiceB"]
    choice = '<simpleAssociableChoice identifier="{}" matchMax="1">x</simpleAssociableChoice>'
    sets = "".join(f"<simpleMatchSet>{''.join(map(choice.format, one))}</simpleMatchSet>" for one in ("AB", "XYZ"))
    match = f'<matchInteraction responseIdentifier="RESPONSE"><prompt>m</prompt>{sets}</matchInteraction>'
    found = taken(item(match, declared("A X", "B Z", cardinality="multiple", base="directedPair")))
    assert isinstance(found.body, Matching)
    assert (found.body.pairs, found.body.reuse) == ((Pair("A", "X"), Pair("B", "Z")), False)
    entry = '<p>The capital is <textEntryInteraction responseIdentifier="RESPONSE"/></p>'
    body = taken(item(entry, declared("York", base="string", mapping=mapping(York=1, york="0.5")), "map_response")).body
    assert isinstance(body, Short)
    assert [(one.text, one.share) for one in body.accepted] == [("York", 1), ("york", D("0.5"))]
    assert isinstance(taken(item(entry, declared("4.5", base="float"))).body, Numeric)


def test_gaps() -> None:
    inline = '<inlineChoiceInteraction responseIdentifier="B"><inlineChoice identifier="x">x</inlineChoice>'
    inline += '<inlineChoice identifier="y">y</inlineChoice></inlineChoiceInteraction>'
    text = f'<p>a <textEntryInteraction responseIdentifier="A"/> b {inline} c</p>'
    found = taken(item(text, declared("1", base="string", id="A") + declared("y", id="B")))
    assert isinstance(found.body, Cloze)
    assert (words(found.prompt), found.points) == ("a _____ b _____ c", 2)
    assert isinstance(found.body.gaps[1].body, Single)
    gap = '<gapMatchInteraction responseIdentifier="RESPONSE"><gapText identifier="W">winter</gapText>'
    gap += '<gapText identifier="S">'
    gap += (
        'summer</gapText><blockquote><p>Now is the <gap identifier="G1"/> of our</p></blockquote></gapMatchInteraction>'
    )
    body = taken(item(gap, declared("W G1", cardinality="multiple", base="directedPair"))).body
    assert isinstance(body, Cloze)
    assert isinstance(body.gaps[0].body, Single)
    assert body.gaps[0].body.right == ("W",)


OBJECT = '<object type="image/png" data="images/uk.png" width="40" height="30">map</object>'
FILES = {"images/uk.png": PNG}


def test_pictures_that_are_pointed_at() -> None:
    areas = (
        '<areaMapping defaultValue="0"><areaMapEntry shape="circle" coords="10,11,5" mappedValue="1"/></areaMapping>'
    )
    point = f'<selectPointInteraction responseIdentifier="RESPONSE" maxChoices="1"><prompt>Where?</prompt>{OBJECT}'
    xml = item(
        f"{point}</selectPointInteraction>", declared("10 11", base="point", mapping=areas), "map_response_point"
    )
    body = taken(xml, FILES).body
    assert isinstance(body, Hotspot)
    assert (body.regions[0].area, body.picture.width) == (Area("circle", (D(10), D(11), D(5))), 40)
    spots = '<hotspotChoice identifier="A" shape="rect" coords="1,2,3,4"/>'
    spots += '<hotspotChoice identifier="B" shape="poly" coords="1,1,2,2,3,1"/>'
    hot = '<hotspotInteraction responseIdentifier="RESPONSE" maxChoices="1"><prompt>?</prompt>'
    hot += f"{OBJECT}{spots}</hotspotInteraction>"
    body = taken(item(hot, declared("B")), FILES).body
    assert isinstance(body, Hotspot)
    assert [one.right for one in body.regions] == [False, True]
    onto = '<graphicGapMatchInteraction responseIdentifier="RESPONSE"><prompt>?</prompt>'
    onto += f'{OBJECT}<gapText identifier="L" matchMax="1">l</gapText>'
    onto += '<associableHotspot identifier="Z" shape="circle" coords="1,2,3" matchMax="1"/>'
    onto += "</graphicGapMatchInteraction>"
    body = taken(item(onto, declared("L Z", cardinality="multiple", base="directedPair")), FILES).body
    assert isinstance(body, DragOnto)
    assert body.pairs == (Pair("L", "Z"),)


def test_essay() -> None:
    text = '<extendedTextInteraction responseIdentifier="RESPONSE"><prompt>Why?</prompt></extendedTextInteraction>'
    assert taken(item(text, declared(base="string"))).body == Essay()


SET_BY_RULES = '<templateProcessing><setCorrectResponse identifier="RESPONSE"/></templateProcessing>'
NO_ANSWER = item(CHOICE.format(1))


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        (NO_ANSWER, "key_missing"),
        (item(CHOICE.format(1), declared("Nobody")), "answer_unknown"),
        (item("<p>just text</p>"), "not_a_question"),
        (item(CHOICE.format(1) * 2, declared("ChoiceA")), "several_interactions"),
        (item(f'<p>2 + <printedVariable identifier="A"/></p>{CHOICE.format(1)}', declared("C")), "values_computed"),
        (item(CHOICE.format(1), SET_BY_RULES), "values_computed"),
        (item('<drawingInteraction responseIdentifier="RESPONSE"/>', declared()), "interaction_unknown"),
        (item(CHOICE.format(1), declared("C", mapping=mapping(C="x"))), "answer_unreadable"),
        (
            item(f'<hotspotInteraction responseIdentifier="RESPONSE">{OBJECT}</hotspotInteraction>', declared("A")),
            "answer_unknown",
        ),
        (f"<assessmentItem {SPACE}/>", "prompt_missing"),
        ("<html/>", "xml_root_unknown"),
        ("<assessmentItem>", "xml_broken"),
        ("<!DOCTYPE x><assessmentItem/>", "xml_doctype"),
    ],
)
def test_what_is_no_item_is_refused_with_its_file_and_the_next_one_is_taken(xml: str, why: str) -> None:
    batch = read(zipped({"bad.xml": xml.encode(), "good.xml": item(CHOICE.format(1), declared("C")).encode()}), "p.zip")
    assert [(note.where.split(":")[0], note.why) for note in batch.refused] == [("bad.xml", why)]
    assert batch.places == ["good.xml:1 Q"]


def test_what_an_item_has_beyond_ours_is_noted() -> None:
    more = '<modalFeedback outcomeIdentifier="F" identifier="x" showHide="show">x</modalFeedback>'
    own = item(CHOICE.format(1), declared("C"), "own_template", more).replace("Look", '<img src="no.png"/>')
    batch = read(own.encode(), "q.xml")
    assert {(note.why, note.what) for note in batch.noted} == {
        ("scoring_replaced", "own_template"),
        ("feedback_lost", "x"),
        ("media_missing", "picture no.png"),
    }


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("one", [*EVERY, RICH], ids=lambda one: one.name)
def test_an_item_of_every_kind_is_the_same_after_the_way_there_and_back(one: Item, version: str) -> None:
    again = read(write([one], MEDIA, version).data, "p.zip")
    assert (again.refused, again.noted, again.items) == ([], [], [one])
    assert again.media.keys() <= MEDIA.keys()


@given(st.lists(items, min_size=1, max_size=3), st.sampled_from(VERSIONS))
def test_our_items_are_the_same_after_the_way_there_and_back(made: list[Item], version: str) -> None:
    again = read(write(made, MEDIA, version).data, "p.zip")
    assert (again.items, again.noted, again.refused) == (made, [], [])


@given(items, st.sampled_from(VERSIONS))
def test_what_others_see_of_it_is_an_item_too(one: Item, version: str) -> None:
    with zipfile.ZipFile(io.BytesIO(write([one], MEDIA, version).data)) as zip_:
        files = {
            name: re.sub(rb"<\?sabaq-item.*?\?>", b"", zip_.read(name), flags=re.DOTALL) for name in zip_.namelist()
        }
    seen: Batch = read(zipped(files), "p.zip")
    assert seen.refused == [] or one.kind in ("multiple", "short", "numeric")
    if seen.items and one.kind in ("single", "matching", "ordering", "drag_onto", "essay"):
        assert seen.items[0].kind == one.kind
        assert seen.items[0].points == one.points
        assert as_text(seen.items[0].prompt.of("ru")) == as_text(one.prompt.of("ru"))


def test_tests_come_along_with_their_sections() -> None:
    test = Outline("Финал", [("A", [2, 0]), ("Б", [1])])
    again = read(qti_out.write(EVERY[:3], MEDIA, "qti30", [test]).data, "p.zip")
    assert again.tests == [test]


def test_what_of_a_test_is_not_ours_is_noted() -> None:
    resource = '<resource identifier="{0}" type="imsqti_{1}_xmlv2p1" href="{2}"/>'
    listed = resource.format("t", "test", "t.xml") + resource.format("q", "item", "sub/q%201.xml")
    manifest = f"<manifest><resources>{listed}</resources></manifest>"
    sections = '<assessmentSection identifier="s" title="S"><assessmentItemRef identifier="a" href="sub/q%201.xml"/>'
    sections += '<assessmentItemRef identifier="b" href="gone.xml"/></assessmentSection>'
    test = f'<assessmentTest title="T"><testPart><timeLimits maxTime="9"/>{sections}</testPart></assessmentTest>'
    good = item(CHOICE.format(1), declared("C")).encode()
    batch = read(zipped({"imsmanifest.xml": manifest.encode(), "t.xml": test.encode(), "sub/q 1.xml": good}), "p.zip")
    assert batch.tests == [Outline("T", [("S", [0])])]
    assert {(note.where, note.why, note.what) for note in batch.noted} == {
        ("t.xml:1 b", "part_of_test_lost", "gone.xml"),
        ("t.xml:1", "part_of_test_lost", "timeLimits"),
    }


def link() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zip_:
        entry = zipfile.ZipInfo("q.xml")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        zip_.writestr(entry, "/etc/passwd")
    return made.getvalue()


GOOD = zipped({"q.xml": item(CHOICE.format(1), declared("C")).encode()})


def locked() -> bytes:
    data = bytearray(GOOD)
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (zipped({"../q.xml": b"x"}), "zip_path"),
        (zipped({"/q.xml": b"x"}), "zip_path"),
        (zipped({"a/../../q.xml": b"x"}), "zip_path"),
        (zipped({"c:q.xml": b"x"}), "zip_path"),
        (link(), "zip_link"),
        (locked(), "zip_locked"),
        (zipped({"q.xml": bytes(30_000_000)}), "zip_bomb"),
        (zipped({f"{n}.xml": b"" for n in range(25_001)}), "zip_bomb"),
        (GOOD[:-30], "zip_broken"),
        (GOOD[:60], "zip_broken"),
        (GOOD.replace(b"PK\x01\x02", b"PK\x09\x09"), "zip_broken"),
        (zipped({"readme.txt": b"x"}), "empty"),
        (zipped({"imsmanifest.xml": b"<manifest>"}), "xml_broken"),
    ],
)
def test_hostile_packages_are_refused(data: bytes, why: str) -> None:
    batch = read(data, "p.zip")
    assert (batch.items, [note.why for note in batch.refused]) == ([], [why])


def test_a_file_that_is_listed_and_missing_is_refused_alone() -> None:
    listed = "".join(
        f'<resource identifier="{n}" type="imsqti_item_xmlv2p1" href="{n}"/>' for n in ("q.xml", "no.xml", "../x.xml")
    )
    manifest = f"<manifest><resources>{listed}</resources></manifest>".encode()
    batch = read(
        zipped({"imsmanifest.xml": manifest, "q.xml": item(CHOICE.format(1), declared("C")).encode()}), "p.zip"
    )
    assert len(batch.items) == 1
    assert batch.refused == [Note("no.xml", "file_missing", "no.xml"), Note("../x.xml", "file_missing", "../x.xml")]


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_package_with_one_wrong_byte_is_taken_or_refused(at: int, value: int) -> None:
    batch = read(GOOD[:at] + bytes([value]) + GOOD[at + 1 :], "p.zip")
    assert batch.items or batch.refused
