"""Rules of reminders: how early, when not, and which push services a browser may name."""

import re
from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lms_core.kernel.errors import Refusal

Kind = Literal["lesson_soon", "consultation_booked", "consultation_given_back", "consultation_off"]
MINUTES = (5, 10, 15, 30)
USUAL_MINUTES = 10
EARLIEST = timedelta(minutes=max(MINUTES))
KEEP = timedelta(days=1)
AGAIN = timedelta(minutes=10)
"""The same is not said to the same person twice within this."""
FRESH = timedelta(hours=12)
"""What a browser that wakes may still show."""
MOST_BROWSERS = 10
"""Of one person; the oldest goes."""
MOST_TRIES = 5
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_ENDPOINT = 1000
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class ReminderUnfit(Refusal):
    """`minutes` is none of those offered, or the quiet hours are no two different times of day."""

    code, status = "reminder_unfit", 422


class PushNotOffered(Refusal):
    """The organisation has not turned it on, or this installation has no `public_url`."""

    code, status = "push_not_offered", 409


class PushServiceUnknown(Refusal):
    """The browser's push service is none of those that this installation talks to: `host`."""

    code, status = "push_service_unknown", 422


class LettersNotOffered(Refusal):
    """This installation sends no letters, or the person confirmed no address."""

    code, status = "letters_not_offered", 409


def check_wish(minutes: int, quiet_from: str, quiet_to: str) -> None:
    """Both hours are empty, or times like `22:00`. Raises ReminderUnfit."""
    given = bool(quiet_from) + bool(quiet_to)
    fit = given == 0 or (given == 2 and quiet_from != quiet_to)
    if minutes not in MINUTES or not fit or any(one and not _CLOCK.fullmatch(one) for one in (quiet_from, quiet_to)):
        raise ReminderUnfit(minutes=list(MINUTES))


def quiet_until(now: datetime, zone: str, quiet_from: str, quiet_to: str) -> datetime | None:
    """When the quiet hours end in which `now` lies, on the wall of `zone`; None outside of them."""
    if not quiet_from or not quiet_to:
        return None
    here = now.astimezone(ZoneInfo(zone))
    begins, ends = time.fromisoformat(quiet_from), time.fromisoformat(quiet_to)
    over_night = begins > ends
    inside = (here.time() >= begins or here.time() < ends) if over_night else begins <= here.time() < ends
    if not inside:
        return None
    day = here.date() + timedelta(days=1 if over_night and here.time() >= begins else 0)
    return datetime.combine(day, ends, here.tzinfo)


def check_endpoint(endpoint: str, services: Collection[str]) -> str:
    """Where a push service takes messages for one browser (RFC 8030 §4). `services`: hosts (`push.example`,
    `*.push.example`), which must be reached by https on its usual port; or whole origins (`http://127.0.0.1:4000`),
    as they are. Raises PushServiceUnknown."""
    try:
        at = urlsplit(endpoint)
        host, port = at.hostname or "", at.port
    except ValueError:
        raise PushServiceUnknown(host="") from None
    plain = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint and "\\" not in endpoint
    fit = plain and len(endpoint) <= LONGEST_ENDPOINT and "@" not in at.netloc and not at.fragment
    if fit and f"{at.scheme}://{at.netloc}" in services:
        return endpoint
    safe = fit and at.scheme == "https" and port in (None, 443)
    if not safe or not any(_covers(service, host) for service in services):
        raise PushServiceUnknown(host=host[:100])
    return endpoint


def _covers(service: str, host: str) -> bool:
    if service.startswith("*."):
        return host.endswith(service[1:]) and len(host) >= len(service)
    return host == service


def pause(tries: int, asked: int | None) -> timedelta:
    """Until the next try. `asked`: seconds that the push service named (`Retry-After`)."""
    own = FIRST_PAUSE * 2 ** (min(tries, MOST_TRIES) - 1)
    return max(own, timedelta(seconds=min(asked or 0, 3600)))
