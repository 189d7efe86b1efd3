"""What may wait on a slow connection, and what is left out of it: whole packets."""

import pytest

from media.wire import Address
from media.wire.connection import FULL, MOST, NOWHERE, ROOM, STRANGERS_BYTES, Connection
from media.wire.frames import Frames, framed

WHERE: Address = ("10.0.1.1", 7000, 9)


class Line:
    """A network that takes `takes` bytes at a time."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.taken = b""
        self.marks: list[str] = []
        self.connection = Connection(
            WHERE, self.push, lambda _: self.marks.append("full"), lambda _: self.marks.append("room"), 5.0
        )

    def push(self, data: memoryview | bytes) -> int:
        piece = bytes(data[: self.takes])
        self.taken += piece
        return len(piece)


def test_what_the_network_takes_is_gone_at_once() -> None:
    line = Line(10_000)
    line.connection.send(WHERE, b"one")
    line.connection.send_run(WHERE, memoryview(b"aaaabbbbcc"), 4)
    assert line.taken == b"".join(map(framed, (b"one", b"aaaa", b"bbbb", b"cc")))
    assert not line.connection.wants_push


def test_a_torn_packet_is_finished_before_the_next() -> None:
    line = Line(3)
    line.connection.send(WHERE, b"hello")
    line.connection.send(WHERE, b"world")
    while line.connection.wants_push:
        line.connection.pushed_on()
    assert Frames(100).feed(line.taken) == [b"hello", b"world"]


def test_too_much_is_told_once_and_room_once_and_what_comes_is_always_whole() -> None:
    line = Line(0)
    sent = [bytes([number % 251]) * 1000 for number in range(600)]
    for each in sent:
        line.connection.send(WHERE, each)
    assert line.marks == ["full"]
    assert FULL < line.connection.waiting <= MOST
    assert line.connection.dropped == 600 - line.connection.waiting // 1002
    line.takes = 10_000
    while line.connection.waiting > ROOM:
        assert line.marks == ["full"]
        line.connection.pushed_on()
    assert line.marks == ["full", "room"]
    while line.connection.wants_push:
        line.connection.pushed_on()
    assert Frames(2048).feed(line.taken) == sent[: 600 - line.connection.dropped]


def test_a_stranger_may_not_say_much() -> None:
    line = Line(100)
    packet = framed(bytes(1000))
    for _ in range(STRANGERS_BYTES // len(packet)):
        line.connection.take(packet, 6.0)
    with pytest.raises(ValueError, match="nothing right"):
        line.connection.take(packet, 6.0)
    line.connection.send(WHERE, b"answer")
    assert line.connection.take(packet, 7.0) == [bytes(1000)]
    assert line.connection.heard == 7.0


def test_nowhere_takes_everything() -> None:
    NOWHERE.send(WHERE, b"one")
    NOWHERE.send_run(WHERE, memoryview(b"aabb"), 2)
