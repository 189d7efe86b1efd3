"""Letters that wait to be sent, and the addresses they go to. `server.mail` takes them from here and sends them.

A code that a letter brings is made when it goes, or lies here sealed: who reads the database learns none.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import delete, select, update

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import LetterId, PersonId

from .model import Letter, MailAddress

Asked = Literal["confirm", "recover", "invite"]
Told = Literal["password_changed", "factor_added", "factor_removed", "new_browser", "mail_changed"]
Reminded = Literal["lesson_soon", "consultation_booked", "consultation_given_back", "consultation_off"]
Kind = Asked | Told | Reminded
REMINDED: tuple[Reminded, ...] = get_args(Reminded)
"""They go after letters that somebody waits for, and are ended by a link of their own."""
KEEP = timedelta(days=3)
KEEP_ASKED: dict[Kind, timedelta] = {"confirm": timedelta(hours=6), "recover": timedelta(hours=6)}
"""Who waits for a code has given up by then."""
LEASE = timedelta(minutes=5)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
BATCH = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter as it was queued. Without `address` it goes to the person's confirmed one; `login`: whom a
    stranger asked to let back in."""

    id: LetterId
    kind: Kind
    person: PersonId | None
    login: str
    address: str
    data: dict[str, Any]


def queue(
    tx: Tx,
    kind: Kind,
    *,
    person: PersonId | None = None,
    login: str = "",
    address: str = "",
    due: datetime | None = None,
    until: datetime | None = None,
    **data: Any,
) -> None:
    """Send a letter soon after this transaction commits, or when it is `due`; not after `until`."""
    row = Letter(
        id=LetterId(tx.new_id("letter")),
        kind=kind,
        person_id=person,
        login=login,
        address=address,
        data=data,
        due=due or tx.now,
        until=until or tx.now + KEEP_ASKED.get(kind, KEEP),
        attempts=0,
    )
    tx.announced.add("letter")
    tx.add(row)


async def tell(tx: Tx, persons: Collection[PersonId], kind: Kind, **data: Any) -> None:
    """Tell persons of a change of their locks, those who confirmed an address."""
    here = MailAddress.person_id.in_(set(persons)) & MailAddress.confirmed.is_not(None)
    for person in await tx.all(select(MailAddress.person_id).where(here)):
        queue(tx, kind, person=person, **data)


async def address_of(tx: Tx, person: PersonId) -> str | None:
    """The confirmed one."""
    here = (MailAddress.person_id == person) & MailAddress.confirmed.is_not(None)
    return await tx.one(select(MailAddress.address).where(here))


async def take(tx: Tx) -> Sequence[Waiting]:
    """Due letters, leased to who takes them: who dies over one leaves it to be due again."""
    await forget_late(tx)
    due = select(Letter).where(Letter.due <= tx.now).order_by(Letter.kind.in_(REMINDED), Letter.due).limit(BATCH)
    rows = await tx.all(due.with_for_update(skip_locked=True))
    for row in rows:
        row.due, row.attempts = tx.now + LEASE, row.attempts + 1
    return [Waiting(row.id, row.kind, row.person_id, row.login, row.address, row.data) for row in rows]  # type: ignore[arg-type]


async def done(tx: Tx, letter: LetterId) -> None:
    """It is sent, or never will be."""
    await tx.execute(delete(Letter).where(Letter.id == letter))


async def later(tx: Tx, letters: Collection[LetterId]) -> None:
    """The mail server could not take them now."""
    for row in await tx.all(select(Letter).where(Letter.id.in_(letters))):
        row.due = tx.now + min(FIRST_PAUSE * 2 ** (min(row.attempts, 10) - 1), LONGEST_PAUSE)


async def forget_late(tx: Tx) -> None:
    """Letters that nobody needs any more."""
    await tx.execute(delete(Letter).where(Letter.until <= tx.now))


async def drop_reminders(tx: Tx, person: PersonId) -> None:
    """Those that wait to go to a person."""
    await tx.execute(delete(Letter).where(Letter.person_id == person, Letter.kind.in_(REMINDED)))


async def forget(tx: Tx, person: PersonId) -> None:
    """A person's address, and what waits to go there."""
    await tx.execute(delete(MailAddress).where(MailAddress.person_id == person))
    await tx.execute(delete(Letter).where(Letter.person_id == person))


async def confirm(tx: Tx, person: PersonId, address: str) -> bool:
    """Whether this address was still the person's, which is confirmed now."""
    here = (MailAddress.person_id == person) & (MailAddress.address == address)
    return await tx.execute(update(MailAddress).where(here).values(confirmed=tx.now)) == 1
