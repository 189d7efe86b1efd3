"""`GET /calendar/<token>.ics`: a person's lessons for the calendar program of their own (RFC 5545, RFC 7986).

The token is the whole permission, as such programs cannot log in; it is made and ended on the settings page, shown
once, kept as a hash and never logged.
"""

from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web
from icalendar import Calendar, Event

from lms_core.calendars import service
from lms_core.kernel.actor import NOBODY
from lms_core.kernel.errors import Refusal, TooMany
from lms_core.lessons.service import LessonView

from .http import Doors, problem

RULE = "60/5minute"
"""Of one address; a school behind one address has few programs that ask more than hourly."""
EVERY = timedelta(hours=1)
NAMES = {"kk": "Сабақтар", "ru": "Уроки", "en": "Lessons"}

log = structlog.get_logger(__name__)


def add_to(app: web.Application, doors: Doors) -> None:
    async def show(request: web.Request) -> web.Response:
        peer = doors.proxies.peer(request)
        try:
            if wait := await doors.limits.spent(RULE, "calendar", peer.address):
                raise TooMany(retry_after=round(wait))
            await doors.limits.count(RULE, "calendar", peer.address)
            token = request.match_info["token"].removesuffix(".ics")
            found = await doors.db.run(NOBODY, lambda tx: service.read(tx, token))
        except Refusal as no:
            log.info("refused", op="show_calendar", code=no.code, peer=peer.address)
            return problem(no)
        return web.Response(
            body=written(found, peer.origin).to_ical(),
            content_type="text/calendar",
            charset="utf-8",
            headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
        )

    app.router.add_get("/calendar/{token}", show)


def written(found: service.Calendar, origin: str) -> Calendar:
    """`origin`: of the pages that entries lead to."""
    calendar = Calendar()
    name = NAMES.get(found.language, NAMES["kk"])
    for key, value in (("prodid", "-//Sabaq//Lessons//EN"), ("version", "2.0"), ("x-wr-calname", name), ("name", name)):
        calendar.add(key, value)
    calendar.add("refresh-interval", EVERY, parameters={"VALUE": "DURATION"})
    for lesson in found.lessons:
        calendar.add_component(_event(lesson, found.language, origin))
    return calendar


def _event(lesson: LessonView, language: str, origin: str) -> Event:
    event = Event()
    subject: Any = getattr(lesson.subject, language, "") if lesson.subject else ""
    parts = [part for part in (subject, lesson.title, lesson.group) if part]
    event.add("uid", f"{lesson.id}@sabaq")
    event.add("dtstamp", lesson.starts_at)
    event.add("dtstart", lesson.starts_at)
    event.add("dtend", lesson.ends_at)
    event.add("summary", " · ".join(parts) or NAMES.get(language, NAMES["kk"]))
    event.add("description", lesson.teacher.name)
    event.add("status", "CANCELLED" if lesson.state == "cancelled" else "CONFIRMED")
    event.add("url", f"{origin}/lessons/{lesson.id}")
    return event
