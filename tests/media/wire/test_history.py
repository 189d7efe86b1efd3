"""What is kept of a publication, and that it is bounded in packets, bytes and age."""

from hypothesis import given, settings
from hypothesis import strategies as st

from media.wire.history import MAX_PACKETS, History, Packet


def packet(index: int, size: int = 100, at: float = 0.0) -> Packet:
    return (0x80, 96, index, index * 3000, bytes(size), (), at)


def filled(count: int, size: int = 100, **bounds: float) -> History:
    history = History(**bounds)  # type: ignore[arg-type]
    for index in range(count):
        history.add(packet(index, size, at=index / 100))
    return history


def test_what_was_added_is_found_and_nothing_else() -> None:
    history = filled(10)
    assert history.get(3) == packet(3, at=0.03)
    assert history.get(10) is None
    assert history.get(3 + MAX_PACKETS) is None
    assert history.get(3 - MAX_PACKETS) is None


def test_the_oldest_makes_room_for_the_newest() -> None:
    history = filled(MAX_PACKETS + 5)
    assert len(history) == MAX_PACKETS
    assert history.get(4) is None
    assert history.get(5) is not None


def test_bytes_are_bounded() -> None:
    history = filled(50, size=100, max_bytes=1050)
    assert (len(history), history.size) == (10, 1000)
    assert history.get(39) is None
    assert history.get(40) is not None


def test_the_newest_stays_even_if_it_alone_is_too_large() -> None:
    history = filled(3, size=2000, max_bytes=1000)
    assert history.get(2) is not None
    assert len(history) == 1


def test_age_is_bounded() -> None:
    history = filled(100, max_age=0.5)
    history.expire(now=1.0)
    assert history.get(49) is None
    assert history.get(50) is not None
    assert history.size == 50 * 100
    history.expire(now=10.0)
    assert (len(history), history.size) == (0, 0)


def test_numbers_that_never_came_leave_nothing_old_behind() -> None:
    history = filled(MAX_PACKETS)
    history.add(packet(MAX_PACKETS + 600))
    assert len(history) == MAX_PACKETS - 600
    history.add(packet(10 * MAX_PACKETS))
    assert (len(history), history.size) == (1, 100)


def test_a_late_packet_finds_its_place_unless_it_is_too_late() -> None:
    history = filled(10)
    history.add(packet(12))
    history.add(packet(11))
    assert history.get(11) is not None
    history.add(packet(12 + MAX_PACKETS))
    history.add(packet(12))
    assert history.get(12) is None
    assert history.get(12 + MAX_PACKETS) is not None


steps = st.lists(st.tuples(st.integers(-40, 1500), st.integers(0, 400), st.floats(0, 0.3)), max_size=60)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_it_is_a_window_on_the_newest_whatever_comes(moves: list[tuple[int, int, float]]) -> None:
    history = History(max_bytes=5000, max_age=1.0)
    model: dict[int, Packet] = {}
    newest, now = 0, 0.0
    for move, size, pause in moves:
        now += pause
        index = max(newest + move, 0)
        history.add(packet(index, size, now))
        model[index] = packet(index, size, now)
        newest = max(newest, index)
        history.expire(now)
        kept = {key: history.get(key) for key in model}
        assert all(value in (None, model[key]) for key, value in kept.items())
        assert all(key > newest - MAX_PACKETS for key, value in kept.items() if value is not None)
        sizes = [len(value[4]) for value in kept.values() if value is not None]
        assert (history.size, len(history)) == (sum(sizes), len(sizes))
        assert history.size <= 5000 or len(history) == 1
        assert history.get(newest) == model[newest] or now - model[newest][6] > 1.0
