"""What marking shows: shapes alone. Points are exact decimals, as text in JSON."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from lms_core.kernel.ids import AppealId, ExamId, GroupId, ItemId, PersonId, RegradeId, ScaleId, SittingId
from lms_core.kernel.names import Names

Plain = dict[str, Any]
How = Literal["full", "drop", "key"]
Wants = Literal["", "first", "second", "third", "talk"]
Decision = Literal["grant", "refuse"]
AppealState = Literal["open", "granted", "refused"]


@dataclass(frozen=True, slots=True)
class QuestionTodo:
    """A question that people mark. `todo`: answers that wait for the reader; `done`: that wait for nobody; `third`:
    that two markers differ about."""

    item_id: ItemId
    version: int
    title: Names
    kind: str
    most: Decimal
    todo: int
    done: int
    third: int


@dataclass(frozen=True, slots=True)
class SittingTodo:
    """`person_id`, `name`: None where the exam is marked anonymously; `number` is what everybody calls it."""

    sitting_id: SittingId
    number: str
    person_id: PersonId | None
    name: str | None
    todo: int
    done: int


@dataclass(frozen=True, slots=True)
class MarkingQueue:
    """`running`: sittings that are not ended yet. `undecided`: terminated ones, to be accepted or voided."""

    questions: list[QuestionTodo]
    sittings: list[SittingTodo]
    anonymous: bool
    double: bool
    released: bool
    running: int
    undecided: int


@dataclass(frozen=True, slots=True)
class LevelView:
    id: str
    words: Plain
    points: Decimal


@dataclass(frozen=True, slots=True)
class CriterionView:
    id: str
    words: Plain
    levels: list[LevelView]


@dataclass(frozen=True, slots=True)
class LevelChosen:
    criterion: str
    level: str


@dataclass(frozen=True, slots=True)
class MarkView:
    """`mine`: the reader's own. Others' marks are shown once the markers agree."""

    marker_id: PersonId
    marker: str
    mine: bool
    points: Decimal
    levels: list[LevelChosen]
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FileShown:
    name: str
    type: str
    bytes: int
    url: str


@dataclass(frozen=True, slots=True)
class KeyShown:
    """What is right, in the names that `shown` has. `answer`: one right answer, as a browser would send it; `accepted`:
    all that are typed; `regions`: of a picture; `sample`: a model answer; `general`: said of the question; `options`:
    said of an option."""

    answer: Plain | None
    accepted: list[str]
    regions: list[Plain]
    sample: Plain | None
    general: Plain | None
    options: dict[str, Plain]


@dataclass(frozen=True, slots=True)
class MarkingTask:
    """One answer to be marked. `revision` and `seen` go back with the mark: then nobody marks what has changed
    meanwhile. `shown`: the question as the learner had it; `answer`: as they sent it, None where they did not."""

    sitting_id: SittingId
    place: int
    number: str
    name: str | None
    item_id: ItemId
    kind: str
    language: str
    revision: int
    seen: int
    shown: Plain
    media: dict[str, str]
    answer: Plain | None
    key: KeyShown
    rubric: list[CriterionView]
    files: list[FileShown]
    most: Decimal
    step: Decimal
    points: Decimal | None
    wants: Wants
    may: bool
    marks: list[MarkView]


@dataclass(frozen=True, slots=True)
class NextTask:
    """`task`: None where nothing waits for the reader. `left`: how many do, this one counted."""

    task: MarkingTask | None
    left: int


@dataclass(frozen=True, slots=True)
class MarkAnswer:
    """`points`, or `levels` of the rubric: one for each criterion."""

    place: int
    revision: int
    seen: int
    points: Decimal | None = None
    levels: list[LevelChosen] = field(default_factory=list)
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """`points`: what the answer is worth now, None while `wants` says who is missing."""

    points: Decimal | None
    agreed: bool
    wants: Wants


@dataclass(frozen=True, slots=True)
class JudgeSitting:
    verdict: Literal["accept", "void"]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    state: str


@dataclass(frozen=True, slots=True)
class RegradeItem:
    """`key`: the corrected question, as the bank gives it, with the same options; for `how` = `key`."""

    item_id: ItemId
    how: How
    why: str
    only_up: bool = True
    key: Plain | None = None


@dataclass(frozen=True, slots=True)
class ChangeView:
    sitting_id: SittingId
    number: str
    name: str
    before: Decimal | None
    after: Decimal | None
    most_before: Decimal
    most_after: Decimal


@dataclass(frozen=True, slots=True)
class RegradeView:
    id: RegradeId
    item_id: ItemId
    title: Names
    how: How
    why: str
    only_up: bool
    by: str
    at: datetime
    changes: list[ChangeView]


@dataclass(frozen=True, slots=True)
class RegradeList:
    items: list[RegradeView]


@dataclass(frozen=True, slots=True)
class MakeAppeal:
    """`place`: of which question; None of the whole."""

    why: str
    place: int | None = None


@dataclass(frozen=True, slots=True)
class AppealView:
    """`name`, `number`: whose, for the commission. `before`, `points`: of the place, before and since the decision."""

    id: AppealId
    sitting_id: SittingId
    number: str
    name: str | None
    place: int | None
    why: str
    at: datetime
    state: AppealState
    before: Decimal | None
    points: Decimal | None
    answer: str
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class AppealList:
    items: list[AppealView]


@dataclass(frozen=True, slots=True)
class DecideAppeal:
    """`points`: what the place is worth from now on, never less than before; None: they stay."""

    decision: Decision
    why: str
    points: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BandView:
    least: Decimal
    label: str
    value: Decimal
    passed: bool
    names: Names | None = None


@dataclass(frozen=True, slots=True)
class ScaleView:
    """`own`: the organisation's, else the general one. `sure`: how its numbers are known. `appeal_hours`: for how long
    after the release one may appeal."""

    id: ScaleId | None
    level: str
    own: bool
    valid_from: date
    valid_to: date | None
    source: str
    sure: str
    places: int
    appeal_hours: int
    bands: list[BandView]


@dataclass(frozen=True, slots=True)
class ScaleList:
    """`may_add`: whether the reader rules scales of the organisation."""

    items: list[ScaleView]
    may_add: bool


@dataclass(frozen=True, slots=True)
class AddScale:
    """`level`: `school`, `college`, `university`, or one of the organisation's own (a programme, a year of intake)."""

    level: str
    valid_from: date
    source: str
    bands: list[BandView]
    valid_to: date | None = None
    places: int = 0
    appeal_hours: int = 24


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
    group: Names | None
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
    group: Names | None
    number: str
    state: str
    points: Decimal | None
    most: Decimal | None
    percent: Decimal | None
    label: str
    words: Names | None
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Protocol:
    """The commission's record of an exam, to be printed and signed. `marked`: answers marked by people."""

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
    source: str


@dataclass(frozen=True, slots=True)
class RegradeTold:
    how: How
    why: str
    at: datetime
    places: list[int]


@dataclass(frozen=True, slots=True)
class Review:
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
