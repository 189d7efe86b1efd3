"""A Socket.IO client that costs next to nothing, so that thirty of them in one process are not what is measured."""

import asyncio
import base64
import json
import os
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlsplit

from server.setup_steps import CannotDo

_UPDATE = b'"update":"'


class Wire(asyncio.Protocol):
    """One connection. `heard` is called with each `update` that a signal carries, undecoded."""

    _transport: asyncio.Transport

    def __init__(self, token: str, heard: Callable[[bytes], None]) -> None:
        self._token = token
        self._heard, self._buffer, self._greeted = heard, bytearray(), False
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._known: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._number = 0

    @classmethod
    async def open(cls, base: str, token: str, heard: Callable[[bytes], None]) -> Self:
        where = urlsplit(base)
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(lambda: cls(token, heard), where.hostname or "", where.port or 0)
        key = base64.b64encode(os.urandom(16)).decode()
        wire._transport.write(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {where.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        async with asyncio.timeout(20):
            await wire._known
        return wire

    async def ask(self, name: str, body: dict[str, Any]) -> Any:
        """What a command answers. CannotDo when it is refused."""
        self._number += 1
        answer = self._asked[self._number] = asyncio.get_running_loop().create_future()
        self._send(f"42{self._number}{json.dumps(['command', name, body], separators=(',', ':'))}".encode())
        async with asyncio.timeout(20):
            [said] = await answer
        if "ok" not in said:
            raise CannotDo(f"{name}: {said}")
        return said["ok"]

    def close(self) -> None:
        self._transport.abort()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._greeted:
            head = self._buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            del self._buffer[: head + 4]
            self._greeted = True
        while (frame := self._frame()) is not None:
            self._take(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        for waiting in (self._known, *self._asked.values()):
            if not waiting.done():
                waiting.set_exception(CannotDo("the connection was ended"))

    def _frame(self) -> bytes | None:
        """The next whole one (RFC 6455 §5.2); a server's are not masked."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size > 125:
            start += 2 if size == 126 else 8
            if len(buffer) < start:
                return None
            size = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + size:
            return None
        found = bytes(buffer[start : start + size])
        del buffer[: start + size]
        return found

    def _take(self, frame: bytes) -> None:
        if frame.startswith(b"42"):
            start = frame.find(_UPDATE) + len(_UPDATE)
            if start >= len(_UPDATE):
                self._heard(frame[start : frame.index(b'"', start)])
        elif frame.startswith(b"43"):
            number, bracket, rest = frame[2:].partition(b"[")
            if waiting := self._asked.pop(int(number), None):
                waiting.set_result(json.loads(bracket + rest))
        elif frame == b"2":
            self._send(b"3")
        elif frame.startswith(b"0"):
            self._send(b"40" + json.dumps({"token": self._token}).encode())
        elif frame.startswith(b"40") and not self._known.done():
            self._known.set_result(None)

    def _send(self, text: bytes) -> None:
        size = len(text)
        head = bytes([0x81, 0x80 | size]) if size < 126 else bytes([0x81, 0xFE]) + size.to_bytes(2, "big")
        self._transport.write(head + bytes(4) + text)  # a mask of zeros leaves it as it is
