"""Who is in a room: entering, coming back, leaving, being removed."""

import pytest

from media import room_deeds as deeds
from media import room_io as io
from media.plane import seam
from media.room import GRACE
from media.room_state import Limits
from tests.media.drive import Drive, refused
from tests.media.given import grant


def test_entering_answers_the_room_as_it_is() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "t1", "camera")
    entered = d.enter("misha")
    rights = {"speak": True, "show": True, "share": True, "write": True}
    plain = {"connected": True, "hand_at": None, "rights": rights, "place": "main", "help": False, "recorded": False}
    plain["second"] = False
    nothing = dict.fromkeys(("spotlight", "timer", "showing", "breakouts", "recording"))
    assert entered == {
        "room_id": "room_1",
        "participant_id": "part_misha",
        "version": 3,
        "may": {"publish": ["camera", "microphone", "screen", "screen_sound"], "moderate": False},
        "participants": [
            {"id": "part_anna", "person_id": "person_anna", "name": "Anna", "role": "lead", **plain},
            {"id": "part_misha", "person_id": "person_misha", "name": "Misha", "role": "join", **plain},
        ],
        "leading": {"lobby": False, "rights": rights, **nothing},
        "waiting": False,
        "in_lobby": [],
        "publications": [
            {"id": "t1:0", "participant_id": "part_anna", "source": "camera", "kind": "video", "muted": False}
        ],
    }
    assert [(o.name, o.but) for o in d.out if isinstance(o, io.TellAll)] == [("participant_entered", "tab_misha")]
    assert d.facts(io.Entered) == [io.Entered(grant("misha"), 0.0)]


def test_a_second_connection_replaces_the_first_and_keeps_the_media() -> None:
    d = Drive()
    d.enter("anna", "tab_anna")
    d.publish("anna", "t1", "camera")
    d.ask(io.Receive, "tab_anna", "t2")
    d.give(seam.Offered("t2", 1, "offer", (seam.Stream("0", "x:0"),)))
    version = d.enter("anna", "phone")["version"]
    assert d.told("tab_anna") == ["replaced"]
    assert d.told("phone") == ["offer"]  # the one that still waits for an answer
    assert d.signals("offer")[0]["streams"] == [{"mid": "0", "publication_id": "x:0"}]
    assert version == d.room.snapshot()["version"] == 2
    assert d.facts(io.Entered) == []
    assert d.orders() == []
    refused(d.ask(io.Receive, "tab_anna", "t3"), "not_entered")
    assert d.ask(io.Answer, "phone", "t2", 1, "sdp") == {}


def test_a_lost_connection_has_ten_seconds_to_come_back() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.publish("misha", "t1", "camera")
    d.give(io.Disconnect("tab_misha"))
    assert d.people == {"part_anna": True, "part_misha": False}
    assert d.publications  # sound and picture go on without the socket
    d.wait(GRACE - 1)
    d.enter("misha", "tab_misha2")
    assert d.people["part_misha"]
    assert [(o.name, o.but) for o in d.out if isinstance(o, io.TellAll)] == [("participant_changed", "tab_misha2")]
    d.wait(GRACE)
    assert d.people == {"part_anna": True, "part_misha": True}


def test_who_does_not_come_back_has_left_when_they_were_lost() -> None:
    d = Drive()
    d.now = 5.0
    d.enter("anna")
    d.publish("anna", "t1", "camera", "microphone")
    d.now = 7.0
    d.give(io.Disconnect("tab_anna"))
    assert d.room.deadline() == 7.0 + GRACE
    d.wait(GRACE)
    assert d.people == {}
    assert d.publications == {}
    assert d.facts(io.Left) == [io.Left(grant("anna"), 5.0, 7.0, "lost")]
    assert d.orders() == [seam.Close("t1")]


@pytest.mark.parametrize("unheard", [0.0, 4.0, 9.0, 30.0])
@pytest.mark.complaint(5)
def test_nobody_is_a_ghost_for_longer_than_ten_seconds(unheard: float) -> None:
    """However late it was noticed that a line was cut; and who comes back finds place, hand and rights."""
    d = Drive()
    d.enter("anna")
    d.now = 100.0
    d.enter("misha")
    d.do("misha", deeds.RaiseHand(True))
    d.do("anna", deeds.SetRights("part_misha", share=False))
    d.do("anna", deeds.OpenBreakouts("list", groups=(deeds.Group("A", ("person_misha",)),)))
    before, cut = d.one("misha"), 200.0
    d.now = cut + unheard
    d.give(io.Disconnect("tab_misha", unheard))
    assert d.people == {"part_anna": True, "part_misha": False}
    d.wait(max(0.0, GRACE - unheard))
    assert d.people == {"part_anna": True}
    assert d.facts(io.Left) == [io.Left(grant("misha"), 100.0, cut, "lost")]
    d.wait(600)
    d.enter("misha")
    assert d.one("misha") == before


