"""Packets on a stream come out as they went in, however it is torn; and strangers' bytes do no harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.wire.frames import Frames, TooLong, framed, framed_run

packets = st.lists(st.binary(max_size=300), max_size=30)


@given(packets, st.lists(st.integers(1, 400), min_size=1, max_size=20))
def test_packets_come_whole_and_in_order_from_a_torn_stream(sent: list[bytes], pieces: list[int]) -> None:
    stream = b"".join(framed(each) for each in sent)
    frames, got, at, number = Frames(300), [], 0, 0
    while at < len(stream):
        size = pieces[number % len(pieces)]
        got += frames.feed(stream[at : at + size])
        at, number = at + size, number + 1
    assert got == [each for each in sent if each]


@given(st.lists(st.binary(max_size=100), max_size=50), st.integers(0, 2048))
def test_whatever_comes_gives_short_packets_or_ends_it(pieces: list[bytes], longest: int) -> None:
    frames = Frames(longest)
    try:
        for piece in pieces:
            assert all(0 < len(each) <= longest for each in frames.feed(piece))
    except TooLong:
        pass


@given(st.binary(min_size=1, max_size=2000), st.integers(1, 500))
def test_a_run_is_its_packets_each_behind_its_length(data: bytes, size: int) -> None:
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    assert framed_run(memoryview(data), size) == b"".join(framed(each) for each in parts)


@pytest.mark.parametrize("speech", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00\x01", b"SSH-2.0-OpenSSH_9\r\n"])
def test_who_speaks_of_something_else_is_known_at_once(speech: bytes) -> None:
    with pytest.raises(TooLong):
        Frames(2048).feed(speech)
