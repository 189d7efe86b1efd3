"""What those who keep an organisation's roll ask of accounts and roles, for many persons at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update

from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, Refusal
from lms_core.kernel.ids import PersonId, RoleId, UnitId
from lms_core.kernel.reads import Part, Read, among

from . import core, letters, policy, service
from .events import RolesChanged
from .model import Account, Assignment, Login
from .policy import Permission, Role, Scope

NO_PASSWORD = ""
"""In place of a hash: nothing matches it."""
_TRIES = 10
_ACCOUNTS = Read(
    select(Account.person_id, Account.login, Account.active)
    .add_columns((Account.password_hash != NO_PASSWORD).label("ready"), Account.must_change)
    .where(Account.person_id.in_(among("persons")))
)


class PersonAbove(Refusal):
    """The person holds a role where the actor may not give it: their account is not the actor's to touch."""

    code, status = "person_above", 403


class RoleHeld(Refusal):
    """The person holds that role there already."""

    code, status = "role_held", 409


@dataclass(frozen=True, slots=True)
class AccountView:
    """`ready`: has a password. `must_change`: it is one from a slip."""

    login: str
    active: bool
    ready: bool
    must_change: bool


@dataclass(frozen=True, slots=True)
class Assigned:
    """A role a person holds now; `subject`: for that person only."""

    id: RoleId
    person: PersonId
    role: Role
    path: str
    subject: PersonId | None


async def views(tx: Tx, persons: Collection[PersonId]) -> dict[PersonId, AccountView]:
    """The accounts of these persons; not everybody has one."""
    rows = await tx.read(_ACCOUNTS, persons=persons)
    return {person: AccountView(*account) for person, *account in rows}


async def free_logins(tx: Tx, wanted: Sequence[str]) -> list[str]:
    """For each wanted name the first that nobody has: `anna`, else `anna2`, `anna3` …; no two alike."""
    found: dict[int, str] = {}
    given: set[str] = set()
    number = 1
    while len(found) < len(wanted):
        offered = {
            place: [f"{name}{n if n > 1 else ''}" for n in range(number, number + _TRIES)]
            for place, name in enumerate(wanted)
            if place not in found
        }
        names = {name for names in offered.values() for name in names}
        taken = set(await tx.all(select(Account.login).where(Account.login.in_(names)))) | given
        for place, names in offered.items():
            if free := next((name for name in names if name not in taken), None):
                found[place] = free
                given.add(free)
                taken.add(free)
        number += _TRIES
    return [found[place] for place in range(len(wanted))]


def check_login(login: str) -> str:
    """The normal form of a wanted log-in name. Raises LoginInvalid."""
    return core.check_login(login)


async def open_accounts(tx: Tx, organisation: UnitId, logins: Mapping[PersonId, str]) -> None:
    """Accounts without a password yet. Raises LoginInvalid, LoginTaken."""
    names = {person: core.check_login(login) for person, login in logins.items()}
    taken = await tx.one(select(Account.login).where(Account.login.in_(names.values())))
    if taken is not None or len(set(names.values())) < len(names):
        raise core.LoginTaken(login=taken)
    tx.add(
        *(
            Account(person_id=person, organisation_id=organisation, login=name, password_hash=NO_PASSWORD, active=True)
            for person, name in names.items()
        )
    )


async def rename(tx: Tx, person: PersonId, login: str) -> None:
    """Raises LoginInvalid, LoginTaken, NotFound for who has no account."""
    account = await _account(tx, person)
    name = core.check_login(login)
    if name == account.login:
        return
    if await tx.one(select(Account.person_id).where(Account.login == name)):
        raise core.LoginTaken(login=name)
    account.login = name


async def give_passwords(tx: Tx, hashes: Mapping[PersonId, str]) -> None:
    """Passwords good until their owners choose their own; log-ins that go on with the old ones end."""
    for account in await tx.all(select(Account).where(Account.person_id.in_(hashes))):
        account.password_hash, account.must_change = hashes[account.person_id], True
        await service.end_all(tx, account)
    await letters.tell(tx, hashes.keys(), "password_changed")


