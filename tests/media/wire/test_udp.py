"""Opening sockets, and sending runs with and without the kernel's help."""

import errno
import os
import socket
from collections.abc import Iterator

import pytest

from media.wire.udp import Outlet, from_wire, open_beside, open_socket, to_wire


@pytest.fixture
def sink() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        made.settimeout(2)
        yield made


@pytest.fixture
def source() -> Iterator[socket.socket]:
    with open_socket("127.0.0.1", 0) as made:
        yield made


class Refusing:
    """A socket whose card cannot segment though its kernel says so; no such card is at hand."""

    family = socket.AF_INET

    def __init__(self, real: socket.socket, number: int) -> None:
        self.real, self.number, self.asked = real, number, 0

    def setsockopt(self, *_: object) -> None: ...

    def sendmsg(self, *_: object) -> None:
        self.asked += 1
        raise OSError(self.number, os.strerror(self.number))

    def sendto(self, data: bytes, address: tuple[str, int]) -> int:
        return self.real.sendto(data, address)


def run() -> memoryview:
    return memoryview(b"a" * 100 + b"b" * 100 + b"c" * 40)


def received(sink: socket.socket, count: int) -> list[bytes]:
    return [sink.recv(2048) for _ in range(count)]


WHOLE = [b"a" * 100, b"b" * 100, b"c" * 40]


def test_a_run_is_cut_into_packets_the_last_may_be_shorter(source: socket.socket, sink: socket.socket) -> None:
    outlet = Outlet(source)
    outlet.send_run(sink.getsockname(), run(), 100)
    assert received(sink, 3) == WHOLE
    assert outlet.failed == 0


def test_without_segmenting_they_are_sent_one_by_one(source: socket.socket, sink: socket.socket) -> None:
    outlet = Outlet(source)
    outlet.segments = False
    outlet.send_run(sink.getsockname(), run(), 100)
    assert received(sink, 3) == WHOLE


@pytest.mark.parametrize("number", [errno.EIO, errno.EINVAL, errno.EOPNOTSUPP])
def test_a_card_that_cannot_is_asked_once(number: int, source: socket.socket, sink: socket.socket) -> None:
    refusing = Refusing(source, number)
    outlet = Outlet(refusing)  # type: ignore[arg-type]
    for _ in range(2):
        outlet.send_run(sink.getsockname(), run(), 100)
        assert received(sink, 3) == WHOLE
    assert refusing.asked == 1
    assert not outlet.segments


def test_too_large_for_one_path_is_no_reason_to_give_up_for_all(source: socket.socket, sink: socket.socket) -> None:
    outlet = Outlet(Refusing(source, errno.EMSGSIZE))  # type: ignore[arg-type]
    outlet.send_run(sink.getsockname(), run(), 100)
    assert received(sink, 3) == WHOLE
    assert outlet.segments


def test_what_the_network_refuses_is_lost_and_counted(source: socket.socket) -> None:
    outlet = Outlet(source)
    outlet.send(("255.255.255.255", 9), b"no broadcast allowed")
    outlet.send_run(("255.255.255.255", 9), run(), 100)
    assert outlet.failed >= 2


def test_a_port_is_free_again_at_once_and_taken_while_in_use() -> None:
    with open_socket("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            open_socket("127.0.0.1", port)
    open_socket("127.0.0.1", port).close()


def test_buffers_are_large_where_the_system_allows(source: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as usual:
        before = usual.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    assert source.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= before


def test_one_socket_speaks_both_families(sink: socket.socket) -> None:
    with open_socket("::", 0) as both:
        Outlet(both).send(to_wire(sink.getsockname()), b"hello")
        data, address = sink.recvfrom(100)
        assert data == b"hello"
        assert address[1] == both.getsockname()[1]
        sink.sendto(b"back", ("127.0.0.1", both.getsockname()[1]))
        both.setblocking(True)
        _, mapped = both.recvfrom(100)
        assert from_wire(mapped[:2]) == sink.getsockname()


def test_each_of_several_own_addresses_has_a_socket_and_the_port_stays_taken() -> None:
    first = open_socket("0.0.0.0", 0)
    port = first.getsockname()[1]
    assert open_beside(first, ["127.0.0.2", "::1"]) == [], "one of each family answers rightly by itself"
    beside = open_beside(first, ["127.0.0.2", "127.0.0.3", "192.0.2.200"])
    assert [each.getsockname() for each in beside] == [("127.0.0.2", port), ("127.0.0.3", port)]
    for host in ("0.0.0.0", "127.0.0.2", "127.0.0.9"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:
            late.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match="in use"):
                late.bind((host, port))
    for each in (first, *beside):
        each.close()


def test_bound_to_one_address_there_is_nothing_beside(source: socket.socket) -> None:
    assert open_beside(source, ["127.0.0.2", "127.0.0.3"]) == []


def test_addresses_are_mapped_only_where_they_must_be() -> None:
    assert to_wire(("192.0.2.1", 5)) == ("::ffff:192.0.2.1", 5)
    assert to_wire(("2001:db8::1", 5)) == ("2001:db8::1", 5)
    assert from_wire(("::ffff:192.0.2.1", 5)) == ("192.0.2.1", 5)
    assert from_wire(("2001:db8::1", 5)) == ("2001:db8::1", 5)
