"""The native wire's edges: strangers over TCP, Python that is busy, a thread that dies. Collected where it is built."""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from media.wire import Address, Closed, Datagram, DropPeer, Note, SendDatagram
from media.wire.frames import framed
from media.wire.native import NativeWire


class Bench:
    """A native wire, its notes, and connections to it."""

    def __init__(self, **more: Any) -> None:
        self.notes: list[Note] = []
        self.wire = NativeWire("127.0.0.1", 0, more.pop("notify", self.notes.append), **more)
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        made = await asyncio.open_connection("127.0.0.1", self.wire.port)
        self._writers.append(made[1])
        return made

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 (what another thread does comes without an event)
                await asyncio.sleep(0.001)

    def counted(self, what: str) -> int:
        return self.wire.dump()["tcp"][what]

    async def known(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, Address]:
        """A connection that was answered."""
        reader, writer = await self.connect()
        word = b"\x00" + os.urandom(8)
        writer.write(framed(word))
        said = lambda: [n for n in self.notes if isinstance(n, Datagram) and n.data == word]  # noqa: E731
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


@contextlib.asynccontextmanager
async def a_bench(**more: Any) -> AsyncIterator[Bench]:
    bench = Bench(**more)
    yield bench
    await bench.close()


async def test_one_that_hangs_up_is_told_once() -> None:
    async with a_bench() as bench:
        _, writer, address = await bench.known()
        writer.transport.abort()
        await bench.until(lambda: Closed(address) in bench.notes)
        bench.wire.perform(SendDatagram(address, b"too late"))
        assert (bench.counted("open"), bench.notes.count(Closed(address))) == (0, 1)


async def test_who_says_nothing_right_is_cut_off_and_whoever_is_known_stays() -> None:
    async with a_bench(patience=2.0) as bench:
        *_, address = await bench.known()
        reader, _ = await bench.connect()
        assert await reader.read() == b""
        assert (bench.counted("open"), bench.counted("cut_off") >= 1) == (1, True)
        assert Closed(address) not in bench.notes


async def test_garbage_ends_its_own_connection_and_no_other() -> None:
    async with a_bench() as bench:
        *_, kept = await bench.known()
        for speech in (b"GET / HTTP/1.1\r\n\r\n", framed(b"\x00" * 900) * 20, b"\xff" * 5000):
            reader, writer = await bench.connect()
            writer.write(speech)
            with contextlib.suppress(ConnectionResetError):  # so it is told when something was not read yet
                assert await reader.read() == b""
        for _ in range(50):
            _, writer = await bench.connect()
            writer.write(os.urandom(40))
            writer.close()
        await bench.until(lambda: bench.counted("accepted") == 54 and bench.counted("open") == 1)
        bench.wire.perform(SendDatagram(kept, b"\x01still there"))


async def test_strangers_fill_no_memory_while_python_is_busy() -> None:
    async with a_bench() as bench:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.connect(("127.0.0.1", bench.wire.port))
            for number in range(6000):  # Python takes no note meanwhile
                stranger.send(b"\x00" + number.to_bytes(2, "big"))
                if number % 50 == 49:  # the system lets few wait unread
                    bench.wire.dump()
        until = time.monotonic() + 5
        while bench.wire.dump()["untold"] < 6000 - 4096:
            assert time.monotonic() < until
        await bench.until(lambda: len(bench.notes) == 4096)
        assert [note.data for note in bench.notes[:2] if isinstance(note, Datagram)] == [b"\x00\0\0", b"\x00\0\1"]


async def test_a_wire_that_dies_says_so_and_takes_no_more_commands() -> None:
    why: list[str] = []
    async with a_bench(died=why.append) as bench:
        bench.wire._core._fall()
        await bench.until(lambda: why)
        assert why == ["told to fall"]
        assert bench.wire.dump() == {"maker": "native", "error": "told to fall"}
        assert bench.wire.receptions("up") == []
        with pytest.raises(RuntimeError, match="told to fall"):
            bench.wire.perform(DropPeer("up"))


async def test_a_fault_in_following_one_note_loses_no_other() -> None:
    followed: list[Note] = []
    faults: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, about: faults.append(about["message"]))

    def follow(note: Note) -> None:
        followed.append(note)
        if len(followed) == 1:
            raise ValueError

    async with a_bench(notify=follow) as bench:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for _ in range(2):
                stranger.sendto(b"\x00", ("127.0.0.1", bench.wire.port))
        await bench.until(lambda: len(followed) == 2)
    assert faults == ["Datagram was not followed"]
