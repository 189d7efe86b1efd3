"""Rules of consultations."""

from datetime import datetime, timedelta

from lms_core.kernel.errors import Refusal

KEEP = timedelta(days=365)
MOST_PLACES = 30
MOST_SLOTS = 40
"""At once."""
AHEAD = timedelta(days=120)


class ConsultationFull(Refusal):
    code, status = "consultation_full", 409


class ConsultationOver(Refusal):
    """It has begun, is over or was called off: too late to book or to give back."""

    code, status = "consultation_over", 409


class ConsultationUnfit(Refusal):
    """In the past, more than `days` ahead, more than `slots` at once, or places not between 1 and `places`."""

    code, status = "consultation_unfit", 422


class TeacherBusy(Refusal):
    """There is a lesson at `starts_at` already."""

    code, status = "teacher_busy", 409


def check_slots(first: datetime, minutes: int, count: int, places: int, now: datetime) -> list[datetime]:
    """When each of `count` slots begins, one after the other. Raises ConsultationUnfit."""
    fits = now <= first <= now + AHEAD and 1 <= count <= MOST_SLOTS and 1 <= places <= MOST_PLACES
    if not fits:
        raise ConsultationUnfit(days=AHEAD.days, slots=MOST_SLOTS, places=MOST_PLACES)
    return [first + timedelta(minutes=minutes * at) for at in range(count)]


def check_booking(planned: bool, starts_at: datetime, now: datetime) -> None:
    """Raises ConsultationOver."""
    if not planned or starts_at <= now:
        raise ConsultationOver


def check_place(booked: int, places: int) -> None:
    """Raises ConsultationFull."""
    if booked >= places:
        raise ConsultationFull