async def reactivate(tx: Tx, person: PersonId) -> None:
    """Who was removed may log in again; what was open before stays shut."""
    await tx.execute(update(Account).where(Account.person_id == person).values(active=True))


async def roles_of(tx: Tx, persons: Collection[PersonId], path: str = "/") -> dict[PersonId, list[Assigned]]:
    """The roles that these persons hold now at a place or below it, by default anywhere."""
    found: dict[PersonId, list[Assigned]] = {}
    for role, person, named, place, subject in await tx.read(_HELD, persons=set(persons), now=tx.now):
        if place.startswith(path):
            found.setdefault(person, []).append(Assigned(role, person, Role(named), place, subject))
    return found


async def guardians_of(tx: Tx, persons: Collection[PersonId]) -> dict[PersonId, set[PersonId]]:
    """Who is a parent, or another legal representative, of these persons now."""
    query = select(Assignment.subject_id, Assignment.person_id).where(
        Assignment.role == str(Role.PARENT), Assignment.subject_id.in_(persons), _now(tx.now)
    )
    found: dict[PersonId, set[PersonId]] = {}
    for child, parent in await tx.rows(query):
        if child:
            found.setdefault(child, set()).add(parent)
    return found


def holders(tx: Tx, role: Role, path: str) -> Part:
    """Those who hold a role now at a place or below it."""
    return Part(_HOLDERS, {"role": str(role), "now": tx.now, "path": path})


async def give(tx: Tx, persons: Collection[PersonId], role: Role, path: str, *, own: bool) -> None:
    """A role at a place for all who do not hold it there. `own`: only over what belongs to each of them."""
    query = select(Assignment.person_id).where(Assignment.path == path, Assignment.role == str(role), _now(tx.now))
    held = set(await tx.all(query.where(Assignment.person_id.in_(set(persons)))))
    fresh = [person for person in dict.fromkeys(persons) if person not in held]
    here = Login.person_id.in_(fresh) & Login.ended.is_(None)
    logged_in = set(await tx.all(select(Login.person_id).where(here)))
    for person in fresh:
        made = service.assignment(tx, person, role, path, person if own else None)
        tx.add(made)
        service.note_role(tx, "role_given", made)
        if person in logged_in:
            tx.emit(RolesChanged(organisation_id=service.organisation_of(path), person_id=person))


async def check_not_held(tx: Tx, person: PersonId, role: Role, path: str, subject: PersonId | None) -> None:
    """Raises RoleHeld."""
    held = (await roles_of(tx, [person], path)).get(person, [])
    if any((one.role, one.path, one.subject) == (role, path, subject) for one in held):
        raise RoleHeld


async def check_within(tx: Tx, persons: Collection[PersonId], permission: Permission) -> None:
    """Whose account one may touch: of those who hold no role outside what the actor's own roles cover. Else
    the keeper of a school could log in as the inspector who belongs to it. Raises PersonAbove."""
    for held in (await roles_of(tx, persons)).values():
        if not all(policy.allows(tx.actor, permission, [Scope(one.path)]) for one in held):
            raise PersonAbove


async def _account(tx: Tx, person: PersonId) -> Account:
    row = await tx.get(Account, person)
    if row is None:
        raise NotFound(kind="account")
    return row


def _now(now: Any) -> ColumnElement[bool]:
    return (Assignment.valid_from <= now) & or_(Assignment.valid_to.is_(None), Assignment.valid_to > now)


_HELD = Read(
    select(Assignment.id, Assignment.person_id, Assignment.role, Assignment.path, Assignment.subject_id)
    .where(Assignment.person_id.in_(among("persons")), _now(bindparam("now")))
    .order_by(Assignment.id)
)


_HOLDERS = select(Assignment.person_id).where(
    Assignment.role == bindparam("role"),
    _now(bindparam("now")),
    func.substr(Assignment.path, 1, func.length(bindparam("path"))) == bindparam("path"),
)
