"""Rights: given and taken one by one and for all; what they end, and that nothing ever comes on by itself."""

from typing import Any

import pytest

from media import room_deeds as deeds
from media import room_io as io
from media.plane import seam
from media.room import GRACE
from media.room_people import AT_ONCE
from media.room_state import Limits
from tests.media.drive import Drive, refused
from tests.media.given import tracks, wishes


def lesson(*pupils: str) -> Drive:
    d = Drive()
    for who in ("anna", *pupils):
        d.enter(who)
    return d


def muted(d: Drive) -> dict[str, bool]:
    return {p["id"]: p["muted"] for p in d.room.snapshot()["publications"]}


def mutes(d: Drive) -> list[tuple[str, bool]]:
    return [(o.publication, o.muted) for o in d.orders() if isinstance(o, seam.Mute)]


@pytest.mark.complaint(1)
def test_the_microphone_right_is_of_one_person() -> None:
    """peers.md 1: the microphone right per person."""
    d = lesson("misha", "dana")
    d.publish("misha", "m", "microphone", "camera")
    d.publish("dana", "d", "microphone")
    d.do("anna", deeds.SetRights("part_misha", speak=False))
    assert d.one("misha")["rights"] == {"speak": False, "show": True, "share": True, "write": True}
    assert d.one("dana")["rights"]["speak"]
    assert muted(d) == {"m:0": True, "m:1": False, "d:0": False}
    assert mutes(d) == [("m:0", True)]
    refused(d.ask(io.SetMuted, "tab_misha", "m:0", False), "may_not_publish", source="microphone")


def test_given_back_it_turns_nothing_on() -> None:
    d = lesson("misha")
    d.publish("misha", "m", "microphone")
    d.do("anna", deeds.SetRights("part_misha", speak=False))
    d.do("anna", deeds.SetRights("part_misha", speak=True))
    assert muted(d) == {"m:0": True}
    assert mutes(d) == []
    assert d.ask(io.SetMuted, "tab_misha", "m:0", False) == {}
    assert muted(d) == {"m:0": False}


def test_a_share_ends_with_its_right_and_may_not_begin() -> None:
    d = lesson("misha", "dana")
    d.ask(io.Receive, "tab_dana", "down")
    d.publish("misha", "m", "camera", "screen", "screen_sound")
    d.do("anna", deeds.SetRights("part_misha", share=False))
    assert set(d.publications) == {"m:0"}
    stopped = d.said("tab_misha", "stopped")
    assert [one["source"] for one in stopped] == ["screen", "screen_sound"]
    assert mutes(d) == [("m:1", True), ("m:2", True)]
    assert seam.Unsubscribe("down", "m:1") in d.orders()
    answer = d.ask(io.Publish, "tab_misha", "m", False, "offer", wishes("camera", "screen"))
    refused(answer, "may_not_publish", source="screen")
    d.do("anna", deeds.SetRights("part_misha", share=True))
    assert set(d.publications) == {"m:0"}
    d.ask(io.Publish, "tab_misha", "m", False, "offer", wishes("camera", "screen"))
    d.give(seam.Answered("m", "answer", tracks("m", "camera", "screen")))
    assert mutes(d) == [("m:1", False)]
    assert muted(d) == {"m:0": False, "m:1": False}


def test_a_right_taken_between_offer_and_answer_is_taken() -> None:
    d = lesson("misha")
    d.ask(io.Publish, "tab_misha", "m", True, "offer", wishes("microphone", "screen"))
    d.do("anna", deeds.SetRights(None, speak=False, share=False))
    answer = d.answer_in(d.give(seam.Answered("m", "answer", tracks("m", "microphone", "screen"))))
    assert answer == {"transport_id": "m", "sdp": "answer"}
    assert muted(d) == {"m:0": True}
    assert mutes(d) == [("m:0", True), ("m:1", True)]


