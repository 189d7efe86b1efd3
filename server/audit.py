"""Refusals on their way into the audit log: summed up, so that nobody fills the disk by being refused."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

import structlog

from lms_core.audit import service as audit
from lms_core.kernel.actor import NOBODY, SYSTEM, Actor
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.failures import Busy, DatabaseUnavailable
from lms_core.kernel.ids import PersonId, UnitId

STRANGERS_A_MINUTE = 60
KNOWN_A_ROUND = 1000
PAUSE = 1.0
_MINUTE = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Key:
    organisation: UnitId | None
    actor: PersonId | None
    subject: PersonId | None
    op: str
    code: str
    address: str


class AuditShell:
    """Hears of refusals (`lms_core.kernel.api.Witness`).

    Those of people are written within a second, alike ones as one line. Those of strangers are summed up for each
    address and minute, and from the 61st address of a minute on for all others together.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._known: Counter[_Key] = Counter()
        self._strangers: Counter[_Key] = Counter()
        self._minute = clock.monotonic()
        self._waits = False

    def refused(self, op: str, code: str, actor: Actor, address: str, subject: Actor = NOBODY) -> None:
        if actor.person or subject.person:
            organisation = actor.organisation or subject.organisation
            key = _Key(organisation, actor.person, subject.person, op[:40], code, address)
            if key not in self._known and len(self._known) >= KNOWN_A_ROUND:
                key = _Key(None, None, None, "", "others", "")
            self._known[key] += 1
            return
        key = _Key(None, None, None, "", "", _network(address))
        if key not in self._strangers and len(self._strangers) >= STRANGERS_A_MINUTE:
            key = _Key(None, None, None, "", "others", "")
        self._strangers[key] += 1

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._clock.sleep(PAUSE)
            await self.round()

    async def round(self) -> None:
        """One try. What could not be written waits for the next; said once, and once when it is written."""
        try:
            written = await self.flush(minute_over=self._clock.monotonic() - self._minute >= _MINUTE)
        except (DatabaseUnavailable, Busy) as no:
            if not self._waits:
                log.warning("audit_waits", why=no.code)
            self._waits = True
        except Exception:
            log.exception("audit_failed")
        else:
            if written and self._waits:
                log.info("audit_goes_on")
                self._waits = False

    async def flush(self, *, minute_over: bool = True) -> bool:
        """Write what was heard; that of strangers once their minute is over. Whether there was anything."""
        kept = Counter(self._known)
        if minute_over:
            self._minute = self._clock.monotonic()
            kept += self._strangers
        if not kept:
            return False

        async def write(tx: Tx) -> None:
            for key, times in kept.items():
                audit.note(
                    tx,
                    "refused",
                    organisation=key.organisation,
                    op=key.op,
                    code=key.code,
                    actor=key.actor,
                    subject=key.subject,
                    address=key.address,
                    times=times,
                )

        await asyncio.shield(self._db.run(SYSTEM, write))
        self._known -= kept
        self._strangers -= kept
        return True


def _network(address: str) -> str:
    """The address, of IPv6 the /64: a stranger has all of that."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return address
