"""The plane as a process of its own: it speaks the seam on an inherited socket, and never outlives its parent."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import ifaddr
import pytest

from media.plane import process, seam
from tests.media.plane.texts import VIDEO

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "media.plane.process"]


class Running:
    """A plane's process and our end of its socket."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self.control, theirs = socket.socketpair()
        words = [*COMMAND, "--fd", str(theirs.fileno()), "--host", host, "--udp-port", str(port)]
        words += ["--public-address", "203.0.113.5"]
        self.process = subprocess.Popen(words, pass_fds=[theirs.fileno()], cwd=ROOT, stderr=subprocess.PIPE)
        theirs.close()
        self.control.setblocking(False)
        self._buffer = b""

    def order(self, order: seam.Order) -> None:
        self.control.sendall(seam.encode(order))

    async def report(self, kind: type[seam.Report]) -> Any:
        """The next report, which must be of that kind."""
        async with asyncio.timeout(20):
            while len(self._buffer) < 4 or len(self._buffer) < 4 + int.from_bytes(self._buffer[:4], "big"):
                self._buffer += await asyncio.get_running_loop().sock_recv(self.control, 65536)
        size = 4 + int.from_bytes(self._buffer[:4], "big")
        report = seam.decode_report(self._buffer[4:size])
        self._buffer = self._buffer[size:]
        assert isinstance(report, kind)
        return report

    def end(self) -> bytes:
        """Close our end; what it logged."""
        self.control.close()
        return self.process.communicate(timeout=5)[1]


@pytest.fixture
async def plane() -> AsyncIterator[Running]:
    running = Running()
    yield running
    running.end()


async def test_it_is_ready_follows_orders_and_refuses_what_is_wrong_with_a_line_in_the_log(plane: Running) -> None:
    ready = await plane.report(seam.Ready)
    assert ready.port > 0
    assert ready.candidates == ("203.0.113.5", "127.0.0.1")
    plane.order(seam.OpenPublisher("tr_1", VIDEO))
    answered = await plane.report(seam.Answered)
    assert f"127.0.0.1 {ready.port} typ host" in answered.sdp
    assert f"203.0.113.5 {ready.port} typ host" in answered.sdp
    plane.order(seam.OpenPublisher("tr_2", "nonsense"))
    refused = await plane.report(seam.Refused)
    assert (refused.transport, refused.code) == ("tr_2", "sdp_malformed")
    plane.order(seam.Dump("x"))
    dumped = await plane.report(seam.Dumped)
    assert list(dumped.data["transports"]) == ["tr_1"]
    log = plane.end().decode().strip().split("\n")
    assert len(log) == 2
    assert '"event": "wire"' in log[0]
    assert '"transport": "tr_2"' in log[1]
    assert plane.process.returncode == 0


async def test_garbage_on_its_port_does_not_end_it(plane: Running) -> None:
    port = (await plane.report(seam.Ready)).port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for data in (b"", b"\0", b"\x16\xfe\xfd", b"\x80", b"\x80\xc9", b"\x00\x01" * 30, os.urandom(1400)):
            stranger.sendto(data, ("127.0.0.1", port))
    plane.order(seam.Dump("still there"))
    assert (await plane.report(seam.Dumped)).request == "still there"


async def test_it_ends_when_its_socket_closes(plane: Running) -> None:
    await plane.report(seam.Ready)
    plane.control.close()
    assert plane.process.wait(timeout=1) == 0


async def test_an_interrupt_of_the_whole_group_is_left_to_the_parent(plane: Running) -> None:
    await plane.report(seam.Ready)
    plane.process.send_signal(signal.SIGINT)
    plane.order(seam.Dump("still there"))
    await plane.report(seam.Dumped)


async def test_a_name_is_resolved_once_for_socket_and_candidates() -> None:
    running = Running(host="localhost")
    assert (await running.report(seam.Ready)).candidates[1] in ("127.0.0.1", "::1")
    running.end()


async def test_its_port_is_free_at_once_after_it_was_killed() -> None:
    first = Running()
    port = (await first.report(seam.Ready)).port
    first.process.kill()
    first.end()
    second = Running(port)
    assert (await second.report(seam.Ready)).port == port
    second.end()


PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen(sys.argv[2:], pass_fds=[int(sys.argv[1])])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_it_dies_with_its_parent_even_while_its_socket_stays_open() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(20)
    with ours, theirs:
        words = [sys.executable, "-c", PARENT, str(theirs.fileno()), *COMMAND, "--fd", str(theirs.fileno())]
        parent = subprocess.Popen(words, pass_fds=[theirs.fileno()], stdout=subprocess.PIPE, cwd=ROOT)
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert ours.recv(65536), "it is ready"
        assert alive(child)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        parent.stdout.close()
        end = time.monotonic() + 1
        while alive(child):
            assert time.monotonic() < end
            time.sleep(0.01)  # it is no child of ours: nothing tells of its end


def alive(pid: int) -> bool:
    """False for one that is gone, or dead and not yet fetched."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Adapter:
    """As ifaddr tells of a network card; which cards this machine has must not matter here."""

    def __init__(self, *addresses: str) -> None:
        self.ips = [ifaddr.IP((address, 0, 0) if ":" in address else address, 24, "eth") for address in addresses]


@pytest.mark.parametrize(
    ("host", "offered"),
    [
        ("127.0.0.1", ("127.0.0.1",)),
        ("::1", ("::1",)),
        ("0.0.0.0", ("192.0.2.7", "127.0.0.1")),
        ("::", ("2001:db8::7", "192.0.2.7", "::1", "127.0.0.1")),
    ],
)
def test_addresses_offered(host: str, offered: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    cards = [Adapter("127.0.0.1", "::1"), Adapter("192.0.2.7", "fe80::1", "2001:db8::7", "169.254.1.1")]
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: cards)
    assert process.local_addresses(host) == offered
    assert process.local_addresses(host, ["203.0.113.5"]) == ("203.0.113.5", *offered)


def test_addresses_of_the_whole_internet_come_before_private_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = [Adapter("10.0.0.5", "fd00::5"), Adapter("8.8.8.8", "2a00:1450::1", "127.0.0.1")]
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: cards)
    assert process.local_addresses("::", ["9.9.9.9", "2620:fe::9"]) == (
        "9.9.9.9", "2620:fe::9", "2a00:1450::1", "8.8.8.8", "fd00::5", "10.0.0.5", "127.0.0.1",
    )  # fmt: skip


def test_no_frame_is_longer_than_the_control_process_takes() -> None:
    sent: list[bytes] = []

    class Pipe(asyncio.Transport):
        def write(self, data: Any) -> None:
            sent.append(data)

    loop = asyncio.new_event_loop()
    control = process._Control(loop.create_future())
    control.connection_made(Pipe())
    long = "x" * seam.MAX_FRAME
    control.report(seam.Offered("t1", 1, long, ()))
    control.report(seam.Dumped("7", {"all": long}))
    control.report(seam.Levels(((long, 1),)))
    control.report(seam.Lost("t1", "closed"))
    loop.close()
    assert [seam.decode_report(frame[4:]) for frame in sent] == [
        seam.Refused("t1", "too_large", ""),
        seam.Dumped("7", {"error": "too_large"}),
        seam.Lost("t1", "closed"),
    ]
