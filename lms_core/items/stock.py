"""Questions that come with the house: of the demo school, written by one teacher and passed by another."""

from collections.abc import Sequence

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import ItemId, PersonId

from . import core, media, plain, questions
from .banks import BankRef
from .content import Item
from .model import BankItem, ItemObjective, ItemReview, ItemVersion


async def add(tx: Tx, bank: BankRef, items: Sequence[Item], author: PersonId, reviewer: PersonId) -> list[ItemId]:
    """Approved ones; their media are there already."""
    made = []
    for one in items:
        item, said = ItemId(tx.new_id("item")), core.described(one)
        there = {"organisation_id": bank.organisation_id}
        row = BankItem(
            **there,
            **questions.columns(said),
            id=item,
            bank_id=bank.id,
            version=1,
            state="approved",
            sound=True,
            author_id=author,
            made_at=tx.now,
            changed_at=tx.now,
        )
        tx.add(
            row, ItemVersion(**there, item_id=item, version=1, body=plain.to_plain(one), author_id=author, at=tx.now)
        )
        tx.add(*(ItemObjective(**there, item_id=item, objective=objective) for objective in said.objectives))
        review = {"version": 1, "reviewer_id": reviewer, "verdict": "approve", "comment": "", "at": tx.now}
        tx.add(ItemReview(**there, item_id=item, nth=1, **review))
        await media.hold(tx, bank.organisation_id, said.media)
        made.append(item)
    await tx.flush()
    return made
