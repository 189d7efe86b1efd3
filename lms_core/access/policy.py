"""What may be done by whom: the only file that decides permission.

A role is held at a place of the tree and covers what lies below. Held with a person, it covers only what
belongs to that person: a parent's child, a teacher's own lessons. Membership of a class or course is no
role; features know it, and say by the scopes of a row to which places and persons the row belongs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from lms_core.kernel.actor import Actor, Held
from lms_core.kernel.api import ENTERING, PUBLIC, SELF
from lms_core.kernel.errors import Forbidden, NotLoggedIn, Refusal
from lms_core.kernel.ids import PersonId

Part = Literal["lead", "join", "see"]
Source = Literal["microphone", "camera", "screen", "screen_sound"]


class PasswordChangeNeeded(Refusal):
    """The password is one that somebody issued: choose one's own first."""

    code, status = "password_change_needed", 403


class SecondFactorSetupNeeded(Refusal):
    """The organisation asks for a second factor: set one up first."""

    code, status = "second_factor_setup_needed", 403


HELD_UP: dict[str, type[Refusal]] = {kind.code: kind for kind in (PasswordChangeNeeded, SecondFactorSetupNeeded)}


class Role(StrEnum):
    TEACHER = "teacher"
    METHODIST = "methodist"
    TUTOR = "tutor"
    DIRECTOR = "director"
    DEPUTY = "deputy"
    LEARNER = "learner"
    PARENT = "parent"
    PROCTOR = "proctor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    AUDIT_READ = "audit:read"
    BANK_READ = "bank:read"  # questions with their keys
    BANK_REVIEW = "bank:review"  # pass questions that somebody else wrote
    BANK_WRITE = "bank:write"
    CODE_MAKE = "code:make"  # a paper code for somebody who forgot their password
    EXAM_CREATE = "exam:create"  # make one, and be its chair
    EXAM_MARK = "exam:mark"  # be of a commission that marks, see what came out
    EXAM_READ = "exam:read"  # all exams of an organisation, and what came out
    EXAM_SIT = "exam:sit"
    EXAM_WATCH = "exam:watch"  # be of a commission: admit, pause, terminate
    LESSON_CREATE = "lesson:create"  # start one that is not in the timetable
    LESSON_JOIN = "lesson:join"  # be in its room
    LESSON_LEAD = "lesson:lead"  # open it, moderate it, end it
    LESSON_READ = "lesson:read"
    LESSON_SPEAK = "lesson:speak"  # be heard and seen in its room
    LOCK_MANAGE = "lock:manage"  # who must have a second factor; to take away a lost one
    MESSAGE_POST = "message:post"
    MESSAGE_READ = "message:read"
    ORGANISATION_ADD = "organisation:add"
    ORGANISATION_CHANGE = "organisation:change"
    ORGANISATION_READ = "organisation:read"
    PERSON_READ = "person:read"
    PLAN_READ = "plan:read"  # all classes, courses and lessons of an organisation
    PLAN_WRITE = "plan:write"
    ROLL_READ = "roll:read"  # all its people, with roles and classes
    ROLL_WRITE = "roll:write"
    SCALE_WRITE = "scale:write"  # rule by which scale an organisation marks
    SLIP_MAKE = "slip:make"  # new passwords for others
    SYSTEM_DUMP = "system:dump"


@dataclass(frozen=True, slots=True)
class Scope:
    """One place a row belongs to. With `person`: as that person's. With `anybody`: open to all who hold
    a role there or below, whoever they hold it for (an unplanned lesson of the organisation)."""

    path: str
    person: PersonId | None = None
    anybody: bool = False


@dataclass(frozen=True, slots=True)
class Rights:
    """What a room's participant may do; the media grant is made of it."""

    publish: tuple[Source, ...]
    hear: bool
    moderate: bool


_P = Permission
_LISTENER = {_P.ORGANISATION_READ, _P.LESSON_READ, _P.LESSON_JOIN, _P.MESSAGE_READ, _P.MESSAGE_POST}
_LEADER = {*_LISTENER, _P.PERSON_READ, _P.CODE_MAKE, _P.LESSON_SPEAK, _P.LESSON_LEAD, _P.LESSON_CREATE}
_HEAD = {*_LISTENER, _P.PERSON_READ, _P.LESSON_CREATE, _P.PLAN_READ, _P.ROLL_READ}
_ASKER = {_P.BANK_READ, _P.BANK_WRITE, _P.EXAM_MARK}
_EXAMINER = {*_ASKER, _P.EXAM_CREATE, _P.EXAM_WATCH}
_KEEPER = {
    *(_P.ORGANISATION_READ, _P.ORGANISATION_CHANGE, _P.ORGANISATION_ADD),
    *(_P.PLAN_READ, _P.PLAN_WRITE, _P.ROLL_READ, _P.ROLL_WRITE, _P.SLIP_MAKE),
    *(_P.AUDIT_READ, _P.CODE_MAKE, _P.LOCK_MANAGE),
}

