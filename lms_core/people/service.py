"""Persons, whose parent is whose, and what a person learns of themselves."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, or_, select

from lms_core.access import policy
from lms_core.access import service as access
from lms_core.access.policy import Role
from lms_core.kernel.actor import Actor
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, check_version
from lms_core.kernel.ids import PersonId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.reads import Part, Read, among
from lms_core.kernel.text import clean, search_key
from lms_core.orgs import service as orgs

from . import core
from .core import Language
from .events import PeopleChanged
from .model import NOBODY, Person

__all__ = ["Language", "Me", "PersonData", "PersonView", "RoleView"]
_NAMES = Read(select(Person.id, Person.given, Person.family).where(Person.id.in_(among("persons"))))


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


@dataclass(frozen=True, slots=True)
class PersonData:
    """What is written down of a person."""

    family: str
    given: str
    patronymic: str | None = None
    iin: str | None = None
    language: Language = "kk"


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as who keeps the roll sees them."""

    id: PersonId
    version: int
    family: str
    given: str
    patronymic: str | None
    iin: str | None
    language: Language
    active: bool

    @property
    def name(self) -> str:
        return core.full_name(self.family, self.given, self.patronymic)

    @property
    def erased(self) -> bool:
        return (self.family, self.given) == (NOBODY["family"], NOBODY["given"])


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
    data = check(PersonData(family, given, patronymic, iin, language))
    if data.iin:
        await _check_free(tx, organisation, data.iin)
    return add_checked(tx, organisation, data)


def check(data: PersonData) -> PersonData:
    """What would be kept of it. Raises NameUnfit, IinInvalid."""
    family, given, patronymic = clean(data.family), clean(data.given), clean(data.patronymic or "")
    core.check_names(family, given, patronymic)
    iin = "".join((data.iin or "").split())
    return PersonData(family, given, patronymic or None, core.check_iin(iin) if iin else None, data.language)


def add_checked(tx: Tx, organisation: UnitId, data: PersonData) -> PersonId:
    """A person whose data went through `check`, and whose IIN nobody there has."""
    person = PersonId(tx.new_id("person"))
    row = Person(id=person, organisation_id=organisation, active=True)
    _write(row, data)
    tx.add(row)
    return person


async def change(tx: Tx, organisation: UnitId, person: PersonId, version: int | None, data: PersonData) -> PersonView:
    """Other names, IIN or language. Without `version`: whichever it is now.

    Raises NotFound, Stale, NameUnfit, IinInvalid, IinTaken.
    """
    row = await _person_of(tx, organisation, person)
    check_version(row.version, row.version if version is None else version)
    data = check(data)
    if data.iin and data.iin != row.iin:
        await _check_free(tx, organisation, data.iin)
    _write(row, data)
    row.version += 1
    return _view(row)


async def set_active(tx: Tx, organisation: UnitId, person: PersonId, *, active: bool) -> PersonView:
    """Who left, or came back. Raises NotFound."""
    row = await _person_of(tx, organisation, person)
    row.active = active
    row.version += 1
    return _view(row)


async def of_organisation(tx: Tx, organisation: UnitId, person: PersonId) -> PersonView:
    """Raises NotFound."""
    return _view(await _person_of(tx, organisation, person))


async def those_of(tx: Tx, organisation: UnitId, persons: Iterable[PersonId]) -> dict[PersonId, PersonView]:
    """Those of these persons who belong to an organisation."""
    query = select(Person).where(Person.organisation_id == organisation, Person.id.in_(set(persons)))
    return {row.id: _view(row) for row in await tx.all(query)}


async def check_those_of(tx: Tx, organisation: UnitId, persons: Collection[PersonId]) -> None:
    """Raises NotFound when one of them is not an active person of the organisation."""
    found = await those_of(tx, organisation, persons)
    if any(person not in found or not found[person].active for person in persons):
        raise NotFound(kind="person")


async def known(tx: Tx, organisation: UnitId, iins: Collection[str], names: Collection[str]) -> list[PersonView]:
    """The persons of an organisation with one of these IINs or one of these full names, as `search_key` says."""
    texts = [" " + search_key(name) for name in names]
    same = or_(Person.iin.in_(iins), Person.search.in_(texts))
    return [_view(row) for row in await tx.all(select(Person).where(Person.organisation_id == organisation, same))]


