"""What came out, as it is shown: results, statistics, the record, a sitting looked back at. Shapes alone."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from lms_core.kernel.ids import ExamId, GroupId, ItemId, LessonId, PersonId, SittingId
from lms_core.kernel.names import Names

from .views import AppealView, FileShown, How, KeyShown, Plain, RegradeView, ScaleView


@dataclass(frozen=True, slots=True)
class PointsOf:
    """`question`: its place in `statistics.questions`, None for one that no ended sitting was asked."""

    question: int | None
    points: Decimal | None
    most: Decimal


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One sitting, or somebody who has none (`sitting_id` None). `missing`: answers not marked yet; until there is
    none, `percent`, `label` and `passed` are not known. `by_question`: in the order of the paper."""

    sitting_id: SittingId | None
    person_id: PersonId
    name: str
    group_id: GroupId | None
    group: str
    attempt: int
    number: str
    state: str
    missing: int
    points: Decimal | None
    most: Decimal | None
    percent: Decimal | None
    label: str
    value: Decimal | None
    passed: bool | None
    by_question: list[PointsOf]


@dataclass(frozen=True, slots=True)
class OptionStatistics:
    """`share`: of all; `upper`, `lower`: of the best and the worst 27 %. `suspect`: it misleads who knows."""

    id: str
    title: Names
    right: bool
    chosen: int
    share: float
    upper: float
    lower: float
    suspect: bool


@dataclass(frozen=True, slots=True)
class QuestionStatistics:
    """`facility`: mean part of the points, 0 to 1; `discrimination`: of the best less of the worst; `point_biserial`:
    correlation with the rest of the test. None where nobody was asked, or nothing varies. `regraded`: how."""

    item_id: ItemId
    version: int
    title: Names
    kind: str
    most: Decimal
    asked: int
    facility: float | None
    discrimination: float | None
    point_biserial: float | None
    options: list[OptionStatistics]
    regraded: How | None


@dataclass(frozen=True, slots=True)
class Column:
    """Of a chart: how many got from `least` percent on (up to the next column), or a `label`."""

    least: int
    count: int


@dataclass(frozen=True, slots=True)
class LabelCount:
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the first ended attempt of each person, voided ones apart. `alpha`: reliability, `sem`: standard error in
    points; None where papers differ, or nothing varies. `mean`, `deviation`: of points."""

    count: int
    mean: float | None
    deviation: float | None
    alpha: float | None
    sem: float | None
    questions: list[QuestionStatistics]
    histogram: list[Column]
    labels: list[LabelCount]


@dataclass(frozen=True, slots=True)
class Results:
    """`ready`: nothing is missing; `released`: since when learners know, where the commission said so."""

    exam_id: ExamId
    title: str
    state: str
    rows: list[ResultRow]
    scale: ScaleView | None
    statistics: Statistics
    missing: int
    ready: bool
    released: datetime | None


@dataclass(frozen=True, slots=True)
class SheetFile:
    """`content`: a file in base64."""

    name: str
    type: str
    content: str


@dataclass(frozen=True, slots=True)
class MemberLine:
    name: str
    part: str


@dataclass(frozen=True, slots=True)
class ProtocolLine:
    nth: int
    name: str
    group: str
    number: str
    state: str
    points: Decimal | None
    most: Decimal | None
    percent: Decimal | None
    label: str
    words: Names | None
    passed: bool | None


@dataclass(frozen=True, slots=True)
class CallHeld:
    """In which lesson of the house learners answered aloud."""

    lesson_id: LessonId
    subject: Names | None
    title: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class AloudMark:
    marker: str
    points: Decimal
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AloudLine:
    """A question that somebody answered live: `points` in the end, None while marks are missing; and who gave what."""

    name: str
    number: str
    place: int
    title: Names
    points: Decimal | None
    most: Decimal
    marks: list[AloudMark]


@dataclass(frozen=True, slots=True)
class Protocol:
    """The commission's record of an exam, to be printed and signed. `marked`: answers marked by people; `aloud`: what
    was answered live, in the `call` if the exam names one."""

    exam_id: ExamId
    title: str
    kind: str
    organisation: Names
    opens_at: datetime | None
    ends_at: datetime | None
    level: str
    scale: ScaleView | None
    commission: list[MemberLine]
    lines: list[ProtocolLine]
    call: CallHeld | None
    aloud: list[AloudLine]
    labels: list[LabelCount]
    absent: int
    mean: float | None
    alpha: float | None
    marked: int
    regrades: list[RegradeView]
    appeals: list[AppealView]
    released_by: str | None
    released: datetime | None


@dataclass(frozen=True, slots=True)
class PartShown:
    """`where`: of the question, in the names that `shown` has; empty for the whole answer."""

    where: str
    got: Decimal
    of: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class ReviewQuestion:
    """`shown`, `answer`, `parts` and `comments` where answers are told; `key` where keys are."""

    place: int
    section: int
    points: Decimal | None
    most: Decimal
    shown: Plain | None
    media: dict[str, str]
    answer: Plain | None
    files: list[FileShown]
    parts: list[PartShown]
    comments: list[str]
    key: KeyShown | None
    said: Plain | None
    regraded: How | None


@dataclass(frozen=True, slots=True)
class ResultShown:
    """`percent` and `label` once nothing is `missing`."""

    missing: int
    points: Decimal
    most: Decimal
    percent: Decimal | None
    label: str
    words: Names | None
    passed: bool | None
    source: Names


@dataclass(frozen=True, slots=True)
class RegradeTold:
    how: How
    why: str
    at: datetime
    places: list[int]


@dataclass(frozen=True, slots=True)
class SittingReview:
    """A sitting looked back at. `what`: all that is told of it (the commission is told everything); `since`: when it
    was, or will be, told, None where nobody knows. Before that, there is neither result nor question."""

    sitting_id: SittingId
    exam_id: ExamId
    title: str
    name: str | None
    number: str
    attempt: int
    state: str
    language: str
    what: Literal["nothing", "points", "answers", "keys"]
    told: bool
    since: datetime | None
    result: ResultShown | None
    questions: list[ReviewQuestion]
    appeal_until: datetime | None
    appeals: list[AppealView]
    regrades: list[RegradeTold]
