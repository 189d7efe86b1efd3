"""The planes of all processes: rooms of this one spread over others' planes, and others' rooms over the planes here.

Only viewers go elsewhere. Orders for them travel over the link to the process whose plane it is, and its reports come
back on it. When a link between two processes falls, each has lost the planes of the other.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from lms_core.kernel.clock import Clock
from media.plane import seam
from media.planes import Listener, Place
from media.rooms import PlanesPort
from media.ways import Ways

from .links import Links
from .model import ProcessId
from .refusals import RoomAway
from .registry import Registry

FAR: Final = 100
"""A plane of another process is taken when it has so much less to do than one here."""
_FIRST: Final = 1000
"""Planes of other processes are numbered from here."""
_FOR_GUESTS: Final = (
    seam.OpenViewer | seam.OpenReceiver | seam.TakeAnswer | seam.Subscribe | seam.Unsubscribe | seam.Want | seam.Prefer
    | seam.RestartIce | seam.OpenLeg | seam.Import | seam.EndImport | seam.Close
)  # fmt: skip

log = structlog.get_logger(__name__)


class Guest(Protocol):
    """A process that has viewers on the planes here."""

    peer: str

    def plane_said(self, plane: int, report: str | None) -> None:
        """A report, as the seam has it; None: the plane is dead, and everything on it."""
        ...


@dataclass(slots=True)
class _Far:
    """A plane of another process, as it told of itself last."""

    process: ProcessId
    number: int
    place: Place
    load: int = 0
    up: bool = False


class ClusterPlanes:
    """`media.rooms.PlanesPort` over `here`, this process's own, and those of the others once there are `links`."""

    def __init__(self, here: PlanesPort, clock: Clock) -> None:
        self.here = here
        self._clock = clock
        self._listener: Listener | None = None
        self._registry: Registry | None = None
        self._links: Links | None = None
        self._ways = Ways(self.order, self.place_of)
        self._far: dict[int, _Far] = {}
        self._numbers: dict[tuple[ProcessId, int], int] = {}
        self._guests: dict[str, tuple[Guest, int]] = {}
        self._wishes: set[tuple[int, int]] = set()
        self._asking: dict[ProcessId, asyncio.Task[None]] = {}
        self._leaving: set[ProcessId] = set()
        here.listen(self)

    def use(self, registry: Registry, links: Links) -> None:
        self._registry, self._links = registry, links
        registry.on_look(self._look)

    # ---- for rooms

    def listen(self, listener: Listener) -> None:
        self._listener = listener

    def place(self) -> int:
        return self.here.place()

    def release(self, plane: int) -> None:
        self.here.release(plane)

    def is_up(self, plane: int) -> bool:
        return self.here.is_up(plane)

    def loads(self) -> Mapping[int, int]:
        others = self._registry.others if self._registry else {}
        far = {
            number: one.load + FAR
            for number, one in self._far.items()
            if one.up and one.process in others and one.process not in self._leaving
        }
        return {**self.here.loads(), **far}

    def place_of(self, plane: int) -> Place:
        return self._far[plane].place if plane in self._far else self.here.place_of(plane)

    def leg(self, one: int, other: int, streams: int) -> str:
        """The name of the way between two planes, made if need be, for so many streams more."""
        far = self._far.get(other)
        if far is None:
            return self.here.leg(one, other, streams)
        if self._is_ours_to_make(far):
            return self._ways.between(one, other, streams)
        self._wishes.add((one, other))
        self._wish(one, far, streams)
        return self._ways.name(self.here.place_of(one), far.place)

    def order(self, plane: int, order: seam.Order) -> None:
        if far := self._far.get(plane):
            far.load += isinstance(order, seam.OpenReceiver | seam.OpenViewer)
            self._tell(far, "order", plane=far.number, order=seam.encode(order)[4:].decode())
        elif plane < _FIRST:
            self.here.order(plane, order)

    async def look(self, transport: str) -> dict[str, Any] | None:
        """What a plane here knows of a transport; None for one that is elsewhere."""
        return await self.here.look(transport)

    # ---- from the planes here (planes.Listener)

    def report(self, plane: int, report: seam.Report) -> None:
        guest, _ = self._guests.get(getattr(report, "transport", ""), (None, 0))
        if guest is None:
            self._hear(lambda listener: listener.report(plane, report))
            return
        if isinstance(report, seam.Lost):
            del self._guests[report.transport]
        guest.plane_said(plane, seam.encode(report)[4:].decode())

    def lost(self, plane: int) -> None:
        self._forget_ways(plane)
        self._hang_up(plane)
        self._hear(lambda listener: listener.lost(plane))

    def returned(self, plane: int) -> None:
        self._hear(lambda listener: listener.returned(plane))

    # ---- from other processes, for their people

    def offered(self) -> list[list[Any]]:
        """The planes here that take viewers: number, load, life, port and addresses of each."""
        if self._registry is None or self._registry.draining:
            return []
        loads = self.here.loads()
        return [[plane, load, *self.here.place_of(plane).plain()] for plane, load in loads.items()]

    def hang_up(self) -> None:
        """The planes here are about to end: to everybody of other processes they are dead already."""
        for plane in {at for _, at in self._guests.values()}:
            self._hang_up(plane)

    def guest_order(self, guest: Guest, plane: int, order: str) -> None:
        """What a room elsewhere orders from a plane here. Raises ValueError and its kin for what is no order."""
        told = seam.decode_order(order.encode())
        if not isinstance(told, _FOR_GUESTS) or plane not in self.here.loads():
            return
        match told:
            case seam.OpenViewer(name) | seam.OpenReceiver(name) | seam.OpenLeg(name):
                self._guests[name] = guest, plane
            case seam.Close(transport):
                self._guests.pop(transport, None)
            case _:
                pass
        self.here.order(plane, told)

    def guest_way(self, guest: Guest, mine: int, theirs: list[Any], streams: int) -> None:
        """Make a way from plane `mine` here to one of the guest's for so many streams more; 0: unless there is one."""
        process = ProcessId(guest.peer)
        if mine in self.here.loads() and self._links and self._links.to(process):
            far = self._known(process, theirs[0], Place.of(theirs[1:]))
            if streams or not self._ways.has(mine, far):
                self._ways.between(mine, far, streams)

    def guest_leaves(self, guest: Guest) -> None:
        """Its process is about to end. It says so itself, before the table of processes is looked at again: its rooms
        come here at once, and their people must not be sent back to its planes."""
        self._leaving.add(ProcessId(guest.peer))

    def guest_gone(self, guest: Guest) -> None:
        """Its link fell."""
        self.process_lost(ProcessId(guest.peer))

    # ---- from the links, about planes elsewhere

    def process_lost(self, process: ProcessId) -> None:
        """A link to or from it fell: its planes are lost, and nobody orders for those of its people who are here."""
        self._leaving.discard(process)
        gone = [(name, plane) for name, (guest, plane) in self._guests.items() if guest.peer == process]
        for name, plane in gone:
            del self._guests[name]
            self.here.order(plane, seam.Close(name))
        for number in [number for number, one in self._far.items() if one.process == process]:
            self._far_lost(number)

    def far_said(self, process: ProcessId, plane: int, report: str | None) -> None:
        number = self._numbers.get((process, plane))
        if number is None or number not in self._far:
            return
        if report is None:
            self._far_lost(number)
            return
        told = seam.decode_report(report.encode())
        self._hear(lambda listener: listener.report(number, told))

    def dump(self) -> dict[str, Any]:
        far = {number: [one.process, one.number, one.up, one.load] for number, one in self._far.items()}
        return {"far": far, "guests": len(self._guests), "ways": self._ways.dump()}

    # ---- inside

    async def _look(self) -> None:
        assert self._registry and self._links
        self._asking = {who: task for who, task in self._asking.items() if not task.done()}
        for who in self._registry.others:
            if who not in self._asking and self._links.to(who):
                self._asking[who] = asyncio.create_task(self._ask(who), name=f"planes of {who}")

    async def _ask(self, process: ProcessId) -> None:
        link = self._links.to(process) if self._links else None
        if link is None:
            return
        try:
            told = await link.call("planes", self._clock)
        except RoomAway:
            return
        there: set[int] = set()
        for number, load, *place in told:
            known = self._known(process, number, Place.of(place))
            self._far[known].load, self._far[known].up = load, True
            there.add(known)
        for number, one in self._far.items():
            if one.process == process and number not in there:
                one.up = False  # it drains: who is there stays
        for mine, number in self._wishes:
            if (far := self._far.get(number)) and far.process == process:
                self._wish(mine, far)

    def _hang_up(self, plane: int) -> None:
        guests = {id(guest): guest for guest, at in self._guests.values() if at == plane}
        self._guests = {name: (guest, at) for name, (guest, at) in self._guests.items() if at != plane}
        for guest in guests.values():
            guest.plane_said(plane, None)

    def _known(self, process: ProcessId, plane: int, place: Place) -> int:
        number = self._numbers.setdefault((process, plane), _FIRST + len(self._numbers))
        far = self._far.get(number)
        if far is not None and far.place.life != place.life:
            self._far_lost(number)
            far = None
        if far is None:
            self._far[number] = _Far(process, plane, place)
        return number

    def _far_lost(self, number: int) -> None:
        if self._far.pop(number, None) is not None:
            self._forget_ways(number)
            self._hear(lambda listener: listener.lost(number))

    def _is_ours_to_make(self, far: _Far) -> bool:
        """Of two processes the one with the smaller name makes the ways between their planes."""
        return self._registry is not None and self._registry.me < far.process

    def _wish(self, mine: int, far: _Far, streams: int = 0) -> None:
        """Ask for a way; and again with each look, since the other's link to us may not have stood yet."""
        theirs = [mine, *self.here.place_of(mine).plain()]
        self._tell(far, "way", mine=far.number, theirs=theirs, streams=streams)

    def _forget_ways(self, plane: int) -> None:
        self._ways.lost(plane)
        self._wishes = {ends for ends in self._wishes if plane not in ends}

    def _tell(self, far: _Far, what: str, **args: Any) -> None:
        if self._links and (link := self._links.to(far.process)):
            link.tell(what, **args)

    def _hear(self, how: Callable[[Listener], None]) -> None:
        if self._listener is not None:
            how(self._listener)
