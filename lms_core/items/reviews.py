"""A question's way through review: submitted, passed or returned by another person, retired."""

from sqlalchemy import func, select

from lms_core.access.policy import Permission
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, check_version
from lms_core.kernel.ids import ItemId
from lms_core.orgs import service as orgs

from . import checks, core, media, questions
from .content import ItemUnfit
from .core import OF_REVIEWERS, Act, BankArchived, OwnItem, State
from .media import Link
from .model import BankItem, ItemReview, ItemVersion
from .questions import ItemView


async def set_state(tx: Tx, item_id: ItemId, version: int, wanted: State, comment: str, link: Link) -> ItemView:
    """Who may review returns and passes; who may write does all else. Twice is as once.

    Raises NotFound, Forbidden, BankArchived, Stale, ItemStateUnfit, OwnItem, ItemUnfit (something is wrong with it).
    """
    row, bank = await questions.row_for(tx, item_id, Permission.BANK_READ)
    check_version(row.version, version)
    if row.state != wanted:
        if bank.archived_at:
            raise BankArchived
        await _act(tx, row, wanted, core.clean_comment(comment))
        row.state, row.changed_at = wanted, tx.now
        await tx.flush()
    return await questions.view(tx, item_id, link)


async def _act(tx: Tx, row: BankItem, wanted: State, comment: str) -> None:
    act = await _chosen(tx, row, core.acts(row.state, wanted))  # type: ignore[arg-type]
    if wanted in ("review", "approved"):
        await _check_sound(tx, row)
    if act in OF_REVIEWERS:
        here = (ItemReview.organisation_id == row.organisation_id) & (ItemReview.item_id == row.id)
        nth = await tx.one(select(func.coalesce(func.max(ItemReview.nth), 0)).where(here)) or 0
        tx.add(
            ItemReview(
                organisation_id=row.organisation_id,
                item_id=row.id,
                nth=nth + 1,
                version=row.version,
                reviewer_id=tx.actor.id,
                verdict=act,
                comment=comment,
                at=tx.now,
            )
        )


async def _chosen(tx: Tx, row: BankItem, acts: tuple[Act, ...]) -> Act:
    """The first of these that the actor may do. Raises Forbidden, OwnItem."""
    there = await orgs.unit(tx, row.organisation_id)
    version = await tx.get(ItemVersion, (row.organisation_id, row.id, row.version))
    author = version.author_id if version else None
    may = questions.may(tx, row, there.path, author, archived=False)
    for act in acts:
        if ("review" if act in OF_REVIEWERS else "write") in may:
            return act
    if acts[0] not in OF_REVIEWERS:
        raise Forbidden(needs=Permission.BANK_WRITE)
    if tx.actor.person in (row.author_id, author):
        raise OwnItem
    raise Forbidden(needs=Permission.BANK_REVIEW)


async def _check_sound(tx: Tx, row: BankItem) -> None:
    """What cannot be asked is not passed on. Raises ItemUnfit, which names the first fault."""
    item = await questions.item_of(tx, row, row.version)
    missing = await media.hold(tx, row.organisation_id, media.all_media(item))
    faults = [*checks.check(item), *core.missing(sorted(missing))]
    row.sound = not faults
    if faults:
        raise ItemUnfit(where=faults[0].where, why=faults[0].why)
