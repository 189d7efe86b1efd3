from sqlalchemy import or_, select

from lms_core.groups.events import GroupsChanged
from lms_core.kernel.db import Tx
from lms_core.kernel.events import on

from . import takers
from .finding import data_of
from .model import Exam


@on(GroupsChanged)
async def follow_groups(tx: Tx, event: GroupsChanged) -> None:
    """Who comes into a class takes its exams that are to come; who leaves it does not, unless they have begun."""
    here = (Exam.organisation_id == event.organisation_id) & (Exam.state == "published")
    over = or_(Exam.closes_at.is_(None), Exam.closes_at > tx.now)
    for exam in await tx.all(select(Exam).where(here, over)):
        data = data_of(exam)
        if data.takers.groups:
            await takers.fill(tx, exam, data)
