"""An exam on paper: variants to print, and their keys for who answers for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lms_core.audit import service as audit
from lms_core.items import keys, views
from lms_core.items import service as items
from lms_core.items.content import Item
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Refusal
from lms_core.kernel.ids import ExamId, ItemId, UnitId

from . import finding, papers, sittings
from .papers import Paper, Place
from .settings import Language

MOST_VARIANTS = 10

Plain = dict[str, Any]
Link = Callable[[str, str, str, int], str]
"""`Context.link`."""
_Found = dict[tuple[ItemId, int], Item]


class TooManyVariants(Refusal):
    """Of 1 to `most`."""

    code, status = "too_many_variants", 422


@dataclass(frozen=True, slots=True)
class KeyOnPaper:
    """`answer`: one right answer, in the names that `shown` has; `accepted`: all that may be written."""

    answer: Plain | None
    accepted: list[str]


@dataclass(frozen=True, slots=True)
class QuestionOnPaper:
    place: int
    section: int
    points: str
    shown: Plain
    media: dict[str, str]
    key: KeyOnPaper | None


@dataclass(frozen=True, slots=True)
class VariantOnPaper:
    number: int
    questions: list[QuestionOnPaper]


@dataclass(frozen=True, slots=True)
class ExamSheet:
    """`sections`: their names. The same number gives the same variant, unless the exam or its banks changed."""

    title: str
    language: Language
    seconds: int | None
    sections: list[str]
    variants: list[VariantOnPaper]


async def read(tx: Tx, exam_id: ExamId, variants: int, language: Language, link: Link, *, with_keys: bool) -> ExamSheet:
    """By a chair; that keys are looked at leaves a line.

    Raises NotFound, Forbidden, TooManyVariants, LanguageNotOffered, and what papers.gather raises.
    """
    seen = await finding.find(tx, exam_id, "chair")
    if not 1 <= variants <= MOST_VARIANTS:
        raise TooManyVariants(most=MOST_VARIANTS)
    if language not in seen.data.languages:
        raise sittings.LanguageNotOffered(languages=list(seen.data.languages))
    if with_keys:
        details = {"exam": exam_id}
        audit.note(tx, "looked", organisation=seen.row.organisation_id, op="exam_paper_sheet", details=details)
    pool = await sittings.pool_of(tx, seen.row)
    drawn = [papers.draw(seen.data, pool, f"{exam_id}/{number}") for number in range(1, variants + 1)]
    found, media = await _questions(tx, seen.row.organisation_id, drawn, link)
    return ExamSheet(
        title=seen.row.title,
        language=language,
        seconds=seen.data.seconds,
        sections=[one.name for one in seen.data.sections],
        variants=[
            VariantOnPaper(number, [_shown(one, found, media, language, with_keys=with_keys) for one in paper.places])
            for number, paper in enumerate(drawn, 1)
        ],
    )


async def _questions(tx: Tx, organisation: UnitId, drawn: Sequence[Paper], link: Link) -> tuple[_Found, dict[str, str]]:
    found = await items.of_paper(
        tx, organisation, {(one.item_id, one.version) for paper in drawn for one in paper.places}
    )
    return found, await items.media_urls(tx, [organisation], list(found.values()), link)


def _shown(one: Place, found: _Found, media: dict[str, str], language: str, *, with_keys: bool) -> QuestionOnPaper:
    item = found[one.item_id, one.version]
    shown = views.for_learner(item, one.seed, language)
    key = keys.key_of(item, one.seed, language) if with_keys else None
    return QuestionOnPaper(
        place=one.place,
        section=one.section,
        points=str(one.points),
        shown=shown,
        media={digest: media[digest] for digest in sorted(sittings.digests(shown) & media.keys())},
        key=key and KeyOnPaper(key.answer, list(key.accepted)),
    )
