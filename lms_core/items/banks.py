"""Banks: whose they are, who may do what in one; and the directory of objectives."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from lms_core.access import policy
from lms_core.access.policy import Permission, Scope
from lms_core.courses import service as courses
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import BankId, PersonId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.text import clean
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Organisation
from lms_core.people import service as people

from . import core
from .core import BankArchived, BankUnfit, ObjectiveUnfit
from .model import Bank, BankItem, Objective

SHARED_TITLE = "Ортақ банк · Общий банк · Shared bank"
MOST_SHOWN = core.MOST_OBJECTIVES


@dataclass(frozen=True, slots=True)
class BankRef:
    """A bank as other features see it."""

    id: BankId
    organisation_id: UnitId
    title: str
    shared: bool
    owner_id: PersonId | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class BankView:
    """`items`: how many questions are in it, but retired ones. `may`: `read` and perhaps `write`, `review`, and
    `change`: name it anew, close it, open it again. A bank that is not shared is its owner's alone."""

    id: BankId
    organisation_id: UnitId
    title: str
    shared: bool
    owner_id: PersonId | None
    owner: str
    items: int
    archived: bool
    may: list[str]


@dataclass(frozen=True, slots=True)
class ObjectiveView:
    subject: str
    code: str
    names: Names


@dataclass(frozen=True, slots=True)
class SubjectName:
    code: str
    names: Names


async def home(tx: Tx, permission: Permission, wanted: UnitId | None = None) -> Organisation:
    """The organisation that is meant: the wanted one, else the actor's own, else the first where they may do this.

    Raises NotFound, Forbidden.
    """
    if wanted:
        found = await orgs.unit(tx, wanted)
        _check_there(tx, found, permission)
        return found
    reach = await orgs.within_reach(tx, policy.paths_permitting(tx.actor, permission))
    own = reach.get(tx.actor.organisation) if tx.actor.organisation else None
    if own is None and not reach:
        raise Forbidden(needs=permission)
    return own or reach[min(reach)]


async def banks_for(tx: Tx, permission: Permission, *, archived: bool = False) -> list[BankRef]:
    """The banks in which the actor may do this, the oldest first."""
    reach = await orgs.within_reach(tx, policy.paths_permitting(tx.actor, permission))
    mine = or_(Bank.shared, Bank.owner_id == tx.actor.id)
    query = select(Bank).where(Bank.organisation_id.in_(list(reach)), mine).order_by(Bank.id)
    if not archived:
        query = query.where(Bank.archived_at.is_(None))
    return [_ref(row) for row in await tx.all(query)]


async def bank_for(tx: Tx, bank_id: BankId, permission: Permission) -> BankRef:
    """Raises NotFound, Forbidden, BankArchived (only to be read any more)."""
    found = _ref(await _row(tx, bank_id))
    await check_bank(tx, found, permission)
    return found


async def check_bank(tx: Tx, bank: BankRef, permission: Permission) -> None:
    """Raises NotFound, Forbidden, BankArchived."""
    if not bank.shared and bank.owner_id != tx.actor.person:
        raise NotFound(kind="bank")
    _check_there(tx, await orgs.unit(tx, bank.organisation_id), permission)
    if bank.archived_at and permission != Permission.BANK_READ:
        raise BankArchived


async def views(tx: Tx, *, archived: bool = False) -> list[BankView]:
    """All that the actor may read."""
    found = await banks_for(tx, Permission.BANK_READ, archived=archived)
    return await _views(tx, found)


async def create(tx: Tx, title: str, *, shared: bool, organisation: UnitId | None) -> BankView:
    """Raises NotFound, Forbidden, BankUnfit."""
    there = await home(tx, Permission.BANK_WRITE, organisation)
    count = await tx.one(select(func.count()).select_from(Bank).where(Bank.organisation_id == there.id))
    if (count or 0) >= core.MOST_BANKS:
        raise BankUnfit(why="too_many", limit=core.MOST_BANKS)
    row = _add(tx, there.id, core.clean_title(title), shared=shared, owner=tx.actor.id)
    await tx.flush()
    return (await _views(tx, [_ref(row)]))[0]


async def change(tx: Tx, bank_id: BankId, title: str, *, shared: bool, archived: bool) -> BankView:
    """Only its owner takes a bank back from the others. Raises NotFound, Forbidden, BankUnfit."""
    row = await _row(tx, bank_id)
    found = _ref(row)
    await check_bank(tx, found, Permission.BANK_READ)
    _check_there(tx, await orgs.unit(tx, row.organisation_id), Permission.BANK_WRITE)
    if row.shared and not shared and row.owner_id != tx.actor.id:
        raise Forbidden(needs=Permission.BANK_WRITE)
    row.title, row.shared = core.clean_title(title), shared
    row.archived_at = (row.archived_at or tx.now) if archived else None
    await tx.flush()
    return (await _views(tx, [_ref(row)]))[0]


async def shared_bank(tx: Tx, organisation: UnitId) -> BankId:
    """The organisation's oldest shared bank; made where there is none."""
    here = (Bank.organisation_id == organisation) & Bank.shared & Bank.archived_at.is_(None)
    found = await tx.one(select(Bank.id).where(here).order_by(Bank.id))
    return found or _add(tx, organisation, SHARED_TITLE, shared=True, owner=None).id