def test_an_entering_after_the_grace_is_a_new_one_even_when_no_tick_came() -> None:
    d = Drive()
    d.enter("anna")
    d.give(io.Disconnect("tab_anna"))
    d.now = 30.0
    d.enter("anna")
    assert [type(fact) for fact in d.facts(io.Left, io.Entered)] == [io.Left, io.Entered]


def test_leaving_is_at_once() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.publish("misha", "t1", "camera")
    d.give(io.Leave("tab_misha"))
    assert d.people == {"part_anna": True}
    assert d.facts(io.Left) == [io.Left(grant("misha"), 0.0, 0.0, "left")]
    names = [o.name for o in d.out if isinstance(o, io.TellAll)]
    assert names == ["publication_removed", "participant_left"]


def test_a_resource_keeps_its_participant_when_the_browser_leaves() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "t1", "camera")
    d.post("anna", "t2", "video")
    d.give(io.Leave("tab_anna"))
    assert d.publications == {"t2:0": ("part_anna", "camera")}
    assert d.people == {"part_anna": True}
    assert d.ask(io.DeleteResource, grant("anna"), "t2") == {}
    assert d.people == {"part_anna": False}
    d.wait(GRACE)
    assert d.people == {}


def test_a_resource_keeps_its_participant_when_the_browser_is_lost_but_not_its_camera() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "t1", "camera")
    d.post("anna", "t2", "audio")
    d.give(io.Disconnect("tab_anna"))
    d.wait(GRACE)
    assert d.people == {"part_anna": True}
    assert d.publications == {"t2:0": ("part_anna", "microphone")}
    assert d.orders() == [seam.Close("t1")]
    assert d.room.deadline() is None


def test_a_connection_that_enters_as_another_leaves_as_the_first() -> None:
    d = Drive()
    d.enter("anna", "tab")
    d.enter("misha", "tab")
    assert d.people == {"part_misha": True}
    assert d.facts(io.Left)[0].why == "left"


def test_the_newest_grant_speaks() -> None:
    d = Drive()
    d.enter("misha")
    d.enter("anna")
    d.enter("misha", issued_at=2000.0, role="lead", moderate=True)
    assert d.signals("participant_changed")[0]["participant"]["role"] == "lead"
    assert d.enter("misha", issued_at=1000.0)["may"]["moderate"]  # the older one takes nothing back


def test_a_newer_grant_may_end_or_begin_hearing() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "t1", "camera")
    d.enter("misha")
    d.ask(io.Receive, "tab_misha", "down")
    d.enter("misha", issued_at=2000.0, hear=False)
    assert d.orders() == [seam.Unsubscribe("down", "t1:0")]
    d.enter("misha", issued_at=3000.0)
    assert d.orders() == [seam.Subscribe("down", "t1:0")]


def test_a_room_is_full_at_its_limit() -> None:
    d = Drive(limits=Limits(participants=1, kept=0))
    d.enter("anna")
    refused(d.enter("misha"), "room_full", limit=1)
    refused(d.ask(io.PostPublisher, grant("misha"), "t1", "sdp"), "room_full", limit=1)
    assert isinstance(d.enter("anna", "again"), dict)


def test_the_last_places_are_for_who_leads_and_one_person_takes_few() -> None:
    d = Drive(limits=Limits(participants=15, of_person=8))
    for number in range(8):
        assert "version" in d.enter("misha", f"tab_{number}", participant=f"part_{number}")
    refused(d.enter("misha", "tab_8", participant="part_8"), "room_full", limit=8)
    assert "version" in d.enter("misha", "again", participant="part_0")
    assert "version" in d.enter("vera")
    assert "version" in d.enter("lena")
    refused(d.enter("oleg"), "room_full", limit=15)
    assert "version" in d.enter("anna")


def test_a_place_taken_while_the_plane_was_asked_is_not_given_twice() -> None:
    d = Drive(limits=Limits(participants=1, kept=0))
    d.ask(io.PostPublisher, grant("misha"), "t1", "sdp")
    d.enter("anna")
    refused(d.answer_in(d.give(seam.Answered("t1", "sdp", ()))), "room_full", limit=1)
    assert d.orders() == [seam.Close("t1")]


def test_a_removed_person_goes_with_all_they_have() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.enter("misha", "tab_2", participant="part_misha2")
    d.publish("misha", "t1", "camera")
    d.ask(io.PostPublisher, grant("misha", participant="part_misha3"), "t2", "sdp")
    d.give(io.Remove("person_misha"))
    assert d.people == {"part_anna": True}
    assert d.told("tab_misha") == d.told("tab_2") == ["removed"]
    assert [fact.why for fact in d.facts(io.Left)] == ["removed", "removed"]
    assert set(d.orders()) == {seam.Close("t1"), seam.Close("t2")}
    refused(d.answer_in(d.out), "removed_from_room")
