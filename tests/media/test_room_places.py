"""Breakouts: any number, help, a message to all, time's up; who hears whom; and what a browser does not show."""

import json

import pytest

from media import room_deeds as deeds
from media import room_io as io
from media.plane import seam
from media.room import GRACE, Room
from tests.media.drive import Drive, refused
from tests.media.given import grant

PUPILS = ("misha", "dana", "aidar", "zere")


def lesson() -> Drive:
    d = Drive()
    for who in ("anna", *PUPILS):
        d.enter(who)
    return d


def places(d: Drive) -> dict[str, str]:
    return {p["id"].removeprefix("part_"): p["place"] for p in d.room.snapshot()["participants"]}


def divided() -> Drive:
    """misha and dana in b1, aidar in b2, zere in the main place; all send and receive."""
    d = lesson()
    for who in ("anna", *PUPILS):
        d.publish(who, f"up_{who}", "microphone")
        d.ask(io.Receive, f"tab_{who}", f"down_{who}")
    groups = (deeds.Group("Sums", ("person_misha", "person_dana")), deeds.Group("", ("person_aidar",)))
    assert d.do("anna", deeds.OpenBreakouts("list", None, groups)) == {
        "items": [{"id": "b1", "name": "Sums"}, {"id": "b2", "name": "2"}],
        "closes_at": None,
    }
    return d


def hears(d: Drive, who: str) -> set[str]:
    [transport] = [t for t in d.room.dump()["transports"] if t["id"] == f"down_{who}"]
    return {d.publications[publication][0].removeprefix("part_") for publication in transport["subscribed"]}


def test_people_hear_only_their_own_place() -> None:
    d = divided()
    assert places(d) == {"anna": "main", "misha": "b1", "dana": "b1", "aidar": "b2", "zere": "main"}
    assert hears(d, "misha") == {"dana"}
    assert hears(d, "dana") == {"misha"}
    assert hears(d, "aidar") == set()
    assert hears(d, "anna") == {"zere"}
    told = [(s["participant_ids"], s["place"]) for s in d.signals("places_changed")]
    assert told == [(["part_misha", "part_dana"], "b1"), (["part_aidar"], "b2")]
    assert d.signals("leading_changed")[0]["version"] < d.signals("places_changed")[0]["version"]


def test_the_teacher_walks_through_and_nobody_reconnects() -> None:
    d = divided()
    assert d.do("anna", deeds.GoTo("b2")) == {}
    assert hears(d, "anna") == {"aidar"}
    assert hears(d, "aidar") == {"anna"}
    assert hears(d, "zere") == set()
    assert {type(order) for order in d.orders()} == {seam.Subscribe, seam.Unsubscribe}
    d.do("anna", deeds.GoTo("main"))
    assert hears(d, "anna") == {"zere"}


def test_learners_go_only_where_they_were_put() -> None:
    d = divided()
    refused(d.do("misha", deeds.GoTo("b2")), "may_not_go")
    refused(d.do("misha", deeds.GoTo("main")), "may_not_go")
    refused(d.do("zere", deeds.GoTo("b1")), "may_not_go")
    refused(d.do("anna", deeds.GoTo("b9")), "not_found")
    assert d.do("misha", deeds.GoTo("b1")) == {}
    d.do("anna", deeds.PutInto("part_zere", "b2"))
    assert places(d)["zere"] == "b2"
    assert hears(d, "zere") == {"aidar"}


def test_closing_brings_everybody_back() -> None:
    d = divided()
    d.do("anna", deeds.GoTo("b1"))
    d.do("anna", deeds.CloseBreakouts())
    assert set(places(d).values()) == {"main"}
    assert hears(d, "misha") == {"anna", "dana", "aidar", "zere"}
    assert d.leading["breakouts"] is None
    back = d.signals("places_changed")[0]["participant_ids"]
    assert sorted(back) == ["part_aidar", "part_anna", "part_dana", "part_misha"]
    d.do("anna", deeds.CloseBreakouts())
    assert d.signals("leading_changed") == []


def test_times_up_brings_everybody_back() -> None:
    d = lesson()
    d.now = 100.0
    opened = d.do("anna", deeds.OpenBreakouts("chance", 2, minutes=2))
    assert opened["closes_at"] == d.leading["breakouts"]["closes_at"] == 220.0
    assert d.room.deadline() == 220.0
    d.wait(120)
    assert set(places(d).values()) == {"main"}
    assert d.leading["breakouts"] is None


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 60, 200])
@pytest.mark.complaint(4)
def test_any_number_of_breakouts_by_chance(count: int) -> None:
    """peers.md 4: too few breakouts."""
    d = lesson()
    d.enter("watcher", role="see", publish=frozenset())
    opened = d.do("anna", deeds.OpenBreakouts("chance", count), 0.3)
    assert len(opened["items"]) == count
    found = places(d)
    assert (found["anna"], found["watcher"]) == ("main", "main")
    sizes = [list(found.values()).count(item["id"]) for item in opened["items"]]
    assert sum(sizes) == len(PUPILS)
    assert max(sizes) - min(sizes) <= 1