def test_rights_are_taken_from_all_learners_and_who_comes_later() -> None:
    d = lesson("misha", "dana")
    d.enter("watcher", role="see", publish=frozenset())
    for who in ("anna", "misha", "dana"):
        d.publish(who, who, "microphone")
    d.do("anna", deeds.SetRights(None, speak=False, write=False))
    rights = {"speak": False, "show": True, "share": True, "write": False}
    sees = {"speak": False, "show": False, "share": False, "write": False}
    assert [(s["participant_ids"], s["rights"]) for s in d.signals("rights_changed")] == [
        (["part_misha", "part_dana"], rights),
        (["part_watcher"], sees),
    ]
    assert d.signals("publications_muted")[0]["publication_ids"] == ["misha:0", "dana:0"]
    assert muted(d) == {"anna:0": False, "misha:0": True, "dana:0": True}
    assert d.leading["rights"] == rights
    d.enter("aidar")
    assert d.one("aidar")["rights"] == rights
    d.publish("aidar", "a", "microphone")
    assert muted(d)["a:0"]
    d.do("anna", deeds.SetRights("part_aidar", speak=True))
    assert d.ask(io.SetMuted, "tab_aidar", "a:0", False) == {}


def test_nobody_takes_rights_from_who_leads() -> None:
    d = lesson("misha")
    refused(d.do("anna", deeds.SetRights("part_anna", speak=False)), "may_not_lead")
    refused(d.do("anna", deeds.SetRights("part_ghost", speak=False)), "not_found")


def test_another_tab_is_no_way_around() -> None:
    d = lesson("misha")
    d.do("anna", deeds.SetRights("part_misha", speak=False))
    d.enter("misha", "phone", participant="part_phone", issued_at=5000.0)
    d.ask(io.Publish, "phone", "p", True, "offer", wishes("microphone"))
    d.give(seam.Answered("p", "answer", tracks("p", "microphone")))
    assert muted(d) == {"p:0": True}
    d.do("anna", deeds.SetRights("part_phone", speak=True))
    assert [s["participant"]["id"] for s in d.signals("participant_changed")] == ["part_misha", "part_phone"]


def test_what_an_encoder_sends_by_whip_obeys_too() -> None:
    d = lesson("misha")
    d.do("anna", deeds.SetRights(None, speak=False, share=False))
    d.post("misha", "w", "audio", "video", "video")
    assert [(p["source"], p["muted"]) for p in d.room.snapshot()["publications"]] == [
        ("microphone", True),
        ("camera", False),
    ]
    assert mutes(d) == [("w:0", True), ("w:2", True)]


@pytest.mark.parametrize("cause", ["plane", "path", "socket", "lost for long", "left", "new grant", "published anew"])
@pytest.mark.complaint(6)
def test_who_was_muted_never_comes_back_unmuted(cause: str) -> None:
    """peers.md 6: after a reconnect a muted person returned unmuted."""
    d = lesson("misha")
    d.publish("misha", "m", "microphone")
    d.ask(io.SetMuted, "tab_anna", "m:0", True)
    changes: dict[str, Any] = {}
    if cause == "plane":
        d.give(io.PlaneLost())
        d.give(io.PlaneReturned())
    elif cause == "path":
        d.give(seam.Lost("m", "consent expired"))
    elif cause == "socket":
        d.give(io.Disconnect("tab_misha"))
    elif cause == "lost for long":
        d.give(io.Disconnect("tab_misha"))
        d.wait(GRACE + 1)
    elif cause == "left":
        d.give(io.Leave("tab_misha"))
    elif cause == "new grant":
        d.give(io.Leave("tab_misha"))
        changes = {"participant": "part_again", "issued_at": 5000.0}
    d.enter("misha", **changes)
    if cause != "socket":
        d.publish("misha", "again", "microphone")
    assert list(muted(d).values()) == [True]
    mine = next(iter(muted(d)))
    assert d.ask(io.SetMuted, "tab_misha", mine, False) == {}
    assert list(muted(d).values()) == [False]


def test_mute_all_mutes_learners_and_tells_it_once() -> None:
    d = lesson("misha", "dana", "aidar")
    for who in ("anna", "misha", "dana", "aidar"):
        d.publish(who, who, "microphone", "camera")
    d.ask(io.SetMuted, "tab_dana", "dana:0", True)
    d.do("anna", deeds.MuteAll("microphone"))
    assert d.signals("publications_muted") == [
        {"version": d.room.snapshot()["version"], "publication_ids": ["misha:0", "aidar:0"]}
    ]
    assert [key for key, off in muted(d).items() if off] == ["misha:0", "dana:0", "aidar:0"]
    d.do("anna", deeds.MuteAll("microphone"))
    assert d.orders() == []


