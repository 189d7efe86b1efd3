"""Permission: who may what where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.access import policy
from lms_core.access.policy import OF_ROLE, Permission, Role, Scope
from lms_core.kernel.actor import NOBODY, Actor, Held
from lms_core.kernel.api import PUBLIC, SELF
from lms_core.kernel.errors import Forbidden, NotLoggedIn
from lms_core.kernel.ids import PersonId

ME, CHILD, OTHER = PersonId("person_me"), PersonId("person_child"), PersonId("person_other")

places = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts) + "/")
persons = st.none() | st.sampled_from((ME, CHILD, OTHER))
helds = st.builds(Held, st.sampled_from(Role), places, persons)
scopes = st.builds(Scope, places, persons, st.booleans())
permissions = st.sampled_from(Permission)


def me(*roles: Held) -> Actor:
    return Actor(ME, roles=roles)


@given(helds, permissions, scopes)
def test_a_role_held_higher_permits_no_less(held: Held, permission: Permission, scope: Scope) -> None:
    if policy.allows(me(held), permission, [scope]):
        parts = held.path.strip("/").split("/")
        for length in range(len(parts)):
            above = "/" + "".join(f"{part}/" for part in parts[:length])
            assert policy.allows(me(Held(held.role, above, held.person)), permission, [scope])


@given(helds, permissions, scopes)
def test_what_lies_beside_a_role_is_not_covered(held: Held, permission: Permission, scope: Scope) -> None:
    beside = Scope(f"/z{scope.path}", scope.person, scope.anybody)
    assert not policy.allows(me(held), permission, [beside])


@given(helds, permissions, scopes)
def test_a_role_for_one_person_permits_no_more_than_the_role_itself(
    held: Held, permission: Permission, scope: Scope
) -> None:
    if policy.allows(me(held), permission, [scope]):
        assert policy.allows(me(Held(held.role, held.path)), permission, [scope])


@given(st.lists(helds, max_size=3), permissions, st.lists(scopes, max_size=3))
def test_roles_and_scopes_only_add(roles: list[Held], permission: Permission, of_row: list[Scope]) -> None:
    alone = any(policy.allows(me(held), permission, [scope]) for held in roles for scope in of_row)
    assert policy.allows(me(*roles), permission, of_row) == alone


@given(st.lists(helds, max_size=3), permissions, st.lists(scopes, max_size=3))
def test_what_is_allowed_somewhere_is_held(roles: list[Held], permission: Permission, of_row: list[Scope]) -> None:
    if policy.allows(me(*roles), permission, of_row):
        assert policy.holds(me(*roles), permission)
        policy.check_route(me(*roles), permission)


def test_a_path_is_compared_place_by_place() -> None:
    assert not policy.allows(me(Held(Role.DIRECTOR, "/a/b/")), Permission.LESSON_READ, [Scope("/a/bc/")])


def test_a_parents_role_is_for_the_child_alone() -> None:
    parent = me(Held(Role.PARENT, "/school/", CHILD))
    assert policy.allows(parent, Permission.LESSON_READ, [Scope("/school/11a/", CHILD)])
    assert not policy.allows(parent, Permission.LESSON_READ, [Scope("/school/11a/", OTHER)])
    assert not policy.allows(parent, Permission.LESSON_READ, [Scope("/school/11a/")])
    assert not policy.allows(parent, Permission.LESSON_JOIN, [Scope("/school/11a/", CHILD)])


def test_open_to_anybody_means_of_that_organisation() -> None:
    learner = me(Held(Role.LEARNER, "/school/", ME))
    assert policy.allows(learner, Permission.LESSON_JOIN, [Scope("/school/", anybody=True)])
    assert not policy.allows(learner, Permission.LESSON_JOIN, [Scope("/college/", anybody=True)])
    of_one_class = me(Held(Role.TUTOR, "/school/11a/"))
    assert policy.allows(of_one_class, Permission.LESSON_JOIN, [Scope("/school/", anybody=True)])


@pytest.mark.parametrize(
    ("role", "own", "of_another"),
    [
        (Role.TEACHER, "lead", "join"),
        (Role.TUTOR, "lead", "join"),
        (Role.DIRECTOR, "lead", "see"),
        (Role.DEPUTY, "lead", "see"),
        (Role.ADMINISTRATOR, "lead", None),
        (Role.METHODIST, "see", "see"),
        (Role.LEARNER, "join", "join"),
        (Role.PARENT, None, None),
        (Role.PROCTOR, None, None),
    ],
)
def test_the_part_in_a_lesson_open_to_the_organisation(role: Role, own: str | None, of_another: str | None) -> None:
    actor, attended = me(Held(role, "/school/", ME)), [Scope("/school/", anybody=True)]
    whole = me(Held(role, "/school/"))
    for who in (actor, whole) if role is not Role.TEACHER and role is not Role.TUTOR else (actor,):
        assert policy.part_in_lesson(who, [Scope("/school/", ME)], attended) == own
        assert policy.part_in_lesson(who, [Scope("/school/", OTHER)], attended) == of_another


def test_who_only_sees_is_not_heard() -> None:
    rights = policy.rights_in_room("see")
    assert (rights.publish, rights.hear, rights.moderate) == ((), True, False)
    assert policy.rights_in_room("join").publish == policy.rights_in_room("lead").publish
    assert [policy.rights_in_room(part).moderate for part in ("lead", "join")] == [True, False]  # type: ignore[arg-type]


def test_every_role_has_its_line_in_the_table() -> None:
    assert set(OF_ROLE) == set(Role)


def test_an_unknown_role_permits_nothing() -> None:
    actor = me(Held("janitor", "/"))
    assert policy.permissions(actor) == []
    assert not policy.allows(actor, Permission.ORGANISATION_READ, [Scope("/school/")])


def test_the_door() -> None:
    policy.check_route(NOBODY, PUBLIC)
    policy.check_route(me(), SELF)
    with pytest.raises(NotLoggedIn):
        policy.check_route(NOBODY, SELF)
    with pytest.raises(NotLoggedIn):
        policy.check_route(NOBODY, Permission.SYSTEM_DUMP)
    with pytest.raises(Forbidden):
        policy.check_route(me(Held(Role.LEARNER, "/school/", ME)), Permission.SYSTEM_DUMP)
    with pytest.raises(ValueError, match="no:such"):
        policy.check_route(me(), "no:such")
