"""A publication's own timeline, made of what its sender numbers as it likes."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.wire import AddPublication, Payload, rtcp, rtp
from media.wire.history import Packet
from media.wire.incoming import Publication, elements_of
from tests.wire.rig import packet

COMMAND = AddPublication("up:1", "up", "video", (Payload(96, 90_000, 97),), 0xA0, 0xA1, "1", 3, 1, True)


def publication(**changes: object) -> Publication:
    return Publication(replace(COMMAND, **changes))  # type: ignore[arg-type]


def take(made: Publication, sequence: int, timestamp: int = 0, now: float = 0.0, **more: object) -> None:
    data = packet(96, sequence, timestamp, 0xA0, **more)  # type: ignore[arg-type]
    made.take(memoryview(data), len(data), now)


def repair(made: Publication, sequence: int, payload: bytes = b"again", now: float = 0.0, kind: int = 97) -> None:
    data = packet(kind, 1, 0, 0xA1, sequence.to_bytes(2, "big") + payload)
    made.take_repaired(memoryview(data), len(data), now)


def indices(made: Publication) -> list[int]:
    return [each[2] for each in made.pending]


def test_indices_go_on_through_the_wrap() -> None:
    made = publication()
    for sequence in (65534, 65535, 0, 1):
        take(made, sequence)
    assert indices(made) == [131070, 131071, 131072, 131073]
    told = made.reception(0.0)
    assert told is not None
    assert (told.highest, told.expected, told.received) == (65537, 4, 4)


def test_a_packet_is_kept_as_it_will_be_needed() -> None:
    made = publication()
    made.kept = frozenset([5])
    take(made, 7, 3000, 1.5, payload=b"abc", marker=1, elements=((3, b"1"), (5, b"x")))
    expected: Packet = (0x80, 0x80 | 96, 0x10007, 3000, b"abc", ((5, b"x"),), 1.5)
    assert made.pending == [expected]
    assert made.history.get(0x10007) == expected


def test_dependency_descriptors_are_read_whichever_way_a_packet_comes_and_of_each_stream_anew() -> None:
    made = publication(dependency_extension=13, codec="AV1")
    first, second = bytes.fromhex("c00001800214eaa860414d1410208426"), bytes.fromhex("c30002")
    take(made, 1, elements=((13, first), (3, b"1")))
    take(made, 3, elements=((13, second),))
    data = packet(97, 1, 0, 0xA1, b"\0\2again", elements=((13, bytes.fromhex("c20003")),))
    made.take_repaired(memoryview(data), len(data), 0.0)
    take(made, 4)
    assert made.dependencies is not None
    found = [made.dependencies.of(0x10000 + number) for number in (1, 2, 3, 4)]
    assert [told and told.temporal for told in found] == [0, 1, 2, None]
    assert [each[5] for each in made.pending] == [()] * 4, "nobody gets it"
    made.begin(0xA2)
    take(made, 9, elements=((13, second),))
    assert made.dependencies.of(made.highest) is None
    made.change(replace(COMMAND, codec="VP8"))
    assert made.dependencies is None


def test_late_packets_are_taken_once_and_only_if_missing() -> None:
    made = publication()
    for sequence in (10, 13, 11, 11, 13, 9):
        take(made, sequence)
    assert indices(made) == [0x1000A, 0x1000D, 0x1000B]
    assert made.duplicates == 3


def test_what_is_missing_is_asked_for_in_the_senders_numbers() -> None:
    made = publication()
    for sequence in (65535, 2):
        take(made, sequence)
    assert made.asked_again(0.01) == ([0, 1], 0)
    repair(made, 1)
    assert made.asked_again(0.5) == ([0], 0)
    assert made.asked_again(5.0) == ([], 1)


def test_what_may_not_be_asked_for_is_not() -> None:
    made = publication(nack=False)
    for sequence in (1, 3):
        take(made, sequence)
    assert made.asked_again(0.5) == ([], 0)
    take(made, 2)
    assert indices(made) == [0x10001, 0x10003, 0x10002], "but it may come late by itself"


def test_a_repair_becomes_the_packet_it_repairs_and_does_not_count_as_received() -> None:
    made = publication()
    for sequence in (1, 3):
        take(made, sequence)
    repair(made, 2, b"second")
    assert made.pending[-1][1:5] == (96, 0x10002, 0, b"second")
    assert made.received == 2


@pytest.mark.parametrize("payload", [b"", b"\x01"])
def test_a_probe_of_padding_is_no_repair(payload: bytes) -> None:
    made = publication()
    take(made, 1)
    data = bytes([0xA0]) + packet(97, 1, 0, 0xA1, payload + b"\x00\x00\x00\x04")[1:]
    made.take_repaired(memoryview(data), len(data), 0.0)
    assert indices(made) == [0x10001]


def test_a_repair_of_nothing_or_of_an_unknown_type_is_nothing() -> None:
    made = publication()
    repair(made, 5)
    take(made, 1)
    take(made, 3)
    repair(made, 2, kind=99)
    repair(made, 40000)
    assert indices(made) == [0x10001, 0x10003]


def test_another_ssrc_goes_on_after_the_last_packet() -> None:
    made = publication()
    take(made, 100, 900_000, now=1.0)
    made.begin(0xB0)
    take(made, 60_000, 5, now=1.5)
    take(made, 60_001, 3005, now=1.6)
    assert indices(made) == [0x10064, 0x10065, 0x10066]
    assert [each[3] for each in made.pending] == [900_000, 945_000, 948_000]
    told = made.reception(2.0)
    assert told is not None
    assert (told.ssrc, told.highest, told.expected, told.received) == (0xB0, 60_001, 2, 2)
    take(made, 60_004, 3005, now=1.7)
    assert made.asked_again(1.8)[0] == [60_002, 60_003]


def test_jitter_is_that_of_rfc_3550() -> None:
    made = publication()
    now = 10.0
    for number, late in enumerate((0.0, 0.010, 0.0, 0.010)):
        take(made, number, number * 3000, now + number / 30 + late)
    expected = 0.0
    for difference in (900, 900, 900):
        expected += (difference - expected) / 16
    assert made.jitter == pytest.approx(expected, rel=1e-3)


def test_jitter_looks_at_pictures_not_at_packets_and_not_at_leaps() -> None:
    made = publication()
    take(made, 1, 0, now=1.0)
    take(made, 2, 0, now=1.4)
    take(made, 3, 2**31, now=1.5)
    assert made.jitter == 0.0


def test_loudness_is_the_mean_since_the_last_question() -> None:
    made = publication(mid_extension=3, level_extension=1)
    for sequence, level in enumerate((27, 0x80 | 47, 67)):
        take(made, sequence, elements=((1, bytes([level])),))
    assert made.loudness() == 80
    assert made.loudness() == 0


def test_types_that_were_not_agreed_are_counted_and_left() -> None:
    made = publication()
    data = packet(100, 1, 1, 0xA0)
    made.take(memoryview(data), len(data), 0.0)
    assert (made.pending, made.unknown_types) == ([], 1)


def test_reports_are_of_the_stream_at_hand() -> None:
    made = publication()
    assert made.reception(0.0) is None
    take(made, 1)
    assert made.reception(5.0) is not None
    made.report, made.report_at = rtcp.SenderInfo(0xA0, 0x1111_2222_3333_4444, 0), 3.0
    told = made.reception(5.0)
    assert told is not None
    assert (told.last_report, told.report_age) == (0x2222_3333, 2.0)
    made.begin(0xB0)
    assert made.reception(6.0) is None


def test_an_element_is_found_by_its_id() -> None:
    data = packet(96, 1, 1, 0xA0, elements=((3, b"mid"),))
    assert elements_of(memoryview(data), len(data)).get(3) == b"mid"
    assert elements_of(memoryview(data), len(data)).get(4) is None
    assert elements_of(memoryview(packet(96, 1, 1, 1)), 12) == {}
    with pytest.raises(rtp.Malformed):
        elements_of(memoryview(data), 14)


steps = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "take", "repair", "begin"]),
        st.integers(-300, 300) | st.integers(0, 0xFFFF),
        st.floats(0, 0.5),
    ),
    max_size=80,
)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 0xFFFF), steps)
def test_no_index_is_ever_given_twice(sequence: int, moves: list[tuple[str, int, float]]) -> None:
    """Two packets under one number would be two packets under one SRTP nonce."""
    made = publication()
    now = 0.0
    for what, move, pause in moves:
        now += pause
        sequence = (sequence + move) & 0xFFFF
        match what:
            case "take":
                take(made, sequence, now=now)
            case "repair":
                repair(made, sequence, now=now)
            case "begin":
                made.begin(move)
        made.asked_again(now)
    assert len(indices(made)) == len(set(indices(made)))
