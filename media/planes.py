"""The planes of this machine: one process a core moves packets; this starts, watches and restarts them.

A plane is spoken to by Orders and Reports (plane/seam.py) over a socket pair that it inherits; it ends when
that closes, so no plane outlives the server, however that ends. It stays in the server's process group.
"""

import asyncio
import secrets
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import structlog

from lms_core.kernel.clock import Clock

from .plane import seam
from .ways import Place, Ways

FIRST_DELAY: Final = 0.1
LONGEST_DELAY: Final = 5.0
"""Seconds before a dead plane is started again: doubled with each early death."""
LIVED_LONG: Final = 10.0
"""Seconds after which a death counts as the first again."""
START_PATIENCE: Final = 30.0
"""Seconds within which a new plane must say Ready."""
STOP_PATIENCE: Final = 1.0
DUMP_PATIENCE: Final = 1.0
UNREAD_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of orders a plane may leave unread; one that leaves more hangs, and is ended."""

COMMAND: Final = (sys.executable, "-m", "media.plane.process")
_ROOT: Final = Path(__file__).resolve().parents[1]

log = structlog.get_logger(__name__)


class Listener(Protocol):
    """Who hears of the planes. `lost`: all its transports are gone; `returned`: it takes orders (anew)."""

    def report(self, plane: int, report: seam.Report) -> None: ...

    def lost(self, plane: int) -> None: ...

    def returned(self, plane: int) -> None: ...


class Planes:
    """`count` processes, plane k on UDP port `udp_port + k` of `host`.

    `public_addresses` are offered to browsers beside the plane's own. `wire` names what moves packets
    (`media.wire.choose`). In `spool` segments of recordings are laid. With `udp_port` 0 (tests) each plane takes a free
    port, and keeps it when it is started again.
    """

    def __init__(
        self,
        *,
        count: int,
        host: str,
        udp_port: int,
        clock: Clock,
        public_addresses: Sequence[str] = (),
        spool: Path | None = None,
        wire: str = "auto",
        command: Sequence[str] = COMMAND,
    ) -> None:
        places = [*command, "--host", host, "--wire", wire]
        if spool is not None:
            places += ["--spool", str(spool.absolute())]
        for address in public_addresses:
            places += ["--public-address", address]
        ports = [udp_port + k if udp_port else 0 for k in range(count)]
        self._planes = [_Plane(k, places, port, clock, self) for k, port in enumerate(ports)]
        self._ways = Ways(self.order, self.place_of)
        self.listener: Listener | None = None

    async def start(self) -> None:
        """Start all; returns before they are ready."""
        for plane in self._planes:
            plane.start()

    async def until_ready(self) -> None:
        """Until each plane was ready once."""
        await asyncio.gather(*(plane.was_ready.wait() for plane in self._planes))

    async def stop(self) -> None:
        """End all, by force what has not ended within a second."""
        await asyncio.gather(*(plane.stop() for plane in self._planes))

    @property
    def ready(self) -> bool:
        """Every plane takes orders now."""
        return all(plane.up for plane in self._planes)

    def listen(self, listener: Listener) -> None:
        self.listener = listener

    def is_up(self, plane: int) -> bool:
        return self._planes[plane].up

    def place(self) -> int:
        """The plane with the least to do, for a new room; `release` it when the room is no more."""
        plane = min(self._planes, key=lambda plane: (not plane.up, plane.load, plane.number))
        plane.rooms += 1
        return plane.number

    def release(self, plane: int) -> None:
        self._planes[plane].rooms -= 1

    def loads(self) -> dict[int, int]:
        """How much each plane has to do that takes orders now."""
        return {plane.number: plane.load for plane in self._planes if plane.up}

    def place_of(self, plane: int) -> Place:
        """Where a plane is, while it is up."""
        return self._planes[plane].where

    def leg(self, one: int, other: int, streams: int) -> str:
        """The name of the way between two planes, made if need be, for so many streams more."""
        return self._ways.between(one, other, streams)

    def fell(self, plane: int) -> None:
        """It takes no orders any more, and the others have no way there."""
        self._ways.lost(plane)

    def order(self, plane: int, order: seam.Order) -> None:
        """Give an order; it is lost when the plane is down, and then `lost` says so or has said so."""
        self._planes[plane].order(order)

    async def dump(self) -> list[dict[str, Any]]:
        """Each plane as seen from here, and `own`: what it says of itself (None when it does not answer)."""
        return list(await asyncio.gather(*(plane.dump() for plane in self._planes)))

    async def look(self, transport: str) -> dict[str, Any] | None:
        """What its plane knows of a transport; None for one that is not here."""
        for plane in self._planes:
            if plane.has(transport):
                return await plane.ask(lambda request: seam.Look(request, transport)) or None
        return None

    async def capture(self, transport: str, seconds: float) -> dict[str, Any] | None:
        """The heads of a transport's packets in the next so many seconds ({"heads": …}, see plane/looking.py, or
        {"error": "busy"}); None for one that is not here."""
        for plane in self._planes:
            if plane.has(transport):
                order = lambda request: seam.Capture(request, transport, seconds)  # noqa: E731
                return await plane.ask(order, seconds + DUMP_PATIENCE)
        return None


class _Plane:
    """One place for a plane: the process that is there now, and the next one when it dies."""

    def __init__(self, number: int, command: Sequence[str], port: int, clock: Clock, owner: Planes) -> None:
        self.number = number
        self.up = False
        self.rooms = 0
        self.was_ready = asyncio.Event()
        self._command = command
        self._port = port
        self._clock = clock
        self._owner = owner
        self._deaths = 0
        self._pid: int | None = None
        self._candidates: tuple[str, ...] = ()
        self._life = ""
        self._transports: set[str] = set()
        self._writer: asyncio.StreamWriter | None = None
        self._dumps: dict[str, asyncio.Future[dict[str, Any] | None]] = {}
        self._dumped = 0
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def load(self) -> int:
        return self.rooms + len(self._transports)

    @property
    def where(self) -> Place:
        return Place(self._life, self._port, self._candidates)

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name=f"plane {self.number}")

    async def stop(self) -> None:
        self._stopping.set()
        if self._writer is not None:
            self._writer.close()
        if self._task is not None:
            await self._task

    def order(self, order: seam.Order) -> None:
        if self._writer is None or not self.up:
            return
        match order:
            case seam.OpenPublisher() | seam.OpenViewer() | seam.OpenReceiver():
                self._transports.add(order.transport)
            case seam.Close():
                self._transports.discard(order.transport)
        self._writer.write(seam.encode(order))
        if self._writer.transport.get_write_buffer_size() > UNREAD_LIMIT:
            log.error("plane_hangs", plane=self.number, pid=self._pid)
            self._writer.transport.abort()

    async def dump(self) -> dict[str, Any]:
        own = await self.ask(seam.Dump)
        return {
            "plane": self.number,
            "pid": self._pid,
            "up": self.up,
            "port": self._port,
            "candidates": list(self._candidates),
            "rooms": self.rooms,
            "transports": len(self._transports),
            "deaths": self._deaths,
            "own": own,
        }

    def has(self, transport: str) -> bool:
        return transport in self._transports

    async def ask(self, make: Callable[[str], seam.Order], patience: float = DUMP_PATIENCE) -> dict[str, Any] | None:
        """What the plane says to an order that is answered Dumped; None when it does not in time."""
        if not self.up:
            return None
        self._dumped += 1
        request = str(self._dumped)
        answer = self._dumps[request] = asyncio.get_running_loop().create_future()
        try:
            self.order(make(request))
            return answer.result() if await _within(self._clock, answer, patience) else None
        finally:
            self._dumps.pop(request, None)

    # ---- lives

    async def _keep(self) -> None:
        delay = FIRST_DELAY
        while not self._stopping.is_set():
            born = self._clock.monotonic()
            code = await self._live()
            if self._stopping.is_set():
                return
            self._deaths += 1
            if self._clock.monotonic() - born > LIVED_LONG:
                delay = FIRST_DELAY
            log.warning("plane_died", plane=self.number, exit_code=code, again_in=delay)
            await _within(self._clock, self._stopping.wait(), delay)
            delay = min(delay * 2, LONGEST_DELAY)

    async def _live(self) -> int | None:
        """One process from start to end; its exit code, negative for a signal, None if none was made."""
        ours, theirs = socket.socketpair()
        try:
            process = await asyncio.create_subprocess_exec(
                *(*self._command, "--udp-port", str(self._port), "--fd", str(theirs.fileno())),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                cwd=_ROOT,
            )
        except OSError:
            log.exception("plane_not_started", plane=self.number)
            ours.close()
            return None
        finally:
            theirs.close()
        self._pid = process.pid
        reader, self._writer = await asyncio.open_connection(sock=ours)
        patience = asyncio.create_task(self._expect_ready(self._writer))
        try:
            if not self._stopping.is_set():
                await self._read(reader)
        finally:
            patience.cancel()
            self._fall()
        if not await _within(self._clock, process.wait(), STOP_PATIENCE):
            process.kill()
        return await process.wait()

    async def _expect_ready(self, writer: asyncio.StreamWriter) -> None:
        await self._clock.sleep(START_PATIENCE)
        if not self.up:
            log.error("plane_never_ready", plane=self.number, pid=self._pid)
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Until the plane ends, or says what is no report: then it is ended."""
        while True:
            try:
                length = int.from_bytes(await reader.readexactly(4), "big")
                if length > seam.MAX_FRAME:
                    raise ValueError("frame too long")
                report = seam.decode_report(await reader.readexactly(length))
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            except (ValueError, KeyError, TypeError):
                log.exception("plane_speaks_nonsense", plane=self.number, pid=self._pid)
                return
            self._reported(report)

    def _reported(self, report: seam.Report) -> None:
        match report:
            case seam.Ready(port, candidates):
                self.up, self._port, self._candidates = True, port, candidates
                self._life = secrets.token_hex(8)
                self.was_ready.set()
                log.info("plane_ready", plane=self.number, pid=self._pid, port=port)
                self._tell(lambda listener: listener.returned(self.number))
            case seam.Dumped(request, data):
                waiting = self._dumps.get(request)
                if waiting and not waiting.done():
                    waiting.set_result(data)
            case _:
                if isinstance(report, seam.Lost):
                    self._transports.discard(report.transport)
                self._tell(lambda listener: listener.report(self.number, report))

    def _fall(self) -> None:
        assert self._writer is not None
        self._writer.close()
        was_up, self.up, self._writer, self._pid = self.up, False, None, None
        self._transports.clear()
        for waiting in self._dumps.values():
            if not waiting.done():
                waiting.set_result(None)
        if was_up and not self._stopping.is_set():
            self._owner.fell(self.number)
            self._tell(lambda listener: listener.lost(self.number))

    def _tell(self, how: Callable[[Listener], None]) -> None:
        """A bug in who listens is said, and does not end the plane."""
        if listener := self._owner.listener:
            try:
                how(listener)
            except Exception:
                log.exception("listener_failed", plane=self.number)


async def _within(clock: Clock, what: Awaitable[Any], seconds: float) -> bool:
    """Wait for `what`, that long at the most; whether it came about. What did not is cancelled."""
    tasks = asyncio.ensure_future(what), asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return tasks[0].done()
    finally:
        for task in tasks:
            task.cancel()
