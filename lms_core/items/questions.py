"""Questions of a bank: found, written, read with their keys, changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, delete, func, select

from lms_core.access import policy
from lms_core.access.policy import Permission, Scope
from lms_core.audit import service as audit
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, check_version
from lms_core.kernel.ids import BankId, ExamId, ItemId, PersonId
from lms_core.kernel.names import Names
from lms_core.kernel.text import search_key
from lms_core.orgs import service as orgs
from lms_core.people import service as people

from . import banks, checks, core, media, plain, service
from .banks import BankRef
from .content import Item
from .core import ItemStateUnfit, State
from .faults import Fault
from .media import Link
from .model import BankItem, ItemObjective, ItemReview, ItemUse, ItemVersion
from .service import Judged

PAGE = 50
LONGEST_SEARCH, MOST_WORDS = 500, 12
Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A question in a list. `titles`: the first words of its prompt, "" where it is not written in that language.
    `sound`: nothing is wrong with it. `asked`: how many got it; `facility` (0 to 1) and `discrimination` (-1 to 1):
    the means of all exams, None while nobody was asked."""

    id: ItemId
    bank_id: BankId
    version: int
    state: State
    sound: bool
    kind: str
    titles: Names
    languages: list[str]
    subject: str
    objectives: list[str]
    difficulty: int
    points: str
    family: str
    author_id: PersonId | None
    author: str
    changed_at: datetime
    asked: int
    facility: float | None
    discrimination: float | None


@dataclass(frozen=True, slots=True)
class Review:
    version: int
    reviewer_id: PersonId
    reviewer: str
    verdict: core.Verdict
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    version: int
    author_id: PersonId | None
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """`title`: of the exam."""

    exam_id: ExamId
    title: str
    version: int
    asked: int
    facility: float | None
    discrimination: float | None


@dataclass(frozen=True, slots=True)
class ItemView:
    """A question with its key, and all that is known of it. `item`: the version that was asked for, as
    `items.plain` writes it; `faults`: why it cannot be asked yet; `media`: SHA-256 → address; `may`: `read`, `write`,
    `review`."""

    row: ItemRow
    item: Plain
    shown_version: int
    faults: list[Fault]
    reviews: list[Review]
    versions: list[Version]
    uses: list[Use]
    media: dict[str, str]
    may: list[str]


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What is looked for; empty or None is all. `state` empty: all but retired ones."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}  # a wish that is not understood is not all
    search: str = ""
    kind: str = ""
    subject: str = ""
    objective: str = ""
    difficulty: int | None = None
    state: str = ""
    language: str = ""


async def page(
    tx: Tx, bank_id: BankId, wish: ItemFilter, after: ItemId | None
) -> tuple[list[ItemRow], ItemId | None, int]:
    """The newest first, behind `after`; whom to give as `after` for those behind, and how many there are in all.

    Raises NotFound, Forbidden.
    """
    bank = await banks.bank_for(tx, bank_id, Permission.BANK_READ)
    here = [BankItem.organisation_id == bank.organisation_id, BankItem.bank_id == bank.id, *fitting(wish)]
    total = await tx.one(select(func.count()).select_from(BankItem).where(*here)) or 0
    query = select(BankItem).where(*here).order_by(BankItem.id.desc()).limit(PAGE + 1)
    rows = await tx.all(query.where(BankItem.id < after) if after else query)
    shown = await _shown(tx, rows[:PAGE])
    return shown, shown[-1].id if len(rows) > PAGE else None, total


async def create(tx: Tx, bank_id: BankId, judged: Judged, link: Link) -> ItemView:
    """Raises NotFound, Forbidden, BankArchived."""
    bank = await banks.bank_for(tx, bank_id, Permission.BANK_WRITE)
    missing = await media.hold(tx, bank.organisation_id, judged.said.media)
    row = _add(tx, bank, judged, sound=not judged.faults and not missing)
    await tx.flush()
    return await _view(tx, bank, row, judged.item, row.version, link)


async def read(tx: Tx, item_id: ItemId, version: int | None, link: Link) -> ItemView:
    """The newest version or an older one, with its key; that somebody else's is looked at leaves a line.

    Raises NotFound, Forbidden.
    """
    row, bank = await row_for(tx, item_id, Permission.BANK_READ)
    wanted = version or row.version
    if row.author_id != tx.actor.id:
        audit.note(
            tx, "looked", organisation=row.organisation_id, op="read_item", details={"item": row.id, "version": wanted}
        )
    return await _view(tx, bank, row, await item_of(tx, row, wanted), wanted, link)


