"""What is needed of relayed pictures: more is said at once, less after a while, all of it when asked."""

from media.plane.across import Layers, Needed, read
from media.plane.needs import Needs
from media.plane.viewers import LESS_AFTER
from media.wire import rtcp


def told_by(packets: list[tuple[str, bytes]]) -> list[tuple[str, dict[int, Layers]]]:
    found = [(leg, read(part)) for leg, packet in packets for part in rtcp.split(packet)]
    return [(leg, told.layers) for leg, told in found if isinstance(told, Needed)]


def of(*layers: int) -> Layers:
    return frozenset(layers)


def test_more_is_needed_at_once_and_less_after_a_while() -> None:
    shown: dict[str, Layers] = {}
    needs = Needs(1, lambda publication: shown.get(publication, of()))
    needs.add("up:1", "leg", 7)
    assert needs.news(0.0) == [], "the smallest comes unasked"
    shown["up:1"] = of(2)
    assert told_by(needs.news(0.1)) == [("leg", {7: of(0, 2)})]
    assert needs.news(LESS_AFTER - 0.1) == []
    assert told_by(needs.news(LESS_AFTER + 0.1)) == [("leg", {7: of(2)})]
    shown["up:1"] = of(1)
    assert told_by(needs.news(5.0)) == [("leg", {7: of(1, 2)})]
    shown["up:1"] = of(1, 2)
    assert needs.news(6.0) == []
    shown["up:1"] = of()
    assert needs.news(5.0 + LESS_AFTER) == [], "it begins to be less only now"
    assert told_by(needs.news(5.0 + 2 * LESS_AFTER)) == [("leg", {7: of()})]
    assert told_by(needs.news(9.5, whole=True)) == [("leg", {7: of()})]
    needs.end("up:1")
    assert needs.news(10.0, whole=True) == []


def test_all_of_it_is_said_on_each_leg_in_packets_that_are_not_too_large() -> None:
    needs = Needs(1, lambda _: of())
    for number in range(300):
        needs.add(f"up:{number}", f"leg_{number % 2}", number)
    packets = needs.news(0.0, whole=True)
    assert all(len(packet) < 1200 for _, packet in packets)
    assert [leg for leg, _ in packets] == ["leg_0", "leg_0", "leg_1", "leg_1"]
    said = [(leg, ssrc) for leg, layers in told_by(packets) for ssrc in layers]
    assert sorted(said) == sorted((f"leg_{number % 2}", number) for number in range(300))
