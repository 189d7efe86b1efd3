"""The called side of links: what people of other processes do in the rooms of this one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from itertools import count
from typing import Any, Final

import structlog
from aiohttp import WSMsgType, web

from lms_core.kernel.clock import Clock
from lms_core.kernel.errors import NotFound, Refusal
from media import room_io
from media.grant import from_claims
from media.room_deeds import from_json
from media.rooms import Rooms

from .channel import MAX_FRAME, Channel, Message
from .keeper import Keeper
from .links import PATH
from .planes import ClusterPlanes
from .refusals import NotHere, RoomAway, packed
from .registry import Registry
from .sealed import Handshake, Seal, Untrue

STRANGERS: Final = 32
"""Links that may be at their handshake at once."""
HANDSHAKE: Final = 3.0

log = structlog.get_logger(__name__)
_numbers = count(1)


def add_to(
    app: web.Application,
    registry: Registry,
    keeper: Keeper,
    rooms: Rooms,
    planes: ClusterPlanes,
    clock: Clock,
    key: bytes,
) -> None:
    """Serve `/internal/link`."""
    strangers = 0

    async def serve(request: web.Request) -> web.StreamResponse:
        nonlocal strangers
        socket = web.WebSocketResponse(max_msg_size=MAX_FRAME, compress=False, timeout=1.0)
        if strangers >= STRANGERS or not socket.can_prepare(request):
            raise web.HTTPNotFound
        strangers += 1
        try:
            await socket.prepare(request)
            peer, seal = await _welcome(socket, Handshake(key, registry.me))
        except (Untrue, TimeoutError, OSError):
            await socket.close()
            return socket
        finally:
            strangers -= 1
        served = Served(peer, rooms, planes, keeper, clock, socket, seal)
        try:
            await served.channel.run()
        finally:
            served.end()
            await socket.close()
        return socket

    app.router.add_get(PATH, serve)


async def _welcome(socket: web.WebSocketResponse, hand: Handshake) -> tuple[str, Seal]:
    async with asyncio.timeout(HANDSHAKE):
        await socket.send_bytes(hand.hello())
        message = await socket.receive()
        if message.type != WSMsgType.BINARY:
            raise Untrue("greeting")
        await socket.send_bytes(hand.welcome(message.data))
    return hand.peer, hand.seal(calling=False)


class Served:
    """One link: its people are in rooms under names of its own, so that no two links' can be confused."""

    def __init__(
        self, peer: str, rooms: Rooms, planes: ClusterPlanes, keeper: Keeper, clock: Clock, socket: Any, seal: Seal
    ) -> None:
        self._rooms, self._keeper, self._prefix = rooms, keeper, f"{peer}.{next(_numbers)}/"
        self.peer, self._planes = peer, planes
        self._gone: set[str] = set()
        self._entering: set[str] = set()
        self._inside: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.channel = Channel(socket, seal, clock, self._hear)

    def end(self) -> None:
        """The link fell: its people are gone, and have a while to come back."""
        for task in self._tasks:
            task.cancel()
        for connection in list(self._inside):
            self._rooms.disconnect(connection)
        self._inside.clear()
        self._planes.guest_gone(self)

    def plane_said(self, plane: int, report: str | None) -> None:
        """What a plane here says of one of the caller's people."""
        self.channel.send({"plane": plane, "report": report})

    def _hear(self, message: Message) -> None:
        what, args = message["what"], message["args"]
        if what == "disconnect":
            self._disconnect(self._prefix + args["connection"], args.get("unheard", 0.0))
            return
        if what == "order":
            self._planes.guest_order(self, **args)
            return
        if what == "way":
            self._planes.guest_way(self, **args)
            return
        if what == "leaving":
            self._planes.guest_leaves(self)
            return
        if what not in self._CALLS:
            return
        task = asyncio.create_task(self._answer(message["call"], what, args))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, what: str, args: dict[str, Any]) -> None:
        try:
            value = await self._CALLS[what](self, **args)
        except Refusal as no:
            self.channel.send({"answer": number, "no": packed(no)})
        except Exception:
            log.exception("link_call_failed", what=what)
            self.channel.send({"answer": number, "no": packed(RoomAway())})
        else:
            self.channel.send({"answer": number, "ok": value})

    def _disconnect(self, connection: str, unheard: float = 0.0) -> None:
        if connection in self._entering:
            self._gone.add(connection)
        self._inside.discard(connection)
        self._rooms.disconnect(connection, unheard)

    async def _here(self, room: str, *, claim: bool) -> None:
        owner = await self._keeper.find(room, claim=claim)
        if owner is None and not claim:
            raise NotFound
        if not self._keeper.owns(room):
            raise NotHere

    # ---- what may be called: media.rooms.Rooms, in JSON

    async def _enter(self, connection: str, grant: dict[str, Any]) -> Any:
        granted, name = from_claims(grant), self._prefix + connection
        self._entering.add(name)
        try:
            await self._here(granted.room, claim=True)
            if name in self._gone:
                raise RoomAway
            self._inside.add(name)
            return await self._rooms.enter(granted, name, self._sender(connection, name))
        finally:
            self._entering.discard(name)
            self._gone.discard(name)

    async def _leave(self, connection: str) -> Any:
        self._inside.discard(self._prefix + connection)
        await self._rooms.leave(self._prefix + connection)

    async def _publish(self, connection: str, transport_id: str | None, sdp: str, tracks: list[list[str]]) -> Any:
        wishes = [room_io.Wish(mid, source) for mid, source in tracks]
        return await self._rooms.publish(self._prefix + connection, transport_id, sdp, wishes)

    async def _receive(self, connection: str) -> Any:
        return await self._rooms.receive(self._prefix + connection)

    async def _take_answer(self, connection: str, transport_id: str, revision: int, sdp: str) -> Any:
        return await self._rooms.answer(self._prefix + connection, transport_id, revision, sdp)

    async def _set_muted(self, connection: str, publication_id: str, muted: bool) -> Any:
        return await self._rooms.set_muted(self._prefix + connection, publication_id, muted)

    async def _do(self, connection: str, deed: list[Any]) -> Any:
        return await self._rooms.do(self._prefix + connection, from_json(deed))

    async def _do_as(self, room: str, person: str, leads: bool, deed: list[Any]) -> Any:
        await self._here(room, claim=True)
        return await self._rooms.do_as(room, person, leads, from_json(deed))

    async def _standing(self, connection: str) -> Any:
        return await self._rooms.standing(self._prefix + connection)

    async def _lines(self, connection: str) -> Any:
        return await self._rooms.lines(self._prefix + connection)

    async def _pass_on(self, connection: str, place: str, name: str, body: dict[str, Any]) -> Any:
        await self._rooms.pass_on(self._prefix + connection, place, name, body)

    async def _open_publisher(self, grant: dict[str, Any], sdp: str) -> Any:
        granted = from_claims(grant)
        await self._here(granted.room, claim=True)
        return asdict(await self._rooms.open_publisher(granted, sdp))

    async def _open_viewer(self, grant: dict[str, Any], sdp: str, publication: str | None) -> Any:
        granted = from_claims(grant)
        await self._here(granted.room, claim=True)
        return asdict(await self._rooms.open_viewer(granted, sdp, publication))

    async def _resource(self, grant: dict[str, Any], resource_id: str) -> Any:
        granted = from_claims(grant)
        await self._here(granted.room, claim=False)
        return asdict(self._rooms.resource(granted, resource_id))

    async def _restart_ice(self, grant: dict[str, Any], resource_id: str, ufrag: str, pwd: str) -> Any:
        granted = from_claims(grant)
        await self._here(granted.room, claim=False)
        return asdict(await self._rooms.restart_ice(granted, resource_id, ufrag, pwd))

    async def _close_resource(self, grant: dict[str, Any], resource_id: str) -> Any:
        granted = from_claims(grant)
        await self._here(granted.room, claim=False)
        await self._rooms.close_resource(granted, resource_id)

    async def _adopt(self, room: str) -> Any:
        """A room was handed over to this process: take it up before its people come."""
        await self._keeper.find(room, claim=False)

    async def _offered(self) -> Any:
        return self._planes.offered()

    _CALLS: dict[str, Callable[..., Awaitable[Any]]] = {  # noqa: RUF012
        "enter": _enter, "leave": _leave, "publish": _publish, "receive": _receive, "answer": _take_answer,
        "set_muted": _set_muted, "standing": _standing, "lines": _lines, "pass_on": _pass_on,
        "do": _do, "do_as": _do_as, "open_publisher": _open_publisher, "open_viewer": _open_viewer,
        "resource": _resource, "restart_ice": _restart_ice, "close_resource": _close_resource, "adopt": _adopt,
        "planes": _offered,
    }  # fmt: skip

    def _sender(self, connection: str, name: str) -> Callable[[str, dict[str, Any]], None]:
        def send(signal: str, body: dict[str, Any]) -> None:
            if signal in ("replaced", "removed", "room_closed", "moved"):
                self._inside.discard(name)
            self.channel.send({"signal": connection, "name": signal, "body": body})

        return send
