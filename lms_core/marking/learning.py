"""The bank learns how its questions did in exams whose results nobody releases by hand.

Once such an exam is over for all and marked; where it has no end, from time to time. What was said before is replaced.
"""

from datetime import datetime, timedelta

from lms_core.exams import service as exams
from lms_core.exams.service import ExamRef
from lms_core.kernel.db import Tx

from . import results, scoring

SOON, LATER = timedelta(minutes=10), timedelta(days=1)
"""Until somebody looks again whether the last ones sit, and whether all is marked: on the first day, and then."""
OPEN = timedelta(days=7)
"""Between two looks at an exam without an end."""
PATIENCE = timedelta(days=30)
"""After this what is marked has to do."""


def first_look(exam: ExamRef, now: datetime) -> datetime | None:
    """When to look first at an exam that was published just now; None where a chair releases it."""
    if exam.data.release.when == "by_hand":
        return None
    return max(_closes(exam) or now + OPEN, now)


def is_over(exam: ExamRef, now: datetime) -> bool:
    """Whether its questions' numbers are, or should be, in the bank."""
    closes = _closes(exam)
    return exam.state == "released" or (first_look(exam, now) is not None and closes is not None and closes <= now)


async def learn(tx: Tx, exam: ExamRef) -> datetime | None:
    """Note how its questions did, or wait; when to look again, None where all is done."""
    if exam.state == "released":
        await results.note_uses(tx, exam)
    if exam.state != "published" or exam.data.release.when == "by_hand":
        return None
    closes = _closes(exam)
    if closes and tx.now < closes:
        return closes
    if closes and tx.now < closes + PATIENCE and await _is_unsettled(tx, exam):
        return tx.now + (SOON if tx.now < closes + LATER else LATER)
    await results.note_uses(tx, exam)
    return None if closes else tx.now + OPEN


def _closes(exam: ExamRef) -> datetime | None:
    return exam.data.ends_at or exam.data.closes_at


async def _is_unsettled(tx: Tx, exam: ExamRef) -> bool:
    """Somebody sits, or an answer waits for its marks."""
    sittings = await exams.sittings_of(tx, exam.organisation_id, exam.id)
    if any(one.state in scoring.UNDER_WAY for one in sittings):
        return True
    ended = [one for one in sittings if one.state in scoring.COUNTING]
    rows = await results.rows_of(tx, exam, [one.id for one in ended])
    return len(rows) < len(ended) or any(one.missing for one in rows)
