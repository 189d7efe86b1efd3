"""RTP headers and their extensions, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.wire import rtp

BARE = bytes.fromhex("80600001 00000002 00000003")


def test_a_bare_header_is_twelve_bytes() -> None:
    assert rtp.payload_start(BARE + b"x", 13) == (12, 12, 0)


def test_csrcs_and_extension_are_passed_over() -> None:
    data = bytes([0x92]) + BARE[1:] + bytes(8) + bytes.fromhex("bede0001 10ff0000") + b"payload"
    start, elements, profile = rtp.payload_start(data, len(data))
    assert (start, elements, profile) == (28, 24, 0xBEDE)
    assert data[start:] == b"payload"


@pytest.mark.parametrize(
    "data",
    [
        bytes([0x8F]) + BARE[1:] + bytes(20),  # fifteen CSRCs, room for five
        bytes([0x90]) + BARE[1:] + b"\xbe\xde",  # an extension cut off in its head
        bytes([0x90]) + BARE[1:] + bytes.fromhex("bede0004 10ff0000"),  # … and in its body
        bytes([0xA0]) + BARE[1:],  # padding of nothing
        bytes([0xA0]) + BARE[1:] + b"\x00",  # … of no bytes
        bytes([0xA0]) + BARE[1:] + b"\x01\x03",  # … of more than there is
    ],
)
def test_what_does_not_fit_is_malformed(data: bytes) -> None:
    with pytest.raises(rtp.Malformed):
        rtp.payload_start(data, len(data))


def test_one_byte_elements_as_in_the_rfc() -> None:
    block = bytes.fromhex("10aa 00 22010203 000000")  # id 1 of one byte, a byte of padding, id 2 of three
    assert rtp.read_elements(block, rtp.ONE_BYTE) == ((1, b"\xaa"), (2, b"\x01\x02\x03"))


def test_id_fifteen_ends_the_list() -> None:
    assert rtp.read_elements(bytes.fromhex("10aa f0bb 20cc"), rtp.ONE_BYTE) == ((1, b"\xaa"),)


def test_two_byte_elements_may_be_empty_and_have_any_id() -> None:
    block = bytes.fromhex("1000 00 ff02aabb 000000")
    assert rtp.read_elements(block, 0x1000) == ((16, b""), (255, b"\xaa\xbb"))
    assert rtp.read_elements(block, 0x100F) == ((16, b""), (255, b"\xaa\xbb"))


def test_an_unknown_profile_holds_nothing_we_know() -> None:
    assert rtp.read_elements(b"\x10\xaa", 0x2000) == ()


def test_elements_are_written_in_one_byte_form_where_they_fit() -> None:
    assert rtp.write_elements([(1, b"\x8c"), (3, b"ab")]) == bytes.fromhex("bede0002 108c 316162 000000")


@pytest.mark.parametrize("elements", [[(15, b"x")], [(1, b"")], [(1, bytes(17))]])
def test_and_else_in_two_byte_form(elements: list[tuple[int, bytes]]) -> None:
    written = rtp.write_elements(elements)
    assert written[:2] == b"\x10\x00"
    assert rtp.read_elements(written[4:], 0x1000) == tuple(elements)


def test_nothing_to_say_is_no_extension() -> None:
    assert rtp.write_elements([]) == rtp.write_elements([(0, b"x"), (256, b"x"), (1, bytes(256))]) == b""


def test_mapping_strips_renames_and_adds() -> None:
    mapped = rtp.map_elements(((1, b"\x10"), (2, b"zz")), {1: 5}, ((4, b"m"),))
    assert rtp.read_elements(mapped[4:], rtp.ONE_BYTE) == ((5, b"\x10"), (4, b"m"))


values = st.lists(st.tuples(st.integers(1, 255), st.binary(min_size=0, max_size=255)), min_size=1, max_size=8)


@given(values)
def test_what_is_written_is_read_again(elements: list[tuple[int, bytes]]) -> None:
    written = rtp.write_elements(elements)
    profile, words = int.from_bytes(written[:2], "big"), int.from_bytes(written[2:4], "big")
    assert len(written) == 4 + 4 * words
    assert rtp.read_elements(written[4:], profile) == tuple(elements)


@given(st.binary(min_size=12, max_size=120))
def test_any_bytes_are_read_or_malformed(data: bytes) -> None:
    try:
        start, elements, profile = rtp.payload_start(data, len(data))
    except rtp.Malformed:
        return
    assert 12 <= elements <= start <= len(data)
    for key, value in rtp.read_elements(data[elements:start], profile):
        assert 0 < key < 256
        assert len(value) < 256
