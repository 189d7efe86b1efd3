"""The lobby: who waits knows nothing of the room; who was let in comes back; who was sent back waits for a word."""

from typing import Any

import pytest

from media import room_deeds as deeds
from media import room_io as io
from media.room import EMPTY_FOR, GRACE
from media.room_lobby import TELL_EVERY
from media.room_state import Limits
from tests.media.drive import Drive, refused
from tests.media.given import grant


def lobby(*pupils: str) -> Drive:
    d = Drive()
    d.enter("anna")
    d.do("anna", deeds.SetLobby(True))
    for who in pupils:
        d.enter(who)
    return d


def heard_by(d: Drive, connection: str) -> list[str]:
    told = [o.name for o in d.out if isinstance(o, io.Tell) and o.connection == connection]
    return told + [o.name for o in d.out if isinstance(o, io.TellAll) and connection not in {o.but, *o.outside}]


def waiting(d: Drive) -> list[str]:
    return [one["participant_id"] for one in d.room.dump()["in_lobby"]]


@pytest.mark.complaint(1)
def test_who_waits_learns_nothing_and_can_do_nothing() -> None:
    d = lobby()
    d.publish("anna", "t1", "camera")
    entered = d.enter("misha")
    assert entered["waiting"]
    assert (entered["participants"], entered["publications"], entered["in_lobby"]) == ([], [], [])
    assert entered["leading"]["lobby"]
    assert d.people == {"part_anna": True}
    assert d.facts(io.Entered) == []
    refused(d.ask(io.Receive, "tab_misha", "t2"), "not_entered")
    refused(d.do("misha", deeds.RaiseHand(True)), "not_entered")
    refused(d.ask(io.PostViewer, grant("misha"), "t3", "sdp", None), "not_admitted")
    refused(d.ask(io.PostPublisher, grant("misha"), "t4", "sdp"), "not_admitted")
    d.publish("anna", "t5", "screen")
    assert heard_by(d, "tab_misha") == []
    assert heard_by(d, "tab_anna") != []


def test_leaders_are_told_who_waits_but_not_for_each_of_a_crowd() -> None:
    d = lobby()
    d.now = 10.0
    d.enter("misha")
    [told] = d.said("tab_anna", "waiting_changed")
    assert told == {"waiting": [{"participant_id": "part_misha", "name": "Misha", "since": 10.0}]}
    for number in range(20):
        d.enter(f"p{number}")
        assert d.said("tab_anna", "waiting_changed") == []
    d.wait(TELL_EVERY)
    assert len(d.said("tab_anna", "waiting_changed")[0]["waiting"]) == 21
    d.give(io.Disconnect("tab_misha"))
    d.wait(TELL_EVERY)
    assert len(d.said("tab_anna", "waiting_changed")[0]["waiting"]) == 20


def test_a_leader_who_enters_sees_who_waits() -> None:
    d = lobby("misha")
    entered = d.enter("teacher2", role="lead", moderate=True)
    assert [one["participant_id"] for one in entered["in_lobby"]] == ["part_misha"]
    assert not entered["waiting"]


def test_one_is_let_in_and_enters_again() -> None:
    d = lobby("misha", "dana")
    assert d.do("anna", deeds.Admit("part_misha")) == {}
    assert heard_by(d, "tab_misha") == ["admitted"]
    d.publish("anna", "t1", "camera")
    assert heard_by(d, "tab_misha") == []  # not inside before they enter
    entered = d.enter("misha")
    assert not entered["waiting"]
    assert [p["id"] for p in entered["participants"]] == ["part_anna", "part_misha"]
    assert waiting(d) == ["part_dana"]
    refused(d.do("anna", deeds.Admit("part_misha")), "not_found")


def test_all_are_let_in() -> None:
    d = lobby("misha", "dana")
    d.do("anna", deeds.Admit(None))
    assert heard_by(d, "tab_misha") == heard_by(d, "tab_dana") == ["admitted"]
    assert waiting(d) == []


def test_who_was_let_in_comes_back_by_any_grant() -> None:
    d = lobby("misha")
    d.do("anna", deeds.Admit(None))
    d.enter("misha")
    d.give(io.Disconnect("tab_misha"))
    d.wait(GRACE + 1)
    assert not d.enter("misha", participant="part_other", issued_at=2000.0)["waiting"]


def test_who_was_inside_when_the_lobby_opened_may_come_back() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.do("anna", deeds.SetLobby(True))
    d.give(io.Leave("tab_misha"))
    assert not d.enter("misha")["waiting"]
    assert d.enter("dana")["waiting"]


