"""Those whom a teacher or tutor may help back in: the learners of their own courses and classes."""

from collections.abc import Iterator
from dataclasses import dataclass

from lms_core.access import accounts, policy
from lms_core.access import service as access
from lms_core.access.policy import Permission, Role, Scope
from lms_core.courses import service as courses
from lms_core.groups import service as groups
from lms_core.groups.service import GroupView
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import GroupId, PersonId, UnitId
from lms_core.kernel.text import sort_key
from lms_core.orgs import service as orgs
from lms_core.people import service as people


@dataclass(frozen=True, slots=True)
class MyLearner:
    """`name`: family name first. `groups`: the names of the classes by which they are mine."""

    id: PersonId
    name: str
    groups: list[str]


async def mine(tx: Tx) -> list[MyLearner]:
    """Learners of today, with an account and no other role, in the order of the alphabet."""
    found: list[MyLearner] = []
    for organisation, known in (await _groups(tx)).items():
        day = orgs.today(tx, await orgs.unit(tx, organisation))
        learning = await groups.learning_in(tx, organisation, known, day)
        able = await _able(tx, {one.person for one in learning})
        names = await people.those_of(tx, organisation, able)
        of: dict[PersonId, list[str]] = {}
        for one in learning:
            of.setdefault(one.person, []).append(known[one.group].name)
        found += [MyLearner(person, view.name, sorted(of[person])) for person, view in names.items() if view.active]
    return sorted(found, key=lambda one: sort_key(one.name))


async def _able(tx: Tx, persons: set[PersonId]) -> set[PersonId]:
    """Who logs in, and is nothing but a learner."""
    held = await accounts.roles_of(tx, persons)
    known = await accounts.views(tx, persons)
    return {one for one in known if known[one].active and not {r.role for r in held.get(one, [])} - {Role.LEARNER}}


async def _groups(tx: Tx) -> dict[UnitId, dict[GroupId, GroupView]]:
    """By organisation: the groups that take a course of mine, and those that I am a tutor of."""
    found: dict[UnitId, dict[GroupId, GroupView]] = {}
    taught = await courses.views(tx, await courses.of_members(tx, [], [tx.actor.id]))
    for view in taught.values():
        home = await orgs.unit(tx, view.organisation_id)
        own = policy.allows(tx.actor, Permission.CODE_MAKE, [Scope(view.path), Scope(home.path, tx.actor.id)])
        if own and (view.ended is None or view.ended > orgs.today(tx, home)):
            found.setdefault(home.id, {}).update({group.id: group for group in view.groups})
    for organisation in dict.fromkeys(_cared(tx)):
        for group in await groups.of_organisation(tx, organisation):
            if policy.allows(tx.actor, Permission.CODE_MAKE, [Scope(group.path)]):
                found.setdefault(organisation, {})[group.id] = group
    return found


def _cared(tx: Tx) -> Iterator[UnitId]:
    """Where the actor holds a teaching role over whole classes."""
    for held in tx.actor.roles:
        if held.person is None and policy.teaches(held.role):
            yield access.organisation_of(held.path)
