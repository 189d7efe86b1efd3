"""One link's two loops: messages go out sealed, many in a frame, and come in; whoever is silent is gone."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

import structlog
from aiohttp import WSMsgType

from lms_core.kernel.clock import Clock

from .sealed import Seal, Untrue

PING_EVERY: Final = 1.0
SILENCE: Final = 4.0
"""Seconds without a word after which the other side is gone."""
UNSENT_LIMIT: Final = 20_000
"""Messages that may wait to be sent; a process that takes them no faster is as good as gone."""
IN_FRAME: Final = 200
MAX_FRAME: Final = 4 * 1024 * 1024

Message = dict[str, Any]
log = structlog.get_logger(__name__)


class Socket(Protocol):
    """What a channel needs of aiohttp's WebSockets, a client's or a server's."""

    async def send_bytes(self, data: bytes) -> None: ...
    async def receive(self) -> Any: ...
    async def close(self) -> Any: ...


class Channel:
    def __init__(self, socket: Socket, seal: Seal, clock: Clock, hear: Callable[[Message], None]) -> None:
        self._socket, self._seal, self._clock, self._hear = socket, seal, clock, hear
        self._unsent: deque[Message] = deque()
        self._news = asyncio.Event()
        self.heard_at = clock.monotonic()
        self.closed = False

    def send(self, message: Message) -> None:
        """In order; what is sent to a closed channel is lost."""
        if self.closed:
            return
        self._unsent.append(message)
        self._news.set()
        if len(self._unsent) > UNSENT_LIMIT:
            log.error("link_overflows")
            self.close()

    def close(self) -> None:
        self.closed = True
        self._news.set()

    async def run(self) -> None:
        """Until either side closes or falls silent."""
        loops = [asyncio.create_task(loop) for loop in (self._write(), self._read(), self._ping())]
        try:
            await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.close()
            for loop in loops:
                loop.cancel()
            for outcome in await asyncio.gather(*loops, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, OSError):
                    log.warning("link_broken", why=repr(outcome)[:200])

    async def _write(self) -> None:
        while not self.closed:
            await self._news.wait()
            self._news.clear()
            while self._unsent and not self.closed:
                count = min(len(self._unsent), IN_FRAME)
                await self._socket.send_bytes(self._seal.close([self._unsent.popleft() for _ in range(count)]))

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message.type != WSMsgType.BINARY:
                return
            try:
                heard = self._seal.open(message.data)
            except Untrue:
                log.warning("link_untrue")
                return
            self.heard_at = self._clock.monotonic()
            for one in heard:
                if one:
                    self._hear(one)

    async def _ping(self) -> None:
        """An empty word now and then, from both sides."""
        while self._clock.monotonic() - self.heard_at < SILENCE:
            self.send({})
            await self._clock.sleep(PING_EVERY)
