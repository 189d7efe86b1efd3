"""What moves in a room: publishing, receiving, muting, WHIP and WHEP, and the plane below."""

import pytest

from media import room_io as io
from media.plane import seam
from media.room import GRACE
from media.room_stage import PLANE_ANSWERS
from tests.media.drive import Drive, refused
from tests.media.given import grant, tracks, wishes

# ---- publishing


def test_a_publication_is_told_and_forwarded_only_when_the_plane_answered() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.ask(io.Receive, "tab_misha", "down")
    assert d.orders() == [seam.OpenReceiver("down")]
    d.ask(io.Publish, "tab_anna", "up", True, "offer", wishes("camera", "microphone"))
    assert d.orders() == [seam.OpenPublisher("up", "offer")]
    assert d.publications == {}
    answer = d.answer_in(d.give(seam.Answered("up", "answer", tracks("up", "camera", "microphone"))))
    assert answer == {"transport_id": "up", "sdp": "answer"}
    assert d.orders() == [seam.Subscribe("down", "up:0"), seam.Subscribe("down", "up:1")]
    assert d.publications == {"up:0": ("part_anna", "camera"), "up:1": ("part_anna", "microphone")}


def test_changing_the_offer_adds_and_ends_publications() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.ask(io.Receive, "tab_misha", "down")
    d.publish("anna", "up", "camera")
    d.ask(io.Publish, "tab_anna", "up", False, "offer2", wishes("camera", "screen"))
    assert d.orders() == [seam.ChangePublisher("up", "offer2")]
    d.give(seam.Answered("up", "answer2", tracks("up", "camera", "screen", ended=("camera",))))
    assert d.publications == {"up:1": ("part_anna", "screen")}
    assert d.orders() == [seam.Unsubscribe("down", "up:0"), seam.Subscribe("down", "up:1"), seam.Prefer("up:1", True)]


def test_an_m_line_that_changes_its_source_is_another_publication() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "up", "camera")
    d.ask(io.Publish, "tab_anna", "up", False, "offer2", wishes("screen"))
    d.give(seam.Answered("up", "answer2", tracks("up", "screen")))
    names = [o.name for o in d.out if isinstance(o, io.TellAll)]
    assert names == ["publication_removed", "publication_added"]


def test_a_muted_m_line_that_changes_its_source_is_heard_again() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "up", "camera")
    d.ask(io.SetMuted, "tab_anna", "up:0", True)
    d.ask(io.Publish, "tab_anna", "up", False, "offer2", wishes("screen"))
    d.give(seam.Answered("up", "answer2", tracks("up", "screen")))
    assert d.orders() == [seam.Mute("up:0", False), seam.Prefer("up:0", True)]
    assert not d.room.snapshot()["publications"][0]["muted"]


def test_a_new_up_connection_takes_the_place_of_the_old() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "t1", "camera")
    d.ask(io.Publish, "tab_anna", "t2", True, "offer", ())
    assert d.orders() == [seam.Close("t1"), seam.OpenPublisher("t2", "offer")]
    assert d.told("tab_anna") == []
    refused(d.ask(io.Publish, "tab_anna", "t3", True, "offer", ()), "transport_busy")  # before t2 was answered
    assert d.orders() == []
    d.give(seam.Answered("t2", "answer", ()))
    d.ask(io.Publish, "tab_anna", "t3", True, "offer", ())
    assert d.orders() == [seam.Close("t2"), seam.OpenPublisher("t3", "offer")]
    d.ask(io.Receive, "tab_anna", "t4")
    d.ask(io.Receive, "tab_anna", "t5")
    assert d.orders() == [seam.Close("t4"), seam.OpenReceiver("t5")]


