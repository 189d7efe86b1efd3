"""The demo school's question bank, an exam that its last class may sit now, and a test to practise with."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256

from lms_core.access import service as access
from lms_core.exams import exams
from lms_core.exams.settings import ExamData, FixedData, ReleaseData, SectionData, TakersData
from lms_core.groups.service import GroupView
from lms_core.items import banks, media, stock
from lms_core.items.media import Stored
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import ItemId, PersonId
from lms_core.kernel.names import Names
from lms_core.orgs.service import Organisation

from . import demo_questions

EXAM_SECONDS = 40 * 60
EXAM, PRACTICE = "Математика, 11 «А»", "Математика: жаттығу · тренировка"


def picture_key(tx: Tx, school: Organisation) -> str:
    """Where the bytes of the one picture are to lie."""
    return media.key_for(tx, school.id)


async def fill(
    tx: Tx, school: Organisation, teacher: PersonId, other: PersonId, group: GroupView, picture: str
) -> None:
    """Questions by one teacher, passed by another who makes the exams. `picture`: the key of its bytes."""
    plane = demo_questions.picture()
    await media.note(tx, school.id, [Stored(sha256(plane).hexdigest(), picture, "image/png", len(plane))])
    bank = await banks.shared_bank(tx, school.id)
    await tx.flush()
    for code, said in demo_questions.OBJECTIVES.items():
        await banks.add_objective(tx, school.id, "mathematics", code, Names(*said))
    there, questions = await banks.any_bank(tx, bank), demo_questions.questions()
    asked = await stock.add(tx, there, questions, other, teacher)
    tried = await stock.add(tx, there, demo_questions.practice(), other, teacher) + asked[:4]
    await _act_as(tx, school, teacher)
    points = [one.points for one in questions]
    exam = ExamData(
        EXAM,
        banks=[bank],
        sections=[SectionData("", items=_fixed(asked, points))],
        seconds=EXAM_SECONDS,
        interrupted="grace",
        grace_seconds=300,
        takers=TakersData([group.id]),
    )
    practice = ExamData(
        PRACTICE,
        kind="practice",
        banks=[bank],
        sections=[SectionData("", items=_fixed(tried, [Decimal(1)] * len(tried)))],
        attempts=20,
        release=ReleaseData("keys", "at_once"),
        takers=TakersData([group.id]),
    )
    for data in (exam, practice):
        made = await exams.create(tx, data)
        await exams.publish(tx, made.id)


async def _act_as(tx: Tx, school: Organisation, person: PersonId) -> None:
    tx.actor = replace(await access.actor_of(tx, person), organisation=school.id)


def _fixed(ids: Sequence[ItemId], points: Sequence[Decimal]) -> list[FixedData]:
    return [FixedData(item, worth) for item, worth in zip(ids, points, strict=True)]
