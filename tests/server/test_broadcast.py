"""One message to many sockets: the same for all, in order, and nobody who is slow or silent harms the others."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import socketio
from aiohttp import web
from aiohttp.test_utils import TestServer

from lms_core.kernel.clock import ManualClock
from server import broadcast
from server.broadcast import (
    CONNECT_SECONDS,
    PACKETS,
    PACKETS_BEFORE_CONNECT,
    SILENT_SWEEPS,
    Broadcaster,
    Parcel,
)

PATH = "/socket.io/?EIO=4&transport="
ROOM = "room:1"


class Stage:
    """A bare server: everybody may come, and is in the room."""

    def __init__(self, clock: ManualClock, url: str, io: Broadcaster, http: aiohttp.ClientSession) -> None:
        self.clock, self.url, self.io, self.http = clock, url, io, http
        self.left: asyncio.Queue[str] = asyncio.Queue()
        self.unheard: list[float] = []
        self._opened: list[aiohttp.ClientWebSocketResponse] = []
        self.address = "198.51.100.7"

    async def open(self) -> aiohttp.ClientWebSocketResponse:
        """A WebSocket that has not said who it is."""
        wire = await self.http.ws_connect(self.url + PATH + "websocket", autoping=True)
        self._opened.append(wire)
        assert (await wire.receive_str()).startswith("0{")
        return wire

    async def enter(self) -> tuple[aiohttp.ClientWebSocketResponse, str]:
        wire = await self.open()
        await wire.send_str("40")
        answer = await wire.receive_str()
        assert answer.startswith("40{")
        return wire, json.loads(answer[2:])["sid"]

    def hang_up(self) -> None:
        for wire in self._opened:
            wire._response.close()


@asynccontextmanager
async def a_stage(ping_interval: float = 30) -> AsyncIterator[Stage]:
    clock = ManualClock(datetime(2026, 9, 1, tzinfo=UTC))
    io = Broadcaster(clock, lambda _: stage.address, ping_interval=ping_interval)

    async def connect(sid: str, _: Any, __: Any = None) -> None:
        await io.enter_room(sid, ROOM)

    async def disconnect(sid: str, *_: Any) -> None:
        stage.unheard.append(io.unheard(sid))
        stage.left.put_nowait(sid)

    async def command(_: str, body: Any) -> Any:
        return body

    io.on("connect", connect)
    io.on("disconnect", disconnect)
    io.on("command", command)
    app = web.Application()
    io.attach(app)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        stage = Stage(clock, str(server.make_url("")).rstrip("/"), io, http)
        yield stage
        for connection in list(io.eio.sockets):
            io._cut(connection, "the end")
        await io.shutdown()
        stage.hang_up()


async def _until(condition: Callable[[], Any]) -> None:
    """What the server does by itself tells nobody when it is done."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with a_stage() as made:
        yield made


async def _ended(wire: aiohttp.ClientWebSocketResponse) -> list[str]:
    """What came before the connection ended."""
    said = []
    async with asyncio.timeout(10):
        async for message in wire:
            said.append(message.data)
    return said


async def _hears(wire: aiohttp.ClientWebSocketResponse, count: int) -> list[Any]:
    async with asyncio.timeout(20):
        return [json.loads((await wire.receive_str())[2:]) for _ in range(count)]


@pytest.mark.parametrize("size", [0, 90, 91, 92, 125, 126, 65_500, 65_506, 65_507, 65_600, 200_000])
async def test_a_frame_of_any_size_is_what_the_library_sends(stage: Stage, size: int) -> None:
    wire, _ = await stage.enter()
    body = {"text": "x" * size, "word": "сабақ"}
    await stage.io.deliver(ROOM, Parcel.of("event", body))
    await stage.io.emit("event", body, room=ROOM)
    async with asyncio.timeout(10):
        assert await wire.receive_str() == await wire.receive_str()


async def test_what_is_sent_in_different_ways_comes_in_order(stage: Stage) -> None:
    wires = [await stage.enter() for _ in range(20)]
    dice = random.Random(7)
    sent = 0
    for number in range(400):
        match dice.randrange(4):
            case 0:
                await stage.io.emit("event", number, room=ROOM)
            case 1:
                await asyncio.sleep(0)
                await stage.io.deliver(ROOM, Parcel.of("event", number))
            case _:
                await stage.io.deliver(ROOM, Parcel.of("event", number))
        sent += 1
    for wire, _ in wires:
        assert await _hears(wire, sent) == [["event", number] for number in range(sent)]


async def test_an_answer_keeps_its_place(stage: Stage) -> None:
    wire, _ = await stage.enter()
    await stage.io.deliver(ROOM, Parcel.of("event", 1))
    await wire.send_str('421["command",{"a":1}]')
    said = [await wire.receive_str(), await wire.receive_str()]
    await stage.io.deliver(ROOM, Parcel.of("event", 2))
    assert [*said, await wire.receive_str()] == ['42["event",1]', '431[{"a":1}]', '42["event",2]']


@pytest.mark.parametrize("transports", [["polling"], ["polling", "websocket"], ["websocket"]])
async def test_every_transport_hears_all_in_order(stage: Stage, transports: list[str]) -> None:
    heard: list[int] = []
    done = asyncio.Event()

    def hear(number: int) -> None:
        heard.append(number)
        if number == 299:
            done.set()

    client = socketio.AsyncClient(reconnection=False)
    client.on("event", hear)
    connecting = asyncio.create_task(client.connect(stage.url, transports=transports))
    await _until(lambda: stage.io.manager.rooms.get("/", {}).get(ROOM))
    for number in range(300):
        await stage.io.deliver(ROOM, Parcel.of("event", number))
        if number % 10 == 0:
            await asyncio.sleep(0.002)
    await connecting
    async with asyncio.timeout(10):
        await done.wait()
    assert heard == list(range(300))
    [sid] = stage.io.manager.rooms["/"][ROOM]
    await stage.io.end(sid)
    await client.wait()