@pytest.mark.parametrize(
    ("sent", "code", "params"),
    [
        (wishes("camera"), "may_not_publish", {"source": "camera"}),
        (wishes("microphone", "screen"), "may_not_publish", {"source": "screen"}),
        (wishes("telepathy"), "malformed", {"field": "tracks"}),
        ((io.Wish("", "microphone"),), "malformed", {"field": "tracks"}),
        ((io.Wish("x" * 65, "microphone"),), "malformed", {"field": "tracks"}),
        ((io.Wish("0", "microphone"),) * 2, "malformed", {"field": "tracks"}),
        (wishes("microphone", "microphone"), "malformed", {"field": "tracks"}),
        (wishes(*["microphone"] * 9), "too_many_tracks", {"limit": 8}),
    ],
)
def test_what_may_not_be_published_never_reaches_the_plane(
    sent: tuple[io.Wish, ...], code: str, params: dict[str, object]
) -> None:
    d = Drive()
    d.enter("misha", publish=frozenset({"microphone"}))
    refused(d.ask(io.Publish, "tab_misha", "t1", True, "offer", sent), code, **params)
    assert d.orders() == []
    assert not d.room.transports


@pytest.mark.parametrize("found", [("camera", "microphone"), ("camera", "screen"), ("microphone",)])
def test_an_offer_that_sends_more_than_it_said_ends_before_anything_is_forwarded(found: tuple[str, ...]) -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.ask(io.Receive, "tab_misha", "down")
    d.ask(io.Publish, "tab_anna", "up", True, "offer", wishes("camera"))
    d.give(seam.Answered("up", "answer", tracks("up", *found)))
    assert d.answer_in(d.out).code == "track_not_declared"
    assert d.orders() == [seam.Close("up")]
    assert d.publications == {}
    assert d.told("tab_anna") == []  # it was never open


def test_an_open_transport_that_lies_about_a_change_is_lost() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "up", "camera")
    d.ask(io.Publish, "tab_anna", "up", False, "offer2", wishes("camera"))
    d.give(seam.Answered("up", "answer", tracks("up", "camera", "screen")))
    refused(d.answer_in(d.out), "track_not_declared", mid="1")
    assert d.signals("transport_lost") == [{"transport_id": "up"}]
    assert d.publications == {}


def test_a_refused_offer_is_told_with_the_planes_reason() -> None:
    d = Drive()
    d.enter("anna")
    d.ask(io.Publish, "tab_anna", "t1", True, "rubbish", ())
    refused(
        d.answer_in(d.give(seam.Refused("t1", "no_bundle", "m-line 2"))),
        "sdp_refused",
        reason="no_bundle",
        detail="m-line 2",
    )
    assert not d.room.transports


def test_a_full_plane_is_unavailable() -> None:
    d = Drive()
    d.ask(io.PostViewer, grant("anna"), "t1", "sdp", None)
    refused(d.answer_in(d.give(seam.Refused("t1", "plane_full", ""))), "plane_unavailable")


def test_a_refused_change_leaves_what_was_there() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "up", "camera")
    d.ask(io.Publish, "tab_anna", "up", False, "rubbish", wishes("camera"))
    assert d.ask(io.Publish, "tab_anna", "up", False, "more", wishes("camera")).code == "transport_busy"
    assert d.answer_in(d.give(seam.Refused("up", "no_bundle", ""))).code == "sdp_refused"
    assert d.publications == {"up:0": ("part_anna", "camera")}
    assert d.orders() == []
    assert d.ask(io.Publish, "tab_anna", "up", False, "better", wishes("camera")) is None


def test_an_sdp_is_no_longer_than_64_kib() -> None:
    d = Drive()
    d.enter("anna")
    long = "x" * (64 * 1024 + 1)
    for asked in (
        d.ask(io.Publish, "tab_anna", "t1", True, long, ()),
        d.ask(io.Answer, "tab_anna", "t1", 1, long),
        d.ask(io.PostPublisher, grant("anna"), "t1", long),
        d.ask(io.PostViewer, grant("anna"), "t1", long, None),
    ):
        refused(asked, "sdp_too_long", limit=65536)


def test_the_plane_has_five_seconds() -> None:
    d = Drive()
    d.enter("anna")
    d.ask(io.Publish, "tab_anna", "t1", True, "offer", ())
    assert d.room.deadline() == PLANE_ANSWERS
    refused(d.answer_in(d.wait(PLANE_ANSWERS)), "plane_unavailable")
    assert d.orders() == [seam.Close("t1")]
    assert d.give(seam.Answered("t1", "too late", ())) == []