OF_ROLE: dict[str, frozenset[Permission]] = {
    Role.TEACHER: frozenset({*_LEADER, *_EXAMINER, _P.BANK_REVIEW}),
    Role.TUTOR: frozenset({*_LEADER, *_EXAMINER}),
    Role.METHODIST: frozenset({*_LISTENER, _P.PERSON_READ, *_ASKER, _P.BANK_REVIEW, _P.EXAM_CREATE, _P.EXAM_READ}),
    Role.DIRECTOR: frozenset({*_HEAD, _P.BANK_READ, _P.EXAM_MARK, _P.EXAM_READ, _P.SCALE_WRITE}),
    Role.DEPUTY: frozenset({*_HEAD, *_EXAMINER, _P.BANK_REVIEW, _P.EXAM_READ, _P.SCALE_WRITE}),
    Role.LEARNER: frozenset({*_LISTENER, _P.LESSON_SPEAK, _P.EXAM_SIT}),
    Role.PARENT: frozenset({_P.ORGANISATION_READ, _P.LESSON_READ}),
    Role.PROCTOR: frozenset({_P.ORGANISATION_READ, _P.EXAM_WATCH}),
    Role.ADMINISTRATOR: frozenset({*_KEEPER, _P.LESSON_CREATE, _P.SYSTEM_DUMP}),
}
"""What each role permits on what it covers."""

OF_ONES_OWN = frozenset({*_LISTENER, _P.LESSON_SPEAK, _P.LESSON_LEAD})
"""What whoever may create lessons is permitted on the ones that are their own."""

_ALL_SOURCES: tuple[Source, ...] = ("microphone", "camera", "screen", "screen_sound")
_RIGHTS: dict[Part, Rights] = {
    "lead": Rights(_ALL_SOURCES, hear=True, moderate=True),
    "join": Rights(_ALL_SOURCES, hear=True, moderate=False),
    "see": Rights((), hear=True, moderate=False),
}


def allows(actor: Actor, permission: Permission, scopes: Iterable[Scope]) -> bool:
    """Whether some role of the actor covers one of a row's scopes and permits this there."""
    return any(_allows(actor, held, permission, scope) for scope in scopes for held in actor.roles)


def holds(actor: Actor, permission: str) -> bool:
    """Whether the actor may do this anywhere at all."""
    return permission in permissions(actor)


def permissions(actor: Actor) -> list[Permission]:
    """All that the actor may do somewhere, in the order of their names."""
    of_roles: set[Permission] = set().union(*(OF_ROLE.get(held.role, ()) for held in actor.roles))
    return sorted(of_roles | (OF_ONES_OWN if Permission.LESSON_CREATE in of_roles else set()))


def permissions_at(actor: Actor, path: str) -> list[Permission]:
    """What the actor's roles permit on all of a place, in the order of their names."""
    covering = (OF_ROLE.get(h.role, frozenset()) for h in actor.roles if _covers(h, Scope(path)))
    return sorted(frozenset[Permission]().union(*covering))


def paths_permitting(actor: Actor, permission: Permission) -> list[str]:
    """The places of the roles that permit this, for features that look for rows there."""
    return [held.path for held in actor.roles if permission in OF_ROLE.get(held.role, ())]


def check_route(actor: Actor, needs: str) -> None:
    """Raises NotLoggedIn or Forbidden for who may not even ask. Rows are checked by the features."""
    if needs == PUBLIC:
        return
    if actor.person is None:
        raise NotLoggedIn
    if needs == ENTERING:
        return
    if actor.held_up:
        raise HELD_UP[actor.held_up]
    if needs != SELF and not holds(actor, Permission(needs)):
        raise Forbidden(needs=needs)


def teaches(role: str) -> bool:
    """Whether who holds the role may lead lessons."""
    return Permission.LESSON_LEAD in OF_ROLE.get(role, ())


def part_in_lesson(actor: Actor, led: Sequence[Scope], attended: Sequence[Scope]) -> Part | None:
    """The part an actor has in a lesson led at some scopes and attended at others; None without one."""
    attended = (*led, *attended)
    if allows(actor, Permission.LESSON_LEAD, led):
        return "lead"
    if not allows(actor, Permission.LESSON_JOIN, attended):
        return None
    return "join" if allows(actor, Permission.LESSON_SPEAK, attended) else "see"


def reaches(part: Part | None, wanted: str) -> bool:
    """Whether a part in a lesson permits what another one does."""
    order = ("see", "join", "lead")
    return part is not None and wanted in order and order.index(part) >= order.index(wanted)


def rights_in_room(part: Part) -> Rights:
    """Who only sees hears all, is not heard, and may write."""
    return _RIGHTS[part]


def persons_of(actor: Actor) -> set[PersonId]:
    """The persons whose rows the actor's roles are about: for features that look up what belongs to them."""
    return {held.person for held in actor.roles if held.person}


def _allows(actor: Actor, held: Held, permission: Permission, scope: Scope) -> bool:
    permitted = OF_ROLE.get(held.role, frozenset())
    if _covers(held, scope) and permission in permitted:
        return True
    own = scope.person is not None and scope.person == actor.person and _on_one_line(held.path, scope.path)
    return own and Permission.LESSON_CREATE in permitted and permission in OF_ONES_OWN


def _covers(held: Held, scope: Scope) -> bool:
    if scope.anybody:
        return _on_one_line(held.path, scope.path)
    return scope.path.startswith(held.path) and held.person in (None, scope.person)


def _on_one_line(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