async def any_bank(tx: Tx, bank_id: BankId) -> BankRef:
    """For who acts for the house itself. Raises NotFound, BankArchived."""
    found = _ref(await _row(tx, bank_id))
    if found.archived_at:
        raise BankArchived
    return found


# --- Objectives


async def objectives(tx: Tx, organisation: UnitId, subject: str | None) -> list[ObjectiveView]:
    """The directory, or a subject's part of it, in the order of its codes."""
    query = select(Objective).where(Objective.organisation_id == organisation)
    if subject is not None:
        query = query.where(Objective.subject == subject)
    rows = await tx.all(query.order_by(Objective.subject, Objective.code).limit(MOST_SHOWN))
    return [ObjectiveView(row.subject, row.code, Names.of(row)) for row in rows]


async def subjects(tx: Tx, organisation: UnitId) -> list[SubjectName]:
    """What may be taught there."""
    return [SubjectName(code, names) for code, names in (await courses.directory(tx, organisation)).items()]


async def add_objective(tx: Tx, organisation: UnitId, subject: str, code: str, names: Names) -> ObjectiveView:
    """Add one, or name it anew. A language without a name gets that of another. Raises ObjectiveUnfit."""
    code = core.clean_code(code)
    if subject not in await courses.directory(tx, organisation):
        raise ObjectiveUnfit(why="subject")
    named = _filled(names)
    row = await tx.get(Objective, (organisation, subject, code))
    if row is None:
        here = select(func.count()).select_from(Objective).where(Objective.organisation_id == organisation)
        if (await tx.one(here) or 0) >= core.MOST_OBJECTIVES:
            raise ObjectiveUnfit(why="too_many", limit=core.MOST_OBJECTIVES)
        row = Objective(organisation_id=organisation, subject=subject, code=code)
        tx.add(row)
    row.name_kk, row.name_ru, row.name_en = named.kk, named.ru, named.en
    return ObjectiveView(subject, code, named)


def _filled(names: Names) -> Names:
    said = [clean(one) for one in (names.kk, names.ru, names.en)]
    first = next((one for one in said if one), "")
    if not first or any(len(one) > core.LONGEST_NAME for one in said):
        raise ObjectiveUnfit(why="names", limit=core.LONGEST_NAME)
    return Names(*(one or first for one in said))


# --- Below


def _add(tx: Tx, organisation: UnitId, title: str, *, shared: bool, owner: PersonId | None) -> Bank:
    row = Bank(
        organisation_id=organisation,
        id=BankId(tx.new_id("bank")),
        title=title,
        shared=shared,
        owner_id=owner,
        made_at=tx.now,
        archived_at=None,
    )
    tx.add(row)
    return row


def _check_there(tx: Tx, organisation: Organisation, permission: Permission) -> None:
    """A bank is for all who hold such a role in its organisation, whosever lessons they give."""
    here = [Scope(organisation.path, anybody=True)]
    if policy.allows(tx.actor, permission, here):
        return
    if policy.allows(tx.actor, Permission.BANK_READ, here):
        raise Forbidden(needs=permission)
    raise NotFound(kind="bank")


async def _row(tx: Tx, bank_id: BankId) -> Bank:
    row = await tx.one(select(Bank).where(Bank.id == bank_id))
    if row is None:
        raise NotFound(kind="bank")
    return row


def _ref(row: Bank) -> BankRef:
    return BankRef(row.id, row.organisation_id, row.title, row.shared, row.owner_id, row.archived_at)


async def _views(tx: Tx, banks: Sequence[BankRef]) -> list[BankView]:
    counts = await _counts(tx, banks)
    owners = await people.names(tx, {bank.owner_id for bank in banks if bank.owner_id})
    may = {one: await _may(tx, one) for one in {bank.organisation_id for bank in banks}}
    return [
        BankView(
            bank.id,
            bank.organisation_id,
            bank.title,
            bank.shared,
            bank.owner_id,
            owners.get(bank.owner_id, "") if bank.owner_id else "",
            counts.get(bank.id, 0),
            bank.archived_at is not None,
            ["read", *(one for one in may[bank.organisation_id] if one == "change" or not bank.archived_at)],
        )
        for bank in banks
    ]


async def _may(tx: Tx, organisation: UnitId) -> list[str]:
    here = [Scope((await orgs.unit(tx, organisation)).path, anybody=True)]
    writes = policy.allows(tx.actor, Permission.BANK_WRITE, here)
    reviews = policy.allows(tx.actor, Permission.BANK_REVIEW, here)
    return [*(["write", "change"] if writes else []), *(["review"] if reviews else [])]


async def _counts(tx: Tx, banks: Collection[BankRef]) -> dict[BankId, int]:
    here = BankItem.organisation_id.in_({one.organisation_id for one in banks})
    shown = BankItem.bank_id.in_([one.id for one in banks]) & BankItem.state.not_in(("retired", "arriving"))
    query = select(BankItem.bank_id, func.count()).where(here, shown).group_by(BankItem.bank_id)
    return {bank: count for bank, count in await tx.rows(query)} if banks else {}
