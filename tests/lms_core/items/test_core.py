"""What lists say of a question."""

from lms_core.items.content import Item, TrueFalse
from lms_core.items.core import described
from lms_core.items.rich import Formula, Paragraph, Rich, Text, Words


def test_a_title_shows_what_is_between_the_marks_of_formulas_and_parameters() -> None:
    prompt = Rich((Paragraph((Formula("x + {{a}} = 5"), Text(". What is x, if a is {{a}}?"))),))
    found = described(Item(Words(en=prompt), TrueFalse(right=True)))
    assert found.titles == ("", "", "x + a = 5. What is x, if a is a?")
