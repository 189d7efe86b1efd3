"""Rules of reminders: quiet hours on any wall, and what a stranger may name as a push service."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.reminders import core

SERVICES = ("fcm.googleapis.com", "*.notify.windows.com", "http://127.0.0.1:4000")
ALMATY = "Asia/Almaty"


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, 22, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "begins", "ends", "until"),
    [
        (at(17), "22:00", "07:00", datetime(2026, 10, 23, 2, tzinfo=UTC)),  # 22:00 there
        (at(16, 59), "22:00", "07:00", None),
        (at(1, 59), "22:00", "07:00", at(2)),  # 06:59 there
        (at(2), "22:00", "07:00", None),
        (at(8), "13:00", "14:00", at(9)),
        (at(9), "13:00", "14:00", None),
        (at(9), "", "", None),
    ],
)
def test_quiet_hours_are_on_the_schools_wall(now: datetime, begins: str, ends: str, until: datetime | None) -> None:
    assert core.quiet_until(now, ALMATY, begins, ends) == until


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)))  # noqa: DTZ001
def test_quiet_hours_end_within_a_day_and_outside_themselves(now: datetime) -> None:
    until = core.quiet_until(now, ALMATY, "22:00", "07:00")
    if until:
        assert 0 < (until - now).total_seconds() <= 24 * 3600
        assert core.quiet_until(until, ALMATY, "22:00", "07:00") is None


@pytest.mark.parametrize(
    ("minutes", "begins", "ends"),
    [(7, "", ""), (-1, "", ""), (5, "22:00", ""), (5, "7:00", "8:00"), (5, "24:00", "07:00"), (5, "09:00", "09:00")],
)
def test_a_wish_that_makes_no_sense_is_refused(minutes: int, begins: str, ends: str) -> None:
    with pytest.raises(core.ReminderUnfit):
        core.check_wish(minutes, begins, ends)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://fcm.googleapis.com:443/wp/x",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYA%2f",
        "http://127.0.0.1:4000/p/1",
    ],
)
def test_a_known_service_is_taken(endpoint: str) -> None:
    assert core.check_endpoint(endpoint, SERVICES) == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@evil.example/x",
        "https://user:pass@fcm.googleapis.com/x",
        "https://evil.example\\@fcm.googleapis.com/x",
        "https://notify.windows.com/x",
        "https://.notify.windows.com/x",
        "https://evilnotify.windows.com/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[::1/x",
        "http://127.0.0.1:4001/p/1",
        "http://127.0.0.1:4000@evil.example/",
        "https://fcm.googleapis.com/x\r\nHost: evil",
        "https://fcm.googleapis.com/x#y",
        "https://fcm.googleapis.com/" + "a" * 2000,
        "https://fcm.googleapis.com/ә",
        "https://fcm.googleapis.com:port/x",
        "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_anything_else_is_refused(endpoint: str) -> None:
    with pytest.raises(core.PushServiceUnknown):
        core.check_endpoint(endpoint, SERVICES)


@given(st.text())
def test_whatever_is_named_is_taken_or_refused(endpoint: str) -> None:
    for one in (endpoint, f"https://{endpoint}/x", f"https://fcm.googleapis.com{endpoint}"):
        with suppress(core.PushServiceUnknown):
            assert core.check_endpoint(one, SERVICES).startswith("https://fcm.googleapis.com")


def test_a_busy_service_is_asked_ever_later() -> None:
    own = [core.pause(tries, None).total_seconds() for tries in range(1, 6)]
    assert own == [15, 30, 60, 120, 240]
    assert core.pause(1, 90).total_seconds() == 90
    assert core.pause(1, 10**9).total_seconds() == 3600
