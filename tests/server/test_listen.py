"""Strangers on raw connections: slow, greedy, many. Time is moved by hand; nothing is slept through."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from aiohttp import web

from lms_core.kernel.clock import ManualClock
from server.fanout import MemoryLimits
from server.http import MAX_BODY, Doors
from server.listen import Bounds, Door

PATIENCE = 10


class Here:
    """A listening door, and its clock."""

    def __init__(self, bounds: Bounds, trusts: Callable[[str], bool] | None = None) -> None:
        self.clock = ManualClock(datetime(2026, 10, 22, tzinfo=UTC))
        self.door = Door(self.clock, bounds, trusts)
        self.port = 0

    async def opens(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def passes(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        self.door.sweep()

    async def until(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not what():  # noqa: ASYNC110 the far end acts in this loop, and tells nobody
                await asyncio.sleep(0.001)


@asynccontextmanager
async def listening(bounds: Bounds | None = None, trusts: Callable[[str], bool] | None = None) -> AsyncIterator[Here]:
    here = Here(bounds or Bounds(), trusts)
    doors = Doors(cast(Any, None), here.clock, MemoryLimits(here.clock))
    app = web.Application(middlewares=[doors.guard], client_max_size=MAX_BODY)
    app.router.add_post("/echo", _echo)
    app.router.add_get("/much", _much)
    runner = here.door.runner(app)
    await runner.setup()
    here.port = await here.door.open(runner, "127.0.0.1", 0)
    try:
        yield here
    finally:
        await runner.cleanup()


async def _echo(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


async def _much(request: web.Request) -> web.Response:
    return web.Response(body=bytes(32 * 1024 * 1024))


async def ended(read: Awaitable[bytes]) -> bytes:
    """What was read until the connection ended, however it did."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await read
        except ConnectionError:
            return b""


async def test_a_connection_that_sends_nothing_is_cut() -> None:
    async with listening() as here:
        reader, writer = await here.opens()
        await here.until(lambda: here.door.counts.open == 1)
        await here.passes(14)
        assert here.door.counts.slow_head == 0
        await here.passes(2)
        assert await ended(reader.read()) == b""
        await here.until(lambda: here.door.counts.open == 0)
        assert here.door.dump() | {"slow_head": 1, "addresses": 0} == here.door.dump()
        writer.close()


async def test_a_head_that_comes_letter_by_letter_is_cut() -> None:
    async with listening() as here:
        reader, writer = await here.opens()
        for letter in b"POST /ec":
            writer.write(bytes([letter]))
            await writer.drain()
            await here.passes(1)
        await here.passes(8)
        assert await ended(reader.read()) == b""
        writer.close()


async def test_a_second_head_is_bounded_like_the_first() -> None:
    async with listening() as here:
        reader, writer = await here.opens()
        writer.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(1) == b"2"
        await here.passes(60)  # idle is no fault
        assert here.door.counts.slow_head == 0
        writer.write(b"POST /echo HTT")
        await here.until(lambda: any(c.awaited is not None for c in here.door.connections))
        await here.passes(16)
        assert await ended(reader.read()) == b""
        assert here.door.counts.slow_head == 1
        writer.close()


async def test_a_body_that_drips_is_cut_and_one_that_flows_is_not() -> None:
    async with listening() as here:
        slow, slow_out = await here.opens()
        steady, steady_out = await here.opens()
        slow_out.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + b"a" * 100)
        steady_out.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        sent = 0
        while sent < 100000:
            steady_out.write(bytes(20000))
            await steady_out.drain()
            sent += 20000
            await here.until(lambda sent=sent: any(c.heard >= sent for c in here.door.connections) or sent == 100000)
            await here.passes(4)
        assert await ended(slow.read()) == b""
        assert b"200 OK" in await steady.readuntil(b"\r\n\r\n")
        assert here.door.counts.slow_body == 1
        slow_out.close()
        steady_out.close()


async def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    async with listening() as here:
        reader, writer = await here.opens()
        writer.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"413" in head
        assert b'"too_large"' in await ended(reader.read())
        writer.close()


async def test_a_body_without_end_is_refused_and_then_cut() -> None:
    async with listening() as here:
        reader, writer = await here.opens()
        writer.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + bytes(65536) + b"\r\n"
        sent = 0
        try:
            async with asyncio.timeout(PATIENCE):
                while sent < 64 * MAX_BODY:
                    writer.write(chunk)
                    await writer.drain()
                    sent += 65536
        except ConnectionError:
            pass
        assert sent < 64 * MAX_BODY
        await here.until(lambda: here.door.counts.open == 0)
        answer = await ended(reader.read())
        assert answer == b"" or b"413" in answer
        writer.close()


async def test_an_answer_nobody_reads_is_given_up() -> None:
    async with listening() as here:
        _, writer = await here.opens()
        writer.write(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
        await here.until(lambda: any(c.left_unread for c in here.door.connections))
        for _ in range(4):
            await here.passes(30)
        assert here.door.counts.unread == 1
        await here.until(lambda: here.door.counts.open == 0)
        writer.close()


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 20000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(500)) + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_heads_too_large_or_two_faced_are_refused(head: bytes) -> None:
    async with listening() as here:
        reader, writer = await here.opens()
        writer.write(head)
        assert (await ended(reader.read())).startswith(b"HTTP/1.0 400") or here.door.counts.open == 0
        writer.close()


async def test_an_address_has_a_bounded_number_of_connections() -> None:
    async with listening(Bounds(of_one_address=3)) as here:
        kept = [await here.opens() for _ in range(3)]
        await here.until(lambda: here.door.counts.open == 3)
        reader, extra = await here.opens()
        assert (await ended(reader.read())).startswith(b"HTTP/1.1 503")
        kept[0][1].close()
        await here.until(lambda: here.door.counts.open == 2)
        again, writer = await here.opens()
        writer.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        assert b"200 OK" in await again.readuntil(b"\r\n\r\n")
        assert here.door.counts.full == 1
        for out in (extra, writer, *(pair[1] for pair in kept)):
            out.close()


async def test_a_proxy_of_ours_is_bounded_by_the_whole_alone() -> None:
    async with listening(Bounds(of_one_address=1, connections=3), lambda address: address == "127.0.0.1") as here:
        kept = [await here.opens() for _ in range(3)]
        await here.until(lambda: here.door.counts.open == 3)
        reader, extra = await here.opens()
        assert (await ended(reader.read())).startswith(b"HTTP/1.1 503")
        for out in (extra, *(pair[1] for pair in kept)):
            out.close()
