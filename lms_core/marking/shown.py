"""Answers and keys, as the pages of marking and of reviews show them."""

from decimal import Decimal
from fractions import Fraction

from lms_core.exams.service import Kept
from lms_core.items import keys, views
from lms_core.items.answers import is_empty
from lms_core.items.content import Item
from lms_core.items.drawing import realise
from lms_core.items.scoring import Part, rounded

from . import core, scoring
from .model import AnswerScore
from .outcomes import PartShown
from .views import KeyShown, Plain


def key_shown(item: Item, seed: str, language: str) -> KeyShown:
    key = keys.key_of(item, seed, language)
    return KeyShown(key.answer, list(key.accepted), list(key.regions), key.sample, key.general, dict(key.options))


def answer_shown(item: Item, seed: str, kept: Kept | None) -> Plain | None:
    """As the learner's browser sent it; None where there is none."""
    answer = scoring.answer_of(item, kept)
    return None if is_empty(answer) else views.tell(realise(item, seed), seed, answer)


def parts_shown(item: Item, seed: str, row: AnswerScore) -> list[PartShown]:
    """What was right and what was not, in the names that the learner saw."""
    kept = [Part(where, Fraction(got), Fraction(of), why) for where, got, of, why in row.explanation["parts"]]
    told = keys.tell_parts(item, seed, kept)
    return [PartShown(one.where, core.neat(rounded(one.got)), core.neat(rounded(one.of)), one.why) for one in told]


def share_of(points: Decimal | None, most: Decimal) -> float:
    return float(points / most) if points is not None and most > 0 else 0.0
