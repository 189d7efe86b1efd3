"""Who agreed to be recorded: each person for themselves, and for a minor a guardian, once."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from lms_core.access import accounts
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import PersonId
from lms_core.people import service as people

from . import core
from .core import ConsentState
from .events import ConsentChanged
from .model import Consent


@dataclass(frozen=True, slots=True)
class ConsentView:
    """Whether one person may be recorded. `mine`: it is the asker's own, else their child's. `agrees` and
    `guardian_agrees` are null where nothing was said; `minor`: the guardian's word is needed."""

    person_id: PersonId
    name: str
    mine: bool
    minor: bool
    agrees: bool | None
    guardian_agrees: bool | None
    consent: ConsentState


async def states(tx: Tx, persons: Collection[PersonId]) -> dict[PersonId, ConsentState]:
    """What stands between each of these persons and being recorded."""
    minors, said = await _minors(tx, persons), await _said(tx, persons)
    return {one: _state(said.get(one), minor=one in minors) for one in persons}


async def list_for(tx: Tx) -> list[ConsentView]:
    """The actor's own consent, and those of the children they are a guardian of."""
    children = [held.person for held in tx.actor.roles if held.role == "parent" and held.person]
    persons = [tx.actor.id, *dict.fromkeys(child for child in children if child != tx.actor.id)]
    minors, said, names = await _minors(tx, persons), await _said(tx, persons), await people.names(tx, persons)
    return [_view(tx, one, said.get(one), names.get(one, ""), minor=one in minors) for one in persons]


async def give(tx: Tx, person: PersonId, agrees: bool) -> ConsentState:
    """The actor agrees, or takes that back: for themselves, or as a guardian. Raises NotFound for others."""
    home = await people.home_of(tx, person)
    row = await tx.get(Consent, (home, person))
    if row is None:
        row = Consent(organisation_id=home, person_id=person)
        tx.add(row)
    if person == tx.actor.id:
        row.agrees, row.agreed_at = agrees, tx.now
    elif any(held.role == "parent" and held.person == person for held in tx.actor.roles):
        row.guardian_agrees, row.guardian_id, row.guardian_at = agrees, tx.actor.id, tx.now
    else:
        raise NotFound(kind="person")
    tx.emit(ConsentChanged(organisation_id=home, person_id=person))
    return (await states(tx, [person]))[person]


async def _said(tx: Tx, persons: Collection[PersonId]) -> dict[PersonId, Consent]:
    return {row.person_id: row for row in await tx.all(select(Consent).where(Consent.person_id.in_(persons)))}


async def _minors(tx: Tx, persons: Collection[PersonId]) -> set[PersonId]:
    born = await people.births(tx, persons)
    guarded = await accounts.guardians_of(tx, persons)
    return {one for one in persons if core.is_minor(born.get(one), one in guarded, tx.now.date())}


def _state(row: Consent | None, *, minor: bool) -> ConsentState:
    return core.consent(row and row.agrees, row and row.guardian_agrees, minor=minor)


def _view(tx: Tx, person: PersonId, row: Consent | None, name: str, *, minor: bool) -> ConsentView:
    return ConsentView(
        person, name, person == tx.actor.id, minor,
        row and row.agrees, row and row.guardian_agrees, _state(row, minor=minor),
    )  # fmt: skip
