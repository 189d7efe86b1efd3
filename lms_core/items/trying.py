"""A question as its author tries it: what a learner would see, and what an answer would be worth."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lms_core.access.policy import Permission
from lms_core.kernel.db import Tx

from . import banks, core, keys, media, scoring, views
from .content import Hotspot, Item
from .drawing import realise, spelled
from .expressions import ExpressionUnfit
from .faults import Fault
from .media import Link
from .service import Judged, judge

Plain = dict[str, Any]
LONGEST_SEED = 100


@dataclass(frozen=True, slots=True)
class PartView:
    """`where`: an option, a gap, `left>right` of a pair, as `shown` calls them; a region of a picture, which a learner
    sees no name of, by its own id; or empty for the whole answer. Points as text."""

    where: str
    got: str
    of: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the answer is worth. `needs_person`: these points are not known yet."""

    points: str
    most: str
    parts: list[PartView]
    needs_person: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """`shown` is None while something is wrong with the question but media that are not there; `media`: SHA-256 →
    address."""

    shown: Plain | None
    media: dict[str, str]
    outcome: Outcome | None
    faults: list[Fault]


@dataclass(frozen=True, slots=True)
class Trial:
    """Before the database is asked for its media."""

    judged: Judged
    shown: Plain | None
    outcome: Outcome | None
    faults: tuple[Fault, ...]


def attempt(sent: object, seed: str, language: str, answer: object) -> Trial:
    """Not for the event loop. Raises Malformed, ItemUnfit, AnswerUnfit."""
    judged, seed = judge(sent), seed[:LONGEST_SEED]
    if judged.faults:
        return Trial(judged, None, None, judged.faults)
    try:
        shown = views.for_learner(judged.item, seed, language)
        outcome = None if answer is None else _outcome(judged.item, seed, answer)
    except ExpressionUnfit as no:
        return Trial(judged, None, None, (Fault("parameters", str(no.params.get("why", "value"))),))
    return Trial(judged, shown, outcome, ())


async def finish(tx: Tx, trial: Trial, link: Link) -> Tried:
    """With addresses of what it shows. Raises Forbidden."""
    there = await banks.home(tx, Permission.BANK_READ)
    known = {there.id, *(one.organisation_id for one in await banks.banks_for(tx, Permission.BANK_READ))}
    item = trial.judged.item
    addresses = await media.urls(tx, sorted(known), [item], link)
    missing = core.missing(item, media.all_media(item).keys() - addresses.keys())
    return Tried(trial.shown, addresses, trial.outcome, [*trial.faults, *missing])


def _outcome(item: Item, seed: str, answer: object) -> Outcome:
    scored = scoring.score(realise(item, seed), views.hear(item, seed, answer))
    told = scored.parts if isinstance(item.body, Hotspot) else keys.tell_parts(item, seed, scored.parts)
    parts = [PartView(one.where, _points(one.got), _points(one.of), one.why) for one in told]
    return Outcome(_points(scored.points), _points(scored.most), parts, scored.needs_person)


def _points(share: Fraction) -> str:
    """To a ten-thousandth."""
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return spelled(exact.quantize(Decimal("0.0001")))
