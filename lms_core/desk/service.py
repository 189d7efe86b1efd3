"""Helping somebody back in, taking away a lost second factor, and reading the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass

from lms_core.access import accounts, factors, passwords, policy
from lms_core.access.factors import Rule
from lms_core.access.passwords import PaperCode
from lms_core.access.policy import Permission, Scope
from lms_core.audit import service as audit
from lms_core.audit.service import EntryView
from lms_core.courses import service as courses
from lms_core.groups import service as groups
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import AuditId, PersonId, UnitId
from lms_core.orgs import service as orgs
from lms_core.people import service as people


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The newest first. `names`: of those whose ids stand in the items. `earlier`: give it as `before`."""

    items: list[EntryView]
    names: dict[PersonId, str]
    earlier: AuditId | None


async def make_paper_code(tx: Tx, person: PersonId) -> PaperCode:
    """For a learner of one's own class or course, or as one in charge of all. Raises NotFound, Forbidden,
    PersonAbove."""
    await _check(tx, person, Permission.CODE_MAKE)
    if not _in_charge(tx, await _home(tx, person), Permission.CODE_MAKE):
        held = (await accounts.roles_of(tx, [person])).get(person, [])
        if {one.role for one in held} - {policy.Role.LEARNER}:
            raise Forbidden(needs=Permission.CODE_MAKE)
    else:
        await accounts.check_within(tx, [person], Permission.CODE_MAKE)
    return await passwords.make_paper_code(tx, person)


async def invite(tx: Tx, person: PersonId) -> PaperCode:
    """A code for who is to choose a password for the first time. Raises NotFound, PersonAbove."""
    await _check(tx, person, Permission.SLIP_MAKE)
    await accounts.check_within(tx, [person], Permission.SLIP_MAKE)
    return await passwords.make_paper_code(tx, person, "invited")


async def remove_factors(tx: Tx, person: PersonId) -> None:
    """Whose authenticator is lost logs in by password alone, until a new one is set up. Raises NotFound,
    Forbidden, PersonAbove."""
    await _check(tx, person, Permission.LOCK_MANAGE)
    await accounts.check_within(tx, [person], Permission.LOCK_MANAGE)
    await factors.remove_all(tx, person)


async def set_rule(tx: Tx, organisation: UnitId, rule: Rule) -> None:
    """Raises NotFound, Forbidden."""
    await orgs.organisation_for(tx, organisation, Permission.LOCK_MANAGE)
    await factors.set_rule(tx, organisation, rule)


async def read_audit(
    tx: Tx, organisation: UnitId, before: AuditId | None, what: str | None, person: PersonId | None
) -> AuditPage:
    """Of one organisation; to read it is itself a line of it. Raises NotFound, Forbidden."""
    await orgs.organisation_for(tx, organisation, Permission.AUDIT_READ)
    items, earlier = await audit.page(tx, [organisation], before, what, person)
    audit.note(tx, "looked", organisation=organisation, op="read_audit", subject=person)
    met = {who for item in items for who in (item.actor_id, item.subject_id) if who}
    return AuditPage(items, await people.names(tx, met), earlier)


async def _check(tx: Tx, person: PersonId, permission: Permission) -> None:
    home = await _home(tx, person)
    if not policy.allows(tx.actor, permission, await _scopes(tx, person, home)):
        raise NotFound(kind="person")


def _in_charge(tx: Tx, home: orgs.Organisation, permission: Permission) -> bool:
    return policy.allows(tx.actor, permission, [Scope(home.path)])


async def _home(tx: Tx, person: PersonId) -> orgs.Organisation:
    return await orgs.unit(tx, await people.home_of(tx, person))


async def _scopes(tx: Tx, person: PersonId, home: orgs.Organisation) -> Sequence[Scope]:
    """To which places and teachers a learner belongs today."""
    day = orgs.today(tx, home)
    taking = {group for group, _ in await groups.learning(tx, [home.id], [person], day)}
    scopes = [Scope(home.path), *(Scope(view.path) for view in (await groups.views(tx, taking)).values())]
    taken = await courses.of_members(tx, taking, []) if taking else set()
    for view in (await courses.views(tx, taken)).values():
        scopes += [Scope(view.path), *(Scope(home.path, teacher) for teacher in view.teachers)]
    return scopes
