"""A person's data: all of it shown to them or to who keeps the roll, and erased by rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lms_core.access import accounts, policy
from lms_core.access.policy import Permission, Scope
from lms_core.audit import service as audit
from lms_core.kernel import personal
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, Refusal
from lms_core.kernel.ids import PersonId, UnitId
from lms_core.kernel.personal import TableData
from lms_core.orgs import service as orgs
from lms_core.people import service as people


class PersonActive(Refusal):
    """Who still belongs here is removed first."""

    code, status = "person_active", 409


class KeptByLaw(Refusal):
    """The person's name must be known `until` a day (`2029-11-21`): they gave others rights, or looked at others'
    data."""

    code, status = "kept_by_law", 409


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Everything that is kept about a person, table by table; secrets are not shown."""

    person_id: PersonId
    made: datetime
    tables: Sequence[TableData]


async def read_own(tx: Tx) -> PersonalData:
    """Of who acts; that it was asked for is written down."""
    audit.note(tx, "exported", op="read_my_data", subject=tx.actor.id)
    return await _read(tx, tx.actor.id)


async def read_of(tx: Tx, person: PersonId) -> PersonalData:
    """Of somebody whose roll the actor keeps; that it was looked at is written down. Raises NotFound, PersonAbove."""
    home = await _check(tx, person)
    audit.note(tx, "looked", organisation=home, op="read_data_of", subject=person)
    return await _read(tx, person)


async def erase(tx: Tx, person: PersonId) -> None:
    """Names, IIN, log-in and all that only they needed go. What others need stays, of an id that leads to nobody.
    Raises NotFound, PersonAbove, PersonActive, KeptByLaw."""
    home = await _check(tx, person)
    if (await people.of_organisation(tx, home, person)).active:
        raise PersonActive
    until = await audit.named_until(tx, home, person)
    if until and until > tx.now:
        raise KeptByLaw(until=until.date().isoformat())
    await tx.take_time()
    await personal.erase(tx, person)
    await personal.forget_told(tx, home, person, (await people.names(tx, [person]))[person])
    audit.note(tx, "erased", organisation=home, op="erase_person", subject=person)
    people.announce(tx, home, person)


async def _read(tx: Tx, person: PersonId) -> PersonalData:
    await tx.take_time()
    return PersonalData(person, tx.now, await personal.read(tx, person))


async def _check(tx: Tx, person: PersonId) -> UnitId:
    """The organisation whose roll it is."""
    home = await orgs.unit(tx, await people.home_of(tx, person))
    if not policy.allows(tx.actor, Permission.ROLL_WRITE, [Scope(home.path)]):
        raise NotFound(kind="person")
    await accounts.check_within(tx, [person], Permission.ROLL_WRITE)
    return home.id
