from datetime import timedelta

from lms_core.kernel.db import Tx
from lms_core.kernel.jobs import job

from . import service


@job("audit.prune", every=timedelta(days=1))
async def prune(tx: Tx) -> None:
    """Lines whose time to be kept is over."""
    await service.prune(tx)
