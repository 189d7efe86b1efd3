from lms_core.access.policy import Permission
from lms_core.kernel.api import Api
from lms_core.kernel.db import Tx

from . import scales
from .views import AddScale, ScaleList, ScaleView

api = Api()


@api.route("GET", "/api/scales", needs=Permission.EXAM_MARK)
async def list_scales(tx: Tx) -> ScaleList:
    """The scales that my organisation marks by: its own, and the general ones with the act they come from."""
    return await scales.list_for(tx)


@api.route("POST", "/api/scales", needs=Permission.SCALE_WRITE)
async def add_scale(tx: Tx, body: AddScale) -> ScaleView:
    """Rule a scale of one's own organisation, from a day on; of its level it goes before the general one.

    Refusals: scale_unfit, already_there.
    """
    return await scales.add(tx, body)
