from datetime import timedelta

from lms_core.kernel.db import Tx
from lms_core.kernel.jobs import job

from . import media, trade


@job("items.forget", every=timedelta(hours=1))
async def forget_alone(tx: Tx) -> None:
    """Media that no question shows, files that were exported, and what imports that were cut off left behind."""
    await media.forget_alone(tx)
    await trade.drop_arriving(tx)
