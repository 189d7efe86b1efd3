"""One message to many sockets: encoded once, and put on each wire without a task, a queue or a copy.

python-socketio gives every client a task, a queue entry and a frame of its own. Here a client whose wire has
nothing waiting gets the same bytes as everybody else; one that is behind gets them in its queue, in order with
all else, and one that is too far behind is cut off.
"""

import asyncio
import socket as _socket
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from struct import pack as packed_bytes
from typing import Any

import structlog
from aiohttp import web
from engineio import AsyncServer as EngineServer
from engineio.async_drivers.aiohttp import WebSocket
from engineio.async_socket import AsyncSocket
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from socketio import AsyncManager, AsyncServer
from socketio.packet import EVENT, Packet

from lms_core.kernel.clock import Clock

UNREAD_LIMIT = 500
"""Packets that a connection may leave unread, or commands unanswered; who leaves more has gone or means harm."""
UNSENT_BYTES = 64 * 1024
"""What may wait in the system's hands before packets queue here."""
BREATH = 250
"""Deliveries after which others get a turn."""
CONNECT_SECONDS = 8.0
GOODBYE_SECONDS = 2.0
SILENT_SWEEPS = 5
"""Seconds without an answer to a ping after which a line is taken for cut: time for two lost packets of a bad one."""
PACKETS_BEFORE_CONNECT = 8
PACKETS, PACKETS_SECONDS = 1000, 10.0
PENDING_OF_ADDRESS, OPEN_OF_ADDRESS = 500, 10_000
"""A whole school may come from one address, but not wait there without saying who it is."""

log = structlog.get_logger(__name__)


class TextPacket(Packet):
    """A packet without attachments: we send and take none, and the library would keep them without end."""

    def decode(self, encoded_packet: str) -> int:  # type: ignore[override]
        attachments = super().decode(encoded_packet)
        if attachments:
            raise ValueError("attachments are not taken")
        return 0


@dataclass(frozen=True, slots=True)
class Parcel:
    """An encoded message: as a WebSocket frame, and as a packet for a queue."""

    frame: bytes
    packet: EnginePacket

    @classmethod
    def of(cls, event: str, body: Any) -> "Parcel":
        packet = EnginePacket(MESSAGE, TextPacket(EVENT, data=[event, body]).encode())
        text = str(packet.encode()).encode()
        return cls(_head(len(text)) + text, packet)


class Mailbox(asyncio.Queue[Any]):
    """A connection's queue. `wire` is its WebSocket's; `idle`: its writer has nothing and waits for more."""

    def __init__(self) -> None:
        super().__init__()
        self.wire: asyncio.Transport | None = None
        self._waiting = 0

    @property
    def idle(self) -> bool:
        return self._waiting > 0 and self.empty()

    async def get(self) -> Any:
        self._waiting += 1
        try:
            return await super().get()
        finally:
            self._waiting -= 1


class _Line(WebSocket):
    """Shows the mailbox its wire. Nothing is compressed: it costs more than all the rest, for each client anew."""

    async def __call__(self, environ: dict[str, Any]) -> Any:
        request: web.Request = environ["aiohttp.request"]
        self._sock = web.WebSocketResponse(max_msg_size=self.server.max_http_buffer_size, compress=False)
        await self._sock.prepare(request)
        self.environ = environ
        self.handler.__self__.queue.wire = request.transport
        await self.handler(self)
        return self._sock


class _Engine(EngineServer):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._async: dict[str, Any] = {**self._async, "websocket": _Line}  # type: ignore[dict-item]

    def create_queue(self, *_: Any, **__: Any) -> Mailbox:
        return Mailbox()


@dataclass(slots=True)
class _Open:
    """A connection from its first byte on, known or not. `since` is when it became what it is."""

    address: str
    since: float
    known: bool = False
    packets: int = 0
    window: float = 0.0
    ping: float | None = None
    unanswered: int = 0
    cut: bool = False