def test_commands_without_entering_are_refused() -> None:
    d = Drive()
    for asked in (
        d.ask(io.Publish, "tab", "t1", True, "", ()),
        d.ask(io.Receive, "tab", "t1"),
        d.ask(io.Answer, "tab", "t1", 1, ""),
        d.ask(io.SetMuted, "tab", "t1:0", True),
    ):
        refused(asked, "not_entered")


def test_nobody_touches_anothers_transport() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.publish("anna", "up", "camera")
    d.ask(io.Receive, "tab_anna", "down")
    d.post("anna", "whip", "audio")
    d.give(seam.Offered("down", 1, "offer", ()))
    for asked in (
        d.ask(io.Publish, "tab_misha", "up", False, "", ()),
        d.ask(io.Answer, "tab_misha", "down", 1, ""),
        d.ask(io.PatchResource, grant("misha"), "whip", "ufrag", "p" * 22),
        d.ask(io.DeleteResource, grant("misha"), "whip"),
        d.ask(io.DeleteResource, grant("anna"), "up"),  # no resource
    ):
        refused(asked, "not_found")


# ---- receiving


def test_an_answer_answers_the_outstanding_offer() -> None:
    d = Drive()
    d.enter("anna")
    d.ask(io.Receive, "tab_anna", "down")
    d.give(seam.Offered("down", 4, "offer", ()))
    assert d.signals("offer") == [{"transport_id": "down", "revision": 4, "sdp": "offer", "streams": []}]
    refused(d.ask(io.Answer, "tab_anna", "down", 3, "sdp"), "answer_outdated")
    assert d.ask(io.Answer, "tab_anna", "down", 4, "sdp") == {}
    assert d.orders() == [seam.TakeAnswer("down", 4, "sdp")]
    refused(d.ask(io.Answer, "tab_anna", "down", 4, "sdp"), "answer_outdated")


def test_a_refused_answer_loses_the_transport() -> None:
    d = Drive()
    d.enter("anna")
    d.ask(io.Receive, "tab_anna", "down")
    d.give(seam.Refused("down", "answer_malformed", ""))
    assert d.signals("transport_lost") == [{"transport_id": "down"}]
    assert d.orders() == [seam.Close("down")]


def test_who_may_not_hear_receives_nothing() -> None:
    d = Drive()
    d.enter("misha", hear=False)
    refused(d.ask(io.Receive, "tab_misha", "t1"), "may_not_hear")
    refused(d.ask(io.PostViewer, grant("dana", hear=False), "t1", "sdp", None), "may_not_hear")


# ---- muting


@pytest.mark.parametrize(
    ("who", "before", "muted", "code"),
    [
        ("misha", False, True, None),  # one's own
        ("misha", True, False, None),
        ("anna", False, True, None),  # a moderator mutes
        ("anna", True, False, "may_not_mute"),  # and never unmutes another
        ("dana", False, True, "may_not_mute"),
        ("dana", True, False, "may_not_mute"),
    ],
)
def test_who_may_mute_whom(who: str, before: bool, muted: bool, code: str | None) -> None:
    d = Drive()
    for name in ("anna", "misha", "dana"):
        d.enter(name)
    d.publish("misha", "t1", "microphone")
    d.ask(io.SetMuted, "tab_misha", "t1:0", before)
    answer = d.ask(io.SetMuted, f"tab_{who}", "t1:0", muted)
    if code:
        refused(answer, code)
        assert d.orders() == []
    else:
        assert answer == {}
        assert d.orders() == [seam.Mute("t1:0", muted)]
        assert d.signals("publication_changed")[0]["publication"]["muted"] is muted


def test_muting_what_is_muted_changes_nothing() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "t1", "microphone")
    assert d.ask(io.SetMuted, "tab_anna", "t1:0", False) == {}
    assert len(d.out) == 1
    refused(d.ask(io.SetMuted, "tab_anna", "t9:0", True), "not_found")


# ---- WHIP and WHEP


def test_a_whip_resource_makes_a_participant_and_names_its_tracks_itself() -> None:
    d = Drive()
    d.enter("anna")
    assert d.ask(io.PostPublisher, grant("misha"), "t1", "offer") is None
    assert d.people == {"part_anna": True}  # nobody enters by a POST that may yet be refused
    d.give(seam.Answered("t1", "answer", tracks("t1", "camera", "microphone", "screen", "screen_sound")))
    assert d.answer_in(d.out) == {"transport_id": "t1", "sdp": "answer", "etag": "1"}
    assert [source for _, source in d.publications.values()] == ["camera", "microphone", "screen", "screen_sound"]
    assert d.people == {"part_anna": True, "part_misha": True}


