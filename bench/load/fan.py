"""Two processes for `bench fanout`: a server with nothing but sockets, and many thin clients.

python -m bench.load.fan serve ours|plain PORT      then on stdin `send EVENTS SECONDS`: CPU seconds as JSON
python -m bench.load.fan clients COUNT PORT         `ready`, then on stdin `report`: delays as JSON, and ends
"""

import asyncio
import base64
import json
import os
import re
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import socketio
from aiohttp import web

from lms_core.kernel.clock import SystemClock
from lms_core.kernel.plain import to_plain
from server.broadcast import Broadcaster, Parcel
from server.relay import Told

ROOM = "room:bench"
AT_ONCE = 100
_SENT = re.compile(rb'"sent":(\d+)')
_PING, _ENTER, _PONG = b"\x81\x012", b"40", b"3"


def told(sent: int) -> Told:
    """A message of a chat, as it is told."""
    body = {
        "message_id": "message_" + "0" * 26,
        "author_name": "Анна Оспан",
        "text": "Сәлеметсіз бе! " * 8,
        "sent": sent,
    }
    return Told("unit_" + "0" * 26, 1, ROOM, "messages.message_posted", datetime(2026, 9, 1, tzinfo=UTC), body)


async def serve(maker: str, port: int) -> None:
    options: dict[str, Any] = {"ping_interval": 25, "ping_timeout": 60}
    plain = socketio.AsyncServer(async_mode="aiohttp", **options)
    ours = Broadcaster(SystemClock(), lambda _: "bench", **options)
    ours_is_it = maker == "ours"
    io = ours if ours_is_it else plain
    entered = 0

    async def connect(sid: str, _: Any, __: Any = None) -> None:
        nonlocal entered
        await io.enter_room(sid, ROOM)
        entered += 1

    async def send() -> None:
        event = to_plain(told(time.monotonic_ns()))
        if ours_is_it:
            await ours.deliver(ROOM, Parcel.of("event", event))
        else:
            await plain.emit("event", event, room=ROOM)

    io.on("connect", connect)
    app = web.Application()
    io.attach(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    print("ready", flush=True)
    async for words in _lines():
        count, pause = int(words[1]), float(words[2])
        began = time.process_time()
        for _ in range(count):
            await send()
            await asyncio.sleep(pause)
        cpu = time.process_time() - began
        began = time.process_time()
        await asyncio.sleep(count * pause)
        print(json.dumps({"cpu": cpu, "idle": time.process_time() - began, "entered": entered}), flush=True)
    os._exit(0)  # thousands of goodbyes measure nothing


class Client(asyncio.Protocol):
    """A WebSocket that knows just enough."""

    def __init__(self, port: int, entered: Callable[[], None], delays: list[int]) -> None:
        self._port, self._entered, self._delays = port, entered, delays
        self._stage = 0

    def connection_made(self, transport: Any) -> None:
        self._wire = transport
        key = base64.b64encode(os.urandom(16)).decode()
        head = f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
        head += (
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        )
        self._wire.write((head + "\r\n").encode())

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        if self._stage == 2:
            self._delays.extend(now - int(sent) for sent in _SENT.findall(data))
            if _PING in data:
                self._wire.write(_masked(_PONG))
        if self._stage < 1 and b'0{"sid"' in data:
            self._stage = 1
            self._wire.write(_masked(_ENTER))
        elif self._stage == 1 and b"40{" in data:
            self._stage = 2
            self._entered()


async def clients(count: int, port: int) -> None:
    loop, delays, left = asyncio.get_running_loop(), list[int](), count
    all_in, turn = asyncio.Event(), asyncio.Semaphore(AT_ONCE)

    def entered() -> None:
        nonlocal left
        left -= 1
        turn.release()
        if not left:
            all_in.set()

    for _ in range(count):
        await turn.acquire()
        await loop.create_connection(lambda: Client(port, entered, delays), "127.0.0.1", port)
    await all_in.wait()
    print("ready", flush=True)
    async for words in _lines():
        if words[0] == "report":
            print(json.dumps(_told_of(sorted(delays))), flush=True)
            delays.clear()
    os._exit(0)


def _told_of(delays: list[int]) -> dict[str, float]:
    """How many, and in milliseconds after how long half and nearly all of them came."""
    if not delays:
        return {"count": 0, "p50": 0.0, "p99": 0.0}
    p50, p99 = (delays[int((len(delays) - 1) * part)] / 1e6 for part in (0.5, 0.99))
    return {"count": len(delays), "p50": p50, "p99": p99}


def _masked(text: bytes) -> bytes:
    return bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text


async def _lines() -> AsyncIterator[list[str]]:
    """What the bench says, until it goes."""
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        yield line.split()


def main(words: list[str]) -> None:
    import uvloop

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    work = serve(words[1], int(words[2])) if words[0] == "serve" else clients(int(words[1]), int(words[2]))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


if __name__ == "__main__":
    main(sys.argv[1:])