def test_chance_divides_differently_each_time() -> None:
    d = lesson()
    seen = set()
    for chance in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        d.do("anna", deeds.OpenBreakouts("chance", 2), chance)
        seen.add(tuple(int(places(d)[who][1:]) % 2 for who in PUPILS))
    assert len(seen) > 1


def test_no_breakout_has_the_name_of_a_former_one() -> None:
    d = lesson()
    first = d.do("anna", deeds.OpenBreakouts("hand", 2))
    second = d.do("anna", deeds.OpenBreakouts("hand", 2))
    assert [item["id"] for item in first["items"] + second["items"]] == ["b1", "b2", "b3", "b4"]
    assert set(places(d).values()) == {"main"}  # by hand: to be put one by one


def test_who_comes_later_and_who_comes_back_is_where_they_were_put() -> None:
    d = divided()
    d.give(io.Disconnect("tab_misha"))
    d.wait(GRACE + 1)
    d.enter("misha", participant="part_new", issued_at=5000.0)
    assert d.room.snapshot()["participants"][-1]["place"] == "b1"
    d.do("anna", deeds.OpenBreakouts("list", None, (deeds.Group("x", ("person_late",)),)))
    d.enter("late")
    assert d.one("late")["place"] == "b3"
    d.do("anna", deeds.CloseBreakouts())
    d.give(io.Disconnect("tab_late"))
    d.wait(GRACE + 1)
    d.enter("late")
    assert d.one("late")["place"] == "main"


def test_persons_who_never_come_are_not_remembered_for_ever() -> None:
    d = lesson()
    for turn in range(5):
        persons = tuple(f"person_{turn}_{number}" for number in range(1500))
        d.do("anna", deeds.OpenBreakouts("list", None, (deeds.Group("x", persons),)))
    assert len(d.room.durable()["standings"]) == 1500
    d.do("anna", deeds.CloseBreakouts())
    assert d.room.durable()["standings"] == {}
    too_long = (deeds.Group("x", ("p" * 65,)),)
    assert d.do("anna", deeds.OpenBreakouts("list", None, too_long)).code == "malformed"


@pytest.mark.complaint(3)
@pytest.mark.complaint(1)
def test_minutes_go_on_in_a_breakout() -> None:
    """Who is sent there and back is one visit, not three: the join log is told of nobody leaving."""
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.now = 60.0
    d.do("anna", deeds.OpenBreakouts("list", groups=(deeds.Group("A", ("person_misha",)),)))
    told = d.facts(io.Left, io.Entered)
    d.now = 600.0
    d.do("anna", deeds.CloseBreakouts())
    assert told + d.facts(io.Left, io.Entered) == []
    d.now = 900.0
    d.give(io.Leave("tab_misha"))
    assert d.facts(io.Left) == [io.Left(grant("misha"), 0.0, 900.0, "left")]


@pytest.mark.complaint(4)
def test_a_breakout_calls_for_help_until_somebody_is_sent_elsewhere() -> None:
    """peers.md 4: no help signal."""
    d = divided()
    d.do("misha", deeds.CallForHelp(True))
    assert d.signals("participant_changed")[0]["participant"]["help"]
    d.do("misha", deeds.CallForHelp(True))
    assert d.signals("participant_changed") == []
    d.do("anna", deeds.CloseBreakouts())
    assert not d.one("misha")["help"]


@pytest.mark.complaint(4)
def test_a_message_reaches_all_breakouts() -> None:
    """peers.md 4: no announcement to all."""
    d = divided()
    d.do("anna", deeds.CallBreakouts("Two more minutes"))
    [told] = [o for o in d.out if isinstance(o, io.TellAll) and o.name == "called"]
    assert told.body == {"text": "Two more minutes", "by": "part_anna"}
    assert told.but is None


def test_what_is_said_by_signs_stays_in_its_place() -> None:
    d = divided()
    d.do("misha", deeds.React("heart"))
    assert [bool(d.said(f"tab_{who}", "reaction")) for who in ("dana", "aidar", "anna")] == [True, False, False]
    d.do("anna", deeds.MuteAll("microphone"))
    assert [p["muted"] for p in d.room.snapshot()["publications"]] == [False, False, False, False, True]


