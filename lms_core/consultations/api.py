from dataclasses import dataclass

from lms_core.access.policy import Permission
from lms_core.kernel.api import SELF, Api
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import LessonId

from . import service
from .service import ConsultationView, Opening

api = Api()


@dataclass(frozen=True, slots=True)
class Consultations:
    items: list[ConsultationView]


@dataclass(frozen=True, slots=True)
class Book:
    pass


@api.route("GET", "/api/consultations", needs=SELF)
async def list_consultations(tx: Tx) -> Consultations:
    """The consultations that I hold, have booked or may book."""
    return Consultations(await service.list_for(tx))


@api.route("POST", "/api/consultations", needs=Permission.LESSON_CREATE)
async def open_consultations(tx: Tx, body: Opening) -> Consultations:
    """Keep hours free for those whom I teach.

    Refusals: consultation_unfit, hour_unfit, teacher_busy, lesson_title_too_long.
    """
    return Consultations(await service.open_slots(tx, body))


@api.route("POST", "/api/consultations/{lesson_id}/book", needs=Permission.LESSON_JOIN)
async def book_consultation(tx: Tx, lesson_id: LessonId, body: Book) -> ConsultationView:
    """Take a place; from then on it stands among my lessons.

    Refusals: consultation_full, consultation_over.
    """
    return await service.book(tx, lesson_id)


@api.route("POST", "/api/consultations/{lesson_id}/give-back", needs=Permission.LESSON_JOIN)
async def give_consultation_back(tx: Tx, lesson_id: LessonId, body: Book) -> ConsultationView:
    """Not come after all: somebody else may.

    Refusals: consultation_over.
    """
    return await service.give_back(tx, lesson_id)


@api.route("POST", "/api/consultations/{lesson_id}/call-off", needs=Permission.LESSON_CREATE)
async def call_consultation_off(tx: Tx, lesson_id: LessonId, body: Book) -> ConsultationView:
    """It will not be; who booked it reads so among their lessons.

    Refusals: lesson_begun.
    """
    return await service.call_off(tx, lesson_id)
