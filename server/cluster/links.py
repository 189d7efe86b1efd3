"""Links to every other server: this side calls, the other answers and tells what happens to our people there."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import aiohttp
import structlog

from lms_core.kernel.clock import Clock

from .channel import MAX_FRAME, PING_EVERY, Channel, Message
from .model import ProcessId
from .refusals import RoomAway, unpacked
from .registry import Neighbour, Registry
from .sealed import Handshake, Untrue

PATH: Final = "/internal/link"
CALL_PATIENCE: Final = 7.0
"""Seconds for an answer: a plane has 5, a browser waits 8."""
OPENING: Final = 2.0
AGAIN_AFTER: Final = 0.3

log = structlog.get_logger(__name__)


class Link:
    """This process's people at another one. `signal(connection, name, body)` hears what they are told, and
    `plane_said(plane, report)` what its planes say of those who are there (None: the plane is dead)."""

    def __init__(
        self,
        channel_of: Callable[[Callable[[Message], None]], Channel],
        signal: Callable[..., None],
        plane_said: Callable[[int, str | None], None],
    ) -> None:
        self._signal, self._plane_said = signal, plane_said
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._count = 0
        self.channel = channel_of(self._hear)

    async def call(self, what: str, clock: Clock, **args: Any) -> Any:
        """Raises what the other side refuses, and RoomAway when it does not answer."""
        if self.channel.closed:
            raise RoomAway
        self._count += 1
        number, answer = self._count, asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self.channel.send({"call": number, "what": what, "args": args})
        patience = asyncio.ensure_future(clock.sleep(CALL_PATIENCE))
        try:
            await asyncio.wait((answer, patience), return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise RoomAway
            return answer.result()
        finally:
            patience.cancel()
            answer.cancel()
            del self._waiting[number]

    def tell(self, what: str, **args: Any) -> None:
        """Call without waiting for an answer, which is none."""
        self.channel.send({"call": 0, "what": what, "args": args})

    def fall(self) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(RoomAway())

    def _hear(self, message: Message) -> None:
        match message:
            case {"answer": number, "ok": value}:
                if (waiting := self._waiting.get(number)) and not waiting.done():
                    waiting.set_result(value)
            case {"answer": number, "no": refusal}:
                if (waiting := self._waiting.get(number)) and not waiting.done():
                    waiting.set_exception(unpacked(refusal))
            case {"signal": connection, "name": name, "body": body}:
                self._signal(connection, name, body)
            case {"plane": plane, "report": report}:
                self._plane_said(plane, report)


class Links:
    """Keeps one open to each server that lives; `on_lost(process)` hears of each that fell."""

    def __init__(
        self,
        registry: Registry,
        clock: Clock,
        key: bytes,
        signal: Callable[[str, str, dict[str, Any]], None],
        on_lost: Callable[[ProcessId], None],
        plane_said: Callable[[ProcessId, int, str | None], None],
    ) -> None:
        self._registry, self._clock, self._key = registry, clock, key
        self._signal, self._on_lost, self._plane_said = signal, on_lost, plane_said
        self._open: dict[ProcessId, Link] = {}
        self._tasks: dict[ProcessId, asyncio.Task[None]] = {}
        registry.on_look(self.follow)

    def to(self, process: ProcessId) -> Link | None:
        return self._open.get(process)

    def tell_all(self, what: str) -> None:
        for link in self._open.values():
            link.tell(what)

    def answering(self) -> list[ProcessId]:
        """Processes that said something a moment ago."""
        now = self._clock.monotonic()
        return [who for who, link in self._open.items() if now - link.channel.heard_at < 2 * PING_EVERY]

    async def follow(self) -> None:
        """Open links to who is new, end those to who is no more."""
        wanted = {one.id: one for one in self._registry.others.values() if one.kind == "server"}
        for who in self._tasks.keys() - wanted.keys():
            self._tasks.pop(who).cancel()
        for who in wanted.keys() - self._tasks.keys():
            self._tasks[who] = asyncio.create_task(self._keep(wanted[who]), name=f"link {who}")

    async def stop(self) -> None:
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def dump(self) -> dict[str, Any]:
        return {"open": sorted(self._open), "wanted": sorted(self._tasks)}

    async def _keep(self, other: Neighbour) -> None:
        url = other.url.rstrip("/") + PATH
        async with aiohttp.ClientSession(trust_env=False) as http:
            while True:
                try:
                    # The link proves both sides by itself; names of certificates would add nothing.
                    async with asyncio.timeout(OPENING):
                        socket = await http.ws_connect(url, ssl=False, max_msg_size=MAX_FRAME, compress=0)
                        seal = await self._shake_hands(socket, other.id)
                except (OSError, aiohttp.ClientError, TimeoutError, Untrue) as no:
                    log.debug("link_not_opened", process=other.id, why=type(no).__name__)
                else:
                    await self._live(other.id, socket, seal)
                await self._clock.sleep(AGAIN_AFTER)

    async def _shake_hands(self, socket: Any, expected: str) -> Any:
        hand = Handshake(self._key, self._registry.me)
        try:
            await socket.send_bytes(hand.greet(await socket.receive_bytes()))
            hand.accept(await socket.receive_bytes())
            if hand.peer != expected:
                raise Untrue("another process has that address now")
        except TypeError:  # it closed
            raise Untrue("refused") from None
        except BaseException:
            await socket.close()
            raise
        return hand.seal(calling=True)

    async def _live(self, who: ProcessId, socket: Any, seal: Any) -> None:
        link = Link(lambda hear: Channel(socket, seal, self._clock, hear), self._signal, partial(self._plane_said, who))
        self._open[who] = link
        log.info("link_open", process=who)
        try:
            await link.channel.run()
        finally:
            del self._open[who]
            link.fall()
            log.info("link_lost", process=who)
            self._registry.hurry()
            self._on_lost(who)
            await socket.close()
