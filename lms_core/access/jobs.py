from datetime import timedelta

from sqlalchemy import delete

from lms_core.kernel.db import Tx
from lms_core.kernel.jobs import job

from . import letters, steps
from .core import KEEP_ENDED
from .model import Login


@job("access.forget_logins", every=timedelta(days=1))
async def forget_logins(tx: Tx) -> None:
    """Log-ins that ended or ran out a month ago."""
    before = tx.now - KEEP_ENDED
    await tx.execute(delete(Login).where((Login.ended < before) | (Login.expires < before)))


@job("access.forget_tickets", every=timedelta(hours=1))
async def forget_tickets(tx: Tx) -> None:
    """Tickets a day after they ran out, and browsers nobody has come by for three months."""
    await steps.forget_tickets(tx)


@job("access.forget_letters", every=timedelta(hours=1))
async def forget_letters(tx: Tx) -> None:
    """Letters that came too late: also where none are sent any more."""
    await letters.forget_late(tx)
