from datetime import timedelta

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import PollId, UnitId
from lms_core.kernel.jobs import job

from . import core, service
from .model import PollTally


async def tally(tx: Tx, organisation: UnitId, poll: PollId) -> None:
    """Tell the counts, unless they were just told: then in a moment."""
    last = await _last(tx, organisation, poll)
    if last is None or tx.now - last.told_at >= core.TELL_EVERY:
        await _tell(tx, organisation, poll, last)
    elif not last.due:
        last.due = True
        tx.at(last.told_at + core.TELL_EVERY, tell_counts, organisation=organisation, poll=poll)


@job("polls.tell_counts")
async def tell_counts(tx: Tx, organisation: UnitId, poll: PollId) -> None:
    """The counts of votes that came just after the last ones were told."""
    await _tell(tx, organisation, poll, await _last(tx, organisation, poll))


@job("polls.forget", every=timedelta(days=1))
async def forget_polls(tx: Tx) -> None:
    """Polls older than they may be kept."""
    await service.forget_old(tx)


async def _last(tx: Tx, organisation: UnitId, poll: PollId) -> PollTally | None:
    return await tx.get(PollTally, (organisation, poll))


async def _tell(tx: Tx, organisation: UnitId, poll: PollId, last: PollTally | None) -> None:
    if last is None:
        last = PollTally(organisation_id=organisation, poll_id=poll)
        tx.add(last)
    last.told_at, last.due = tx.now, False
    await service.tell_counts(tx, organisation, poll)