async def page(
    tx: Tx,
    organisation: UnitId,
    *,
    search: str = "",
    active: bool | None = True,
    within: Sequence[Part] = (),
    after: PersonId | None = None,
    limit: int,
) -> tuple[list[PersonView], PersonId | None]:
    """Persons in the order of the alphabet, who are in each of the parts `within`; whom to give as `after`
    for those behind. `search`: beginnings of words of the name, or a whole IIN."""
    values: dict[str, Any] = {"organisation": organisation, "limit": limit + 1}
    for part in within:
        values.update(part.values)
    if after:
        last = await _person_of(tx, organisation, after)
        values |= {"sort": last.sort, "id": last.id}
    shape = active, after is not None, *(part.query for part in within)
    if search.strip():
        rows = await tx.rows(_page(*shape).where(*_found_by(search)).params(values))
    else:
        rows = await tx.read(_page_read(*shape), **values)
    shown = [PersonView(*row) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else None


def announce(tx: Tx, organisation: UnitId, person: PersonId | None) -> None:
    """Say that a person (or many, with None) changed on the roll."""
    tx.emit(PeopleChanged(organisation_id=organisation, person_id=person))


def login_of(given: str, family: str) -> str:
    """A log-in name made of a name."""
    return core.login_of(given, family)


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
    rows = await tx.read(_NAMES, persons=persons)
    return {person: core.display_name(given, family) for person, given, family in rows}


async def births(tx: Tx, persons: Collection[PersonId]) -> dict[PersonId, date | None]:
    """Birth dates, as far as an IIN tells them."""
    rows = await tx.rows(select(Person.id, Person.iin).where(Person.id.in_(persons)))
    return {person: core.hints(iin).birth if iin else None for person, iin in rows}


async def language_of(tx: Tx, person: PersonId) -> Language:
    """What a person reads in."""
    return (await _person(tx, person)).language  # type: ignore[return-value]


async def home_of(tx: Tx, person: PersonId) -> UnitId:
    return (await _person(tx, person)).organisation_id


async def first_organisation(tx: Tx) -> orgs.Organisation | None:
    """The oldest organisation that is no demo, once somebody is in it: an empty one still waits to be set up."""
    first = await orgs.first_organisation(tx)
    if first and await tx.one(select(Person.id).where(Person.organisation_id == first.id)):
        return first
    return None


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    await tx.execute(delete(Person).where(Person.organisation_id == organisation))


async def _check_free(tx: Tx, organisation: UnitId, iin: str) -> None:
    if await tx.one(select(Person.id).where(Person.organisation_id == organisation, Person.iin == iin)):
        raise core.IinTaken


def _page(active: bool | None, behind: bool, *within: Select[PersonId]) -> Select[*tuple[Any, ...]]:
    columns = (Person.id, Person.version, Person.family, Person.given, Person.patronymic, Person.iin, Person.language)
    query = select(*columns, Person.active).where(Person.organisation_id == bindparam("organisation"))
    query = query.where(*(Person.id.in_(persons) for persons in within))
    if active is not None:
        query = query.where(Person.active == active)
    if behind:
        sort: Any = bindparam("sort")
        query = query.where(or_(Person.sort > sort, (Person.sort == sort) & (Person.id > bindparam("id"))))
    return query.order_by(Person.sort, Person.id).limit(bindparam("limit"))


@cache
def _page_read(active: bool | None, behind: bool, *within: Select[PersonId]) -> Read:
    return Read(_page(active, behind, *within))


def _found_by(search: str) -> list[ColumnElement[bool]]:
    if len(search.strip()) == 12 and search.strip().isdigit():
        return [Person.iin == search.strip()]
    return [Person.search.contains(" " + word, autoescape=True) for word in search_key(search).split()]


async def _person_of(tx: Tx, organisation: UnitId, person: PersonId) -> Person:
    row = await tx.get(Person, person)
    if row is None or row.organisation_id != organisation:
        raise NotFound(kind="person")
    return row


def _write(row: Person, data: PersonData) -> None:
    row.family, row.given, row.patronymic, row.iin = data.family, data.given, data.patronymic, data.iin
    row.language = data.language
    row.search = core.search_text(data.family, data.given, data.patronymic)
    row.sort = core.sort_text(data.family, data.given, data.patronymic)


def _view(row: Any) -> PersonView:
    return PersonView(
        row.id,
        row.version,
        row.family,
        row.given,
        row.patronymic,
        row.iin,
        row.language,  # type: ignore[arg-type]
        row.active,
    )


async def _person(tx: Tx, person: PersonId) -> Person:
    row = await tx.get(Person, person)
    if row is None:
        raise NotFound(kind="person")
    return row