def test_one_is_asked_to_unmute_and_nothing_comes_on() -> None:
    d = lesson("misha", "dana")
    d.publish("misha", "m", "microphone")
    d.ask(io.SetMuted, "tab_misha", "m:0", True)
    d.do("anna", deeds.AskToUnmute("part_misha", "microphone"))
    assert d.said("tab_misha", "asked_to_unmute") == [{"source": "microphone", "by": "part_anna"}]
    assert d.said("tab_dana", "asked_to_unmute") == []
    assert muted(d) == {"m:0": True}
    d.do("anna", deeds.SetRights("part_dana", speak=False))
    d.do("anna", deeds.AskToUnmute(None, "microphone"))
    asked = [bool(d.said(f"tab_{who}", "asked_to_unmute")) for who in ("misha", "dana", "anna")]
    assert asked == [True, False, False]
    refused(d.do("anna", deeds.AskToUnmute("part_ghost", "camera")), "not_found")


def test_a_share_is_stopped_and_may_begin_again() -> None:
    d = lesson("misha")
    d.publish("misha", "m", "screen")
    assert d.do("anna", deeds.StopPublication("m:0")) == {}
    assert d.publications == {}
    assert d.said("tab_misha", "stopped") == [{"publication_id": "m:0", "source": "screen"}]
    refused(d.do("anna", deeds.StopPublication("m:0")), "not_found")
    d.ask(io.Publish, "tab_misha", "m", False, "offer", wishes("screen"))
    d.give(seam.Answered("m", "answer", tracks("m", "screen")))
    assert mutes(d) == [("m:0", False)]
    assert muted(d) == {"m:0": False}


def test_what_ended_at_the_plane_meanwhile_is_not_unmuted_there() -> None:
    d = lesson("misha")
    d.publish("misha", "m", "camera", "screen")
    d.do("anna", deeds.StopPublication("m:1"))
    d.ask(io.Publish, "tab_misha", "m", False, "offer", wishes("camera"))
    d.give(seam.Answered("m", "answer", tracks("m", "camera", "screen", ended=("screen",))))
    assert mutes(d) == []


def test_the_teacher_lets_somebody_lead_beside_them() -> None:
    d = lesson("misha", "dana")
    d.enter("late", role="see", publish=frozenset())
    refused(d.do("misha", deeds.MuteAll("microphone")), "may_not_lead")
    d.do("anna", deeds.SetRights(None, speak=False))
    d.do("anna", deeds.SetSecond("part_misha", True))
    assert d.one("misha")["second"]
    assert d.one("misha")["rights"]["speak"]
    assert d.said("tab_misha", "waiting_changed") == [{"waiting": []}]
    assert d.do("misha", deeds.MuteAll("microphone")) == {}
    refused(d.do("misha", deeds.SetSecond("part_dana", True)), "may_not_lead")
    assert d.enter("misha")["may"]["moderate"]
    d.publish("misha", "m", "microphone")
    assert muted(d) == {"m:0": False}
    d.do("anna", deeds.SetSecond("part_misha", False))
    assert muted(d) == {"m:0": True}
    refused(d.do("misha", deeds.MuteAll("microphone")), "may_not_lead")


def test_two_teachers_at_once_the_last_wins_and_all_agree() -> None:
    d = lesson("misha")
    d.enter("teacher2", role="lead", moderate=True)
    versions = []
    for who, speak in (("anna", False), ("teacher2", True), ("anna", False)):
        d.do(who, deeds.SetRights("part_misha", speak=speak))
        versions += [s["version"] for s in d.signals("participant_changed")]
    assert versions == sorted(set(versions))
    assert d.one("misha")["rights"]["speak"] is False


def test_in_a_room_of_five_hundred_no_deed_tells_each_of_each() -> None:
    d = Drive(limits=Limits(participants=505))
    d.enter("anna")
    for number in range(499):
        d.enter(f"p{number}")
    for deed in (
        deeds.SetRights(None, speak=False),
        deeds.OpenBreakouts("chance", 20),
        deeds.CloseBreakouts(),
        deeds.SetRights(None, speak=True),
        deeds.SetLobby(True),
    ):
        assert not hasattr(d.do("anna", deed), "code"), deed
        assert len([o for o in d.out if isinstance(o, io.TellAll)]) <= 500 / AT_ONCE + 22, deed
        assert len([o for o in d.out if isinstance(o, io.Tell)]) <= 505, deed
