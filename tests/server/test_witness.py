"""Refusals on their way into the audit log while the database is away."""

from datetime import UTC, datetime
from typing import Any

from structlog.testing import capture_logs

from lms_core.kernel.actor import NOBODY
from lms_core.kernel.clock import ManualClock
from lms_core.kernel.failures import DatabaseGone
from server.audit import AuditShell


class Away:
    """A database that is away as long as `away`. `written`: how often something was."""

    def __init__(self) -> None:
        self.away, self.written = True, 0

    async def run(self, *_: Any) -> None:
        if self.away:
            raise DatabaseGone(retry_after=5)
        self.written += 1


async def test_what_was_heard_meanwhile_is_written_when_it_is_back_and_two_lines_say_so() -> None:
    clock, db = ManualClock(datetime(2026, 9, 1, tzinfo=UTC)), Away()
    shell = AuditShell(db, clock)  # type: ignore[arg-type]
    with capture_logs() as lines:
        shell.refused("log_in", "wrong_credentials", NOBODY, "192.0.2.1")
        for _ in range(70):
            await clock.advance(1)
            await shell.round()
        assert [line["event"] for line in lines] == ["audit_waits"]
        db.away = False
        await clock.advance(60)
        for _ in range(3):
            await shell.round()
    assert db.written == 1
    assert [line["event"] for line in lines] == ["audit_waits", "audit_goes_on"]
