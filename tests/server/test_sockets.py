"""Socket.IO at the door: who may connect, what may be asked, what is told. Real server, real client."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import socketio.exceptions

from tests.support.running import Caller, Running


class Socket:
    """One person's connection, and what was told on it."""

    def __init__(self) -> None:
        self.io = socketio.AsyncClient(reconnection=False)
        self.told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.signals: list[dict[str, Any]] = []
        self.news = asyncio.Event()
        self.gone = asyncio.Event()
        self.io.on("event", self.told.put)
        self.io.on("signal", self._signal)
        self.io.on("disconnect", self._gone)

    async def open(self, server: Running, token: str) -> "Socket":
        await self.io.connect(server.url, auth={"token": token}, transports=["websocket"])
        return self

    async def __call__(self, name: str, body: Any = None) -> dict[str, Any]:
        answer = await self.io.call("command", (name, body if body is not None else {}), timeout=10)
        assert isinstance(answer, dict)
        return answer

    async def until(self, name: str, within: float = 10) -> dict[str, Any]:
        async with asyncio.timeout(within):
            while not (found := [signal["body"] for signal in self.signals if signal["name"] == name]):
                self.news.clear()
                await self.news.wait()
        return found[-1]

    async def _signal(self, signal: dict[str, Any]) -> None:
        self.signals.append(signal)
        self.news.set()

    async def _gone(self, *_: Any) -> None:
        self.gone.set()


@pytest.fixture
async def sockets() -> AsyncIterator[list[Socket]]:
    opened: list[Socket] = []
    yield opened
    for one in opened:
        await one.io.disconnect()


async def _connect(sockets: list[Socket], caller: Caller) -> Socket:
    sockets.append(await Socket().open(caller.server, caller.token))
    return sockets[-1]


async def _lesson(teacher: Caller) -> dict[str, Any]:
    return await teacher("POST", "/api/lessons", {"title": "Sockets"})


async def _join(caller: Caller, lesson: dict[str, Any]) -> dict[str, Any]:
    return await caller("POST", f"/api/lessons/{lesson['id']}/join", {})


async def test_a_stranger_does_not_connect(server: Running) -> None:
    for token in ("", "nonsense"):
        with pytest.raises(socketio.exceptions.ConnectionError):
            await Socket().open(server, token)


async def test_a_page_of_another_site_does_not_connect(server: Running, http: aiohttp.ClientSession) -> None:
    url = f"{server.url}/socket.io/?EIO=4&transport=polling"
    async with http.get(url, headers={"Origin": "https://evil.example"}) as answer:
        assert answer.status == 400


@pytest.mark.req("S456-27.10")
async def test_a_message_reaches_every_reader_and_who_comes_later(
    sockets: list[Socket], teacher: Caller, pupil: Caller
) -> None:
    lesson = await _lesson(teacher)
    path, topic = f"/api/rooms/{lesson['room_id']}/messages", f"room:{lesson['room_id']}"
    snapshot = await teacher("GET", path)
    reader = await _connect(sockets, teacher)
    subscribed = await reader("subscribe", {"topic": topic, "position": snapshot["position"]})
    assert subscribed["ok"]["events"] == []
    await pupil("POST", path, {"text": "Сәлеметсіз бе!"})
    async with asyncio.timeout(5):
        event = await reader.told.get()
    assert (event["name"], event["topic"], event["body"]["text"]) == (
        "messages.message_posted",
        topic,
        "Сәлеметсіз бе!",
    )
    late = await _connect(sockets, pupil)
    missed = (await late("subscribe", {"topic": topic, "position": snapshot["position"]}))["ok"]["events"]
    assert [one["position"] for one in missed] == [event["position"]]
    await reader("unsubscribe", {"topic": topic})
    await pupil("POST", path, {"text": "енді естімейсіз"})
    async with asyncio.timeout(5):
        await late.told.get()
    assert reader.told.empty()