async def test_who_does_not_read_is_cut_off_and_holds_up_nobody(stage: Stage) -> None:
    deaf, sid = await stage.enter()
    assert deaf._response
    assert deaf._response.connection
    deaf._response.connection.transport.pause_reading()  # type: ignore[union-attr]
    reader, _ = await stage.enter()
    parcel = Parcel.of("event", "x" * 50_000)
    count = 0
    async with asyncio.timeout(30):
        while stage.left.empty():
            await stage.io.deliver(ROOM, parcel)
            assert len(await _hears(reader, 1)) == 1
            count += 1
    assert stage.left.get_nowait() == sid
    assert count < 2 * broadcast.UNREAD_LIMIT + 300, "what the system took, and then the limit"
    await stage.io.deliver(ROOM, Parcel.of("event", "still here"))
    assert await _hears(reader, 1) == [["event", "still here"]]


async def test_one_who_polls_no_more_is_cut_off(stage: Stage) -> None:
    async with stage.http.get(stage.url + PATH + "polling") as answer:
        connection = json.loads((await answer.text())[1:])["sid"]
    async with stage.http.post(f"{stage.url}{PATH}polling&sid={connection}", data="40") as answer:
        assert answer.status == 200
    await _until(lambda: stage.io.manager.rooms.get("/", {}).get(ROOM))
    for _ in range(broadcast.UNREAD_LIMIT + 1):
        await stage.io.deliver(ROOM, Parcel.of("event", 1))
    async with asyncio.timeout(5):
        await stage.left.get()


async def test_who_does_not_say_who_they_are_is_ended(stage: Stage) -> None:
    silent, (known, _) = await stage.open(), await stage.enter()
    await stage.clock.advance(CONNECT_SECONDS - 1)
    stage.io.sweep()
    assert stage.io.dump() == {"open": 2, "pending": 1}
    await stage.clock.advance(2)
    stage.io.sweep()
    await _ended(silent)
    await stage.io.deliver(ROOM, Parcel.of("event", 1))
    assert await _hears(known, 1) == [["event", 1]]
    await _until(lambda: stage.io.dump() == {"open": 1, "pending": 0})


@pytest.mark.complaint(5)
async def test_a_line_that_was_cut_without_a_word_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who answers pings stays, and so does a slow line on which a long message is under way."""
    async with a_stage(ping_interval=0.02) as stage:
        monkeypatch.setattr(broadcast, "_is_sending", lambda _: False)
        mute, sid = await stage.enter()
        assert await mute.receive_str() == "2"
        for _ in range(SILENT_SWEEPS):
            stage.io.sweep()
        assert stage.left.empty()
        monkeypatch.setattr(broadcast, "_is_sending", lambda _: True)
        stage.io.sweep()
        assert stage.left.empty()
        await mute.send_str("3")
        assert await mute.receive_str() == "2"
        monkeypatch.setattr(broadcast, "_is_sending", lambda _: False)
        for _ in range(SILENT_SWEEPS + 1):
            stage.io.sweep()
        async with asyncio.timeout(5):
            assert await stage.left.get() == sid
        assert stage.unheard == [pytest.approx(0.02 + SILENT_SWEEPS + 1)]


async def test_who_says_goodbye_and_stays_is_ended(stage: Stage) -> None:
    wire, _ = await stage.enter()
    await wire.send_str("41")
    async with asyncio.timeout(5):
        await stage.left.get()
    await _until(lambda: stage.io.dump()["pending"])
    await stage.clock.advance(CONNECT_SECONDS + 1)
    stage.io.sweep()
    await _ended(wire)


async def test_an_address_has_few_connections_of_unknown_people(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "PENDING_OF_ADDRESS", 3)
    waiting = [await stage.open() for _ in range(3)]
    for _ in range(2):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await stage.open()
        assert refused.value.status == 401
    stage.address = "198.51.100.8"
    waiting.append(await stage.open())
    stage.address = "198.51.100.7"
    await waiting[0].close()
    await _until(lambda: stage.io.dump()["pending"] == 3)
    known, _ = await stage.enter()
    waiting.append(await stage.open())
    assert stage.io.dump() == {"open": 5, "pending": 4}
    await known.close()


async def test_who_sends_much_before_saying_who_they_are_is_cut_off(stage: Stage) -> None:
    wire = await stage.open()
    for _ in range(PACKETS_BEFORE_CONNECT + 1):
        await wire.send_str('42["command",{}]')
    await _ended(wire)


async def test_a_flood_is_cut_off(stage: Stage) -> None:
    wire, sid = await stage.enter()
    for _ in range(PACKETS + 10):
        await wire.send_str('42["nonsense"]')
    await _ended(wire)
    assert await stage.left.get() == sid


async def test_an_ended_connection_hears_why_and_is_gone_though_it_does_not_listen(stage: Stage) -> None:
    wire, sid = await stage.enter()
    await stage.io.end(sid)
    assert (await _ended(wire))[:2] == ["41", "1"]
    deaf, sid = await stage.enter()
    assert deaf._response
    assert deaf._response.connection
    deaf._response.connection.transport.pause_reading()  # type: ignore[union-attr]
    for _ in range(200):
        await stage.io.deliver(sid, Parcel.of("event", "x" * 50_000))
    await stage.io.end(sid)
    await _until(lambda: not stage.io.dump()["open"])
    assert not stage.io.is_there(sid)
