"""What marking shows: shapes alone. Points are exact decimals, as text in JSON."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from lms_core.kernel.ids import AppealId, ItemId, PersonId, RegradeId, ScaleId, SittingId
from lms_core.kernel.names import Names

from .core import Band

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
class MarkTaken:
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
    """`name`, `number`: whose, for the commission; `title`, `most`: of the question at the place, for it too: each
    learner has an order of their own. `before`, `points`: of the place, before and since the decision."""

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
    title: Names | None = None
    most: Decimal | None = None


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
class ScaleView:
    """`own`: the organisation's, else the general one. `sure`: how its numbers are known. `appeal_hours`: for how long
    after the release one may appeal."""

    id: ScaleId | None
    level: str
    own: bool
    valid_from: date
    valid_to: date | None
    source: Names
    sure: Names
    places: int
    appeal_hours: int
    bands: list[Band]


@dataclass(frozen=True, slots=True)
class ScaleList:
    """`may_add`: whether the reader rules scales of the organisation."""

    items: list[ScaleView]
    may_add: bool


@dataclass(frozen=True, slots=True)
class AddScale:
    """`level`: `school`, `college`, `university`, or one of the organisation's own (a programme, a year of intake).
    `source`: its act, in the organisation's words."""

    level: str
    valid_from: date
    source: str
    bands: list[Band]
    valid_to: date | None = None
    places: int = 0
    appeal_hours: int = 24
