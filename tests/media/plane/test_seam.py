"""The words between control and plane do not change unseen: each message's bytes are in tests/golden/seam.json."""

from dataclasses import fields
from typing import Any, get_args

import pytest

from media.plane import seam
from tests.support import golden

ORDERS = [
    seam.OpenPublisher("tr_1", "v=0"),
    seam.ChangePublisher("tr_1", "v=0"),
    seam.OpenViewer("tr_2", "v=0", ("tr_1:0", "tr_1:1")),
    seam.OpenReceiver("tr_3"),
    seam.TakeAnswer("tr_3", 2, "v=0"),
    seam.Subscribe("tr_3", "tr_1:0"),
    seam.Unsubscribe("tr_3", "tr_1:0"),
    seam.Want("tr_3", "tr_1:0", 360),
    seam.Prefer("tr_1:0", True),
    seam.Mute("tr_1:0", True),
    seam.PutSound("tr_1:0", "room_1/main"),
    seam.LimitSounds("room_1/main", 5),
    seam.Record("tr_1:0", "recording_1", {"participant": "part_1", "source": "camera"}),
    seam.StopRecord("tr_1:0"),
    seam.RestartIce("tr_1", "ufrag", "pwd"),
    seam.OpenLeg("leg_1", True, ("10.0.0.2",), 5000, "ufrag", "password", "00" * 28, "11" * 28),
    seam.Relay("leg_1", "tr_1:0", ((7, 8), (9, 10))),
    seam.Import("leg_1", "tr_1:0", {"mid": "0", "repair": None}, ((7, 8), (9, 10))),
    seam.EndImport("tr_1:0"),
    seam.Close("tr_1"),
    seam.Dump("why"),
    seam.Look("why", "tr_1"),
    seam.Capture("why", "tr_1", 20.0),
]
REPORTS = [
    seam.Ready(5000, ("127.0.0.1", "2001:db8::1")),
    seam.Answered("tr_1", "v=0", (seam.TrackInfo("0", "audio", "tr_1:0", True),)),
    seam.Offered("tr_3", 1, "v=0", (seam.Stream("0", "tr_1:0"),)),
    seam.Refused("tr_1", "sdp_malformed", "қате"),
    seam.Restarted("tr_1", "ufrag", "pwd"),
    seam.Connected("tr_1"),
    seam.Lost("tr_1", "closed"),
    seam.Started("tr_1:0"),
    seam.Levels((("tr_1:0", 107), ("tr_2:0", 90))),
    seam.Limited("tr_3", (("tr_1:0", "small"), ("tr_2:0", "off"))),
    seam.Needed("tr_1:0", 2),
    seam.RecordingBegan("recording_1", "track_1", {"began": 1.5, "codec": {"name": "VP8"}}),
    seam.SegmentDone("recording_1", "track_1", "file", 10, "00ff", 8),
    seam.SegmentLost("recording_1", "track_1", {"number": 3, "final": False}, 8),
    seam.Dumped("why", {"peers": 1, "list": [1, {"a": None}]}),
]


def names(messages: list[Any]) -> list[str]:
    return [type(message).__name__ for message in messages]


def test_every_message_is_shown_here() -> None:
    assert names(ORDERS) == [kind.__name__ for kind in get_args(seam.Order)]
    assert names(REPORTS) == [kind.__name__ for kind in get_args(seam.Report)]


def test_the_bytes_are_what_they_were() -> None:
    golden.check("seam", {type(each).__name__: seam.encode(each).hex(" ", 4) for each in ORDERS + REPORTS})


@pytest.mark.parametrize("message", ORDERS, ids=names(ORDERS))
def test_an_order_is_read_as_it_was_written(message: seam.Order) -> None:
    frame = seam.encode(message)
    assert int.from_bytes(frame[:4], "big") == len(frame) - 4
    assert seam.decode_order(frame[4:]) == message


@pytest.mark.parametrize("message", REPORTS, ids=names(REPORTS))
def test_a_report_is_read_as_it_was_written(message: seam.Report) -> None:
    if isinstance(message, seam.Dumped):
        again = seam.decode_report(seam.encode(message)[4:])
        assert isinstance(again, seam.Dumped)
        assert again.request == message.request
        return
    assert seam.decode_report(seam.encode(message)[4:]) == message


def test_messages_are_frozen_and_without_defaults() -> None:
    for message in ORDERS + REPORTS:
        with pytest.raises(AttributeError):
            setattr(message, fields(message)[0].name, "changed")
    with pytest.raises(TypeError):
        seam.decode_order(b'["Close",{}]')
    with pytest.raises(KeyError):
        seam.decode_order(b'["Explode",{}]')
