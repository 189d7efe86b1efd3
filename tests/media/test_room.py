"""A room as a whole: its end, and who is told to speak. (Its parts: test_room_people.py, test_room_stage.py;
that all of it fits together: test_room_properties.py.)"""

from itertools import pairwise
from typing import Any

from media import room_io as io
from media.plane import seam
from media.room import EMPTY_FOR
from tests.media.drive import Drive, refused
from tests.media.given import grant


def test_an_empty_room_closes_after_a_minute() -> None:
    d = Drive()
    assert d.room.deadline() == EMPTY_FOR
    d.enter("anna")
    assert d.room.deadline() is None
    d.now = 100.0
    d.give(io.Leave("tab_anna"))
    assert d.room.deadline() == 100.0 + EMPTY_FOR
    assert d.facts(io.Closed) == []
    d.wait(EMPTY_FOR)
    assert d.facts(io.Closed) == [io.Closed(160.0, "empty")]
    refused(d.enter("anna"), "room_closed")


def test_a_room_does_not_close_on_somebody_who_is_being_let_in() -> None:
    d = Drive()
    d.now = EMPTY_FOR - 1
    d.ask(io.PostPublisher, grant("anna"), "t1", "sdp")
    d.wait(2)
    d.give(seam.Answered("t1", "answer", ()))
    assert d.people == {"part_anna": True}


def test_closing_ends_everything_and_says_so_once() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.publish("misha", "t1", "camera")
    d.ask(io.Receive, "tab_anna", "t2")
    d.ask(io.PostPublisher, grant("anna"), "t3", "sdp")
    d.give(io.Close())
    assert set(d.orders()) == {seam.Close("t1"), seam.Close("t2"), seam.Close("t3")}
    assert [o.name for o in d.out if isinstance(o, io.TellAll)] == ["room_closed"]
    assert [fact.why for fact in d.facts(io.Left)] == ["closed", "closed"]
    assert d.facts(io.Closed) == [io.Closed(0.0, "closed")]
    refused(d.answer_in(d.out), "room_closed")


def loud(d: Drive, level: int, *publications: str) -> list[dict[str, Any]]:
    d.now += 0.2
    d.give(seam.Levels(tuple((publication, level) for publication in publications)))
    return d.signals("speaking")


def test_speaking_is_told_when_it_changes_and_to_who_comes_later() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "t1", "microphone", "screen_sound")
    assert loud(d, 100, "t1:0") == []
    assert loud(d, 100, "t1:0") == [{"participant_ids": ["part_anna"]}]
    assert loud(d, 100, "t1:0") == []
    d.enter("misha")
    assert d.told("tab_misha") == ["speaking"]
    assert d.room.deadline() is not None
    d.now = d.room.deadline() or 0
    d.give(io.Tick())
    assert d.signals("speaking") == [{"participant_ids": []}]
    assert d.room.deadline() is None


def test_a_screen_or_a_muted_microphone_does_not_speak() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "t1", "microphone", "screen_sound")
    d.ask(io.SetMuted, "tab_anna", "t1:0", True)
    for _ in range(5):
        assert loud(d, 120, "t1:0", "t1:1") == []


def test_speaking_is_told_at_most_four_times_a_second() -> None:
    d = Drive()
    for number, who in enumerate(("anna", "misha", "dana")):
        d.enter(who)
        d.publish(who, f"t{number}", "microphone")
    told = []
    for step in range(100):
        d.now += 0.05
        d.give(seam.Levels(((f"t{step // 2 % 3}:0", 110),)))
        told += [d.now for _ in d.signals("speaking")]
    assert len(told) > 2
    assert min(later - earlier for earlier, later in pairwise(told)) >= 0.249


def test_who_leaves_no_longer_speaks() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.publish("misha", "t1", "microphone")
    loud(d, 110, "t1:0")
    loud(d, 110, "t1:0")
    d.now += 0.3
    d.give(io.Leave("tab_misha"))
    assert d.signals("speaking") == [{"participant_ids": []}]


def test_the_dump_shows_every_transport() -> None:
    d = Drive()
    d.enter("anna")
    d.ask(io.Publish, "tab_anna", "up", True, "offer", ())
    d.ask(io.Receive, "tab_anna", "down")
    shown = {t["id"]: (t["kind"], t["opened"], t["waits_for"]) for t in d.room.dump()["transports"]}
    assert shown == {"up": ("up", False, "OpenPublisher"), "down": ("down", True, None)}
