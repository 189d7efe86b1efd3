"""Handshakes against each other in memory, and against what is no handshake."""

import asyncio
from collections.abc import Callable

import pytest
from aiortc.rtcdtlstransport import SRTP_PROFILES
from hypothesis import given, settings
from hypothesis import strategies as st

from media.plane import dtls
from media.plane.dtls import Handshake, Handshakes, Keys


class End:
    """One side; `outcomes` is what it was told."""

    def __init__(self, role: str, expected: Handshakes, own: Handshakes | None = None) -> None:
        self.own = own or Handshakes()
        self.outcomes: list[Keys | str] = []
        self.told = asyncio.Event()
        self.out: Callable[[bytes], None] = lambda _: None
        self.handshake: Handshake = self.own.new(
            role, expected.identity.fingerprints, lambda data: self.out(data), self._finish
        )

    def _finish(self, outcome: Keys | str) -> None:
        self.outcomes.append(outcome)
        self.told.set()

    async def outcome(self) -> Keys | str:
        async with asyncio.timeout(5):
            await self.told.wait()
        self.told.clear()
        return self.outcomes[-1]


def a_pair(expected: Handshakes | None = None) -> tuple[End, End]:
    """A client and a server; the server expects the client's certificate, or another."""
    ours, theirs = Handshakes(), Handshakes()
    client, server = End("client", ours, theirs), End("server", expected or theirs, ours)
    client.out, server.out = server.handshake.feed, client.handshake.feed
    return client, server


async def closed(*ends: End) -> None:
    for end in ends:
        await end.handshake.close()
    await asyncio.sleep(0)


async def test_both_sides_have_the_same_keys_the_other_way_round() -> None:
    client, server = a_pair()
    client.handshake.begin()
    theirs, ours = await client.outcome(), await server.outcome()
    assert isinstance(theirs, Keys)
    assert isinstance(ours, Keys)
    assert (ours.profile, ours.receive, ours.send) == ("AEAD_AES_128_GCM", theirs.send, theirs.receive)
    assert len(ours.send) == 28
    await asyncio.sleep(0)
    assert server.own.open == client.own.open == 0
    await closed(client, server)


async def test_a_goodbye_is_heard() -> None:
    client, server = a_pair()
    client.handshake.begin()
    await client.outcome()
    await server.outcome()
    await client.handshake.close()
    assert await server.outcome() == "closed"
    await closed(server)


async def test_another_certificate_than_was_told_fails() -> None:
    client, server = a_pair(expected=Handshakes())
    client.handshake.begin()
    assert await server.outcome() == "handshake_failed"
    await closed(client, server)


async def test_a_datagram_lost_is_sent_again() -> None:
    client, server = a_pair()
    deliver, dropped = server.handshake.feed, []

    def lossy(data: bytes) -> None:
        if dropped:
            deliver(data)
        else:
            dropped.append(data)

    client.out = lossy
    client.handshake.begin()
    assert isinstance(await server.outcome(), Keys)
    await closed(client, server)


async def test_no_more_than_so_many_are_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls, "MAX_HANDSHAKES", 1)
    ours = Handshakes()
    first, second = End("server", Handshakes(), ours), End("server", Handshakes(), ours)
    first.handshake.feed(b"\x16")
    second.handshake.feed(b"\x16")
    assert ours.open == 1
    await closed(first)
    await asyncio.sleep(0)
    assert ours.open == 0
    second.handshake.feed(b"\x16")
    assert ours.open == 1
    await closed(second)


async def test_one_that_does_not_get_on_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls, "MAX_SECONDS", 0.05)
    end = End("server", Handshakes())
    end.handshake.feed(b"\x16\xfe\xfd")
    assert await end.outcome() == "handshake_timeout"
    await asyncio.sleep(0)
    assert end.own.open == 0
    await closed(end)


async def test_closing_before_anything_came_is_quiet() -> None:
    end = End("server", Handshakes())
    await closed(end)
    assert end.outcomes == []


async def test_the_certificate_is_one_and_told_by_sha256() -> None:
    ours = Handshakes()
    ((algorithm, digest),) = ours.identity.fingerprints
    assert algorithm == "sha-256"
    assert len(digest.split(":")) == 32
    assert ours.identity._create_ssl_context(SRTP_PROFILES) is ours.identity._create_ssl_context(SRTP_PROFILES)


IDENTITY = Handshakes()
records = st.builds(
    lambda kind, version, epoch, rest, size: (
        bytes([kind]) + version + epoch.to_bytes(2, "big") + bytes(6) + (size or len(rest)).to_bytes(2, "big") + rest
    ),
    st.integers(20, 63),
    st.sampled_from([b"\xfe\xfd", b"\xfe\xff", b"\xfe\xfc", b"\x03\x03"]),
    st.integers(0, 2),
    st.binary(max_size=120),
    st.sampled_from([0, 0, 0, 1, 65535]),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(records | st.binary(min_size=1, max_size=300), min_size=1, max_size=6), st.booleans())
def test_any_records_fail_or_are_overlooked(datagrams: list[bytes], connected: bool) -> None:
    async def feed() -> None:
        client, server = a_pair()
        if connected:
            client.handshake.begin()
            await server.outcome()
        for data in datagrams:
            server.handshake.feed(data)
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert all(
            isinstance(each, Keys) or each.startswith(("handshake_failed", "closed")) for each in server.outcomes
        )
        await closed(client, server)

    asyncio.run(feed())
