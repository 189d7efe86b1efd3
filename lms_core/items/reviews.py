"""A question's way through review: submitted, passed or returned by another person, retired."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from lms_core.access import policy
from lms_core.access.policy import Permission, Scope
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, check_version
from lms_core.kernel.ids import ItemId, UnitId
from lms_core.orgs import service as orgs

from . import checks, core, media, questions
from .content import ItemUnfit
from .core import OF_REVIEWERS, Act, BankArchived, OwnItem, State
from .faults import Fault
from .media import Link
from .model import BankItem, ItemReview, ItemVersion
from .questions import ItemView


@dataclass(frozen=True, slots=True)
class Powers:
    """`writes`: leads others' and own questions on; `reviews`: passes and returns those of others."""

    writes: bool
    reviews: bool


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


async def powers(tx: Tx, organisation: UnitId) -> Powers:
    """What the actor may do there with questions in a bank that is open."""
    here = [Scope((await orgs.unit(tx, organisation)).path, anybody=True)]
    writes = policy.allows(tx.actor, Permission.BANK_WRITE, here)
    return Powers(writes, policy.allows(tx.actor, Permission.BANK_REVIEW, here))


def act_for(acts: tuple[Act, ...], powers: Powers, *, own: bool) -> Act:
    """The first of these that somebody may do; `own`: they wrote the question, or changed it last. Raises Forbidden,
    OwnItem."""
    for act in acts:
        if (powers.reviews and not own) if act in OF_REVIEWERS else powers.writes:
            return act
    if acts[0] not in OF_REVIEWERS:
        raise Forbidden(needs=Permission.BANK_WRITE)
    if own:
        raise OwnItem
    raise Forbidden(needs=Permission.BANK_REVIEW)


def check_faults(faults: Sequence[Fault]) -> None:
    """Raises ItemUnfit, which names the first of them."""
    if faults:
        raise ItemUnfit(where=faults[0].where, why=faults[0].why)


async def _chosen(tx: Tx, row: BankItem, acts: tuple[Act, ...]) -> Act:
    """The first of these that the actor may do. Raises Forbidden, OwnItem."""
    version = await tx.get(ItemVersion, (row.organisation_id, row.id, row.version))
    own = tx.actor.person in (row.author_id, version.author_id if version else None)
    return act_for(acts, await powers(tx, row.organisation_id), own=own)


async def _check_sound(tx: Tx, row: BankItem) -> None:
    """What cannot be asked is not passed on. Raises ItemUnfit."""
    item = await questions.item_of(tx, row, row.version)
    missing = await media.hold(tx, row.organisation_id, media.all_media(item))
    faults = [*checks.check(item), *core.missing(item, missing)]
    row.sound = not faults
    check_faults(faults)