class Broadcaster(AsyncServer):
    """Socket.IO as it comes, but for `deliver`, and for guards on who is not known yet or sends too much."""

    def __init__(self, clock: Clock, address_of: Callable[[web.Request], str], **options: Any) -> None:
        super().__init__(async_mode="aiohttp", client_manager=AsyncManager(), serializer=TextPacket, **options)
        self._clock, self._address_of = clock, address_of
        self._open: dict[str, _Open] = {}
        self._of_address: Counter[str] = Counter()
        self._pending_of: Counter[str] = Counter()
        self._silent: set[str] = set()

    async def deliver(self, room: str, parcel: Parcel) -> None:
        """To all in a room, in order with whatever else each of them is sent."""
        members = self.manager.rooms.get("/", {}).get(room)
        for number, connection in enumerate(list(members.values()) if members else (), 1):
            self._give(connection, parcel)
            if number % BREATH == 0:
                await self._clock.sleep(0)

    def is_there(self, sid: str) -> bool:
        """Whether its client is: it may have left while it was asked about."""
        socket = self._socket(sid)
        return socket is not None and not socket.closed

    def unread(self, sid: str) -> int:
        socket = self._socket(sid)
        return socket.queue.qsize() if socket else 0

    async def end(self, sid: str) -> None:
        """Say goodbye and end a connection, whether its client listens or not."""
        socket = self._socket(sid)
        if socket is None:
            return
        wire = socket.queue.wire if socket.upgraded else None
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self.disconnect(sid)
                await socket.close(wait=wire is not None)
        except TimeoutError:
            self._hang_up(socket)
        if wire:
            wire.close()
            asyncio.get_running_loop().call_later(GOODBYE_SECONDS, wire.abort)

    def cut(self, sid: str) -> None:
        """End a connection at once."""
        if socket := self._socket(sid):
            self._hang_up(socket)

    def unheard(self, sid: str) -> float:
        """For how many seconds nothing may have come from a connection that is ending."""
        cut = self.manager.eio_sid_from_sid(sid, "/") in self._silent
        return self.eio.ping_interval + SILENT_SWEEPS + 1.0 if cut else 0.0

    def sweep(self) -> None:
        """End those that have not said in time who they are, or whose line was cut; to be called once a second."""
        now = self._clock.monotonic()
        for connection, opened in list(self._open.items()):
            if not opened.known and now - opened.since > CONNECT_SECONDS:
                self._cut(connection, "no_connect")
            elif (socket := self.eio.sockets.get(connection)) and self._is_silent(socket, opened):
                self._silent.add(connection)
                self._cut(connection, "silent")

    def dump(self) -> dict[str, Any]:
        return {"open": len(self._open), "pending": self._pending_of.total()}

    def _engineio_server_class(self) -> type[EngineServer]:
        return _Engine

    def _socket(self, sid: str) -> AsyncSocket | None:
        return self.eio.sockets.get(self.manager.eio_sid_from_sid(sid, "/"))

    def _give(self, connection: str, parcel: Parcel) -> None:
        socket = self.eio.sockets.get(connection)
        if socket is None or socket.closed:
            return
        mailbox: Mailbox = socket.queue
        wire = mailbox.wire
        if wire and socket.upgraded and mailbox.idle and wire.get_write_buffer_size() <= UNSENT_BYTES:
            wire.write(parcel.frame)
        elif mailbox.qsize() < UNREAD_LIMIT:
            mailbox.put_nowait(parcel.packet)
        else:
            self._cut(connection, "unread")

    def _cut(self, connection: str, why: str) -> None:
        """Once: what has come already is still handed on to be read."""
        opened = self._open.get(connection)
        if opened is None or opened.cut:
            return
        opened.cut = True
        log.info("cut", why=why, peer=opened.address)
        if socket := self.eio.sockets.get(connection):
            self._hang_up(socket)

    def _hang_up(self, socket: AsyncSocket) -> None:
        if socket.upgraded and socket.queue.wire:
            socket.queue.wire.abort()  # its reader notices, and does the rest
        elif not socket.closed:
            self.start_background_task(socket.close, wait=False, abort=True)

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> Any:
        address = self._address_of(environ["aiohttp.request"])
        if self._pending_of[address] >= PENDING_OF_ADDRESS or self._of_address[address] >= OPEN_OF_ADDRESS:
            log.info("refused", op="open", code="too_many_connections", peer=address)
            return False
        self._of_address[address] += 1
        self._pending_of[address] += 1
        self._open[eio_sid] = _Open(address, self._clock.monotonic())
        return await super()._handle_eio_connect(eio_sid, environ)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        opened = self._open.get(eio_sid)
        if opened:
            opened.unanswered = 0
        if opened is None or self._too_much(opened):
            self._cut(eio_sid, "flood")
            return
        try:
            await super()._handle_eio_message(eio_sid, data)
        finally:
            self._now_known(eio_sid, opened)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: Any) -> None:
        if opened := self._open.pop(eio_sid, None):
            _less(self._of_address, opened.address)
            if not opened.known:
                _less(self._pending_of, opened.address)
        if reason == self.reason.PING_TIMEOUT:
            self._silent.add(eio_sid)
        await super()._handle_eio_disconnect(eio_sid, reason)
        self._silent.discard(eio_sid)

    def _is_silent(self, socket: AsyncSocket, opened: _Open) -> bool:
        """Sweeps are counted, not seconds: while we ourselves stood still, answers waited to be read."""
        ping = socket.last_ping
        opened.unanswered = opened.unanswered + 1 if ping is not None and ping == opened.ping else 0
        opened.ping = ping
        return opened.unanswered >= SILENT_SWEEPS and not _is_sending(socket.queue.wire)

    def _now_known(self, connection: str, opened: _Open) -> None:
        known = self.manager.sid_from_eio_sid(connection, "/") is not None
        if known == opened.known or connection not in self._open:
            return
        opened.known, opened.since, opened.packets = known, self._clock.monotonic(), 0
        if known:
            _less(self._pending_of, opened.address)
        else:
            self._pending_of[opened.address] += 1

    def _too_much(self, opened: _Open) -> bool:
        now = self._clock.monotonic()
        if opened.known and now - opened.window > PACKETS_SECONDS:
            opened.window, opened.packets = now, 0
        opened.packets += 1
        return opened.packets > (PACKETS if opened.known else PACKETS_BEFORE_CONNECT)


def _is_sending(wire: asyncio.Transport | None) -> bool:
    """Whether bytes came of late: a long message on a slow line is no silence (Linux, tcp_info.tcpi_last_data_recv)."""
    socket = wire.get_extra_info("socket") if wire else None
    if socket is None or not hasattr(_socket, "TCP_INFO"):
        return False
    try:
        told = socket.getsockopt(_socket.IPPROTO_TCP, _socket.TCP_INFO, 56)
    except OSError:
        return False
    return len(told) == 56 and int.from_bytes(told[52:56], sys.byteorder) < SILENT_SWEEPS * 1000


def _less(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]


def _head(size: int) -> bytes:
    """Of a whole text frame from a server (RFC 6455 §5.2)."""
    if size < 126:
        return packed_bytes("!BB", 0x81, size)
    if size < 65536:
        return packed_bytes("!BBH", 0x81, 126, size)
    return packed_bytes("!BBQ", 0x81, 127, size)