@pytest.mark.parametrize(
    ("publish", "kinds", "code"),
    [
        ({"microphone"}, ("audio", "video"), "may_not_publish"),
        ({"microphone", "camera"}, ("audio", "audio"), "may_not_publish"),
        ({"microphone", "camera", "screen", "screen_sound"}, ("video", "video", "video"), "too_many_tracks"),
    ],
)
def test_a_whip_offer_with_more_than_is_allowed_is_closed(publish: set[str], kinds: tuple[str, ...], code: str) -> None:
    d = Drive()
    assert d.post("misha", "t1", *kinds, publish=frozenset(publish)).code == code
    assert d.orders() == [seam.Close("t1")]
    assert d.people == {}
    assert d.facts(io.Entered) == []


def test_who_may_publish_nothing_does_not_reach_the_plane() -> None:
    d = Drive()
    refused(d.ask(io.PostPublisher, grant("misha", publish=frozenset()), "t1", "sdp"), "may_not_publish")
    assert d.orders() == []


def test_resources_of_a_grant_are_counted_also_while_they_open() -> None:
    d = Drive()
    d.post("anna", "t1", "audio")
    d.ask(io.PostPublisher, grant("anna"), "t2", "sdp")
    d.ask(io.PostViewer, grant("anna"), "t3", "sdp", None)
    refused(d.ask(io.PostViewer, grant("anna"), "t4", "sdp", None), "too_many_resources", limit=3)
    assert d.ask(io.DeleteResource, grant("anna"), "t1") == {}
    assert d.ask(io.PostViewer, grant("anna"), "t4", "sdp", None) is None
    d.post("misha", "t5", "audio")
    assert "part_misha" in d.people  # another's are another's


def test_a_viewer_gets_everything_that_is_there_its_own_included() -> None:
    d = Drive()
    d.post("anna", "t1", "audio", "video")
    d.post("misha", "t2", "audio")
    d.ask(io.PostViewer, grant("anna"), "v1", "sdp", None)
    [order] = d.orders()
    assert isinstance(order, seam.OpenViewer)
    assert set(order.publications) == {"t1:0", "t1:1", "t2:0"}
    d.ask(io.PostViewer, grant("misha"), "v2", "sdp", "t1:1")
    assert d.orders() == [seam.OpenViewer("v2", "sdp", ("t1:1",))]
    refused(d.ask(io.PostViewer, grant("misha"), "v3", "sdp", "t9:0"), "not_found")
    assert d.answer_in(d.give(seam.Answered("v1", "answer", ()))) == {
        "transport_id": "v1",
        "sdp": "answer",
        "etag": "1",
    }
    d.post("misha", "t3", "video")
    assert d.orders() == []  # a viewer keeps what was there at its POST


def test_a_lost_resource_starts_the_grace_of_a_participant_without_a_browser() -> None:
    d = Drive()
    d.post("misha", "t1", "audio")
    assert d.room.deadline() is None
    d.give(seam.Lost("t1", "consent expired"))
    assert d.people == {"part_misha": False}
    assert d.publications == {}
    assert d.orders() == []
    d.wait(GRACE)
    assert d.people == {}


def test_an_ice_restart_gives_a_new_entity_tag() -> None:
    d = Drive()
    d.post("anna", "t1", "audio")
    assert d.room.etag(grant("anna"), "t1") == "1"
    d.ask(io.PatchResource, grant("anna"), "t1", "ufrag", "p" * 22)
    assert d.orders() == [seam.RestartIce("t1", "ufrag", "p" * 22)]
    assert d.ask(io.PatchResource, grant("anna"), "t1", "ufrag", "p" * 22).code == "transport_busy"
    d.give(seam.Answered("t1", "no answer to this", ()))
    answer = d.answer_in(d.give(seam.Restarted("t1", "mine", "secret")))
    assert answer == {"etag": "2", "ufrag": "mine", "pwd": "secret"}
    assert d.room.etag(grant("anna"), "t1") == "2"


