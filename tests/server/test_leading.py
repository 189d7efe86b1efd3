"""A lesson is led over real sockets: lobby, rights, hands, breakouts; and pupils who try to lead. Real server."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms_core.kernel.actor import NOBODY
from lms_core.kernel.api import Api
from lms_core.kernel.errors import Malformed
from media import room_deeds as deeds
from media import room_io as io
from server.leading import COMMANDS, add_to
from server.sockets import Call
from tests.media.drive import Drive
from tests.server.test_sockets import Socket
from tests.support.running import Caller, Running

ODD = (
    '{"by": "chance"}',
    '{"by": "chance", "count": 0}',
    '{"by": "chance", "count": 1e99}',
    '{"by": "chance", "count": 2, "minutes": NaN}',
    '{"by": "chance", "count": 2, "minutes": -1}',
    '{"by": "magic", "count": 2}',
    '{"by": "list", "groups": [{"name": "' + "x" * 10_000 + '"}]}',
    '{"by": "list", "groups": [{"name": "a", "person_ids": ["p", "p"]}]}',
    '{"by": "list", "groups": {}}',
    '{"by": "list", "groups": [{"name": "\\u0000"}]}',
    "[]",
    "nonsense",
)


class Scene:
    """A lesson of a teacher and pupils, each on a socket and inside."""

    def __init__(self, server: Running, http: aiohttp.ClientSession) -> None:
        self.server, self.http = server, http
        self.callers: dict[str, Caller] = {}
        self.sockets: dict[str, Socket] = {}
        self.ids: dict[str, str] = {}
        self.persons: dict[str, str] = {}
        self.room = ""

    async def begin(self, *pupils: str) -> "Scene":
        teacher = await self._caller("teacher")
        self.lesson = await teacher("POST", "/api/lessons", {"title": "Leading"})
        self.room = self.lesson["room_id"]
        for login in ("teacher", *pupils):
            await self.enter(login)
        return self

    async def enter(self, login: str) -> dict[str, Any]:
        """On a new socket, with a new grant."""
        caller = await self._caller(login)
        grant = (await caller("POST", f"/api/lessons/{self.lesson['id']}/join", {}))["grant"]
        if login in self.sockets:
            await self.sockets[login].io.disconnect()
        self.sockets[login] = await Socket().open(self.server, caller.token)
        return await self.enter_by(login, grant)

    async def enter_by(self, login: str, grant: str) -> dict[str, Any]:
        self.grant = grant
        entered = (await self.sockets[login]("enter", {"grant": grant}))["ok"]
        self.ids[login] = entered["participant_id"]
        for one in entered["participants"]:
            if one["id"] == entered["participant_id"]:
                self.persons[login] = one["person_id"]
        return entered

    async def asks(self, login: str, name: str, **body: Any) -> Any:
        answer = await self.sockets[login](name, body)
        return answer["ok"] if "ok" in answer else answer["problem"]["code"]

    async def _caller(self, login: str) -> Caller:
        if login not in self.callers:
            self.callers[login] = await Caller(self.server, self.http).log_in(login)
        return self.callers[login]


@pytest.fixture
async def scene(server: Running, http: aiohttp.ClientSession) -> AsyncIterator[Scene]:
    made = Scene(server, http)
    yield made
    for socket in made.sockets.values():
        await socket.io.disconnect()


async def test_a_pupil_who_leads_is_refused_with_one_line_in_the_log(scene: Scene) -> None:
    await scene.begin("student1")
    me = scene.ids["student1"]
    before = len(scene.server.log())
    for name, body in (
        ("set_rights", {"participant_id": me, "speak": True}),
        ("mute_all", {"source": "microphone"}),
        ("remove_participant", {"participant_id": scene.ids["teacher"], "to_lobby": False}),
        ("set_second", {"participant_id": me, "on": True}),
        ("set_lobby", {"on": True}),
        ("admit", {"participant_id": None}),
        ("start_timer", {"seconds": 60}),
        ("pick_at_random", {}),
        ("show", {"kind": "board", "id": "board_1"}),
        ("call_breakouts", {"text": "x"}),
    ):
        assert await scene.asks("student1", name, **body) == "may_not_lead"
    said = [line for line in scene.server.log()[before:].splitlines() if "may_not_lead" in line]
    assert len(said) == 10
    assert not re.search(r"Traceback|bug", scene.server.log()[before:])
    pupil = scene.callers["student1"]
    async with scene.http.post(
        f"{scene.server.url}/api/rooms/{scene.room}/breakouts",
        json={"by": "chance", "count": 2},
        headers={"Authorization": f"Bearer {pupil.token}"},
    ) as answer:
        assert (answer.status, (await answer.json())["code"]) == (403, "may_not_lead")


async def test_the_right_to_write_the_place_and_the_lead_count_in_the_chat(scene: Scene) -> None:
    """The room says them, the database keeps them, and the chat asks there: a moment later, and before a person can."""
    await scene.begin("student1", "student2")
    teacher, pupil, other = (scene.callers[one] for one in ("teacher", "student1", "student2"))
    chat = f"/api/rooms/{scene.room}/messages"

    async def seen_by(who: Caller, **wanted: Any) -> None:
        async with asyncio.timeout(20):
            while not wanted.items() <= (await who("GET", chat)).items():  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    await scene.asks("teacher", "set_rights", participant_id=scene.ids["student1"], write=False)
    await seen_by(pupil, may_write=False)
    assert (await pupil("POST", chat, {"text": "?"}, expect=403))["code"] == "may_not_write"
    await pupil("POST", chat, {"text": "тек сізге", "private": True})
    await scene.asks("teacher", "set_rights", participant_id=None, write=True)
    await seen_by(pupil, may_write=True)
    groups = [{"name": str(n), "person_ids": [scene.persons[one]]} for n, one in enumerate(("student1", "student2"))]
    made = await teacher("POST", f"/api/rooms/{scene.room}/breakouts", {"by": "list", "groups": groups})
    here, there = (one["id"] for one in made["items"])
    await seen_by(pupil, place=here)
    await seen_by(other, place=there)
    assert (await pupil("POST", chat, {"text": "?", "place": there}, expect=409))["code"] == "elsewhere"
    await pupil("POST", chat, {"text": "біздікі", "place": here})
    assert (await scene.sockets["student1"].until("written"))["message"]["text"] == "біздікі"
    assert "біздікі" not in str(scene.sockets["student2"].signals)
    assert "біздікі" not in str(await other("GET", chat))
    assert "біздікі" in str(await teacher("GET", chat))
    await scene.asks("teacher", "set_second", participant_id=scene.ids["student2"], on=True)
    await seen_by(other, leads=True)
    assert "біздікі" in str(await other("GET", chat))
    topic = {"topic": f"leaders:{scene.room}", "position": 0}
    assert (await scene.sockets["student2"]("subscribe", topic)).get("problem", {}).get("code") != "forbidden"
    await other("POST", f"/api/rooms/{scene.room}/polls", {"question": "Иә?", "kind": "yes_no"})
    await teacher("POST", f"/api/rooms/{scene.room}/breakouts/close", {})
    await seen_by(pupil, place="main")
    await teacher("POST", f"/api/lessons/{scene.lesson['id']}/end", {})
    await seen_by(pupil, may_write=True, leads=False)


async def test_hands_rights_and_reactions_are_told(scene: Scene) -> None:
    await scene.begin("student1")
    assert await scene.asks("student1", "raise_hand", raised=True) == {}
    teacher, pupil = scene.sockets["teacher"], scene.sockets["student1"]
    assert (await teacher.until("participant_changed"))["participant"]["hand_at"] > 1_600_000_000
    teacher.signals.clear()
    assert await scene.asks("teacher", "set_rights", participant_id=None, speak=False) == {}
    told = await pupil.until("rights_changed")
    assert (told["participant_ids"], told["rights"]["speak"]) == ([scene.ids["student1"]], False)
    assert (await pupil.until("leading_changed"))["leading"]["rights"]["speak"] is False
    assert await scene.asks("student1", "react", kind="clap") == {}
    assert await teacher.until("reaction") == {"participant_id": scene.ids["student1"], "kind": "clap"}
    answers = [await scene.asks("student1", "react", kind="clap") for _ in range(50)]
    assert answers.count("too_fast") > 35
    assert await scene.asks("teacher", "react", kind="heart") == {}
    assert await scene.asks("teacher", "ask_to_unmute", participant_id=None, source="camera") == {}
    assert await pupil.until("asked_to_unmute") == {"source": "camera", "by": scene.ids["teacher"]}
    assert (await scene.asks("teacher", "pick_at_random"))["participant_id"] == scene.ids["student1"]


async def test_the_lobby_from_waiting_to_the_oral_exam(scene: Scene) -> None:
    await scene.begin()
    teacher = scene.sockets["teacher"]
    assert await scene.asks("teacher", "set_lobby", on=True) == {}
    waiting = await scene.enter("student2")
    assert (waiting["waiting"], waiting["participants"]) == (True, [])
    told = await teacher.until("waiting_changed")
    assert told["waiting"][0]["participant_id"] == scene.ids["student2"]
    pupil = scene.sockets["student2"]
    assert await scene.asks("teacher", "tell_waiting", text="Сәл күте тұрыңыз") == {}
    assert (await pupil.until("held"))["text"] == "Сәл күте тұрыңыз"
    assert await scene.asks("student2", "raise_hand", raised=True) == "not_entered"
    grant = scene.grant
    assert await scene.asks("teacher", "admit", participant_id=scene.ids["student2"]) == {}
    await pupil.until("admitted")
    assert not (await scene.enter_by("student2", grant))["waiting"]
    assert (await teacher.until("participant_entered"))["participant"]["id"] == scene.ids["student2"]
    back = await scene.asks("teacher", "remove_participant", participant_id=scene.ids["student2"], to_lobby=True)
    assert back == {}
    await pupil.until("sent_back")
    assert (await scene.enter("student2"))["waiting"]  # a new grant is no way around


async def test_breakouts_open_close_and_are_walked_through(scene: Scene) -> None:
    await scene.begin("student1", "student2", "student3")
    teacher = scene.callers["teacher"]
    path = f"/api/rooms/{scene.room}/breakouts"
    groups = [{"name": "Бірінші", "person_ids": [scene.persons["student1"]]}, {"name": "", "person_ids": []}]
    opened = await teacher("POST", path, {"by": "list", "groups": groups, "minutes": 5})
    assert [item["name"] for item in opened["items"]] == ["Бірінші", "2"]
    first, second = (item["id"] for item in opened["items"])
    told = await scene.sockets["student1"].until("places_changed")
    assert (told["participant_ids"], told["place"]) == ([scene.ids["student1"]], first)
    leading = (await scene.sockets["student2"].until("leading_changed"))["leading"]
    assert leading["breakouts"] == opened
    assert await scene.asks("student1", "go_to", place="main") == "may_not_go"
    assert await scene.asks("teacher", "put_into", participant_id=scene.ids["student2"], place=second) == {}
    assert await scene.asks("teacher", "go_to", place=second) == {}
    assert await scene.asks("student2", "call_for_help", on=True) == {}
    assert await scene.asks("teacher", "call_breakouts", text="Екі минут қалды") == {}
    assert (await scene.sockets["student1"].until("called"))["text"] == "Екі минут қалды"
    again = await scene.enter("student2")  # a reload stays in the breakout
    assert {one["id"]: one["place"] for one in again["participants"]}[scene.ids["student2"]] == second
    for socket in scene.sockets.values():
        socket.signals.clear()
    assert await teacher("POST", f"{path}/close", {}) == {}
    assert (await scene.sockets["student1"].until("leading_changed"))["leading"]["breakouts"] is None
    assert await teacher("POST", f"{path}/close", {}) == {}


async def test_breakouts_open_though_nobody_has_entered_yet(scene: Scene) -> None:
    teacher = await scene._caller("teacher")
    lesson = await teacher("POST", "/api/lessons", {"title": "Early"})
    path = f"/api/rooms/{lesson['room_id']}/breakouts"
    assert len((await teacher("POST", path, {"by": "chance", "count": 3}))["items"]) == 3
    scene.lesson, scene.room = lesson, lesson["room_id"]
    assert len((await scene.enter("teacher"))["leading"]["breakouts"]["items"]) == 3


async def test_breakouts_that_make_no_sense_are_refused(scene: Scene) -> None:
    teacher = (await scene.begin()).callers["teacher"]
    url = f"{scene.server.url}/api/rooms/{scene.room}/breakouts"
    headers = {"Authorization": f"Bearer {teacher.token}", "Content-Type": "application/json"}
    for body in ODD:
        async with scene.http.post(url, data=body.encode(), headers=headers) as answer:
            assert (answer.status, (await answer.json())["code"]) == (422, "malformed"), body


async def test_two_teachers_at_once_and_both_pages_agree(scene: Scene) -> None:
    await scene.begin("student1", "student2")
    second = scene.ids["student2"]
    assert await scene.asks("teacher", "set_second", participant_id=second, on=True) == {}
    await scene.sockets["student2"].until("waiting_changed")
    pupil = scene.ids["student1"]
    await asyncio.gather(
        *(
            scene.asks(who, "set_rights", participant_id=pupil, speak=speak)
            for who, speak in (("teacher", False), ("student2", True)) * 10
        )
    )
    await scene.asks("teacher", "show", kind="board", id="board_1", page=0)
    seen = []
    for who in ("teacher", "student2", "student1"):
        await scene.sockets[who].until("leading_changed")
        told = [s["body"] for s in scene.sockets[who].signals if s["name"] == "participant_changed"]
        mine = [one for one in told if one["participant"]["id"] == pupil]
        seen.append([(one["version"], one["participant"]["rights"]["speak"]) for one in mine])
    assert seen[0] == seen[1] == seen[2]
    assert [version for version, _ in seen[0]] == sorted({version for version, _ in seen[0]})


# ---- bodies of any shape

ROOM = Drive()
for _who in ("anna", "misha", "dana"):
    ROOM.enter(_who)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(("part_misha", "part_dana", "main", "b1", "x" * 9999)),
    st.sampled_from(("microphone", "screen", "board", "clap", "none")),
    st.lists(st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=5), st.sampled_from(("none", -1, 5, 2**70)), max_size=3),
)  # fmt: skip
NAMES = sorted({name for kind in COMMANDS.values() for name in kind.__dataclass_fields__})
BODIES = st.one_of(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=len(NAMES)), VALUES)


class Asked:
    """Stands for ClusterRooms: what is asked goes over a link, as JSON, into a real room."""

    async def do(self, connection: str, deed: deeds.Deed) -> dict[str, Any]:
        crossed = deeds.from_json(json.loads(json.dumps(deeds.to_json(deed))))
        answers = [o for o in ROOM.give(io.Do("r", connection, crossed, 0.5)) if isinstance(o, io.Reply | io.Refuse)]
        assert len(answers) == 1
        return {}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_body_of_any_shape_is_taken_or_refused(name: str) -> None:
    api = Api()
    add_to(api, Asked())  # type: ignore[arg-type]
    command = next(one for one in api.commands if one.name == name)

    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(BODIES, st.sampled_from(("tab_anna", "tab_misha", "tab_nobody")))
    def check(body: Any, connection: str) -> None:
        try:
            args = command.parse(body)
        except Malformed:
            return

        async def ask() -> None:
            await command.handler(call=Call(NOBODY, connection), **args)

        asyncio.run(ask())

    check()
