"""A bad line over UDP on loopback: stands before a port and loses packets of media by a pattern."""

import asyncio
from collections.abc import Callable
from typing import Any

Address = tuple[str, int]
Loses = Callable[[int], bool]
"""Whether the n-th media packet (RTP, not RTCP) of one direction is lost."""


class Link(asyncio.DatagramProtocol):
    """Datagrams to `port` go on to `target`, and answers back; each client gets a way of its own."""

    def __init__(self, target: Address, loses: Loses) -> None:
        self._target, self._loses = target, loses
        self._ways: dict[Address, _Way] = {}
        self._transport: asyncio.DatagramTransport
        self.lost = 0

    @property
    def port(self) -> int:
        return self._transport.get_extra_info("sockname")[1]

    @classmethod
    async def open(cls, target: Address, loses: Loses) -> "Link":
        loop = asyncio.get_running_loop()
        _, link = await loop.create_datagram_endpoint(lambda: cls(target, loses), local_addr=("127.0.0.1", 0))
        return link

    def close(self) -> None:
        self._transport.close()
        for way in self._ways.values():
            way.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        way = self._ways.get(addr)
        if way is None:
            way = self._ways[addr] = _Way(self, addr, self._target)
        if way.passes(data, 0):
            way.up(data)

    def back(self, data: bytes, client: Address) -> None:
        if self._ways[client].passes(data, 1):
            self._transport.sendto(data, client)

    def drops(self, number: int) -> bool:
        if self._loses(number):
            self.lost += 1
            return True
        return False


class _Way(asyncio.DatagramProtocol):
    """One client's way to the target. What comes before it is open waits."""

    def __init__(self, link: Link, client: Address, target: Address) -> None:
        self._link, self._client = link, client
        self._counts = [0, 0]
        self._waiting: list[bytes] = []
        self._transport: asyncio.DatagramTransport | None = None
        loop = asyncio.get_running_loop()
        self._opening = loop.create_task(loop.create_datagram_endpoint(lambda: self, remote_addr=target))

    def passes(self, data: bytes, direction: int) -> bool:
        if data[0] < 128 or 192 <= data[1] <= 223:
            return True
        self._counts[direction] += 1
        return not self._link.drops(self._counts[direction])

    def up(self, data: bytes) -> None:
        if self._transport is None:
            self._waiting.append(data)
        else:
            self._transport.sendto(data)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        for data in self._waiting:
            transport.sendto(data)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._link.back(data, self._client)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