@pytest.mark.parametrize(("ufrag", "pwd"), [("abc", "p" * 22), ("abcd", "p" * 21), ("ab\rd", "p" * 22), ("", "")])
def test_ice_credentials_have_a_shape(ufrag: str, pwd: str) -> None:
    d = Drive()
    d.post("anna", "t1", "audio")
    refused(d.ask(io.PatchResource, grant("anna"), "t1", ufrag, pwd), "malformed", field="ice")
    assert d.orders() == []


# ---- the plane


def test_a_lost_transport_is_told_to_its_owner() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "t1", "camera")
    d.give(seam.Lost("t1", "dtls closed"))
    assert d.told("tab_anna") == ["transport_lost"]
    assert [o.name for o in d.out if isinstance(o, io.TellAll)] == ["publication_removed"]


def test_what_was_lost_while_nobody_listened_is_told_on_return() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "t1", "camera")
    d.give(io.Disconnect("tab_anna"))
    d.give(seam.Lost("t1", "consent expired"))
    d.enter("anna", "again")
    assert d.told("again") == ["transport_lost"]
    d.enter("anna", "once more")
    assert d.told("once more") == []


def test_when_the_plane_dies_people_stay_and_open_anew() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.publish("anna", "up", "camera")
    d.ask(io.Receive, "tab_misha", "down")
    d.post("misha", "whip", "audio")
    before = d.room.snapshot()["version"]
    d.give(io.PlaneLost())
    assert d.orders() == []
    assert d.told("tab_anna") == d.told("tab_misha") == ["transport_lost"]
    assert d.publications == {}
    assert d.people == {"part_anna": True, "part_misha": True}
    assert d.room.snapshot()["version"] == before + 2
    d.ask(io.Publish, "tab_anna", "up2", True, "offer", wishes("camera"))
    d.ask(io.Receive, "tab_misha", "down2")
    assert d.orders() == []  # held until it is back
    d.give(io.PlaneReturned())
    assert d.orders() == [seam.OpenPublisher("up2", "offer"), seam.OpenReceiver("down2")]
    d.give(seam.Answered("up2", "answer", tracks("up2", "camera")))
    assert d.orders() == [seam.Subscribe("down2", "up2:0")]


def test_what_was_being_opened_when_the_plane_died_is_opened_by_the_next() -> None:
    d = Drive()
    d.enter("anna")
    d.post("anna", "whip", "audio")
    d.ask(io.PatchResource, grant("anna"), "whip", "ufrag", "p" * 22)
    d.ask(io.Publish, "tab_anna", "up", True, "offer", ())
    refused(d.answer_in(d.give(io.PlaneLost())), "plane_unavailable")  # the restart of what is gone
    d.give(io.PlaneReturned())
    assert d.orders() == [seam.OpenPublisher("up", "offer")]
    assert d.answer_in(d.give(seam.Answered("up", "answer", ()))) == {"transport_id": "up", "sdp": "answer"}
    assert d.give(io.PlaneReturned()) == []


def test_a_viewer_that_was_being_opened_is_refused_since_what_it_wanted_is_gone() -> None:
    d = Drive()
    d.post("misha", "whip", "audio")
    d.ask(io.PostViewer, grant("anna"), "whep", "sdp", None)
    refused(d.answer_in(d.give(io.PlaneLost())), "plane_unavailable")
    assert d.give(io.PlaneReturned()) == []


def test_what_the_second_plane_had_is_lost_with_it() -> None:
    d = Drive(plane_up=False)
    d.enter("anna")
    d.ask(io.Receive, "tab_anna", "down")
    d.give(io.PlaneReturned())
    d.give(io.PlaneLost())
    assert d.signals("transport_lost") == [{"transport_id": "down"}]
    assert d.give(io.PlaneReturned()) == []


def test_a_plane_that_stays_away_makes_callers_fail_after_five_seconds() -> None:
    d = Drive(plane_up=False)
    d.enter("anna")
    d.ask(io.Publish, "tab_anna", "up", True, "offer", ())
    refused(d.ask(io.PostViewer, grant("anna"), "v", "sdp", None), "plane_unavailable")
    refused(d.answer_in(d.wait(PLANE_ANSWERS)), "plane_unavailable")
    assert d.orders() == []
