from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lms_core.access.policy import Permission
from lms_core.kernel.api import Api, Context
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import BankId, ItemId, UnitId
from lms_core.kernel.names import Names

from . import banks, many, questions, reviews, service, trying
from .banks import BankView, ObjectiveView, SubjectName
from .core import State
from .many import Led, SeenItem, StatesChanged
from .questions import ItemFilter, ItemRow, ItemView
from .trying import Tried

api = Api()
Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BankList:
    items: list[BankView]


@dataclass(frozen=True, slots=True)
class CreateBank:
    """`organisation_id`: where; by default one's own."""

    title: str
    shared: bool = True
    organisation_id: UnitId | None = None


@dataclass(frozen=True, slots=True)
class ChangeBank:
    """`archived`: it is only read any more, and no list shows it."""

    title: str
    shared: bool
    archived: bool = False


@dataclass(frozen=True, slots=True)
class ObjectiveList:
    """`subjects`: what objectives may be of."""

    items: list[ObjectiveView]
    subjects: list[SubjectName]
    organisation_id: UnitId


@dataclass(frozen=True, slots=True)
class AddObjective:
    """A language without a name gets that of another. `organisation_id`: where; by default one's own."""

    subject: str
    code: str
    names: Names
    organisation_id: UnitId | None = None


@dataclass(frozen=True, slots=True)
class ItemList:
    """The newest first. `next`: give it as `after` for those behind; `total`: how many there are in all; `at`: when
    that was so."""

    items: list[ItemRow]
    next: ItemId | None
    total: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CreateItem:
    """`item`: as `docs/questions.md` says."""

    item: Plain


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """`version`: the newest that was seen."""

    version: int
    item: Plain


@dataclass(frozen=True, slots=True)
class SetItemState:
    version: int
    state: State
    comment: str = ""


@dataclass(frozen=True, slots=True)
class SetItemStates:
    """Either `items`, 500 at most, or all that a list with this `filter` shows, but those changed after `seen_at` (the
    list's `at`). `most`: go no further than through so many, rounded up to a hundred; `after`: go on behind the `next`
    of the answer before."""

    state: State
    comment: str = ""
    items: list[SeenItem] | None = None
    filter: ItemFilter | None = None
    seen_at: datetime | None = None
    after: ItemId | None = None
    most: int = many.MOST_ITEMS


@dataclass(frozen=True, slots=True)
class PreviewItem:
    """`answer`: as a learner's browser sends it, to hear what it is worth."""

    item: Plain
    seed: str = "1"
    language: str = "kk"
    answer: Plain | None = field(default=None)


@api.route("GET", "/api/banks", needs=Permission.BANK_READ)
async def list_banks(tx: Tx, archived: bool = False) -> BankList:
    """The banks that one may read; with `archived`, those too that are closed."""
    return BankList(await banks.views(tx, archived=archived))


@api.route("POST", "/api/banks", needs=Permission.BANK_WRITE)
async def create_bank(tx: Tx, body: CreateBank) -> BankView:
    """A new bank, of the whole organisation or one's own alone.

    Refusals: bank_unfit.
    """
    return await banks.create(tx, body.title, shared=body.shared, organisation=body.organisation_id)


@api.route("PUT", "/api/banks/{bank_id}", needs=Permission.BANK_WRITE)
async def change_bank(tx: Tx, bank_id: BankId, body: ChangeBank) -> BankView:
    """Name it anew, share it, close it. Only its owner takes it back from the others.

    Refusals: bank_unfit.
    """
    return await banks.change(tx, bank_id, body.title, shared=body.shared, archived=body.archived)


@api.route("GET", "/api/objectives", needs=Permission.BANK_READ)
async def list_objectives(tx: Tx, subject: str | None = None, organisation_id: UnitId | None = None) -> ObjectiveList:
    """What is to be learnt, in the organisation's own directory."""
    there = await banks.home(tx, Permission.BANK_READ, organisation_id)
    found = await banks.objectives(tx, there.id, subject)
    return ObjectiveList(found, await banks.subjects(tx, there.id), there.id)


