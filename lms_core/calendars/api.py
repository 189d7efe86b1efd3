from dataclasses import dataclass

from lms_core.kernel.api import SELF, Api
from lms_core.kernel.db import Tx

from . import service
from .service import LinkView

api = Api()


@dataclass(frozen=True, slots=True)
class Link:
    pass


@api.route("GET", "/api/me/calendar", needs=SELF)
async def read_calendar_link(tx: Tx) -> LinkView:
    """Whether my calendar has an address."""
    return await service.read_link(tx)


@api.route("POST", "/api/me/calendar", needs=SELF)
async def make_calendar_link(tx: Tx, body: Link) -> LinkView:
    """A new secret address of my calendar, `/calendar/<token>.ics`; a former one leads nowhere from now on."""
    return await service.make_link(tx)


@api.route("DELETE", "/api/me/calendar", needs=SELF)
async def end_calendar_link(tx: Tx) -> LinkView:
    """The address leads nowhere from now on."""
    return await service.end_link(tx)
