"""Wires on sockets of both families: above them, addresses are what people write."""

import asyncio
import os
import socket
from typing import Any

import pytest

from media.wire import (
    AddPeer,
    AddPublication,
    AddSubscription,
    Datagram,
    Note,
    Payload,
    PayloadMap,
    RequestKeyframe,
    SendDatagram,
    Started,
)
from tests.wire.makers import MAKERS
from tests.wire.rig import Sealer, packet, parsed


class Ear(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.heard.put_nowait(data)


async def a_peer(host: str, port: int) -> tuple[asyncio.DatagramTransport, Ear]:
    loop = asyncio.get_running_loop()
    return await loop.create_datagram_endpoint(Ear, local_addr=(host, 0), remote_addr=(host, port))


@pytest.fixture(params=MAKERS)
def maker(request: pytest.FixtureRequest) -> str:
    return request.param


async def test_peers_of_both_families_are_known_by_their_own_addresses(maker: str) -> None:
    notes: asyncio.Queue[Note] = asyncio.Queue()
    wire = MAKERS[maker]("::", 0, notes.put_nowait)
    keys = [os.urandom(28) for _ in range(4)]
    old, old_ear = await a_peer("127.0.0.1", wire.port)
    new, new_ear = await a_peer("::1", wire.port)
    async with asyncio.timeout(5):
        for transport, host, ear in ((old, "127.0.0.1", old_ear), (new, "::1", new_ear)):
            transport.sendto(b"\x00stun")
            address = (host, transport.get_extra_info("sockname")[1])
            assert await notes.get() == Datagram(address, b"\x00stun")
            wire.perform(SendDatagram(address, b"\x01answer"))
            assert await ear.heard.get() == b"\x01answer"
        for command in (
            AddPeer("old", old.get_extra_info("sockname"), "AEAD_AES_128_GCM", keys[0], keys[1]),
            AddPeer("new", new.get_extra_info("sockname")[:2], "AEAD_AES_128_GCM", keys[2], keys[3]),
            AddPublication("old:1", "old", "video", (Payload(96, 90_000),), ssrc=1),
            AddSubscription("new", "old:1", 2, 0, "old", (PayloadMap(96, 96),)),
        ):
            wire.perform(command)
        old.sendto(Sealer("AEAD_AES_128_GCM", keys[1], keys[0]).seal(packet(96, 1, 1, 1, b"hello")))
        heard = Sealer("AEAD_AES_128_GCM", keys[3], keys[2]).open(await new_ear.heard.get())
    assert parsed(heard).payload == b"hello"
    assert wire.dump()["maker"] == maker
    for transport in (old, new):
        transport.close()
    wire.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
async def test_who_asks_one_of_several_addresses_is_answered_from_it(host: str, maker: str) -> None:
    notes: asyncio.Queue[Note] = asyncio.Queue()
    wire = MAKERS[maker](host, 0, notes.put_nowait, ["127.0.0.2", "127.0.0.3"])
    keys = [os.urandom(28) for _ in range(2)]
    loop = asyncio.get_running_loop()
    asked, ear = await loop.create_datagram_endpoint(
        Ear, local_addr=("127.0.0.1", 0), remote_addr=("127.0.0.3", wire.port)
    )  # connected: an answer from another address does not come through
    async with asyncio.timeout(5):
        asked.sendto(b"\x00stun")
        note = await notes.get()
        assert isinstance(note, Datagram)
        wire.perform(SendDatagram(note.address, b"\x01answer"))
        assert await ear.heard.get() == b"\x01answer"
        wire.perform(AddPeer("up", note.address, "AEAD_AES_128_GCM", keys[0], keys[1]))
        wire.perform(AddPublication("up:1", "up", "video", (Payload(96, 90_000),), ssrc=1))
        asked.sendto(Sealer("AEAD_AES_128_GCM", keys[1], keys[0]).seal(packet(96, 1, 1, 1, b"hello")))
        assert await notes.get() == Started("up:1")
        wire.perform(RequestKeyframe("up:1"))
        assert (await ear.heard.get())[0] == 0x80, "media answers from there too"
    asked.close()
    wire.close()


async def test_a_taken_port_is_told_and_free_again_afterwards(maker: str) -> None:
    first = MAKERS[maker]("127.0.0.1", 0, lambda _: None)
    port = first.port
    with pytest.raises(OSError, match="in use"):
        MAKERS[maker]("127.0.0.1", port, lambda _: None)
    first.close()
    MAKERS[maker]("127.0.0.1", port, lambda _: None).close()

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            MAKERS[maker]("127.0.0.1", other.getsockname()[1], lambda _: None)
