"""Strangers on the wire's TCP port: they are few, not for long, and harm nobody."""

import asyncio
import contextlib
import itertools
import os
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from media.wire import Address, Closed, Datagram, Note, SendDatagram, listener
from media.wire.frames import framed
from media.wire.python import PythonWire


class Bench:
    """A wire that nobody sweeps but the test, its clock and its notes."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.notes: list[Note] = []
        self.wire = PythonWire(host, 0, self.notes.append)
        self.now = 100.0
        self.listener: Any = self.wire._listener
        self.listener._clock = lambda: self.now
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self, host: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Until the wire has accepted it."""
        before = self.counted("accepted") + self.counted("refused")
        made = await asyncio.open_connection(host, self.wire.port)
        self._writers.append(made[1])
        await self.until(lambda: self.counted("accepted") + self.counted("refused") > before)
        return made

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 (what the wire counts comes without an event)
                await asyncio.sleep(0.001)

    def counted(self, what: str) -> int:
        return self.wire.dump()["tcp"][what]

    async def known(self, host: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter, Address]:
        """A connection that was answered."""
        reader, writer = await self.connect(host)
        word = os.urandom(8)
        writer.write(framed(b"\x00" + word))
        said = lambda: [n for n in self.notes if isinstance(n, Datagram) and n.data == b"\x00" + word]  # noqa: E731
        await self.until(said)
        address = said()[0].address
        self.wire.perform(SendDatagram(address, b"\x01answer"))
        assert await reader.readexactly(9) == framed(b"\x01answer")
        return reader, writer, address

    async def close(self) -> None:
        for writer in self._writers:
            writer.close()
        self.wire.close()
        await asyncio.sleep(0)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await made.close()


async def test_who_says_nothing_right_is_cut_off_after_a_while(bench: Bench) -> None:
    reader, _ = await bench.connect()
    *_, address = await bench.known()
    bench.now += listener.STRANGERS_PATIENCE + 1
    bench.listener.sweep()
    assert await reader.read() == b""
    assert bench.counted("open") == 1
    await bench.until(lambda: [note for note in bench.notes if isinstance(note, Closed)])
    assert Closed(address) not in bench.notes


async def test_a_known_one_that_falls_silent_is_closed_and_that_is_told(bench: Bench) -> None:
    reader, _, address = await bench.known()
    bench.now += listener.IDLE + 1
    bench.listener.sweep()
    assert await reader.read() == b""
    await bench.until(lambda: Closed(address) in bench.notes)
    bench.wire.perform(SendDatagram(address, b"too late"))


async def test_one_that_hangs_up_is_told_once(bench: Bench) -> None:
    _, writer, address = await bench.known()
    writer.transport.abort()
    await bench.until(lambda: Closed(address) in bench.notes)
    assert bench.notes.count(Closed(address)) == 1
    assert bench.counted("open") == 0


async def test_too_many_strangers_push_out_the_oldest_and_never_a_known_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "MAX_STRANGERS_FROM_ONE", 3)
    *_, address = await bench.known()
    readers = [(await bench.connect())[0] for _ in range(5)]
    assert await readers[0].read() == b""
    assert await readers[1].read() == b""
    assert bench.counted("open") == 4
    assert bench.wire.way(address) is not None
    assert bench.counted("cut_off") == 2
    await bench.known()


async def test_strangers_of_all_addresses_are_bounded_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "MAX_STRANGERS", 2)
    readers = [(await bench.connect())[0] for _ in range(3)]
    assert await readers[0].read() == b""
    assert bench.counted("strangers") == 2


@pytest.mark.parametrize("bound", ["MAX_CONNECTIONS", "MAX_FROM_ONE"])
async def test_beyond_the_bound_nobody_comes_in_and_who_is_in_stays(
    bench: Bench, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, bound, 2)
    await bench.known()
    _, writer, _ = await bench.known()
    reader, _ = await bench.connect()
    assert await reader.read() == b""
    assert (bench.counted("open"), bench.counted("refused")) == (2, 1)
    writer.close()
    await bench.until(lambda: bench.counted("open") == 1)
    await bench.known()


async def test_garbage_ends_its_own_connection_and_no_other(bench: Bench) -> None:
    *_, kept = await bench.known()
    speeches = [b"GET / HTTP/1.1\r\n\r\n", framed(b"\x00" * 900) * 20, b"\xff" * 5000]
    for speech in speeches:
        reader, writer = await bench.connect()
        writer.write(speech)
        with contextlib.suppress(ConnectionResetError):  # so it is told when something was not read yet
            assert await reader.read() == b""
    for _ in range(100):
        _, writer = await bench.connect()
        writer.write(os.urandom(40))
        writer.close()
    await bench.until(lambda: bench.counted("open") == 1)
    bench.wire.perform(SendDatagram(kept, b"\x01still there"))


async def test_without_sockets_left_it_takes_a_breath(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "_BREATH", 0.05)
    real, failures = bench.listener._listening, itertools.count()

    class Poor:
        def fileno(self) -> int:
            return real.fileno()

        def accept(self) -> Any:
            if next(failures) == 0:
                raise OSError(24, "Too many open files")
            return real.accept()

        def close(self) -> None:
            real.close()

    bench.listener._listening = Poor()
    await bench.known()
    assert next(failures) >= 2


async def test_one_listener_for_both_families() -> None:
    bench = Bench("::")
    *_, old = await bench.known("127.0.0.1")
    *_, new = await bench.known("::1")
    assert (old[0], new[0]) == ("127.0.0.1", "::1")
    await bench.close()


async def test_a_port_that_is_taken_for_tcp_alone_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            PythonWire("127.0.0.1", other.getsockname()[1], lambda _: None)


def test_a_household_of_ipv6_is_one_origin() -> None:
    first, second, other = (listener._origin(f"2001:db8:1:{rest}") for rest in ("2:3:4:5:6", "2::9", "3::9"))
    assert first == second != other
    assert listener._origin("192.0.2.1") == "192.0.2.1"
