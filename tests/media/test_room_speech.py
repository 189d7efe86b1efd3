"""How long each participant spoke, as the join log hears it."""

import pytest

from media import room_io as io
from media.plane import seam
from media.room import Room
from tests.media.drive import Drive


def speak(d: Drive, publication: str, seconds: float) -> None:
    for _ in range(round(seconds / 0.2)):
        d.now += 0.2
        d.give(seam.Levels(((publication, 110),)))


def test_who_leaves_has_spoken_for_as_long_as_was_heard() -> None:
    d = Drive()
    for who in ("anna", "misha"):
        d.enter(who)
        d.publish(who, f"t_{who}", "microphone")
    speak(d, "t_misha:0", 12)
    d.wait(30)
    speak(d, "t_misha:0", 8)
    d.give(io.Leave("tab_misha"))
    [left] = d.facts(io.Left)
    assert left.spoke == pytest.approx(20, abs=2.5), "a second of pause is heard as speech"
    d.give(io.Close())
    assert [left.spoke for left in d.facts(io.Left)] == [0.0]


def test_a_restored_room_goes_on_counting_in_steps_that_are_no_reason_to_write() -> None:
    d = Drive()
    d.enter("misha")
    d.publish("misha", "t", "microphone")
    speak(d, "t:0", 10)
    before = d.room.durable()
    speak(d, "t:0", 4)
    assert d.room.durable() == before
    speak(d, "t:0", 50)
    assert d.room.durable()["participants"][0]["spoke"] == 60.0
    d.room = Room.restored(d.room.durable(), d.now)
    d.give(io.Close())
    assert [left.spoke for left in d.facts(io.Left)] == [60.0]
