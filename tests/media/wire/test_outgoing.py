"""A packet as one viewer gets it, byte for byte."""

import pytest

from media.wire import AddSubscription, PayloadMap
from media.wire.history import History, Packet
from media.wire.outgoing import Stream
from media.wire.rtcp import SenderInfo, build_sender_report, build_source

MARKED = 0x80 | 96


def stream(**changes: object) -> Stream:
    told = {
        "peer": "down", "publication": "up:1", "ssrc": 0x0B0B0B0B, "sequence": 0xFFFE, "cname": "up",
        "payloads": (PayloadMap(96, 120, 121),), "retransmission_ssrc": 0x0C0C0C0C, "nack": True,
    }  # fmt: skip
    return Stream(AddSubscription(**{**told, **changes}), 0.0)  # type: ignore[arg-type]


def packet(index: int, kind: int = 96, payload: bytes = b"abc", elements: tuple = (), flags: int = 0x80) -> Packet:
    return (flags, kind, index, 0x01020304, payload, elements, 0.0)


def placed(made: Stream, *packets: Packet) -> list[str]:
    memory = memoryview(bytearray(4096))
    return [bytes(memory[: made.place(memory, each)]).hex() for each in packets]


def history_of(*packets: Packet) -> History:
    history = History()
    for each in packets:
        history.add(each)
    return history


def repaired(made: Stream, sequence: int, history: History, now: float = 0.0) -> str:
    memory = memoryview(bytearray(4096))
    return bytes(memory[: made.place_repair(memory, sequence, history, history.newest, now)]).hex()


def test_number_type_and_source_are_ours_across_the_wrap() -> None:
    made = stream()
    made.begin(70_000)
    assert placed(made, packet(70_000), packet(70_001, MARKED), packet(70_002)) == [
        "8078fffe" "01020304" "0b0b0b0b" "616263",
        "80f8ffff" "01020304" "0b0b0b0b" "616263",
        "80780000" "01020304" "0b0b0b0b" "616263",
    ]  # fmt: skip


def test_padding_stays_padding() -> None:
    made = stream()
    made.begin(1)
    assert placed(made, packet(1, payload=b"\x00\x02", flags=0xA0)) == ["a078fffe010203040b0b0b0b0002"]


def test_extensions_come_under_the_viewers_ids_behind_its_mid() -> None:
    made = stream(extensions=((1, 9),), mid="v7", mid_extension=4)
    made.begin(1)
    with_level, without = placed(made, packet(1, elements=((1, b"\x8c"), (2, b"?"))), packet(2))
    assert with_level == "9078fffe010203040b0b0b0bbede0002908c417637000000616263"
    assert without == "9078ffff010203040b0b0b0bbede000141763700616263"


def test_what_is_not_for_this_viewer_is_not_written() -> None:
    made = stream()
    assert placed(made, packet(5)) == [""], "nothing has begun"
    made.begin(5)
    assert placed(made, packet(4), packet(5, kind=97), packet(6, kind=50)) == ["", "", ""]


def test_numbers_go_on_where_they_were_left() -> None:
    made = stream(sequence=10)
    made.begin(100)
    made.leave_off(highest=104)
    made.leave_off(highest=200)
    made.begin(300)
    assert placed(made, packet(300))[0][4:8] == f"{15:04x}"
    assert placed(made, packet(104)) == [""]


def test_a_repair_is_rtx_with_the_original_number_in_front() -> None:
    made = stream(sequence=0xFFFF)
    made.begin(500)
    history = history_of(packet(500), packet(501, MARKED, b"xyz"), packet(502))
    assert repaired(made, 0, history) == "80f9ffff010203040c0c0c0c000078797a"
    assert repaired(made, 1, history) == "80790000010203040c0c0c0c0001616263"
    assert repaired(made, 0xFFFF, history) == "80790001010203040c0c0c0cffff616263"


def test_a_repair_carries_the_extensions_too() -> None:
    made = stream(mid="v", mid_extension=4)
    made.begin(1)
    assert "bede000140760000" in repaired(made, 0xFFFE, history_of(packet(1)))


@pytest.mark.parametrize(
    "changes", [{"retransmission_ssrc": None}, {"payloads": (PayloadMap(96, 120),)}], ids=["no ssrc", "no type"]
)
def test_without_rtx_a_repair_is_the_very_same_packet(changes: dict) -> None:
    made = stream(**changes)
    made.begin(500)
    history = history_of(packet(500))
    assert repaired(made, 0xFFFE, history) == placed(made, packet(500))[0]


def test_only_what_this_stream_has_sent_is_repaired() -> None:
    history = history_of(*(packet(index) for index in range(100, 110)))
    made = stream(sequence=50)
    assert repaired(made, 50, history) == "", "nothing was sent"
    made.begin(105)
    assert repaired(made, 49, history) == "", "104 was before this viewer's time"
    assert repaired(made, 55, history) == "", "110 is yet to come"
    assert repaired(made, 54, history) != ""


def test_repairs_are_bounded_and_the_bound_recovers() -> None:
    made = stream()
    made.begin(1)
    history = history_of(packet(1, payload=bytes(1000)))
    granted = sum(repaired(made, 0xFFFE, history) != "" for _ in range(200))
    assert granted == 128
    assert repaired(made, 0xFFFE, history, now=0.001) == ""
    assert repaired(made, 0xFFFE, history, now=0.005) != ""


def test_a_report_says_the_same_moment_in_our_time() -> None:
    made = stream()
    made.packets, made.octets = 3, 33
    told = made.report(SenderInfo(0xA0, 99, 0xFFFFFFFF), shift=11)
    assert told == build_sender_report(0x0B0B0B0B, 99, 10, 3, 33) + build_source(0x0B0B0B0B, "up")