async def test_a_topic_is_told_to_those_who_may_read_it(
    sockets: list[Socket], server: Running, http: aiohttp.ClientSession, teacher: Caller
) -> None:
    lesson = await _lesson(teacher)
    parent = await _connect(sockets, await Caller(server, http).log_in("parent1"))
    refused = await parent("subscribe", {"topic": f"room:{lesson['room_id']}", "position": 0})
    assert refused["problem"]["status"] in (403, 404)
    await teacher("POST", f"/api/rooms/{lesson['room_id']}/messages", {"text": "құпия"})
    own = await parent("subscribe", {"topic": f"lessons:{lesson['organisation_id']}", "position": 0})
    assert own.keys() in ({"ok"}, {"problem"})
    assert parent.told.empty()


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("nonsense", {}, "not_found"),
        ("", {}, "not_found"),
        ("subscribe", {}, "malformed"),
        ("subscribe", {"topic": "room:x", "position": 0}, "malformed"),
        ("subscribe", {"topic": "everything", "position": 0}, "malformed"),
        ("subscribe", {"topic": "room:room_" + "0" * 26, "position": 0}, "not_found"),
        ("enter", {"grant": "x"}, "grant_invalid"),
        ("enter", {"grant": 5}, "malformed"),
        ("enter", [], "malformed"),
        ("publish", {"transport_id": None, "sdp": "v=0", "tracks": []}, "not_entered"),
        ("receive", {}, "not_entered"),
        ("answer", {"transport_id": "x", "revision": 1, "sdp": ""}, "not_entered"),
        ("set_muted", {"publication_id": "x", "muted": True}, "not_entered"),
        ("lines", {}, "not_entered"),
    ],
)
async def test_rubbish_is_refused(sockets: list[Socket], pupil: Caller, name: str, body: Any, code: str) -> None:
    answer = await (await _connect(sockets, pupil))(name, body)
    assert answer["problem"]["code"] == code


async def test_words_of_any_shape_are_answered(sockets: list[Socket], pupil: Caller) -> None:
    socket = await _connect(sockets, pupil)
    for words in ((), (1,), ("subscribe",), ("subscribe", None), (None, None, None)):
        answer = await socket.io.call("command", words or None, timeout=10)
        assert isinstance(answer, dict) and "problem" in answer
    assert "problem" in await socket("nonsense")


async def test_who_asks_too_often_is_told_to_wait(
    sockets: list[Socket], server: Running, http: aiohttp.ClientSession
) -> None:
    socket = await _connect(sockets, await Caller(server, http).log_in("student11"))
    answers = await asyncio.gather(*(socket("nonsense") for _ in range(260)))
    codes = {answer["problem"]["code"] for answer in answers}
    assert codes == {"not_found", "too_many_attempts"}


async def test_people_in_a_room_hear_of_each_other(sockets: list[Socket], teacher: Caller, pupil: Caller) -> None:
    lesson = await _lesson(teacher)
    first, second = await _connect(sockets, teacher), await _connect(sockets, pupil)
    entered = (await first("enter", {"grant": (await _join(teacher, lesson))["grant"]}))["ok"]
    assert entered["may"]["moderate"] is True
    theirs = (await second("enter", {"grant": (await _join(pupil, lesson))["grant"]}))["ok"]
    assert theirs["may"]["moderate"] is False
    told = await first.until("participant_entered")
    assert told["participant"]["id"] == theirs["participant_id"]
    assert told["version"] == theirs["version"]
    assert {one["id"] for one in theirs["participants"]} == {entered["participant_id"], theirs["participant_id"]}
    await second("leave")
    assert (await first.until("participant_left"))["participant_id"] == theirs["participant_id"]


async def test_the_same_grant_is_the_same_participant(sockets: list[Socket], teacher: Caller) -> None:
    lesson = await _lesson(teacher)
    grant = (await _join(teacher, lesson))["grant"]
    first, second = await _connect(sockets, teacher), await _connect(sockets, teacher)
    one = (await first("enter", {"grant": grant}))["ok"]
    two = (await second("enter", {"grant": grant}))["ok"]
    assert one["participant_id"] == two["participant_id"]
    await first.until("replaced")


