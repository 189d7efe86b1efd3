"""What planes say to each other is read as it was said; anything else says nothing."""

from hypothesis import given
from hypothesis import strategies as st

from media.plane.across import Needed, Rated, build, read
from media.wire import rtcp

NUMBER = st.integers(0, 2**32 - 1)
NEEDED = st.builds(Needed, NUMBER, st.dictionaries(NUMBER, st.frozensets(st.integers(0, 3)), max_size=128))
RATED = st.builds(Rated, st.dictionaries(NUMBER, st.tuples(NUMBER, NUMBER, NUMBER, NUMBER), max_size=50))


@given(NEEDED | RATED)
def test_what_is_told_is_read(told: Needed | Rated) -> None:
    packet = build(1, told)
    parts = rtcp.split(packet)
    assert [part.type for part in parts] == [rtcp.RECEIVER_REPORT, 204]
    assert [read(part) for part in parts] == [None, told]
    assert len(packet) < 1200


def test_there_are_four_rates_always() -> None:
    (_, part) = rtcp.split(build(1, Rated({7: (1, 2), 8: (1, 2, 3, 1 << 40, 5)})))
    assert read(part) == Rated({7: (1, 2, 0, 0), 8: (1, 2, 3, (1 << 32) - 1)})


@given(st.sampled_from((b"need", b"rate", b"more")), st.binary(max_size=60))
def test_what_is_something_else_says_nothing(name: bytes, body: bytes) -> None:
    part = rtcp.Part(204, 0, b"send" + name + body, b"")
    whole = {b"need": len(body) % 8 == 4, b"rate": len(body) % 20 == 0, b"more": False}
    assert (read(part) is not None) == whole[name]
    assert read(rtcp.Part(205, 0, part.body, b"")) is None
