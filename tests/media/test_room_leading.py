"""Leading a room: hands in their order, spotlight, timer, what is shown, picks, reactions; and who may not."""

from dataclasses import fields
from typing import Any, get_args

import pytest

from media import room_deeds as deeds
from media import room_io as io
from media.room import GRACE
from media.room_leading import OF_ALL, OF_ONE
from media.room_state import Limits
from tests.media.drive import Drive, refused

LEADERS: dict[type, deeds.Deed] = {
    type(deed): deed
    for deed in (
        deeds.LowerHand(None),
        deeds.SetRights(None, speak=False),
        deeds.AskToUnmute(None, "microphone"),
        deeds.MuteAll("microphone"),
        deeds.StopPublication("t1:0"),
        deeds.RemoveParticipant("part_anna", False),
        deeds.SetLobby(True),
        deeds.Admit(None),
        deeds.TellWaiting("Soon"),
        deeds.SetSpotlight("part_anna"),
        deeds.StartTimer(60),
        deeds.StopTimer(),
        deeds.PickAtRandom(),
        deeds.Show("board", "board_1"),
        deeds.ShowNothing(),
        deeds.SetSecond("part_misha", True),
        deeds.CallBreakouts("Five minutes"),
        deeds.PutInto("part_misha", "main"),
        deeds.OpenBreakouts("chance", 2),
        deeds.CloseBreakouts(),
    )
}


def lesson(*pupils: str) -> Drive:
    d = Drive()
    for who in ("anna", *pupils):
        d.enter(who)
    return d


@pytest.mark.parametrize("kind", get_args(deeds.Leaders), ids=lambda kind: kind.__name__)
def test_a_pupil_leads_nothing(kind: type) -> None:
    d = lesson("misha")
    before = d.room.durable()
    refused(d.do("misha", LEADERS[kind]), "may_not_lead")
    assert d.room.durable() == before
    assert [type(o) for o in d.out] == [io.Refuse]


@pytest.mark.parametrize("kind", get_args(deeds.Deed), ids=lambda kind: kind.__name__)
def test_who_is_not_inside_does_nothing(kind: type) -> None:
    d = lesson("misha")
    deed = LEADERS.get(kind) or kind(*(None for _ in fields(kind)))
    refused(d.do("stranger", deed), "not_entered")


def test_hands_stand_in_the_order_in_which_they_were_raised() -> None:
    d = lesson("misha", "dana")
    d.now = 10.0
    d.do("dana", deeds.RaiseHand(True))
    d.now = 11.0
    d.do("misha", deeds.RaiseHand(True))
    d.now = 12.0
    d.do("dana", deeds.RaiseHand(True))
    assert [d.one(who)["hand_at"] for who in ("anna", "dana", "misha")] == [None, 10.0, 11.0]
    assert d.signals("participant_changed") == []
    d.do("dana", deeds.RaiseHand(False))
    assert d.signals("participant_changed")[0]["participant"]["hand_at"] is None


def test_a_leader_lowers_one_hand_or_all() -> None:
    d = lesson("misha", "dana", "aidar")
    for who in ("misha", "dana", "aidar"):
        d.do(who, deeds.RaiseHand(True))
    d.do("anna", deeds.LowerHand("part_dana"))
    assert d.one("dana")["hand_at"] is None
    d.do("anna", deeds.LowerHand(None))
    assert d.signals("hands_lowered") == [
        {"version": d.room.snapshot()["version"], "participant_ids": ["part_misha", "part_aidar"]}
    ]
    assert d.one("misha")["hand_at"] is None


def test_a_hand_is_kept_by_who_was_lost_and_lowered_by_who_went() -> None:
    """peers.md 6: the raised hand is lost after a reconnect."""
    d = lesson("misha", "dana")
    for who in ("misha", "dana"):
        d.do(who, deeds.RaiseHand(True))
    d.give(io.Disconnect("tab_misha"))
    d.wait(GRACE + 1)
    d.give(io.Leave("tab_dana"))
    d.enter("misha", participant="part_misha2", issued_at=2000.0)  # a new grant, hours later
    d.enter("dana")
    found = {p["person_id"]: p["hand_at"] for p in d.room.snapshot()["participants"]}
    assert found == {"person_anna": None, "person_misha": 0.0, "person_dana": None}


def test_a_reaction_is_seen_by_all_in_the_place() -> None:
    d = lesson("misha")
    d.do("misha", deeds.React("clap"))
    body = {"participant_id": "part_misha", "kind": "clap"}
    assert d.said("tab_anna", "reaction") == d.said("tab_misha", "reaction") == [body]


def test_fifty_reactions_a_second_are_refused_and_others_are_undisturbed() -> None:
    d = lesson("misha", "dana")
    answers = []
    for number in range(50):
        d.now = number / 50
        answers.append(d.do("misha", deeds.React("heart")))
    done = answers.count({})
    assert done <= OF_ONE[1] + OF_ONE[0]
    refused(answers[-1], "too_fast")
    assert d.do("dana", deeds.React("clap")) == {}
    assert d.said("tab_anna", "reaction")
    d.now += 60
    assert d.do("misha", deeds.React("heart")) == {}


def test_of_a_whole_schools_clapping_only_so_much_is_shown() -> None:
    d = Drive(limits=Limits(participants=500))
    for number in range(200):
        d.enter(f"p{number}")
    shown = 0
    for number in range(200):
        assert d.do(f"p{number}", deeds.React("clap")) == {}
        shown += bool(d.said("tab_p0", "reaction"))
    assert shown == OF_ALL[1]


