"""Rooms wherever they are: the interface of media.rooms.Rooms, for the people of this process.

What is here is called directly, what is elsewhere over a link. Who was in a room that moved is told `moved`, and
enters again; entering waits until a dead owner's room has been taken over.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, Refusal
from media import room_io
from media.grant import Grant, to_claims
from media.room_deeds import Deed, to_json
from media.room_shell import Send
from media.room_state import NotEntered
from media.rooms import OnFact, Resource, Restarted, Rooms

from .keeper import Keeper
from .links import Link, Links
from .model import ProcessId
from .refusals import NotHere, RoomAway
from .registry import Registry

PATIENCE: Final = 6.0
"""Seconds that somebody waits for a room's next owner; a browser's own patience is 8."""
LOOK_AGAIN: Final = 0.2
FAREWELLS: Final = ("replaced", "removed", "room_closed", "moved")


@dataclass(slots=True)
class _Away:
    """One of our people in a room of another process."""

    process: ProcessId
    send: Send


class ClusterRooms:
    def __init__(self, rooms: Rooms, registry: Registry, keeper: Keeper, clock: Clock) -> None:
        self.here = rooms
        self._registry, self._keeper, self._clock = registry, keeper, clock
        self._links: Links | None = None
        self._away: dict[str, _Away] = {}
        self._entering: set[str] = set()
        self._gone: set[str] = set()
        self._owners: dict[str, ProcessId] = {}

    def use(self, links: Links) -> None:
        """Rooms elsewhere are reached by these."""
        self._links = links

    def on_fact(self, hear: OnFact) -> None:
        """Facts of the rooms that are here."""
        self.here.on_fact(hear)

    async def was_taken(self, tx: Tx, room_id: str) -> bool:
        """As Keeper.was_taken."""
        return await self._keeper.was_taken(tx, room_id)

    # ---- browsers

    async def enter(self, grant: Grant, connection: str, send: Send) -> dict[str, Any]:
        """As Rooms.enter; also RoomAway, when the room has no owner in time."""
        self._entering.add(connection)
        try:
            return await self._tried(grant.room, lambda link: self._enter(link, grant, connection, send))
        finally:
            self._entering.discard(connection)
            self._gone.discard(connection)

    def disconnect(self, connection: str, unheard: float = 0.0) -> None:
        if connection in self._entering:
            self._gone.add(connection)
        if (away := self._away.pop(connection, None)) and (link := self._link(away.process)):
            link.tell("disconnect", connection=connection, unheard=unheard)
        self.here.disconnect(connection, unheard)

    async def leave(self, connection: str) -> None:
        if away := self._away.pop(connection, None):
            await self._over(away.process, "leave", connection=connection)
        else:
            await self.here.leave(connection)

    async def publish(
        self, connection: str, transport_id: str | None, sdp: str, tracks: Iterable[room_io.Wish]
    ) -> dict[str, Any]:
        if away := self._away.get(connection):
            plain = [[wish.mid, wish.source] for wish in tracks]
            asked = {"connection": connection, "transport_id": transport_id, "sdp": sdp, "tracks": plain}
            return await self._over(away.process, "publish", **asked)
        return await self.here.publish(connection, transport_id, sdp, tracks)

    async def receive(self, connection: str) -> dict[str, Any]:
        if away := self._away.get(connection):
            return await self._over(away.process, "receive", connection=connection)
        return await self.here.receive(connection)

    async def answer(self, connection: str, transport_id: str, revision: int, sdp: str) -> dict[str, Any]:
        if away := self._away.get(connection):
            asked = {"connection": connection, "transport_id": transport_id, "revision": revision, "sdp": sdp}
            return await self._over(away.process, "answer", **asked)
        return await self.here.answer(connection, transport_id, revision, sdp)

    async def set_muted(self, connection: str, publication_id: str, muted: bool) -> dict[str, Any]:
        if away := self._away.get(connection):
            asked = {"connection": connection, "publication_id": publication_id, "muted": muted}
            return await self._over(away.process, "set_muted", **asked)
        return await self.here.set_muted(connection, publication_id, muted)

    async def do(self, connection: str, deed: Deed) -> dict[str, Any]:
        if away := self._away.get(connection):
            return await self._over(away.process, "do", connection=connection, deed=to_json(deed))
        return await self.here.do(connection, deed)

    async def do_as(self, room_id: str, person: str, leads: bool, deed: Deed) -> dict[str, Any]:
        """As Rooms.do_as; also RoomAway, when the room has no owner in time."""

        async def ask(link: Link | None) -> dict[str, Any]:
            if link is None:
                return await self.here.do_as(room_id, person, leads, deed)
            asked = {"room": room_id, "person": person, "leads": leads, "deed": to_json(deed)}
            return await link.call("do_as", self._clock, **asked)

        return await self._tried(room_id, ask)

    async def standing(self, connection: str) -> dict[str, Any]:
        if away := self._away.get(connection):
            return await self._over(away.process, "standing", connection=connection)
        return await self.here.standing(connection)

    async def lines(self, connection: str) -> list[dict[str, Any]]:
        if away := self._away.get(connection):
            return await self._over(away.process, "lines", connection=connection)
        return await self.here.lines(connection)

    async def pass_on(self, connection: str, place: str, name: str, body: dict[str, Any]) -> None:
        if away := self._away.get(connection):
            await self._over(away.process, "pass_on", connection=connection, place=place, name=name, body=body)
        else:
            await self.here.pass_on(connection, place, name, body)

    # ---- WHIP and WHEP

    async def open_publisher(self, grant: Grant, sdp: str) -> Resource:
        return await self._resource(grant, lambda: self.here.open_publisher(grant, sdp), "open_publisher", sdp=sdp)

    async def open_viewer(self, grant: Grant, sdp: str, publication: str | None = None) -> Resource:
        here = lambda: self.here.open_viewer(grant, sdp, publication)  # noqa: E731
        return await self._resource(grant, here, "open_viewer", sdp=sdp, publication=publication)

    async def resource(self, grant: Grant, resource_id: str) -> Resource:
        async def here() -> Resource:
            return self.here.resource(grant, resource_id)

        return await self._resource(grant, here, "resource", claim=False, resource_id=resource_id)

    async def restart_ice(self, grant: Grant, resource_id: str, ufrag: str, pwd: str) -> Restarted:
        async def restart(link: Link | None) -> Restarted:
            if link is None:
                return await self.here.restart_ice(grant, resource_id, ufrag, pwd)
            asked = {"grant": to_claims(grant), "resource_id": resource_id, "ufrag": ufrag, "pwd": pwd}
            return Restarted(**await link.call("restart_ice", self._clock, **asked))

        return await self._tried(grant.room, restart, claim=False)

    async def close_resource(self, grant: Grant, resource_id: str) -> None:
        async def close(link: Link | None) -> None:
            if link is None:
                await self.here.close_resource(grant, resource_id)
            else:
                await link.call("close_resource", self._clock, grant=to_claims(grant), resource_id=resource_id)

        await self._tried(grant.room, close, claim=False)

    # ---- from above; each process hears of it and acts on its own rooms

    def remove_person(self, person: str, room_id: str | None = None) -> None:
        self.here.remove_person(person, room_id)

    def tell_place(self, room_id: str, place: str, name: str, body: dict[str, Any]) -> None:
        self.here.tell_place(room_id, place, name, body)

    def close_room(self, room_id: str) -> None:
        self.here.close_room(room_id)

    async def stop(self) -> None:
        await self.here.stop()

    def dump(self) -> list[dict[str, Any]]:
        return self.here.dump()

    # ---- from the links

    def signal(self, connection: str, name: str, body: dict[str, Any]) -> None:
        if away := self._away.get(connection):
            if name in FAREWELLS:
                del self._away[connection]
            away.send(name, body)

    def lost(self, process: ProcessId) -> None:
        """The link fell: whoever was there enters again, here or there or where the room is by then."""
        self._owners = {room: owner for room, owner in self._owners.items() if owner != process}
        for connection in [name for name, away in self._away.items() if away.process == process]:
            self._away.pop(connection).send("moved", {})

    # ---- inside

    async def _enter(self, link: Link | None, grant: Grant, connection: str, send: Send) -> dict[str, Any]:
        if connection in self._gone:
            raise NotEntered
        before = self._away.pop(connection, None)
        if before and (former := self._link(before.process)) and former is not link:
            former.tell("disconnect", connection=connection)
        if link is None:
            return await self.here.enter(grant, connection, send)
        self.here.disconnect(connection)
        process = self._owners[grant.room]
        self._away[connection] = _Away(process, send)
        try:
            answer = await link.call("enter", self._clock, connection=connection, grant=to_claims(grant))
        except Refusal:
            self._away.pop(connection, None)
            link.tell("disconnect", connection=connection)
            raise
        if connection in self._gone:
            self.disconnect(connection)
        return answer

    async def _resource(
        self, grant: Grant, here: Callable[[], Awaitable[Resource]], what: str, *, claim: bool = True, **args: Any
    ) -> Resource:
        async def ask(link: Link | None) -> Resource:
            if link is None:
                return await here()
            return Resource(**await link.call(what, self._clock, grant=to_claims(grant), **args))

        return await self._tried(grant.room, ask, claim=claim)

    async def _tried(self, room: str, ask: Callable[[Link | None], Awaitable[Any]], *, claim: bool = True) -> Any:
        """Ask the room's owner (None: it is here), again while that changes. Refusals: NotFound, RoomAway."""
        until = self._clock.monotonic() + PATIENCE
        while True:
            owner = await self._owner(room, claim)
            try:
                if owner == self._registry.me:
                    return await ask(None)
                if owner is not None and (link := self._link(owner)):
                    return await ask(link)
            except (NotHere, RoomAway):
                pass
            self._owners.pop(room, None)
            if self._clock.monotonic() >= until:
                raise RoomAway
            await self._clock.sleep(LOOK_AGAIN)

    async def _owner(self, room: str, claim: bool) -> ProcessId | None:
        """None: nobody may have it now. Refusal: NotFound, where none is to be claimed."""
        if self._keeper.owns(room):
            return self._registry.me
        if known := self._owners.get(room):
            return known
        owner = await self._keeper.find(room, claim=claim)
        if owner is None and not claim:
            raise NotFound
        if owner is None and (servers := self._registry.servers):  # we drain: another shall have it
            owner = servers[0].id
        if owner is not None and owner != self._registry.me:
            self._owners[room] = owner
        return owner

    async def _over(self, process: ProcessId, what: str, **args: Any) -> Any:
        link = self._link(process)
        if link is None:
            raise RoomAway
        return await link.call(what, self._clock, **args)

    def _link(self, process: ProcessId) -> Link | None:
        return self._links.to(process) if self._links else None