def test_turned_off_it_lets_everybody_in() -> None:
    d = lobby("misha", "dana")
    d.do("anna", deeds.SetLobby(False))
    assert heard_by(d, "tab_misha") == heard_by(d, "tab_dana") == ["admitted"]
    assert not d.enter("aidar")["waiting"]
    assert d.leading["lobby"] is False


@pytest.mark.complaint(1)
def test_somebody_is_sent_back_for_an_oral_exam_though_no_lobby_is_on() -> None:
    """peers.md 1: back to the lobby, for oral exams."""
    d = Drive()
    for who in ("anna", "misha", "dana"):
        d.enter(who)
    d.publish("misha", "t1", "microphone")
    d.do("anna", deeds.TellWaiting("You are next"))
    d.do("anna", deeds.RemoveParticipant("part_misha", True))
    assert [o.name for o in d.out if isinstance(o, io.Tell) and o.connection == "tab_misha"] == ["sent_back", "held"]
    assert d.people == {"part_anna": True, "part_dana": True}
    assert d.publications == {}
    assert waiting(d) == ["part_misha"]
    assert d.enter("misha")["waiting"]  # reloading the page is no way in
    assert d.enter("misha", "tab_2", participant="part_misha2", issued_at=9999.0)["waiting"]
    d.do("anna", deeds.Admit("part_misha"))
    assert not d.enter("misha")["waiting"]


def test_who_was_sent_out_comes_back_only_through_the_lobby() -> None:
    d = Drive()
    for who in ("anna", "misha"):
        d.enter(who)
    d.do("anna", deeds.RemoveParticipant("part_misha", False))
    assert d.told("tab_misha") == ["removed"]
    assert [left.why for left in d.facts(io.Left)] == ["removed"]
    assert d.enter("misha", issued_at=3000.0)["waiting"]
    d.do("anna", deeds.SetLobby(True))
    d.do("anna", deeds.SetLobby(False))
    assert waiting(d) == ["part_misha"]


def test_nobody_sends_the_teacher_out() -> None:
    d = Drive()
    for who in ("anna", "misha", "dana"):
        d.enter(who)
    d.do("anna", deeds.SetSecond("part_misha", True))
    refused(d.do("misha", deeds.RemoveParticipant("part_anna", True)), "may_not_lead")
    assert d.do("misha", deeds.RemoveParticipant("part_dana", True)) == {}
    assert d.do("anna", deeds.RemoveParticipant("part_misha", True)) == {}
    assert d.enter("misha")["waiting"]  # and leads no more


def test_a_word_to_who_waits_now_and_to_who_comes() -> None:
    d = lobby("misha")
    d.do("anna", deeds.TellWaiting(" We begin\nat nine "))
    assert d.said("tab_misha", "held") == [{"text": "We begin\nat nine"}]
    assert d.said("tab_anna", "held") == []
    d.enter("dana")
    assert d.said("tab_dana", "held") == [{"text": "We begin\nat nine"}]
    d.do("anna", deeds.TellWaiting(""))
    assert d.said("tab_dana", "held") == [{"text": None}]


def test_a_second_connection_of_who_waits_takes_the_place_of_the_first() -> None:
    d = lobby("misha")
    d.now = 30.0
    d.enter("misha", "tab_2")
    assert d.told("tab_misha") == ["replaced"]
    assert waiting(d) == ["part_misha"]
    assert d.room.dump()["in_lobby"][0]["since"] == 0.0
    d.give(io.Disconnect("tab_misha"))
    assert waiting(d) == ["part_misha"]


def test_a_room_in_which_somebody_waits_does_not_end() -> None:
    d = lobby("misha")
    d.give(io.Leave("tab_anna"))
    d.wait(EMPTY_FOR * 2)
    assert not d.room.closed
    d.give(io.Leave("tab_misha"))
    d.wait(EMPTY_FOR)
    assert d.room.closed


def test_when_the_room_closes_who_waits_is_told() -> None:
    d = lobby("misha")
    d.give(io.Close())
    assert "room_closed" in heard_by(d, "tab_misha")


def test_who_lost_the_right_to_come_is_gone_from_the_lobby() -> None:
    d = lobby("misha")
    d.give(io.Remove("person_misha"))
    assert d.told("tab_misha") == ["removed"]
    assert waiting(d) == []


def test_a_lobby_is_full_some_day() -> None:
    d = Drive(limits=Limits(participants=5, kept=1))
    d.enter("anna")
    d.do("anna", deeds.SetLobby(True))
    answers: list[Any] = [d.enter(f"p{number}") for number in range(6)]
    assert [isinstance(answer, dict) for answer in answers] == [True] * 5 + [False]
    refused(answers[-1], "room_full", limit=5)
