from lms_core.courses.events import CourseEnded, TeachersChanged
from lms_core.kernel.db import Tx
from lms_core.kernel.events import on
from lms_core.orgs import service as orgs
from lms_core.orgs.events import ZoneChanged

from . import timetable


@on(ZoneChanged)
async def keep_on_wall(tx: Tx, fact: ZoneChanged) -> None:
    await timetable.keep_on_wall(tx, fact.organisation_id, fact.was, fact.now)


@on(TeachersChanged)
async def hand_over(tx: Tx, fact: TeachersChanged) -> None:
    await timetable.hand_over(tx, fact.organisation_id, fact.course_id, fact.teacher_ids)


@on(CourseEnded)
async def drop(tx: Tx, fact: CourseEnded) -> None:
    organisation = await orgs.unit(tx, fact.organisation_id)
    await timetable.drop_from(tx, organisation, fact.course_id, fact.day)