async def change(tx: Tx, item_id: ItemId, version: int, judged: Judged, link: Link) -> ItemView:
    """A new version, which nobody has passed yet; the same once more changes nothing.

    Raises NotFound, Forbidden, BankArchived, Stale, ItemStateUnfit (it is retired).
    """
    row, bank = await row_for(tx, item_id, Permission.BANK_WRITE)
    check_version(row.version, version)
    if row.state == "retired":
        raise ItemStateUnfit(state=row.state, wanted="draft")
    missing = await media.hold(tx, row.organisation_id, judged.said.media)
    row.sound = not judged.faults and not missing
    if judged.item != await item_of(tx, row, row.version):
        row.version, row.state, row.changed_at = row.version + 1, "draft", tx.now
        _describe(row, judged.said)
        tx.add(_version(tx, row, judged.plain, tx.actor.id))
        here = (ItemObjective.organisation_id == row.organisation_id) & (ItemObjective.item_id == row.id)
        await tx.execute(delete(ItemObjective).where(here))
        tx.add(*_objectives(row, judged.said))
    await tx.flush()
    return await _view(tx, bank, row, judged.item, row.version, link)


async def row_for(tx: Tx, item_id: ItemId, permission: Permission) -> tuple[BankItem, BankRef]:
    """Raises NotFound, Forbidden, BankArchived."""
    row = await tx.one(select(BankItem).where(BankItem.id == item_id, BankItem.state != "arriving"))
    if row is None:
        raise NotFound(kind="item")
    return row, await banks.bank_for(tx, row.bank_id, permission)


async def item_of(tx: Tx, row: BankItem, version: int) -> Item:
    """Raises NotFound."""
    found = await service.of_paper(tx, row.organisation_id, [(row.id, version)])
    if (row.id, version) not in found:
        raise NotFound(kind="item")
    return found[row.id, version]


async def view(tx: Tx, item_id: ItemId, link: Link) -> ItemView:
    """The newest version, for who has just changed what is said of it. Raises NotFound, Forbidden."""
    row, bank = await row_for(tx, item_id, Permission.BANK_READ)
    return await _view(tx, bank, row, await item_of(tx, row, row.version), row.version, link)


def may(tx: Tx, row: BankItem, path: str, author: PersonId | None, *, archived: bool) -> list[str]:
    """What the actor may do with an item whose shown version is by `author`."""
    here = [Scope(path, anybody=True)]
    found = ["read"]
    if not archived and policy.allows(tx.actor, Permission.BANK_WRITE, here):
        found.append("write")
    own = tx.actor.person in (row.author_id, author)
    if not archived and not own and policy.allows(tx.actor, Permission.BANK_REVIEW, here):
        found.append("review")
    return found


def fitting(wish: ItemFilter) -> list[ColumnElement[bool]]:
    """What rows of `items` must meet to be found."""
    found = [BankItem.search.contains(" " + word, autoescape=True) for word in _words(wish.search)]
    for column, wanted in ((BankItem.kind, wish.kind), (BankItem.subject, wish.subject), (BankItem.state, wish.state)):
        if wanted:
            found.append(column == wanted)
    if not wish.state:
        found.append(BankItem.state != "retired")
    if wish.difficulty is not None:
        found.append(BankItem.difficulty == wish.difficulty)
    if wish.language:
        found.append(BankItem.languages.contains(wish.language, autoescape=True))
    if wish.objective:
        same = ItemObjective.organisation_id == BankItem.organisation_id
        asking = select(ItemObjective.item_id).where(same, ItemObjective.objective == wish.objective)
        found.append(BankItem.id.in_(asking))
    return [*found, BankItem.state != "arriving"]


# --- Below


def _add(tx: Tx, bank: BankRef, judged: Judged, *, sound: bool) -> BankItem:
    """A new item with its first version."""
    row = BankItem(
        organisation_id=bank.organisation_id,
        id=ItemId(tx.new_id("item")),
        bank_id=bank.id,
        version=1,
        state="draft",
        sound=sound,
        author_id=tx.actor.id,
        made_at=tx.now,
        changed_at=tx.now,
    )
    _describe(row, judged.said)
    tx.add(row, _version(tx, row, judged.plain, tx.actor.id), *_objectives(row, judged.said))
    return row


def _words(search: str) -> list[str]:
    """No database bears conditions without end."""
    return search_key(search[:LONGEST_SEARCH]).split()[:MOST_WORDS]


def _describe(row: BankItem, said: core.Described) -> None:
    for name, value in columns(said).items():
        setattr(row, name, value)


