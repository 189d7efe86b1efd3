"""Every route and every topic, asked by every role: the answers stand in tests/golden/roles.json.

The rows asked about are of one planned lesson of 11 «А» that nobody has opened yet.
"""

from pathlib import Path
from typing import Any

import pytest

from lms_core.kernel.api import Route
from tests.support import golden
from tests.support.factories import PASSWORD
from tests.support.story import Person, Refused
from tests.support.world import World, a_world

ROLES = {
    "nobody": None,
    "learner": "misha",
    "learner of another class": "erlan",
    "parent": "parent",
    "teacher": "anna",
    "teacher of another class": "boris",
    "teacher of another school": "victor",
    "tutor": "tutor",
    "methodist": "methodist",
    "methodist of the oblast": "inspector",
    "proctor": "proctor",
    "deputy": "deputy",
    "director": "director",
    "administrator": "administrator",
}
BODIES: dict[str, Any] = {
    "log_in": {"login": "anna", "password": PASSWORD},
    "log_out": {},
    "log_out_everywhere": {},
    "change_me": {"language": "ru"},
    "start_lesson": {"title": "Олимпиада"},
    "join_lesson": {},
    "end_lesson": {},
    "post_message": {"text": "сәлем"},
    "open_demo": {},
    "enter_demo": {"login": "admin"},
    "set_up_organisation": {
        "invitation": "guessed",
        "kind": "school",
        "names": {"kk": "a", "ru": "b", "en": "c"},
        "admin": {"family": "a", "given": "b", "login": "root", "password": "long enough"},
    },
}
LAST = ("join_lesson", "end_lesson", "log_out", "log_out_everywhere")


@pytest.mark.req("S456-27.18")
async def test_every_route_and_topic_as_every_role(tmp_path: Path) -> None:
    table: dict[str, dict[str, str]] = {}
    for role, name in ROLES.items():
        async with a_world(tmp_path / role) as world:
            for asked in _questions(world):
                person = (await world.enters(name))[0] if name else world.stranger()
                table.setdefault(asked, {})[role] = await _answer(world, person, asked)
    golden.check("roles", {asked: table[asked] for asked in sorted(table)})


def _questions(world: World) -> list[str]:
    routes = sorted(world.routes, key=lambda op: (LAST.index(op) if op in LAST else -1, op))
    return [*(t.template for api in world.house.apis for t in api.topics), *routes]


async def _answer(world: World, person: Person, asked: str) -> str:
    try:
        if asked in world.routes:
            await _ask(world, person, world.routes[asked])
        elif person.token is None:
            return "401 not_logged_in"  # no socket: tests/server/test_sockets.py
        else:
            topic = asked.format(**_ids(world))
            await person.commands("subscribe", {"topic": topic, "position": 0})
    except Refused as no:
        return f"{no.status} {no.code}"
    return "200"


async def _ask(world: World, person: Person, route: Route) -> None:
    body = BODIES[route.operation_id] if route.body else None
    ids = {name: known for name, known in _ids(world).items() if name in route.path_params}
    await person.asks(route.operation_id, body, **ids)


def _ids(world: World) -> dict[str, str]:
    lesson = world.school.algebra
    return {"lesson_id": lesson.id, "room_id": lesson.room_id, "organisation_id": lesson.organisation_id}
