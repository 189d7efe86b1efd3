"""Looks at other people's personal data are written down, and no route that shows some is forgotten."""

from typing import Any

import pytest

from lms_core.access.service import select
from lms_core.audit.model import Entry
from lms_core.kernel.api import ENTERING, PUBLIC, SELF, Route
from tests.support.world import World

TELLING = {"iin", "password", "code", "address", "details", "text", "tables"}
"""Fields by which an answer shows what only its owner, and who has a reason, may know."""
LOOKS: dict[str, Any] = {
    "read_person": None,
    "read_audit": None,
    "read_data_of": None,
    "make_paper_code": {},
    "make_slips": {"person_ids": ["dina"]},
    "invite": {},
}
"""Each leaves a line: who looked, at whom."""
NOT_LOOKS = {
    "appoint_administrator": "makes the person whom it shows, and leaves a line: tests/lms_core/roll",
    "list_subjects": "the code of a subject",
    "add_subject": "the code of a subject",
    "list_objectives": "the code of an objective",
    "add_objective": "the code of an objective",
    "list_messages": "a chat is read by who is in it",
    "post_message": "one's own words",
    "list_private_messages": "a talk aside is read by its two sides",
    "list_threads": "the last line of talks that one takes part in",
    "read_thread": "a chat is read by who is in it",
    "react_to_message": "a line that one has just read",
    "delete_message": "a line that one has just taken away",
    "create_poll": "a question to a class",
    "list_polls": "questions to one's class",
    "vote": "the question that one has just answered",
    "close_poll": "a question to a class",
    "publish_poll": "a question to a class",
    "read_answers": "a lesson's answers are read by who leads it",
    "check_list": "says what is wrong with what was just sent",
    "take_list": "says what is wrong with what was just sent",
}


def test_every_route_that_shows_personal_data_is_known(world_of_routes: dict[str, Route]) -> None:
    own = (PUBLIC, SELF, ENTERING)
    shows = {name for name, route in world_of_routes.items() if route.needs not in own and TELLING & _fields(route)}
    assert shows - set(NOT_LOOKS) == set(LOOKS)
    assert set(NOT_LOOKS) <= set(world_of_routes)


@pytest.mark.req("S234-10")
@pytest.mark.parametrize("operation", LOOKS)
async def test_a_look_leaves_a_line(world: World, operation: str) -> None:
    [admin] = await world.enters("administrator")
    dina = world.school.persons["dina"]
    ids = {"organisation_id": world.school.school.id, "person_id": dina}
    body = LOOKS[operation]
    if body and "person_ids" in body:
        body = {"person_ids": [dina]}
    route = world.routes[operation]
    before = await _lines(world)
    query = {"person": dina} if operation == "read_audit" else None
    await admin.asks(operation, body, query=query, **{name: ids[name] for name in route.path_params})
    [line] = [row for row in await _lines(world) if row.id not in {one.id for one in before}]
    assert (line.actor_id, line.subject_id) == (admin.id, dina)
    assert line.what in ("looked", "code_made")


@pytest.fixture
async def world_of_routes(world: World) -> dict[str, Route]:
    return world.routes


async def _lines(world: World) -> Any:
    return await world.run(lambda tx: tx.all(select(Entry)))


def _fields(route: Route) -> set[str]:
    """All names of fields in an answer, however deep."""
    found: set[str] = set()
    waiting: list[Any] = [route.result.json_schema()]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            found |= set(part.get("properties", {}))
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return found
