"""Many questions led on at once, each by the rules for one.

Some at a time: what is wrong with them is found out between two transactions, and a lesson's commands go between those.
Whoever is cut off does the same again: what was led on already stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update

from lms_core.access.policy import Permission
from lms_core.kernel.api import Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Malformed, Refusal, Stale
from lms_core.kernel.ids import BankId, ItemId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.reads import Write

from . import banks, core, media, questions, reviews, service
from .banks import BankRef
from .core import OF_REVIEWERS, Act, BankArchived, State
from .exchange.batch import MOST_ITEMS
from .model import BankItem, ItemReview, ItemVersion
from .questions import ItemFilter
from .reviews import Powers
from .service import Judged

AT_ONCE = 100
"""Questions in one transaction: some ten milliseconds."""
MOST_CHOSEN = 500
MOST_TOLD = 20
_CHECKED: frozenset[State] = frozenset({"review", "approved"})
_REVIEW = Write.row(ItemReview)


@dataclass(frozen=True, slots=True)
class SeenItem:
    """`version`: the newest that was seen."""

    id: ItemId
    version: int


@dataclass(frozen=True, slots=True)
class Led:
    """What is to be done with which: those `chosen`, or all that fit a `wish`, but what changed since it was `seen`;
    of these the first `most`, behind `after`."""

    wanted: State
    comment: str = ""
    chosen: Sequence[SeenItem] | None = None
    wish: ItemFilter | None = None
    seen: datetime | None = None
    after: ItemId | None = None
    most: int = MOST_ITEMS


@dataclass(frozen=True, slots=True)
class ToldItem:
    """`titles`: the first words of its prompt."""

    id: ItemId
    titles: Names


@dataclass(frozen=True, slots=True)
class NotChanged:
    """Why: the code by which one alone is refused. `count`: how many were, and the first of them."""

    why: str
    count: int
    items: list[ToldItem]


@dataclass(frozen=True, slots=True)
class StatesChanged:
    """`already`: those that were in that state before. `next`: there are more than are led on at once: give it as
    `after` for those behind."""

    changed: int
    already: int
    refused: list[NotChanged]
    next: ItemId | None


@dataclass(slots=True)
class _Count:
    changed: int = 0
    already: int = 0
    refused: dict[str, list[ToldItem]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def no(self, code: str, one: ToldItem) -> None:
        self.counts[code] = self.counts.get(code, 0) + 1
        told = self.refused.setdefault(code, [])
        if len(told) < MOST_TOLD:
            told.append(one)

    def add(self, other: "_Count") -> None:
        """What one transaction did: it may have run more than once, and counts once."""
        self.changed += other.changed
        self.already += other.already
        for code, count in other.counts.items():
            self.counts[code] = self.counts.get(code, 0) + count
            told = self.refused.setdefault(code, [])
            told += other.refused[code][: MOST_TOLD - len(told)]


@dataclass(frozen=True, slots=True)
class _Some:
    """A few of them, the newest first, as they were found. `bodies`: of those that must be without fault."""

    rows: Sequence[Any]
    absent: Sequence[ItemId]
    bodies: Mapping[ItemId, Any]


async def lead(ctx: Context, bank_id: BankId, led: Led) -> StatesChanged:
    """Raises NotFound, Forbidden, BankArchived, Malformed. What one question alone would be refused by is told."""
    led = _checked(led)
    count, seen, last = _Count(), 0, led.after
    async with ctx.turns.of("set_item_states", ctx.actor.id):
        while True:
            at, after = seen, last
            some = await ctx.run(lambda tx, at=at, after=after: _find(tx, bank_id, led, at, after))
            judged = await ctx.in_thread(_judge, some.bodies)
            count.add(await ctx.run(lambda tx, some=some, judged=judged: _lead(tx, bank_id, led, some, judged)))
            seen += len(some.rows) + len(some.absent)
            last = some.rows[-1].id if some.rows else last
            if led.chosen is not None and seen >= len(led.chosen):
                return _told(ctx, count, None)
            if led.chosen is None and (len(some.rows) < AT_ONCE or seen >= led.most):
                return _told(ctx, count, last if len(some.rows) == AT_ONCE else None)


def _checked(led: Led) -> Led:
    """Raises Malformed."""
    if (led.chosen is None) == (led.wish is None):
        raise Malformed(fields=[{"at": "body.items", "why": "missing"}])
    if led.chosen is not None and len(led.chosen) > MOST_CHOSEN:
        raise Malformed(fields=[{"at": "body.items", "why": "too_long"}])
    once = {one.id: one for one in led.chosen or ()}
    chosen = None if led.chosen is None else list(once.values())
    most = max(1, min(led.most, MOST_ITEMS))
    return replace(led, comment=core.clean_comment(led.comment), chosen=chosen, most=most)


def _told(ctx: Context, count: _Count, following: ItemId | None) -> StatesChanged:
    for code in count.counts:  # as the refusal of one would be
        ctx.witness.refused("set_item_states", code, ctx.actor, ctx.peer.address)
    refused = [NotChanged(code, count.counts[code], told) for code, told in count.refused.items()]
    return StatesChanged(count.changed, count.already, sorted(refused, key=lambda one: -one.count), following)


# --- One step: found, judged, led on


async def _find(tx: Tx, bank_id: BankId, led: Led, seen: int, after: ItemId | None) -> _Some:
    bank = await _open(tx, bank_id)
    if led.chosen is not None:
        wanted = [one.id for one in led.chosen[seen : seen + AT_ONCE]]
        rows = await tx.rows(_rows(bank, BankItem.id.in_(wanted), BankItem.state != "arriving"))
        absent = [one for one in wanted if one not in {row.id for row in rows}]
    else:
        assert led.wish, "either these or those"
        query = _rows(bank, *questions.fitting(led.wish)).limit(AT_ONCE)
        rows, absent = await tx.rows(query.where(BankItem.id < after) if after else query), []
    bodies: dict[ItemId, Any] = {}
    if led.wanted in _CHECKED:
        bodies = await _bodies(tx, bank.organisation_id, [row for row in rows if row.state != led.wanted])
    return _Some(rows, absent, bodies)


def _judge(bodies: Mapping[ItemId, Any]) -> dict[ItemId, Judged]:
    return {item: service.judge(body) for item, body in bodies.items()}


async def _lead(tx: Tx, bank_id: BankId, led: Led, some: _Some, judged: Mapping[ItemId, Judged]) -> _Count:
    bank, count = await _open(tx, bank_id), _Count()
    for absent in some.absent:
        count.no("not_found", ToldItem(absent, Names("", "", "")))
    rows = {row.id: row for row in await tx.rows(_rows(bank, BankItem.id.in_([row.id for row in some.rows])))}
    powers = await reviews.powers(tx, bank.organisation_id)
    digests = {digest for one in judged.values() for digest in one.said.media}
    missing = await media.hold(tx, bank.organisation_id, digests)
    seen = {one.id: one.version for one in led.chosen or ()}
    goes: list[tuple[Any, Act]] = []
    for was in some.rows:
        row: Any = rows.get(was.id) or was
        try:
            act = _act(tx, led, row, was, seen, powers, judged.get(row.id), missing)
        except Refusal as no:
            count.no(no.code, ToldItem(row.id, Names(row.title_kk, row.title_ru, row.title_en)))
            continue
        if act is None:
            count.already += 1
        else:
            goes.append((row, act))
    count.changed = len(goes)
    await _go(tx, bank.organisation_id, [row.id for row, _ in goes], led.wanted)
    await _say(tx, bank.organisation_id, [(row, act) for row, act in goes if act in OF_REVIEWERS], led.comment)
    return count


async def _go(tx: Tx, organisation: UnitId, items: Sequence[ItemId], wanted: State) -> None:
    values: dict[str, Any] = {"state": wanted, "changed_at": tx.now}
    if wanted in _CHECKED:
        values["sound"] = True
    here = (BankItem.organisation_id == organisation) & BankItem.id.in_(items)
    if items:
        await tx.execute(update(BankItem).where(here).values(values))


def _act(
    tx: Tx,
    led: Led,
    row: Any,
    was: Any,
    seen: Mapping[ItemId, int],
    powers: Powers,
    judged: Judged | None,
    missing: set[str],
) -> Act | None:
    """By what it comes to that state; None where it is in it. Raises what `reviews.set_state` raises of one."""
    if row.version != seen.get(row.id, was.version):
        raise Stale(version=row.version)
    if row.state == led.wanted:
        return None
    if row.state != was.state or row.version != was.version or (led.seen and row.changed_at > led.seen):
        raise Stale(version=row.version)
    own = tx.actor.person in (row.author_id, row.changed_by)
    act = reviews.act_for(core.acts(row.state, led.wanted), powers, own=own)
    if judged:
        reviews.check_faults([*judged.faults, *core.missing(judged.item, missing)])
    return act


async def _say(tx: Tx, organisation: UnitId, said: Sequence[tuple[Any, Act]], comment: str) -> None:
    """A review for each."""
    here = (ItemReview.organisation_id == organisation) & ItemReview.item_id.in_([row.id for row, _ in said])
    asking = select(ItemReview.item_id, func.max(ItemReview.nth)).where(here).group_by(ItemReview.item_id)
    newest = {item: nth for item, nth in await tx.rows(asking)} if said else {}
    for row, act in said:
        tx.write(
            _REVIEW,
            organisation_id=organisation,
            item_id=row.id,
            nth=newest.get(row.id, 0) + 1,
            version=row.version,
            reviewer_id=tx.actor.id,
            verdict=act,
            comment=comment,
            at=tx.now,
        )


async def _open(tx: Tx, bank_id: BankId) -> BankRef:
    bank = await banks.bank_for(tx, bank_id, Permission.BANK_READ)
    if bank.archived_at:
        raise BankArchived
    return bank


def _rows(bank: BankRef, *fitting: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Questions of a bank, the newest first, with who wrote the newest version (`changed_by`)."""
    same = (ItemVersion.organisation_id == BankItem.organisation_id) & (ItemVersion.item_id == BankItem.id)
    return (
        select(
            *(BankItem.id, BankItem.version, BankItem.state, BankItem.sound, BankItem.changed_at, BankItem.author_id),
            *(BankItem.title_kk, BankItem.title_ru, BankItem.title_en),
            ItemVersion.author_id.label("changed_by"),
        )
        .join(ItemVersion, same & (ItemVersion.version == BankItem.version))
        .where(BankItem.organisation_id == bank.organisation_id, BankItem.bank_id == bank.id, *fitting)
        .order_by(BankItem.id.desc())
    )


async def _bodies(tx: Tx, organisation: UnitId, rows: Sequence[Any]) -> dict[ItemId, Any]:
    """Of the versions that were found."""
    versions = {row.id: row.version for row in rows}
    here = (ItemVersion.organisation_id == organisation) & ItemVersion.item_id.in_(list(versions))
    query = select(ItemVersion.item_id, ItemVersion.version, ItemVersion.body).where(here)
    found = await tx.rows(query.where(ItemVersion.version.in_(set(versions.values()))))
    return {item: body for item, version, body in found if versions[item] == version}
