"""How an exam is set: its questions, its time, who takes it, what is told. As it is sent, kept and shown.

Seconds are whole. Points are decimal numbers, as text in JSON.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from lms_core.kernel.errors import Refusal
from lms_core.kernel.ids import BankId, CourseId, ExamId, GroupId, ItemId, LessonId, PersonId
from lms_core.kernel.text import clean

from .blueprint import MOST_QUESTIONS, Cell, Section
from .timing import Allowance, Rules

LONGEST_TITLE, LONGEST_NAME, LONGEST_LEVEL = 200, 200, 40
MOST_SECTIONS, MOST_ATTEMPTS, MOST_BANKS, MOST_GROUPS, MOST_PERSONS = 30, 20, 30, 100, 2000
LONGEST_SECONDS, LONGEST_LATE = 24 * 3600, 3600
MOST_POINTS = Decimal(1000)
MOST_FACTOR = Fraction(5)
_POINT_DIGITS = 2

Kind = Literal["exam", "practice", "resit"]
ExamState = Literal["draft", "published", "released", "cancelled"]
Part = Literal["chair", "marker", "proctor"]
Navigation = Literal["free", "forward", "question"]
Language = Literal["kk", "ru", "en"]
LANGUAGES: tuple[Language, ...] = ("kk", "ru", "en")


class ExamUnfit(Refusal):
    """`where` is a path in the data (`sections[1].cells[0].count`), `why` one of `missing`, `long`, `range`, `many`,
    `order` (times that contradict each other), `unknown`, `twice`, `kind`."""

    code, status = "exam_unfit", 422


class AllowanceUnfit(Refusal):
    """Time is given, never taken: a factor of 1 to `most`, and up to a day more."""

    code, status = "allowance_unfit", 422


@dataclass(frozen=True, slots=True)
class CellData:
    """`count` questions of an objective ("" for any) and a difficulty (0 for any), each for `points`."""

    objective: str = ""
    difficulty: int = 0
    count: int = 1
    points: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class FixedData:
    """This very question."""

    item_id: ItemId
    points: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class SectionData:
    """`items` come first, then what is drawn for `cells`. `seconds`: its own time; then who leaves it does not come
    back."""

    name: str = ""
    seconds: int | None = None
    cells: list[CellData] = field(default_factory=list)
    items: list[FixedData] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DoubleData:
    """Two mark each answer. Marks that differ by more than `bound` (a share of the points) are reconciled, or go to a
    `third`; the mean is rounded to `step`."""

    bound: Decimal = Decimal("0.2")
    step: Decimal = Decimal("0.5")
    third: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseData:
    """What learners are told, and when: when they hand in, when the commission says so, or after entry closed."""

    what: Literal["nothing", "points", "answers", "keys"] = "points"
    when: Literal["at_once", "by_hand", "after_close"] = "by_hand"


@dataclass(frozen=True, slots=True)
class TakersData:
    groups: list[GroupId] = field(default_factory=list)
    persons: list[PersonId] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MemberData:
    person_id: PersonId
    part: Part


@dataclass(frozen=True, slots=True)
class ExamData:
    """`interrupted`: what the clock does while a learner's line is lost: it runs, stands, or stands until all losses
    together reach `grace_seconds`. One enters from `opens_at` until `closes_at`, and all end at `ends_at`.
    `late_seconds`: for so long after the end an answer is taken that was written before it. `navigation`: with
    `forward`, a section that was left stays closed; with `question`, so does each question, and none is seen before
    its turn. `partial`: points for what is partly right; `penalties`: a wrong answer may cost points. `level`: of the
    scale by which it is marked. `supervised`: the commission admits each learner. `languages`: those one may sit it
    in. `lesson_id`: of the call in which it is answered aloud."""

    title: str
    kind: Kind = "exam"
    course_id: CourseId | None = None
    level: str = "school"
    banks: list[BankId] = field(default_factory=list)
    sections: list[SectionData] = field(default_factory=list)
    shuffle: bool = True
    seconds: int | None = None
    interrupted: Literal["runs", "grace", "stands"] = "runs"
    grace_seconds: int = 0
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    ends_at: datetime | None = None
    late_seconds: int = 120
    attempts: int = 1
    navigation: Navigation = "free"
    languages: list[Language] = field(default_factory=lambda: list(LANGUAGES))
    penalties: bool = False
    partial: bool = True
    anonymous: bool = False
    double: DoubleData | None = None
    release: ReleaseData = ReleaseData()
    takers: TakersData = field(default_factory=TakersData)
    commission: list[MemberData] = field(default_factory=list)
    supervised: bool = False
    lesson_id: LessonId | None = None
    resit_of: ExamId | None = None


def checked(data: ExamData) -> ExamData:
    """As it is kept. A draft may still lack questions and takers. Raises ExamUnfit."""
    title = clean(data.title)
    _expect(bool(title), "title", "missing")
    _expect(len(title) <= LONGEST_TITLE, "title", "long")
    _check_moments(data)
    _expect(0 < len(data.level) <= LONGEST_LEVEL, "level", "long")
    _expect(data.seconds is None or 0 < data.seconds <= LONGEST_SECONDS, "seconds", "range")
    _expect(0 <= data.grace_seconds <= LONGEST_SECONDS, "grace_seconds", "range")
    _expect(0 <= data.late_seconds <= LONGEST_LATE, "late_seconds", "range")
    _expect(1 <= data.attempts <= MOST_ATTEMPTS, "attempts", "range")
    _expect(bool(data.languages), "languages", "missing")
    _expect((data.kind == "resit") == (data.resit_of is not None), "resit_of", "kind")
    for where, many, most in (
        ("banks", data.banks, MOST_BANKS),
        ("languages", data.languages, len(LANGUAGES)),
        ("takers.groups", data.takers.groups, MOST_GROUPS),
        ("takers.persons", data.takers.persons, MOST_PERSONS),
        ("commission", [one.person_id for one in data.commission], MOST_GROUPS),
    ):
        _expect(len(many) <= most, where, "many")
        _expect(len(set(many)) == len(many), where, "twice")
    if data.double:
        fits = 0 <= data.double.bound <= 1 and 0 < data.double.step <= MOST_POINTS
        _expect(fits, "double", "range")
    return replace(data, title=title, sections=_sections(data.sections))


def rules(data: ExamData) -> Rules:
    """How its time is reckoned."""
    return Rules(
        whole=_time(data.seconds),
        sections=tuple(_time(one.seconds) for one in data.sections) if in_turn(data) else (),
        interrupted=data.interrupted,
        grace=timedelta(seconds=data.grace_seconds),
        opens_at=data.opens_at,
        closes_at=data.closes_at,
        ends_at=data.ends_at,
        late=timedelta(seconds=data.late_seconds),
        steps=tuple(at for at, one in enumerate(data.sections) for _ in range(_count(one)))
        if data.navigation == "question"
        else (),
    )


def in_turn(data: ExamData) -> bool:
    """Whether one section, or one question, is open at a time."""
    return data.navigation != "free" or any(one.seconds for one in data.sections)


def allowance(factor: str, extra_seconds: int) -> Allowance:
    """Raises AllowanceUnfit."""
    try:
        made = Fraction(factor)
    except (ValueError, ZeroDivisionError):
        raise AllowanceUnfit(most=int(MOST_FACTOR)) from None
    if len(factor) > 12 or not 1 <= made <= MOST_FACTOR or not 0 <= extra_seconds <= LONGEST_SECONDS:
        raise AllowanceUnfit(most=int(MOST_FACTOR))
    return Allowance(made, timedelta(seconds=extra_seconds))


def blueprint(data: ExamData) -> list[Section]:
    """What is to be drawn for each section."""
    return [
        Section(one.name, tuple(Cell(cell.objective, cell.difficulty, cell.count, cell.points) for cell in one.cells))
        for one in data.sections
    ]


def questions(data: ExamData) -> int:
    """How many a whole paper has."""
    return sum(_count(one) for one in data.sections)


def _count(section: SectionData) -> int:
    return len(section.items) + sum(cell.count for cell in section.cells)


def _check_moments(data: ExamData) -> None:
    order = [one for one in (data.opens_at, data.closes_at, data.ends_at) if one]
    _expect(all(one.tzinfo for one in order), "opens_at", "range")
    _expect(order == sorted(order), "opens_at", "order")
    _expect(data.opens_at is None or data.opens_at not in (data.closes_at, data.ends_at), "opens_at", "order")


def _sections(sections: Sequence[SectionData]) -> list[SectionData]:
    _expect(len(sections) <= MOST_SECTIONS, "sections", "many")
    made, fixed = [], list[ItemId]()
    for at, one in enumerate(sections):
        where = f"sections[{at}]"
        name = clean(one.name)
        _expect(len(name) <= LONGEST_NAME, f"{where}.name", "long")
        _expect(one.seconds is None or 0 < one.seconds <= LONGEST_SECONDS, f"{where}.seconds", "range")
        for number, cell in enumerate(one.cells):
            _expect(0 <= cell.difficulty <= 5, f"{where}.cells[{number}].difficulty", "range")
            _expect(1 <= cell.count <= MOST_QUESTIONS, f"{where}.cells[{number}].count", "range")
            _expect(len(cell.objective) <= LONGEST_NAME, f"{where}.cells[{number}].objective", "long")
            _check_points(cell.points, f"{where}.cells[{number}].points")
        for number, item in enumerate(one.items):
            _check_points(item.points, f"{where}.items[{number}].points")
            fixed.append(item.item_id)
        made.append(replace(one, name=name))
    _expect(len(set(fixed)) == len(fixed), "sections", "twice")
    _expect(sum(_count(one) for one in made) <= MOST_QUESTIONS, "sections", "many")
    return made


def _check_points(points: Decimal, where: str) -> None:
    fits = points.is_finite() and 0 < points <= MOST_POINTS and points == round(points, _POINT_DIGITS)
    _expect(fits, where, "range")


def _time(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _expect(fits: bool, where: str, why: str) -> None:
    if not fits:
        raise ExamUnfit(where=where, why=why)