def test_a_teacher_opens_breakouts_from_outside_and_a_pupil_does_not() -> None:
    d = lesson()
    refused(d.ask(io.DoAs, "person_misha", False, deeds.OpenBreakouts("chance", 2)), "may_not_lead")
    assert d.ask(io.DoAs, "person_teacher", True, deeds.OpenBreakouts("chance", 2))["items"]
    d.do("anna", deeds.SetSecond("part_misha", True))
    assert d.ask(io.DoAs, "person_misha", False, deeds.CloseBreakouts()) == {}
    refused(d.ask(io.DoAs, "person_teacher", True, deeds.ShowNothing()), "not_entered")


def test_a_whep_viewer_hears_no_other_place() -> None:
    d = divided()
    d.ask(io.PostViewer, grant("zere"), "whep", "offer", None)
    assert [o.publications for o in d.orders() if isinstance(o, seam.OpenViewer)] == [("up_anna:0", "up_zere:0")]
    d.give(seam.Answered("whep", "answer", ()))
    refused(d.ask(io.PostViewer, grant("zere"), "whep2", "offer", "up_misha:0"), "not_found")
    d.do("anna", deeds.GoTo("b1"))
    assert seam.Close("whep") in d.orders()
    assert "whep" not in d.room.transports


def test_all_of_it_outlives_the_process() -> None:
    d = divided()
    d.now = 50.0
    d.do("anna", deeds.OpenBreakouts("chance", 2, minutes=10))
    d.do("misha", deeds.CallForHelp(True))
    d.do("anna", deeds.StartTimer(300, "Work"))
    before = {who: d.one(who) for who in PUPILS}
    other = Drive()
    other.now = 1000.0
    other.room = Room.restored(json.loads(json.dumps(d.room.durable(0.0))), 1000.0, wall=-900.0)
    assert {who: {**other.one(who), "connected": True} for who in PUPILS} == before
    assert other.leading == d.leading
    for who in ("anna", *PUPILS):
        other.enter(who)
    assert other.room.deadline() == pytest.approx(1000.0 + 250)
    other.wait(250)
    assert other.leading["timer"] is None
    other.wait(300)
    assert set(places(other).values()) == {"main"}
    other.do("anna", deeds.OpenBreakouts("hand", 1))
    assert other.leading["breakouts"]["items"] == [{"id": "b5", "name": "1"}]


# ---- what a browser does not show


def pauses(d: Drive) -> list[tuple[str, bool]]:
    return [(o.publication, o.paused) for o in d.orders() if isinstance(o, seam.Pause)]


@pytest.mark.complaint(8)
def test_pictures_that_are_not_shown_are_not_sent() -> None:
    d = lesson()
    d.ask(io.Receive, "tab_anna", "down")
    d.publish("misha", "m", "microphone", "camera")
    d.publish("dana", "d", "camera")
    assert pauses(d) == []
    d.do("anna", deeds.Watch({"m:0": "none", "m:1": "none", "d:0": "large", "gone:0": "none"}))
    assert pauses(d) == [("m:1", True)]  # sound is always sent
    d.do("anna", deeds.Watch({"m:1": "none"}))
    assert pauses(d) == []
    d.do("anna", deeds.Watch({"d:0": "none"}))
    assert pauses(d) == [("d:0", True)]
    d.do("anna", deeds.Watch({"m:1": "small"}))
    assert pauses(d) == [("m:1", False)]


def test_a_new_way_down_goes_on_without_them() -> None:
    d = lesson()
    d.publish("misha", "m", "camera")
    d.do("anna", deeds.Watch({"m:0": "none"}))
    d.ask(io.Receive, "tab_anna", "down")
    assert d.orders()[-2:] == [seam.Subscribe("down", "m:0"), seam.Pause("down", "m:0", True)]
    assert [t["paused"] for t in d.room.dump()["transports"] if t["id"] == "down"] == [["m:0"]]


def test_another_picture_under_the_same_name_is_new() -> None:
    d = lesson()
    d.ask(io.Receive, "tab_anna", "down")
    d.publish("misha", "m", "camera")
    d.do("anna", deeds.Watch({"m:0": "none"}))
    d.publish("misha", "m2", "camera")
    d.do("anna", deeds.Watch({"m2:0": "none"}))
    assert pauses(d) == [("m2:0", True)]
    d.give(seam.Lost("m2", "gone"))
    d.publish("misha", "m2", "screen")
    assert pauses(d) == []
