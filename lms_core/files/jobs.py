from datetime import timedelta

from lms_core.kernel.db import Tx
from lms_core.kernel.jobs import job

from . import service


@job("files.forget", every=timedelta(hours=1))
async def forget_files(tx: Tx) -> None:
    """Files that nothing holds, or that are older than they may be kept."""
    await service.forget_old(tx)
