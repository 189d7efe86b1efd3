"""What lists say of a question."""

from lms_core.items.content import Item, Option, Single, TrueFalse
from lms_core.items.core import described, missing
from lms_core.items.faults import Fault
from lms_core.items.rich import Box, Formula, Grid, Media, Paragraph, Rich, Text, Words
from tests.lms_core.items.exchange import examples


def test_a_title_shows_what_is_between_the_marks_of_formulas_and_parameters() -> None:
    prompt = Rich((Paragraph((Formula("x + {{a}} = 5"), Text(". What is x, if a is {{a}}?"))),))
    found = described(Item(Words(en=prompt), TrueFalse(right=True)))
    assert found.titles == ("", "", "x + a = 5. What is x, if a is a?")


def test_a_medium_that_is_not_there_is_told_where_it_is_shown() -> None:
    picture = Media("a" * 64, "a.png", "image/png")
    shows = Words(kk=Rich((Grid(((Box((picture,)),),)),)), ru=Rich((Paragraph((picture,)),)))
    plain = Words(kk=Rich((Paragraph((Text("жоқ"),)),)), ru=Rich((Paragraph((Text("нет"),)),)))
    item = Item(shows, Single((Option("a", plain), Option("b", shows)), ("a",)))
    assert missing(item, {"a" * 64}) == [Fault("prompt", "file"), Fault("body.options[1].words", "file")]
    assert missing(item, {"b" * 64}) == missing(item, set()) == []
    hotspot = next(one for one in examples.EVERY if one.kind == "hotspot")
    assert missing(hotspot, {examples.MAP.sha256}) == [Fault("body.picture", "file")]