def columns(said: core.Described) -> dict[str, Any]:
    """What a row of `items` keeps of it."""
    kk, ru, en = said.titles
    return {
        "kind": said.kind,
        "subject": said.subject,
        "difficulty": said.difficulty,
        "family": said.family,
        "points": said.points,
        "languages": " ".join(said.languages),
        "search": said.search,
        "title_kk": kk,
        "title_ru": ru,
        "title_en": en,
    }


def _version(tx: Tx, row: BankItem, body: Plain, author: PersonId | None) -> ItemVersion:
    return ItemVersion(
        organisation_id=row.organisation_id,
        item_id=row.id,
        version=row.version,
        body=body,
        author_id=author,
        at=tx.now,
    )


def _objectives(row: BankItem, said: core.Described) -> list[ItemObjective]:
    return [
        ItemObjective(organisation_id=row.organisation_id, item_id=row.id, objective=one) for one in said.objectives
    ]


async def _shown(tx: Tx, rows: Sequence[BankItem]) -> list[ItemRow]:
    if not rows:
        return []
    organisation, ids = rows[0].organisation_id, [row.id for row in rows]
    asking = select(ItemObjective.item_id, ItemObjective.objective).where(
        ItemObjective.organisation_id == organisation, ItemObjective.item_id.in_(ids)
    )
    objectives: dict[ItemId, list[str]] = {}
    for item, objective in await tx.rows(asking.order_by(ItemObjective.objective)):
        objectives.setdefault(item, []).append(objective)
    uses: dict[ItemId, list[ItemUse]] = {}
    for use in await tx.all(select(ItemUse).where(ItemUse.organisation_id == organisation, ItemUse.item_id.in_(ids))):
        uses.setdefault(use.item_id, []).append(use)
    names = await people.names(tx, {row.author_id for row in rows if row.author_id})
    return [
        ItemRow(
            id=row.id,
            bank_id=row.bank_id,
            version=row.version,
            state=row.state,  # type: ignore[arg-type]
            sound=row.sound,
            kind=row.kind,
            titles=Names(row.title_kk, row.title_ru, row.title_en),
            languages=row.languages.split(),
            subject=row.subject,
            objectives=objectives.get(row.id, []),
            difficulty=row.difficulty,
            points=row.points,
            family=row.family,
            author_id=row.author_id,
            author=names.get(row.author_id, "") if row.author_id else "",
            changed_at=row.changed_at,
            asked=sum(one.asked for one in uses.get(row.id, ())),
            facility=core.mean([(one.facility, one.asked) for one in uses.get(row.id, ())]),
            discrimination=core.mean([(one.discrimination, one.asked) for one in uses.get(row.id, ())]),
        )
        for row in rows
    ]


async def _view(tx: Tx, bank: BankRef, row: BankItem, item: Item, shown: int, link: Link) -> ItemView:
    here = (ItemVersion.organisation_id == row.organisation_id) & (ItemVersion.item_id == row.id)
    columns = (ItemVersion.version, ItemVersion.author_id, ItemVersion.at)
    versions = await tx.rows(select(*columns).where(here).order_by(ItemVersion.version))
    reviewed = (ItemReview.organisation_id == row.organisation_id) & (ItemReview.item_id == row.id)
    reviews = await tx.all(select(ItemReview).where(reviewed).order_by(ItemReview.nth))
    used = (ItemUse.organisation_id == row.organisation_id) & (ItemUse.item_id == row.id)
    uses = await tx.all(select(ItemUse).where(used).order_by(ItemUse.at, ItemUse.version))
    persons = {author for _, author, _ in versions if author} | {one.reviewer_id for one in reviews}
    names = await people.names(tx, persons)
    addresses = await media.urls(tx, [row.organisation_id], [item], link)
    missing = media.all_media(item).keys() - addresses.keys()
    newest = next((author for version, author, _ in versions if version == row.version), None)
    there = await orgs.unit(tx, row.organisation_id)
    return ItemView(
        row=(await _shown(tx, [row]))[0],
        item=plain.to_plain(item),
        shown_version=shown,
        faults=[] if row.sound and shown == row.version else [*checks.check(item), *core.missing(item, missing)],
        reviews=[
            Review(one.version, one.reviewer_id, names.get(one.reviewer_id, ""), one.verdict, one.comment, one.at)  # type: ignore[arg-type]
            for one in reviews
        ],
        versions=[Version(at, who, names.get(who, "") if who else "", when) for at, who, when in versions],
        uses=[Use(o.exam_id, o.title, o.version, o.asked, o.facility, o.discrimination) for o in uses],
        media=addresses,
        may=may(tx, row, there.path, newest, archived=bank.archived_at is not None),
    )
