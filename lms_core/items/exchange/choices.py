"""Questions with options, typed words and numbers, as Moodle's formats have them: each answer has its share."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lms_core.items.content import NO_WORDS, Accepted, Multiple, Near, Short, Single
from lms_core.items.rich import Words

from .batch import Place, Unfit, decimal, letter, number, options_of, worth_of


@dataclass(frozen=True, slots=True)
class Answer:
    """`share`: of the points, -1 to 1."""

    text: str
    share: Decimal
    words: Words = NO_WORDS
    feedback: Words = NO_WORDS


def single(answers: Sequence[Answer]) -> Single:
    """Raises Unfit: fewer than two, or none of them gives all points."""
    options = options_of((one.words, one.feedback) for one in answers)
    right = tuple(letter(at) for at, one in enumerate(answers) if one.share == 1)
    if len(options) < 2:
        raise Unfit("options_missing")
    if not right:
        raise Unfit("key_missing")
    rest = ((letter(at), one.share) for at, one in enumerate(answers) if one.share != 1)
    return Single(options, right, worth_of(rest))


def multiple(answers: Sequence[Answer]) -> Multiple:
    """Raises Unfit: fewer than two, or none of them gives points."""
    options = options_of((one.words, one.feedback) for one in answers)
    if len(options) < 2:
        raise Unfit("options_missing")
    shares = [(letter(at), one.share) for at, one in enumerate(answers)]
    right = tuple(one for one, share in shares if share > 0)
    if not right:
        raise Unfit("key_missing")
    return Multiple(options, right, worth_of(shares))


def short(answers: Sequence[Answer], place: Place, *, fold_case: bool) -> Short:
    """`*` in an answer stands for anything, `\\*` for a star."""
    if not answers:
        raise Unfit("answers_missing")
    made = []
    for one in answers:
        pattern = "*" in one.text.replace("\\*", "")
        text = one.text if pattern else one.text.replace("\\*", "*")
        made.append(Accepted(text, no_less(one, place), pattern, one.feedback))
    return Short(tuple(made), fold_case)


def near(one: Answer, tolerance: str, place: Place) -> Near:
    """Raises Unfit."""
    found = number(decimal(one.text)), number(abs(decimal(tolerance or "0")))
    return Near(*found, share=no_less(one, place), feedback=one.feedback)


def no_less(one: Answer, place: Place) -> Decimal:
    """What is typed costs nothing with us."""
    if one.share < 0:
        place.note("share_lost", one.text[:80])
    return max(one.share, Decimal(0))


def share(text: str) -> Decimal:
    """`33.33333` percent. Raises Unfit (answer_unreadable) beyond 100 either way."""
    found = decimal(text or "0") / 100
    if abs(found) > 1:
        raise Unfit("answer_unreadable", f"{text}%")
    return found
