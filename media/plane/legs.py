"""Ways to other planes, on which publications are relayed: keys and a password come by order, from who keeps both.

One of the two calls: it checks the other's addresses until one answers, and goes on checking for as long as both live,
so that a way which was cut is found again. The other finds it as it finds browsers (ice.py). There is no handshake.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from media.wire import AddPeer, Address, Datagram, MovePeer, Profile, SendDatagram, Wire

from . import ice, seam
from .paths import Paths
from .transport import Transport

PROFILE: Final[Profile] = "AEAD_AES_128_GCM"
WEIGHT: Final = 64
"""How many browsers' worth of packets and SSRCs a plane may send."""
KEEP_EVERY: Final = 1.0
"""Seconds between two checks of a way that answers; until it does, each tick brings one."""
SILENCE: Final = 4.0
"""Seconds without an answer after which all addresses are tried again."""

_KEPT_CHECKS: Final = 64


@dataclass(slots=True)
class _Leg:
    order: seam.OpenLeg
    address: Address | None = None
    heard: float = 0.0
    checked: float = 0.0
    checks: deque[bytes] = field(default_factory=lambda: deque(maxlen=_KEPT_CHECKS))

    def peer(self, address: Address) -> AddPeer:
        told = self.order
        keys = bytes.fromhex(told.receive_key), bytes.fromhex(told.send_key)
        return AddPeer(told.leg, address, PROFILE, *keys, WEIGHT)


class Legs:
    def __init__(self, wire: Wire, paths: Paths, clock: Callable[[], float]) -> None:
        self._wire, self._paths, self._clock = wire, paths, clock
        self._legs: dict[str, _Leg] = {}

    def open(self, transport: Transport, order: seam.OpenLeg) -> None:
        """Go this way from now on; said again, under new keys and with what is relayed as it is."""
        before = self._legs.get(order.leg)
        leg = self._legs[order.leg] = _Leg(order, before.address if before else None)
        if before is None:
            self._paths.known_by(transport, order.ufrag, order.password)
        if leg.address is not None:
            self._wire.perform(leg.peer(leg.address))
        elif order.calls:
            self._check(leg, self._clock())

    def forget(self, key: str) -> None:
        self._legs.pop(key, None)

    def called(self, transport: Transport, address: Address) -> None:
        """The other plane is to be sent to at this address."""
        if leg := self._legs.get(transport.key):
            self._speak(transport, leg, address)

    def answered(self, note: Datagram) -> bool:
        """Whether it is an answer to a check of ours."""
        if not ice.is_answer(note.data):
            return False
        for key, leg in self._legs.items():
            if ice.answers(note.data, leg.order.password, leg.checks):
                leg.heard = self._clock()
                if leg.address != note.address:
                    self._speak(self._paths.transports[key], leg, note.address)
                break
        return True

    def tick(self) -> None:
        now = self._clock()
        for leg in self._legs.values():
            if leg.order.calls and (leg.address is None or now - leg.checked >= KEEP_EVERY):
                self._check(leg, now)

    def _check(self, leg: _Leg, now: float) -> None:
        leg.checked = now
        for address in self._tried(leg, now):
            transaction, data = ice.check(leg.order.ufrag, leg.order.password)
            leg.checks.append(transaction)
            self._wire.perform(SendDatagram(address, data))

    def _tried(self, leg: _Leg, now: float) -> Iterable[Address]:
        known = [(address, leg.order.port) for address in leg.order.addresses]
        if leg.address is None:
            return known
        return [leg.address] if now - leg.heard < SILENCE else [leg.address, *known]

    def _speak(self, transport: Transport, leg: _Leg, address: Address) -> None:
        if leg.address is None:
            self._paths.speak(transport, leg.peer(address))
        elif self._clock() - leg.heard >= SILENCE or not leg.order.calls:
            self._wire.perform(MovePeer(transport.key, address))
        else:
            return  # several ways lead there, and the one we go does
        leg.address = address
