"""The network in memory."""

from media.wire.fake import FakeWire, Network

A, B = ("a", 1), ("b", 2)


async def test_datagrams_take_their_time() -> None:
    network = Network(delay=0.05)
    got: list[tuple[float, bytes]] = []
    network.attach(B, lambda source, data: got.append((round(network.now - start, 3), data)))
    start = network.now
    network.send(A, B, b"one")
    await network.run(0.04)
    assert got == []
    network.send(A, B, b"two")
    await network.run(0.06)
    assert got == [(0.05, b"one"), (0.09, b"two")]
    assert round(network.now - start, 3) == 0.1


async def test_what_the_network_loses_and_what_nobody_awaits_is_gone() -> None:
    network = Network(drop=lambda source, target, data: data == b"lost")
    got: list[bytes] = []
    network.attach(B, lambda source, data: got.append(data))
    for data in (b"lost", b"kept"):
        network.send(A, B, data)
    network.send(B, A, b"nobody there")
    await network.run(1)
    network.detach(B)
    network.send(A, B, b"too late")
    await network.run(1)
    assert got == [b"kept"]
    assert network.lost == 1


async def test_what_is_due_again_and_again_comes_in_virtual_time() -> None:
    network = Network()
    calls: list[float] = []
    network.every(0.25, lambda: calls.append(round(network.now - start, 2)))
    start = network.now
    await network.run(1)
    assert calls == [0.25, 0.5, 0.75, 1.0]


async def test_a_closed_wire_hears_nothing() -> None:
    network = Network()
    notes: list[object] = []
    wire = FakeWire(network, A, notes.append)
    assert (wire.port, wire.dump()["maker"]) == (1, "fake")
    network.send(B, A, b"\x00hello")
    await network.run(0.1)
    assert len(notes) == 1
    wire.close()
    network.send(B, A, b"\x00hello")
    await network.run(0.1)
    assert len(notes) == 1