def test_a_caption_is_clean_and_short_and_stays_in_its_place() -> None:
    d = lesson("misha")
    d.now = 5.0
    d.do("misha", deeds.SayCaption("‮ Hello \n" + "x" * 2000, False))
    [body] = d.said("tab_anna", "caption")
    assert (body["participant_id"], body["final"], body["at"]) == ("part_misha", False, 5.0)
    assert body["text"].startswith("Hello xxx")
    assert len(body["text"]) == 500
    d.do("anna", deeds.SetRights("part_misha", speak=False, write=False))
    refused(d.do("misha", deeds.SayCaption("Hello", True)), "may_not_publish")


def test_the_spotlight_is_on_who_is_here() -> None:
    d = lesson("misha")
    refused(d.do("anna", deeds.SetSpotlight("part_ghost")), "not_found")
    d.do("anna", deeds.SetSpotlight("part_misha"))
    assert d.leading["spotlight"] == "part_misha"
    assert len(d.signals("leading_changed")) == 1
    d.do("anna", deeds.SetSpotlight("part_misha"))
    assert d.signals("leading_changed") == []
    d.give(io.Leave("tab_misha"))
    assert d.signals("leading_changed")[0]["leading"]["spotlight"] is None


def test_a_timer_ends_by_itself() -> None:
    d = lesson("misha")
    d.now = 100.0
    d.do("anna", deeds.StartTimer(90, " Exercise \u202e3 "))
    assert d.leading["timer"] == {"ends_at": 190.0, "seconds": 90, "title": "Exercise 3"}
    assert d.room.deadline() == 190.0
    d.wait(90)
    assert d.leading["timer"] is None
    d.do("anna", deeds.StartTimer(5))
    d.do("anna", deeds.StopTimer())
    assert d.leading["timer"] is None


@pytest.mark.parametrize(
    "deed",
    [
        deeds.StartTimer(0),
        deeds.StartTimer(-5),
        deeds.StartTimer(10**9),
        deeds.StartTimer(60, "x" * 10_000),
        deeds.Show("board", ""),
        deeds.Show("slides", "x" * 10_000),
        deeds.Show("slides", "s", -1),
        deeds.TellWaiting("x" * 10_000),
        deeds.CallBreakouts("x" * 10_000),
        deeds.CallBreakouts("  \u202e "),
        deeds.OpenBreakouts("chance"),
        deeds.OpenBreakouts("chance", 0),
        deeds.OpenBreakouts("chance", 10**9),
        deeds.OpenBreakouts("chance", 2, minutes=0),
        deeds.OpenBreakouts("chance", 2, minutes=float("inf")),
        deeds.OpenBreakouts("chance", 2, minutes=float("nan")),
        deeds.OpenBreakouts("hand", 3, (deeds.Group("one"),)),
        deeds.OpenBreakouts("list", None, (deeds.Group("x" * 10_000),)),
        deeds.OpenBreakouts("list", None, (deeds.Group("1", ("person_misha",)), deeds.Group("2", ("person_misha",)))),
    ],
    ids=repr,
)
def test_what_makes_no_sense_changes_nothing(deed: deeds.Deed) -> None:
    d = lesson("misha")
    before = d.room.durable()
    answer = d.do("anna", deed)
    assert answer.code == "malformed"
    assert d.room.durable() == before


def test_what_is_shown_is_the_last_that_was_said() -> None:
    """Two teachers at once: both pages agree."""
    d = lesson("misha")
    d.enter("teacher2", role="lead", moderate=True)
    d.do("anna", deeds.Show("board", "board_1", 2))
    d.do("teacher2", deeds.Show("slides", "file_1"))
    assert d.leading["showing"] == {"kind": "slides", "id": "file_1", "page": 0}
    d.do("anna", deeds.ShowNothing())
    assert d.leading["showing"] is None


def test_nobody_is_picked_twice_before_all_had_their_turn() -> None:
    d = lesson("misha", "dana", "aidar")
    d.enter("watcher", role="see", publish=frozenset())
    picked = [d.do("anna", deeds.PickAtRandom(), chance)["participant_id"] for chance in (0.99, 0.0, 0.5)]
    assert sorted(picked) == ["part_aidar", "part_dana", "part_misha"]
    assert d.said("tab_misha", "picked") == [{"participant_id": picked[-1]}]
    assert d.do("anna", deeds.PickAtRandom(), 0.0)["participant_id"] == "part_aidar"


def test_nobody_can_be_picked_where_no_learner_is() -> None:
    d = lesson()
    refused(d.do("anna", deeds.PickAtRandom()), "not_found")


def test_each_deed_crosses_between_processes_as_it_is() -> None:
    for deed in (*LEADERS.values(), deeds.Watch({"t:0": 0}), deeds.RaiseHand(True)):
        assert deeds.from_json(deeds.to_json(deed)) == deed
    wish = deeds.OpenBreakouts("list", None, (deeds.Group("One", ("person_x",)),), 5.0)
    assert deeds.from_json(deeds.to_json(wish)) == wish


@pytest.mark.parametrize("plain", [["Nonsense", {}], ["React", {"kind": "🚀"}], ["RaiseHand", {}]])
def test_what_is_no_deed_is_not_taken(plain: list[Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        deeds.from_json(plain)
