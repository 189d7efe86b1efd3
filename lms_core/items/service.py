"""What exams and marking ask of the bank: questions to draw, versions that were drawn, and how they did."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import BankId, ExamId, ItemId, UnitId
from lms_core.kernel.names import Names

from . import checks, core, media, plain
from .banks import BankRef, BankView, banks_for
from .content import Item
from .core import State
from .faults import Fault
from .media import urls as media_urls
from .model import Bank, BankItem, ItemObjective, ItemReview, ItemUse, ItemVersion, Objective

__all__ = ["BankRef", "BankView", "banks_for", "media_urls"]
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that an exam may draw."""

    id: ItemId
    bank_id: BankId
    version: int
    state: str
    objectives: frozenset[str]
    difficulty: int
    family: str
    points: Decimal
    languages: tuple[str, ...]
    kind: str
    titles: Names


@dataclass(frozen=True, slots=True)
class Used:
    """How a version did in an exam; see ItemUse."""

    item_id: ItemId
    version: int
    asked: int
    facility: float | None
    discrimination: float | None


@dataclass(frozen=True, slots=True)
class Judged:
    """An item as it was sent, what lists say of it, and what is wrong with it."""

    item: Item
    plain: dict[str, Any]
    said: core.Described
    faults: tuple[Fault, ...]


def judge(sent: object) -> Judged:
    """What strangers' JSON is as a question. May take some milliseconds: not for the event loop.

    Raises Malformed, ItemUnfit.
    """
    item = plain.from_plain(sent)
    return Judged(item, plain.to_plain(item), core.described(item), tuple(checks.check(item)))


async def of_paper(
    tx: Tx, organisation: UnitId, wanted: Iterable[tuple[ItemId, int]]
) -> dict[tuple[ItemId, int], Item]:
    """Versions of items; they never change, so they are remembered. What is not there is left out."""
    keys = set(wanted)
    found = _MEMORY.get(organisation, keys)
    if missing := keys - found.keys():
        ids = ItemVersion.item_id.in_({item for item, _ in missing})
        columns = (ItemVersion.item_id, ItemVersion.version, ItemVersion.body)
        here = ItemVersion.organisation_id == organisation
        in_versions = ItemVersion.version.in_({version for _, version in missing})
        rows = await tx.rows(select(*columns).where(here, ids, in_versions))
        read = {(item, version): body for item, version, body in rows if (item, version) in missing}
        made = {key: plain.from_plain(body) for key, body in read.items()}
        _MEMORY.put(organisation, made)
        found |= made
    return found


async def candidates(
    tx: Tx, organisation: UnitId, bank_ids: Collection[BankId], states: Collection[State] = ("approved",)
) -> list[Candidate]:
    """What may be drawn from these banks: sound questions in one of these states, at their newest version.

    Whether the actor may use the banks is for who asks (`banks_for`).
    """
    in_banks = BankItem.bank_id.in_(list(bank_ids)) & BankItem.state.in_(list(states)) & BankItem.sound
    return await _candidates(tx, organisation, in_banks)


async def chosen(tx: Tx, organisation: UnitId, items: Collection[ItemId]) -> dict[ItemId, Candidate]:
    """These very questions at their newest version, as far as they are sound, in any state but an import's.

    Whether the actor may use them is for who asks: `bank_id` says where they are.
    """
    here = BankItem.id.in_(list(items)) & BankItem.sound & (BankItem.state != "arriving")
    return {one.id: one for one in await _candidates(tx, organisation, here)} if items else {}


async def titles(tx: Tx, organisation: UnitId, items: Collection[ItemId]) -> dict[ItemId, Names]:
    """The first words of items."""
    columns = (BankItem.id, BankItem.title_kk, BankItem.title_ru, BankItem.title_en)
    query = select(*columns).where(BankItem.organisation_id == organisation, BankItem.id.in_(list(items)))
    return {item: Names(kk, ru, en) for item, kk, ru, en in await tx.rows(query)}


async def note_uses(tx: Tx, organisation: UnitId, exam_id: ExamId, title: str, used: Sequence[Used]) -> None:
    """How items did in an exam, in place of what was said of it before."""
    here = (ItemUse.organisation_id == organisation) & (ItemUse.exam_id == exam_id)
    await tx.execute(delete(ItemUse).where(here))
    tx.add(
        *(
            ItemUse(
                organisation_id=organisation,
                item_id=one.item_id,
                version=one.version,
                exam_id=exam_id,
                title=title,
                asked=one.asked,
                facility=one.facility,
                discrimination=one.discrimination,
                at=tx.now,
            )
            for one in used
        )
    )


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    """All of it; bytes of media are removed soon after."""
    for table in (ItemUse, ItemReview, ItemObjective, ItemVersion, BankItem, Objective, Bank):
        await tx.execute(delete(table).where(table.organisation_id == organisation))
    await media.forget_organisation(tx, organisation)


class _Memory:
    """The newest used versions of items, shared by all threads that step transactions."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._items = OrderedDict[tuple[UnitId, ItemId, int], Item]()

    def get(self, organisation: UnitId, keys: Iterable[tuple[ItemId, int]]) -> dict[tuple[ItemId, int], Item]:
        found = {}
        with self._lock:
            for item, version in keys:
                key = (organisation, item, version)
                if key in self._items:
                    self._items.move_to_end(key)
                    found[item, version] = self._items[key]
        return found

    def put(self, organisation: UnitId, items: Mapping[tuple[ItemId, int], Item]) -> None:
        with self._lock:
            for (item, version), one in items.items():
                self._items[organisation, item, version] = one
            while len(self._items) > _REMEMBERED:
                self._items.popitem(last=False)


_MEMORY = _Memory()


async def _candidates(tx: Tx, organisation: UnitId, fit: ColumnElement[bool]) -> list[Candidate]:
    here = BankItem.organisation_id == organisation
    columns = (
        *(BankItem.id, BankItem.bank_id, BankItem.version, BankItem.state, BankItem.difficulty, BankItem.family),
        *(BankItem.points, BankItem.languages, BankItem.kind, BankItem.title_kk, BankItem.title_ru, BankItem.title_en),
    )
    rows = await tx.rows(select(*columns).where(here, fit).order_by(BankItem.id))
    asking = select(ItemObjective.item_id, ItemObjective.objective).where(
        ItemObjective.organisation_id == organisation,
        ItemObjective.item_id.in_(select(BankItem.id).where(here, fit)),
    )
    objectives: dict[ItemId, set[str]] = {}
    for item, objective in await tx.rows(asking):
        objectives.setdefault(item, set()).add(objective)
    return [
        Candidate(
            id=row.id,
            bank_id=row.bank_id,
            version=row.version,
            state=row.state,
            objectives=frozenset(objectives.get(row.id, ())),
            difficulty=row.difficulty,
            family=row.family,
            points=Decimal(row.points),
            languages=tuple(row.languages.split()),
            kind=row.kind,
            titles=Names(row.title_kk, row.title_ru, row.title_en),
        )
        for row in rows
    ]
