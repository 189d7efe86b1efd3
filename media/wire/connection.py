"""One TCP connection of a browser, without its socket: frames in, frames out, and how much may wait."""

from collections.abc import Callable

from . import Address
from .frames import Frames, framed, framed_run
from .sending import MAX_DATAGRAM

FULL = 128 * 1024
"""Bytes waiting from which no more video is sent there; a large picture's keyframe fits in."""
MOST = 256 * 1024
"""Bytes waiting from which nothing is: packets are dropped, whole ones."""
ROOM = 16 * 1024
"""Bytes waiting below which video goes on."""
STRANGERS_BYTES = 8 * 1024
"""What may come before we have answered once; we answer only who knows a password of ours."""

Push = Callable[[memoryview | bytes], int]
"""Gives bytes to the network, and tells how many it took. What it did not take is pushed again when it can."""


class Connection:
    """Both directions; the `Outlet` to its address. `wants_push` while something waits; then call `pushed_on`.

    `answered`: we have sent something. `heard` and `began` are moments (monotonic seconds).
    """

    def __init__(
        self,
        address: Address,
        push: Push,
        filled: Callable[[Address], None],
        emptied: Callable[[Address], None],
        now: float,
    ) -> None:
        self.address = address
        self.began = self.heard = now
        self.answered = False
        self.dropped = 0
        self._push, self._filled, self._emptied = push, filled, emptied
        self._frames = Frames(MAX_DATAGRAM)
        self._waiting = bytearray()
        self._is_full = False
        self._taken = 0

    @property
    def wants_push(self) -> bool:
        return bool(self._waiting)

    @property
    def waiting(self) -> int:
        """Bytes."""
        return len(self._waiting)

    def take(self, data: bytes, now: float) -> list[bytes]:
        """The packets in what came. Raises ValueError for what no browser sends: the connection is to be closed."""
        self.heard = now
        self._taken += len(data)
        if not self.answered and self._taken > STRANGERS_BYTES:
            raise ValueError("says much, and nothing right")
        return self._frames.feed(data)

    def send(self, address: Address, data: memoryview | bytes) -> None:
        self._write(framed(data))

    def send_run(self, address: Address, data: memoryview, size: int) -> None:
        self._write(framed_run(data, size))

    def pushed_on(self) -> None:
        """The network takes bytes again."""
        sent = self._push(memoryview(bytes(self._waiting)))
        del self._waiting[:sent]
        if self._is_full and len(self._waiting) <= ROOM:
            self._is_full = False
            self._emptied(self.address)

    def _write(self, frames: bytes) -> None:
        self.answered = True
        if not self._waiting:
            sent = self._push(frames)
            self._waiting += frames[sent:]
        elif len(self._waiting) + len(frames) > MOST:
            self.dropped += 1
            return
        else:
            self._waiting += frames
        if len(self._waiting) > FULL and not self._is_full:
            self._is_full = True
            self._filled(self.address)


class Nowhere:
    """The way to where nobody is any more."""

    def send(self, address: Address, data: memoryview | bytes) -> None:
        pass

    def send_run(self, address: Address, data: memoryview, size: int) -> None:
        pass


NOWHERE = Nowhere()
