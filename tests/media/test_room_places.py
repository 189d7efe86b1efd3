"""Breakouts: any number, help, a message to all, time's up; who hears whom; and what a browser does not show."""

import json

import pytest

from media import room_deeds as deeds
from media import room_io as io
from media.plane import seam
from media.room import GRACE, Room
from media.room_state import Limits
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


def crowd(count: int) -> Drive:
    """So many with a microphone, one of them with a screen that sounds; three may be heard at once."""
    d = Drive(limits=Limits(sounds=3))
    for number in range(count):
        d.enter(f"p{number}")
        d.publish(f"p{number}", f"up_{number}", "microphone", *(["screen", "screen_sound"] if number == 0 else []))
    return d


def grouped(d: Drive) -> list[seam.Order]:
    return [each for each in d.orders() if isinstance(each, seam.PutSound | seam.LimitSounds)]


def test_few_microphones_are_all_forwarded() -> None:
    d = crowd(3)
    assert grouped(d) == []
    assert not any(publication.group for publication in d.room._stage.publications.values())


def test_of_many_microphones_the_loudest_are_forwarded_until_they_are_few_again() -> None:
    d = crowd(4)
    assert grouped(d) == [
        seam.LimitSounds("room_1/main", 3),
        *[seam.PutSound(f"up_{number}:0", "room_1/main") for number in range(4)],
    ]
    d.enter("p4")
    d.publish("p4", "up_4", "microphone")
    assert grouped(d) == [seam.PutSound("up_4:0", "room_1/main")]
    for who in ("p1", "p2"):
        d.give(io.Leave(f"tab_{who}"))
    assert grouped(d) == [
        seam.LimitSounds("room_1/main", 0),
        *[seam.PutSound(f"up_{number}:0", "") for number in (0, 3, 4)],
    ]


def test_each_place_counts_its_own_microphones() -> None:
    d = crowd(8)
    d.enter("anna", role="lead")
    persons = tuple(f"person_p{number}" for number in range(4))
    d.do("anna", deeds.OpenBreakouts("list", None, (deeds.Group("", persons), deeds.Group("", ("person_p4",)))))
    assert grouped(d) == [
        seam.LimitSounds("room_1/b1", 3),
        seam.LimitSounds("room_1/main", 0),
        *[seam.PutSound(f"up_{number}:0", "room_1/b1") for number in range(4)],
        *[seam.PutSound(f"up_{number}:0", "") for number in (4, 5, 6, 7)],
    ]


def test_a_closed_room_leaves_no_group_behind() -> None:
    d = crowd(4)
    d.give(io.Close())
    assert grouped(d) == [seam.LimitSounds("room_1/main", 0)]


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


def wants(d: Drive) -> list[tuple[str, int]]:
    return [(o.publication, o.size) for o in d.orders() if isinstance(o, seam.Want)]


@pytest.mark.complaint(8)
def test_pictures_are_sent_as_large_as_they_are_shown() -> None:
    d = lesson()
    d.ask(io.Receive, "tab_anna", "down")
    d.publish("misha", "m", "microphone", "camera")
    d.publish("dana", "d", "camera")
    assert wants(d) == []
    d.do("anna", deeds.Watch({"m:0": 0, "m:1": 0, "d:0": 720, "gone:0": 0}))
    assert wants(d) == [("m:1", 0), ("d:0", 720)]  # sound is always sent
    d.do("anna", deeds.Watch({"m:1": 0}))
    assert wants(d) == []
    d.do("anna", deeds.Watch({"d:0": -5, "m:1": 2**40}))
    assert wants(d) == [("d:0", 0), ("m:1", 4320)]


def test_a_new_way_down_goes_on_with_the_same_sizes() -> None:
    d = lesson()
    d.publish("misha", "m", "camera")
    d.do("anna", deeds.Watch({"m:0": 0}))
    d.ask(io.Receive, "tab_anna", "down")
    assert d.orders()[-2:] == [seam.Subscribe("down", "m:0"), seam.Want("down", "m:0", 0)]
    assert [t["wants"] for t in d.room.dump()["transports"] if t["id"] == "down"] == [{"m:0": 0}]


def test_another_picture_under_the_same_name_is_new() -> None:
    d = lesson()
    d.ask(io.Receive, "tab_anna", "down")
    d.publish("misha", "m", "camera")
    d.do("anna", deeds.Watch({"m:0": 0}))
    d.publish("misha", "m2", "camera")
    d.do("anna", deeds.Watch({"m2:0": 0}))
    assert wants(d) == [("m2:0", 0)]
    d.give(seam.Lost("m2", "gone"))
    d.publish("misha", "m2", "screen")
    assert wants(d) == []


# ---- what goes first on a narrow line


def preferred(d: Drive) -> list[tuple[str, bool]]:
    return [(o.publication, o.on) for o in d.orders() if isinstance(o, seam.Prefer)]


def test_screens_speakers_and_who_is_in_the_spotlight_go_first() -> None:
    d = lesson()
    d.publish("misha", "m", "microphone", "camera")
    d.publish("dana", "d", "microphone", "camera", "screen")
    assert preferred(d) == [("d:2", True)]
    said: list[tuple[str, bool]] = []
    for _ in range(3):
        d.now += 0.3
        d.give(seam.Levels((("m:0", 100),)))
        said += preferred(d)
    assert said == [("m:1", True)]
    d.wait(10)
    assert preferred(d) == [], "who spoke last, until another does"
    d.do("anna", deeds.SetSpotlight("part_dana"))
    assert preferred(d) == [("d:1", True)]
    d.do("anna", deeds.SetSpotlight(None))
    assert preferred(d) == [("d:1", False)]


def test_who_publishes_hears_what_is_needed_and_who_looks_what_the_line_withholds() -> None:
    d = lesson()
    d.publish("misha", "m", "camera")
    d.ask(io.Receive, "tab_anna", "down")
    d.give(seam.Needed("m:0", 1))
    assert d.said("tab_misha", "needed") == [{"publication_id": "m:0", "layers": 1}]
    d.give(seam.Limited("down", (("m:0", "small"),)))
    assert d.said("tab_anna", "limited") == [{"pictures": {"m:0": "small"}}]
    d.give(seam.Needed("gone:0", 1))
    d.give(seam.Limited("gone", ()))
    assert d.out == []
    d.give(io.Disconnect("tab_anna"))
    d.give(seam.Limited("down", ()))
    d.enter("anna", "again")
    assert d.said("again", "limited") == [{"pictures": {}}], "what was said meanwhile is said again"
    d.give(io.Disconnect("tab_misha"))
    d.enter("misha", "back")
    assert d.said("back", "needed") == [{"publication_id": "m:0", "layers": 1}]
