"""One address in front of several servers: each new connection goes to the first that is healthy, round and round.

It passes bytes and knows nothing of HTTP, save that it asks for `/api/health`. `cut` is a wall that can be put
up and taken down, for what stands behind it: a database that is gone.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.support.running import free_port

PATIENCE = 0.5


class Balancer:
    def __init__(self, ports: Sequence[int], *, check: bool = True) -> None:
        self.ports, self.port = list(ports), free_port()
        self._check, self._next = check, 0
        self._walled = False
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def stop(self) -> None:
        assert self._server
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """End every connection, and take no new one until `mend`."""
        self._walled = True
        for task in self._tasks:
            task.cancel()

    def mend(self) -> None:
        self._walled = False

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            if not self._walled and (port := await self._healthy()):
                await self._pass(reader, writer, port)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _healthy(self) -> int | None:
        for _ in self.ports:
            port = self.ports[self._next % len(self.ports)]
            self._next += 1
            if not self._check or await _is_healthy(port):
                return port
        return None

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", port)
        try:
            ways = [asyncio.ensure_future(_copy(reader, forth)), asyncio.ensure_future(_copy(back, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        finally:
            forth.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()


async def _is_healthy(port: int) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                return (await reader.readline()).split()[1:2] == [b"200"]
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


@asynccontextmanager
async def a_balancer(*ports: int, check: bool = True) -> AsyncIterator[Balancer]:
    made = Balancer(ports, check=check)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
