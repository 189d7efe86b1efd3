"""Persons, whose parent is whose, and what a person learns of themselves."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select

from lms_core.access import policy
from lms_core.access import service as access
from lms_core.access.policy import Role
from lms_core.kernel.actor import Actor
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import PersonId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.text import clean
from lms_core.orgs import service as orgs

from . import core
from .core import Language
from .model import Person

__all__ = ["Language", "Me", "RoleView"]


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role held now: in which organisation, and at which very place of it (itself, a class, a course)."""

    role: Role
    organisation_id: UnitId
    organisation: Names
    place: Names


@dataclass(frozen=True, slots=True)
class Me:
    """Who is logged in. `may`: what one may do at least somewhere. `demo`: of a school filled to try out."""

    id: PersonId
    name: str
    login: str
    language: Language
    zone: str
    roles: list[RoleView]
    may: list[policy.Permission]
    demo: bool


async def me(tx: Tx, actor: Actor) -> Me:
    """What a person learns of themselves."""
    person = await _person(tx, actor.id)
    home = await orgs.unit(tx, person.organisation_id)
    places = await orgs.name_places(tx, {held.path for held in actor.roles})
    roles = [RoleView(Role(held.role), *places[held.path]) for held in actor.roles if held.path in places]
    return Me(
        id=person.id,
        name=core.display_name(person.given, person.family),
        login=await access.login_name(tx, person.id),
        language=person.language,  # type: ignore[arg-type]
        zone=home.zone,
        roles=roles,
        may=policy.permissions(actor),
        demo=home.demo,
    )


async def speak(tx: Tx, language: Language) -> Me:
    """The person who acts now reads in this language from now on."""
    (await _person(tx, tx.actor.id)).language = language
    return await me(tx, tx.actor)


async def add_person(
    tx: Tx,
    organisation: UnitId,
    family: str,
    given: str,
    *,
    patronymic: str | None = None,
    iin: str | None = None,
    language: Language = "kk",
) -> PersonId:
    """A person of an organisation. Raises NameUnfit, IinInvalid, IinTaken."""
    family, given, patronymic = clean(family), clean(given), clean(patronymic or "")
    core.check_names(family, given, patronymic)
    if iin and await tx.one(select(Person.id).where(Person.iin == core.check_iin(iin))):
        raise core.IinTaken
    person = PersonId(tx.new_id("person"))
    row = Person(
        id=person,
        organisation_id=organisation,
        family=family,
        given=given,
        patronymic=patronymic or None,
        iin=iin or None,
        language=language,
        active=True,
    )
    tx.add(row)
    return person


async def make_parent(tx: Tx, parent: PersonId, child: PersonId) -> None:
    """A parent, or another legal representative, of a learner, in the learner's organisation."""
    home = await orgs.unit(tx, (await _person(tx, child)).organisation_id)
    await access.assign(tx, parent, Role.PARENT, home.path, subject=child)


async def remove_person(tx: Tx, person: PersonId) -> None:
    """The person leaves the organisation: what they did stays, they come in no more."""
    (await _person(tx, person)).active = False
    await access.deactivate(tx, person)


async def names(tx: Tx, persons: Collection[PersonId]) -> dict[PersonId, str]:
    """Display names."""
    query = select(Person.id, Person.given, Person.family).where(Person.id.in_(set(persons)))
    return {person: core.display_name(given, family) for person, given, family in await tx.rows(query)}


async def home_of(tx: Tx, person: PersonId) -> UnitId:
    return (await _person(tx, person)).organisation_id


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    await tx.execute(delete(Person).where(Person.organisation_id == organisation))


async def _person(tx: Tx, person: PersonId) -> Person:
    row = await tx.get(Person, person)
    if row is None:
        raise NotFound(kind="person")
    return row
