"""What a browser that was woken fetches. The rest stands in `server.reminders_api`, which knows what is offered."""

from dataclasses import dataclass

from lms_core.kernel.api import SELF, Api
from lms_core.kernel.db import Tx
from lms_core.people import service as people
from lms_core.people.service import Language

from . import service
from .service import NoticeView

api = Api()


@dataclass(frozen=True, slots=True)
class Notices:
    """`language`: what the person reads."""

    language: Language
    items: list[NoticeView]


@api.route("GET", "/api/me/notices", needs=SELF)
async def read_notices(tx: Tx) -> Notices:
    """What I was reminded of lately and is still to come, the oldest first."""
    return Notices(await people.language_of(tx, tx.actor.id), await service.notices_for(tx))