@api.route("POST", "/api/objectives", needs=Permission.BANK_WRITE)
async def add_objective(tx: Tx, body: AddObjective) -> ObjectiveView:
    """Add an objective, or name one anew.

    Refusals: objective_unfit.
    """
    there = await banks.home(tx, Permission.BANK_WRITE, body.organisation_id)
    return await banks.add_objective(tx, there.id, body.subject, body.code, body.names)


@api.route("GET", "/api/banks/{bank_id}/items", needs=Permission.BANK_READ)
async def list_items(
    tx: Tx,
    bank_id: BankId,
    search: str = "",
    kind: str = "",
    subject: str = "",
    objective: str = "",
    difficulty: int | None = None,
    state: str = "",
    language: str = "",
    after: ItemId | None = None,
) -> ItemList:
    """Questions of a bank, without their keys; but retired ones, unless they are asked for."""
    wish = ItemFilter(search, kind, subject, objective, difficulty, state, language)
    return ItemList(*await questions.page(tx, bank_id, wish, after), tx.now)


@api.route("POST", "/api/banks/{bank_id}/items/state", needs=Permission.BANK_READ)
async def set_item_states(ctx: Context, bank_id: BankId, body: SetItemStates) -> StatesChanged:
    """`set_item_state` for many questions of a bank. What one alone would be refused by is counted under its code;
    the others are led on. Again is as once.

    Refusals: bank_archived.
    """
    led = Led(body.state, body.comment, body.items, body.filter, body.seen_at, body.after, body.most)
    return await many.lead(ctx, bank_id, led)


@api.route("POST", "/api/banks/{bank_id}/items", needs=Permission.BANK_WRITE)
async def create_item(ctx: Context, bank_id: BankId, body: CreateItem) -> ItemView:
    """Write a question. It is kept as it is; what is wrong with it stands in `faults`.

    Refusals: item_unfit, bank_archived.
    """
    judged = await ctx.in_thread(service.judge, body.item)
    return await ctx.run(lambda tx: questions.create(tx, bank_id, judged, ctx.link))


@api.route("GET", "/api/items/{item_id}", needs=Permission.BANK_READ)
async def read_item(ctx: Context, item_id: ItemId, version: int | None = None) -> ItemView:
    """A question with its key, at its newest version or an older one. Looking at somebody else's leaves a line."""
    return await ctx.run(lambda tx: questions.read(tx, item_id, version, ctx.link))


@api.route("PUT", "/api/items/{item_id}", needs=Permission.BANK_WRITE)
async def change_item(ctx: Context, item_id: ItemId, body: ChangeItem) -> ItemView:
    """A new version of a question; papers that were drawn keep theirs. It is a draft again.

    Refusals: stale, item_unfit, item_state_unfit, bank_archived.
    """
    judged = await ctx.in_thread(service.judge, body.item)
    return await ctx.run(lambda tx: questions.change(tx, item_id, body.version, judged, ctx.link))


@api.route("POST", "/api/items/{item_id}/state", needs=Permission.BANK_READ)
async def set_item_state(ctx: Context, item_id: ItemId, body: SetItemState) -> ItemView:
    """Submit a question for review (`review`), pass it (`approved`), return it (`draft`), or retire it (`retired`).

    Who wrote it does not pass it.
    Refusals: stale, item_unfit, item_state_unfit, own_item, bank_archived.
    """
    return await ctx.run(lambda tx: reviews.set_state(tx, item_id, body.version, body.state, body.comment, ctx.link))


@api.route("POST", "/api/items/preview", needs=Permission.BANK_READ)
async def preview_item(ctx: Context, body: PreviewItem) -> Tried:
    """What a learner would see of a question, and what an answer to that would be worth; nothing is kept.

    Refusals: item_unfit, answer_unfit.
    """
    trial = await ctx.in_thread(trying.attempt, body.item, body.seed, body.language, body.answer)
    return await ctx.run(lambda tx: trying.finish(tx, trial, ctx.link))
