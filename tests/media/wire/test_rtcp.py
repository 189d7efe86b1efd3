"""RTCP, byte for byte, and against aiortc's own reading of it."""

import pytest
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSdesPacket, RtcpSrPacket
from hypothesis import given
from hypothesis import strategies as st

from media.wire import rtcp

BLOCK = rtcp.ReportBlock(0xA0, 25, 300, 70000, 12, 0x11112222, 655)


def parts(data: bytes) -> list[rtcp.Part]:
    return rtcp.split(data)


def test_a_compound_is_cut_into_its_parts() -> None:
    compound = rtcp.build_receiver_report(1, [BLOCK]) + rtcp.build_source(1, "cname") + rtcp.build_pli(1, 2)
    assert [(part.type, part.count) for part in parts(compound)] == [(201, 1), (202, 1), (206, 1)]
    assert b"".join(part.raw for part in parts(compound)) == compound


def test_padding_is_not_body() -> None:
    padded = bytes.fromhex("a1ce0003 00000001 00000002 00000004")
    (part,) = parts(padded)
    assert part.body == bytes.fromhex("00000001 00000002")
    assert part.raw == padded


@pytest.mark.parametrize(
    "data",
    [
        "80c9",
        "80c90002 00000001",  # longer than there is
        "40c90001 00000001",  # version 1
        "80600001 00000001",  # RTP's payload type 96
        "a0c90001 00000000",  # padding of none
        "a0c90001 00000009",  # padding of more than there is
        "80c90001 00000001 ff",
    ],
)
def test_what_is_no_rtcp_is_malformed(data: str) -> None:
    with pytest.raises(rtcp.Malformed):
        parts(bytes.fromhex(data))


def test_a_nack_packs_sixteen_followers_into_a_mask() -> None:
    assert rtcp.build_nack(1, 2, [10, 11, 26, 27]).hex() == "81cd00040000000100000002000a8001001b0000"


@given(st.integers(0, 0xFFFF), st.sets(st.integers(0, 300), min_size=1))
def test_a_nack_asks_for_what_was_given_across_the_wrap(first: int, offsets: set[int]) -> None:
    wanted = [(first + offset) & 0xFFFF for offset in sorted(offsets)]
    (part,) = parts(rtcp.build_nack(1, 2, wanted))
    assert rtcp.nacked(part) == (2, wanted)
    (theirs,) = RtcpPacket.parse(part.raw)
    assert isinstance(theirs, RtcpRtpfbPacket)
    assert {number & 0xFFFF for number in theirs.lost} == set(wanted)  # aiortc counts on beyond the wrap


def test_reports_are_as_aiortc_reads_them() -> None:
    (report,) = RtcpPacket.parse(rtcp.build_receiver_report(7, [BLOCK]))
    assert isinstance(report, RtcpRrPacket)
    (block,) = report.reports
    assert (report.ssrc, block.ssrc, block.fraction_lost, block.packets_lost) == (7, 0xA0, 25, 300)
    assert (block.highest_sequence, block.jitter, block.lsr, block.dlsr) == (70000, 12, 0x11112222, 655)
    (sender,) = RtcpPacket.parse(rtcp.build_sender_report(7, 1 << 40, 90000, 1 << 33, 5))
    assert isinstance(sender, RtcpSrPacket)
    info = sender.sender_info
    assert (info.ntp_timestamp, info.rtp_timestamp, info.packet_count, info.octet_count) == (1 << 40, 90000, 0, 5)
    (source,) = RtcpPacket.parse(rtcp.build_source(7, "a name"))
    assert isinstance(source, RtcpSdesPacket)
    assert source.chunks[0].items == [(1, b"a name")]
    (pli,) = RtcpPacket.parse(rtcp.build_pli(7, 8))
    assert isinstance(pli, RtcpPsfbPacket)
    assert (pli.fmt, pli.ssrc, pli.media_ssrc) == (rtcp.PLI, 7, 8)


def test_what_was_lost_may_be_negative_and_stays_in_its_bits() -> None:
    for lost, told in ((-3, -3), (1 << 24, 0x7FFFFF), (-(1 << 24), -0x800000)):
        block = rtcp.ReportBlock(1, 0, lost, 0, 0, 0, 0)
        (part,) = parts(rtcp.build_receiver_report(7, [block]))
        assert rtcp.report_blocks(part)[0].lost == told


def test_reports_are_read_from_both_kinds() -> None:
    (part,) = parts(rtcp.build_receiver_report(7, [BLOCK, BLOCK]))
    assert rtcp.report_blocks(part) == [BLOCK, BLOCK]
    bare = rtcp.build_sender_report(7, 1, 2, 3, 4)
    with_block = bytes([0x81]) + bare[1:3] + bytes([12]) + bare[4:] + part.body[4:28]
    (sender,) = parts(with_block)
    assert rtcp.report_blocks(sender) == [BLOCK]
    assert rtcp.sender_info(sender) == rtcp.SenderInfo(7, 1, 2)


def test_keyframe_wishes_come_as_pli_and_as_fir() -> None:
    (pli,) = parts(rtcp.build_pli(1, 0xA0))
    (fir,) = parts(bytes.fromhex("84ce0006 00000001 00000000 000000a0 01000000 000000b0 02000000"))
    (remb,) = parts(bytes.fromhex("8fce0004 00000001 00000000 52454d42 01000000"))
    (nack,) = parts(rtcp.build_nack(1, 0xA0, [1]))
    assert [rtcp.keyframes_wanted(part) for part in (pli, fir, remb, nack)] == [[0xA0], [0xA0, 0xB0], [], []]


def test_what_is_cut_short_says_less() -> None:
    assert rtcp.sender_info(rtcp.Part(200, 0, bytes(8), b"")) is None
    assert rtcp.nacked(rtcp.Part(205, 1, bytes(4), b"")) == (0, [])
    assert rtcp.report_blocks(rtcp.Part(201, 31, bytes(30), b"")) == [rtcp.ReportBlock(0, 0, 0, 0, 0, 0, 0)]


headed = st.builds(lambda n, b: bytes([0x80 | n, 200 + n % 8]) + b, st.integers(0, 31), st.binary())


@given(st.binary(max_size=200) | headed)
def test_any_bytes_are_read_or_malformed(data: bytes) -> None:
    try:
        found = rtcp.split(data)
    except rtcp.Malformed:
        return
    assert b"".join(part.raw for part in found) == data
    for part in found:
        rtcp.sender_info(part)
        rtcp.keyframes_wanted(part)
        assert len(rtcp.report_blocks(part)) <= part.count
        assert all(0 <= number <= 0xFFFF for number in rtcp.nacked(part)[1])
