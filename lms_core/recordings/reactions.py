from lms_core.kernel.db import Tx
from lms_core.kernel.events import on
from lms_core.lessons.events import LessonEnded

from . import service


@on(LessonEnded)
async def stop(tx: Tx, fact: LessonEnded) -> None:
    """What is recorded of a lesson ends with it."""
    await service.end_in(tx, fact.room_id, "lesson_ended")
