from lms_core.access.policy import Permission
from lms_core.kernel.api import Api
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import LessonId

from . import service
from .service import LessonReport

api = Api()


@api.route("GET", "/api/lessons/{lesson_id}/report", needs=Permission.PERSON_READ)
async def lesson_report(tx: Tx, lesson_id: LessonId) -> LessonReport:
    """Who was in a lesson, for how long, spoke and wrote: for who leads it, or looks after the school."""
    return await service.of_lesson(tx, lesson_id)