async def test_a_grant_of_somebody_else_opens_nothing(sockets: list[Socket], teacher: Caller, pupil: Caller) -> None:
    grant = (await _join(teacher, await _lesson(teacher)))["grant"]
    answer = await (await _connect(sockets, pupil))("enter", {"grant": grant})
    assert answer["problem"]["code"] == "grant_invalid"


async def test_an_ended_lesson_sends_everybody_out(sockets: list[Socket], teacher: Caller, pupil: Caller) -> None:
    lesson = await _lesson(teacher)
    await _join(teacher, lesson)
    socket = await _connect(sockets, pupil)
    grant = (await _join(pupil, lesson))["grant"]
    await socket("enter", {"grant": grant})
    await teacher("POST", f"/api/lessons/{lesson['id']}/end", {})
    await socket.until("room_closed")
    assert (await socket("enter", {"grant": grant}))["problem"]["code"] == "lesson_ended"


async def test_logging_out_everywhere_cuts_sockets(
    sockets: list[Socket], server: Running, http: aiohttp.ClientSession, teacher: Caller
) -> None:
    leaver = await Caller(server, http).log_in("student9")
    watcher, socket = await _connect(sockets, teacher), await _connect(sockets, leaver)
    lesson = await _lesson(teacher)
    await watcher("enter", {"grant": (await _join(teacher, lesson))["grant"]})
    await socket("enter", {"grant": (await _join(leaver, lesson))["grant"]})
    await leaver("POST", "/api/log-out-everywhere", {})
    async with asyncio.timeout(10):
        await socket.gone.wait()
    await watcher.until("participant_left")


async def test_logging_out_cuts_the_sockets_of_that_log_in_alone(
    sockets: list[Socket], server: Running, http: aiohttp.ClientSession
) -> None:
    here, there = [await Caller(server, http).log_in("student10") for _ in range(2)]
    kept, cut = await _connect(sockets, there), await _connect(sockets, here)
    await here("POST", "/api/log-out", {})
    async with asyncio.timeout(10):
        await cut.gone.wait()
    assert (await kept("unsubscribe", {"topic": "x"})).get("ok") == {}


async def test_attachments_are_not_waited_for(sockets: list[Socket], pupil: Caller) -> None:
    """The library would take all that follows for one of 99,999,999 attachments, and keep it."""
    socket = await _connect(sockets, pupil)
    await socket.io.eio.send('459999999-["command",{"_placeholder":true,"num":0}]')
    assert (await socket("unsubscribe", {"topic": "x"})).get("ok") == {}


async def test_who_is_gone_before_the_answer_leaves_no_ghost(
    sockets: list[Socket], server: Running, http: aiohttp.ClientSession, teacher: Caller
) -> None:
    lesson = await _lesson(teacher)
    watcher = await _connect(sockets, teacher)
    entered = (await watcher("enter", {"grant": (await _join(teacher, lesson))["grant"]}))["ok"]
    pupil = await Caller(server, http).log_in("student13")
    for _ in range(5):
        socket = await Socket().open(server, pupil.token)
        grant = (await _join(pupil, lesson))["grant"]
        await socket.io.emit("command", ("enter", {"grant": grant}))
        await socket.io.disconnect()
    again = (await watcher("enter", {"grant": (await _join(teacher, lesson))["grant"]}))["ok"]
    others = [one for one in again["participants"] if one["person_id"] != entered["participants"][0]["person_id"]]
    assert not any(one["connected"] for one in others)


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/api/me", {"Origin": "http://["}), ("/%00", {}), ("/" + "a" * 300, {}), ("/api/health", {"Host": "["})],
)
async def test_odd_requests_are_no_bugs(
    server: Running, http: aiohttp.ClientSession, path: str, headers: dict[str, str]
) -> None:
    async with http.get(server.url + path, headers=headers) as answer:
        assert answer.status < 500
