"""Keyframe requests are merged and paced; reports tell loss since the last one."""

from media.plane.feedback import KEYFRAME_EVERY, Keyframes, Reports, Seen, understand
from media.wire import Reception, rtcp


def reception(**changes: int | float) -> Reception:
    told = {
        "publication": "up:1", "ssrc": 0xA0, "received": 100, "expected": 100, "highest": 0x10064, "jitter": 7,
        "last_report": 0, "report_age": 0.0,
    }  # fmt: skip
    return Reception(**{**told, **changes})  # type: ignore[arg-type]


def test_the_first_wish_is_asked_at_once_and_the_rest_wait_together() -> None:
    keyframes = Keyframes()
    assert keyframes.wanted(("up:1", None), 10.0)
    assert not keyframes.wanted(("up:1", None), 10.1)
    assert not keyframes.wanted(("up:1", None), 10.2)
    assert keyframes.wanted(("up:1", 1), 10.2), "another layer has a pace of its own"
    assert keyframes.due(10.0 + KEYFRAME_EVERY - 0.01) == []
    assert keyframes.due(10.0 + KEYFRAME_EVERY) == [("up:1", None)]
    assert keyframes.due(20.0) == []


def test_after_a_while_it_is_at_once_again() -> None:
    keyframes = Keyframes()
    keyframes.wanted(("up:1", None), 0.0)
    keyframes.wanted(("up:1", None), 0.1)
    assert keyframes.wanted(("up:1", None), KEYFRAME_EVERY)
    assert keyframes.due(99.0) == [], "the waiting were served along"


def test_what_ended_is_not_asked() -> None:
    keyframes = Keyframes()
    keyframes.wanted(("up:1", None), 0.0)
    keyframes.wanted(("up:1", None), 0.1)
    keyframes.forget("up:1")
    keyframes.forget("up:1")
    assert keyframes.due(9.0) == []
    assert keyframes.wanted(("up:1", None), 0.2)


def blocks(reports: list[bytes]) -> list[rtcp.ReportBlock]:
    return [block for each in reports for part in rtcp.split(each) for block in rtcp.report_blocks(part)]


def test_a_report_tells_the_loss_since_the_last_and_in_all() -> None:
    reports = Reports()
    (first,) = blocks(reports.build(1, [reception(received=90)]))
    assert (first.fraction, first.lost, first.highest, first.jitter) == (25, 10, 0x10064, 7)
    (second,) = blocks(reports.build(1, [reception(received=190, expected=200)]))
    assert (second.fraction, second.lost) == (0, 10)
    (third,) = blocks(reports.build(1, [reception(received=190, expected=400)]))
    assert (third.fraction, third.lost) == (255, 210), "all lost is 255 of 256"


def test_duplicates_are_no_negative_loss() -> None:
    (block,) = blocks(Reports().build(1, [reception(received=105)]))
    assert (block.fraction, block.lost) == (0, -5)


def test_the_delay_since_their_report_is_told_for_the_round_trip() -> None:
    (none,) = blocks(Reports().build(1, [reception(report_age=3.0)]))
    assert (none.last_report, none.delay) == (0, 0)
    (told,) = blocks(Reports().build(1, [reception(last_report=0x1234, report_age=1.5)]))
    assert (told.last_report, told.delay) == (0x1234, 98304)


def test_nothing_received_is_nothing_to_report() -> None:
    assert Reports().build(1, []) == []


def test_many_streams_are_reported_in_several_packets() -> None:
    told = Reports().build(1, [reception(ssrc=ssrc) for ssrc in range(70)])
    assert [block.ssrc for block in blocks(told)] == list(range(70))
    assert [[part.count for part in rtcp.split(each)] for each in told] == [[31], [31], [8]]


def test_a_viewers_rtcp_is_understood() -> None:
    block = rtcp.ReportBlock(0xB0, 64, 12, 0, 0, 0, 0)
    data = rtcp.build_receiver_report(1, [block]) + rtcp.build_pli(1, 0xB0) + rtcp.build_source(1, "x")
    said = understand(data)
    assert said.keyframes == (0xB0,)
    assert said.seen == (Seen(0xB0, 64, 12),)
    assert understand(b"\x80nonsense") == understand(b"")
