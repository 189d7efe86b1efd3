"""The packet path in memory: how runs are cut, who may send, and that no bytes can break it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.wire import AddPeer, AddPublication, Address, AddSubscription, Datagram, Note, Payload, PayloadMap
from media.wire.forwarder import REPORT_EVERY, Forwarder
from media.wire.peer import BURST, MAX_RATE, MAX_STREAMS, SILENCE
from media.wire.sending import MAX_DATAGRAM
from media.wire.udp import MAX_RUN_BYTES, MAX_SEGMENTS
from tests.wire.rig import Sealer, packet, parsed, sender_report

UP, DOWN = ("10.0.0.2", 1), ("10.0.0.3", 1)
KEYS = tuple(bytes([number]) * 28 for number in range(4))


class Path:
    """A forwarder with one publisher and one viewer. `runs` are (count, size) of what was sent together."""

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.runs: list[tuple[int, int]] = []
        self.sent: list[bytes] = []
        self.now = 0.0
        self.forwarder = Forwarder(self, self.notes.append)
        self.up = Sealer("AEAD_AES_128_GCM", KEYS[1], KEYS[0])
        self.down = Sealer("AEAD_AES_128_GCM", KEYS[3], KEYS[2])
        for command in (
            AddPeer("up", UP, "AEAD_AES_128_GCM", KEYS[0], KEYS[1]),
            AddPeer("down", DOWN, "AEAD_AES_128_GCM", KEYS[2], KEYS[3]),
            AddPublication("up:1", "up", "video", (Payload(96, 90_000),), mid="1", mid_extension=3),
            AddSubscription("down", "up:1", 0xB0, 0, "up", (PayloadMap(96, 96),), extensions=((5, 5),)),
        ):
            self.forwarder.perform(command, 0.0)

    def way(self, address: Address) -> "Path":
        return self

    def send(self, address: Address, data: memoryview | bytes) -> None:
        assert address == DOWN
        self.runs.append((1, len(data)))
        self.sent.append(bytes(data))

    def send_run(self, address: Address, data: memoryview, size: int) -> None:
        assert address == DOWN
        assert len(data) <= MAX_RUN_BYTES
        parts = [bytes(data[start : start + size]) for start in range(0, len(data), size)]
        self.runs.append((len(parts), size))
        self.sent += parts

    def datagram(self, data: bytes, address: Address = UP) -> None:
        self.forwarder.inbox[: len(data)] = data
        self.forwarder.receive(len(data), address, self.now)

    def burst(self, *sizes: int, first: int = 0) -> None:
        for number, size in enumerate(sizes, first):
            self.datagram(self.up.seal(packet(96, number, 0, 0xA0, bytes(size))))
        self.forwarder.flush(self.now)

    def payloads(self) -> list[bytes]:
        return [parsed(self.down.open(data)).payload for data in self.sent]


@pytest.mark.parametrize(
    ("sizes", "runs"),
    [
        ([100], [(1, 128)]),
        ([100, 100, 100], [(3, 128)]),
        ([100, 100, 40], [(3, 128)]),
        ([100, 40, 40], [(2, 128), (1, 68)]),
        ([40, 100, 100], [(1, 68), (2, 128)]),
        ([100, 40, 0, 100], [(2, 128), (1, 28), (1, 128)]),
        ([0, 0], [(2, 28)]),
    ],
)
def test_packets_of_one_size_go_together_and_the_last_may_be_shorter(
    sizes: list[int], runs: list[tuple[int, int]]
) -> None:
    path = Path()
    path.burst(*sizes)
    assert path.runs == runs
    assert [len(payload) for payload in path.payloads()] == sizes


def test_numbered_packets_still_go_together() -> None:
    path = Path()
    view = AddSubscription("down", "up:1", 0xB1, 0, "up", (PayloadMap(96, 96),), transport_extension=7)
    path.forwarder.perform(view, 0.0)
    path.burst(100, 100, 40)
    assert path.runs == [(3, 136)]
    opened = [parsed(path.down.open(data)) for data in path.sent]
    assert [each.elements for each in opened] == [((7, bytes([0, number])),) for number in range(3)]
    assert [len(each.payload) for each in opened] == [100, 100, 40]


def test_runs_are_no_longer_than_the_kernel_takes() -> None:
    path = Path()
    path.burst(*[50] * 150)
    assert path.runs == [(60, 78), (60, 78), (30, 78)]
    assert max(count for count, _ in path.runs) <= MAX_SEGMENTS
    path.runs.clear()
    path.burst(*[1800] * 60, first=150)
    assert sum(count for count, _ in path.runs) == 60
    assert all(count * size <= MAX_RUN_BYTES for count, size in path.runs)


def test_a_packet_with_an_extension_for_the_viewer_goes_alone_and_in_order() -> None:
    path = Path()
    for number in range(4):
        elements = ((5, b"x"),) if number == 1 else ()
        path.datagram(path.up.seal(packet(96, number, 0, 0xA0, bytes([number]), elements=elements)))
    path.forwarder.flush(path.now)
    assert path.payloads() == [b"\x00", b"\x01", b"\x02", b"\x03"]
    assert [count for count, _ in path.runs] == [1, 1, 2]


def test_the_largest_datagram_fits() -> None:
    path = Path()
    path.burst(MAX_DATAGRAM - 28)
    assert path.payloads() == [bytes(MAX_DATAGRAM - 28)]


def test_one_peer_may_not_send_under_ever_new_sources() -> None:
    path = Path()
    for ssrc in range(MAX_STREAMS + 10):
        path.datagram(path.up.seal(packet(50, 1, 1, ssrc)))
        path.datagram(path.up.seal_rtcp(bytes.fromhex("80c90001") + ssrc.to_bytes(4, "big")))
    assert path.forwarder.dump()["strange"] == 2 * 10


def test_who_sends_too_much_is_heard_in_part() -> None:
    path = Path()
    path.now = 100.0
    most = int(MAX_RATE * BURST)
    path.burst(*[10] * (most + 100))
    flooded = path.forwarder.dump()["flooded"]
    assert 98 <= flooded <= 100
    path.now += 0.5
    path.burst(*[10] * (MAX_RATE // 2 - 1), first=most + 100)
    assert path.forwarder.dump()["flooded"] == flooded, "what is sent at that rate is heard"


def test_reports_that_come_too_often_are_not_relayed() -> None:
    path = Path()
    path.burst(10)
    for _ in range(5):
        path.datagram(path.up.seal_rtcp(sender_report(0xA0, 1 << 32, 0)))
    assert len(path.sent) == 2
    assert path.forwarder.dump()["flooded"] == 4
    path.now += REPORT_EVERY
    path.datagram(path.up.seal_rtcp(sender_report(0xA0, 2 << 32, 0)))
    assert len(path.sent) == 3


def test_a_stream_changes_its_source_only_after_a_silence() -> None:
    path = Path()

    def named(ssrc: int, sequence: int) -> None:
        path.datagram(path.up.seal(packet(96, sequence, sequence, ssrc, b"x", elements=((3, b"1"),))))
        path.forwarder.flush(path.now)

    named(0x51, 1)
    path.now = SILENCE / 2
    named(0x52, 1)
    assert len(path.sent) == 1
    path.now = 2 * SILENCE
    named(0x52, 2)
    assert len(path.sent) == 2
    named(0x51, 2)
    assert len(path.sent) == 2, "the former may not take it back while the new one speaks"


def test_what_is_neither_stun_nor_dtls_nor_media_is_strange() -> None:
    path = Path()
    for data in (b"", b"\x04x", b"\x13x", b"\x40x", b"\x7fx", b"\xc0x", b"\xffx", b"\x80"):
        path.datagram(data)
    assert path.forwarder.dump()["strange"] == 8
    path.datagram(b"\x03x")
    path.datagram(b"\x3fx", ("9.9.9.9", 9))
    assert path.notes == [Datagram(UP, b"\x03x"), Datagram(("9.9.9.9", 9), b"\x3fx")]


PATH = Path()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=1500), st.sampled_from([UP, DOWN, ("9.9.9.9", 9)]))
def test_no_datagram_breaks_it(data: bytes, address: Address) -> None:
    PATH.datagram(data, address)
    PATH.forwarder.flush(PATH.now)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=200), st.booleans())
def test_no_peer_breaks_it_with_what_it_seals_itself(first: int, second: int, rest: bytes, up: bool) -> None:
    """Whoever has keys is still a stranger: header bytes at will, well sealed."""
    path, sealer = PATH, PATH.up if up else PATH.down
    data = bytes([0x80 | first & 0x3F, second]) + rest.ljust(10, b"\0")
    seal = sealer.seal_rtcp if 192 <= second <= 223 else sealer.seal
    try:
        sealed = seal(data)
    except ValueError:
        return  # libsrtp itself will not send that
    path.datagram(sealed, UP if up else DOWN)
    path.now += 0.001
    path.forwarder.flush(path.now)
    path.forwarder.ask(path.now)
    path.forwarder.tick(path.now)
