"""What a room does, case by case. (That all of it fits together: test_room_properties.py.)"""

from typing import Any

import pytest

from lms_core.kernel.errors import Refusal
from media import room_io as io
from media.plane import seam
from media.room import EMPTY_FOR, GRACE, Room
from media.room_stage import PLANE_ANSWERS
from media.room_state import Limits
from tests.media.given import grant, tracks, wishes


class Drive:
    """A room driven by hand: requests are numbered, the plane answers what the test says."""

    def __init__(self, *, limits: Limits | None = None, plane_up: bool = True) -> None:
        self.now = 0.0
        self.room = Room("room_1", 0.0, limits=limits, plane_up=plane_up)
        self.out: list[io.Output] = []
        self.count = 0

    def give(self, given: io.Input) -> list[io.Output]:
        self.out = self.room.handle(given, self.now)
        return self.out

    def ask(self, kind: type, *rest: object) -> Any:
        """The Reply's value, the refusal, or None while the plane is awaited."""
        self.count += 1
        return self.answer_in(self.give(kind(str(self.count), *rest)))

    @staticmethod
    def answer_in(outputs: list[io.Output]) -> Any:
        answers = [o for o in outputs if isinstance(o, io.Reply | io.Refuse)]
        assert len(answers) <= 1
        for answer in answers:
            return answer.value if isinstance(answer, io.Reply) else answer.refusal
        return None

    def wait(self, seconds: float) -> list[io.Output]:
        self.now += seconds
        return self.give(io.Tick())

    def enter(self, who: str = "anna", connection: str = "", **changes: object) -> Any:
        return self.ask(io.Enter, connection or f"tab_{who}", grant(who, **changes))

    def publish(self, who: str, transport: str, *sources: str) -> Any:
        self.ask(io.Publish, f"tab_{who}", transport, True, "offer", wishes(*sources))
        return self.answer_in(self.give(seam.Answered(transport, "answer", tracks(transport, *sources))))

    def post(self, who: str, transport: str, *kinds: str, **changes: object) -> Any:
        self.ask(io.PostPublisher, grant(who, **changes), transport, "offer")
        infos = tuple(seam.TrackInfo(str(i), k, f"{transport}:{i}", True) for i, k in enumerate(kinds))
        return self.answer_in(self.give(seam.Answered(transport, "answer", infos)))

    def signals(self, name: str) -> list[dict[str, Any]]:
        return [o.body for o in self.out if isinstance(o, io.Tell | io.TellAll) and o.name == name]

    def told(self, connection: str) -> list[str]:
        return [o.name for o in self.out if isinstance(o, io.Tell) and o.connection == connection]

    def orders(self) -> list[seam.Order]:
        return [o for o in self.out if not type(o).__module__.endswith("room_io")]  # type: ignore[misc]

    def facts(self, kind: type) -> list[Any]:
        return [o for o in self.out if isinstance(o, kind)]

    @property
    def people(self) -> dict[str, bool]:
        return {p["id"]: p["connected"] for p in self.room.snapshot()["participants"]}

    @property
    def publications(self) -> dict[str, tuple[str, str]]:
        found = self.room.snapshot()["publications"]
        return {p["id"]: (p["participant_id"], p["source"]) for p in found}


def refused(answer: object, code: str, **params: object) -> None:
    assert isinstance(answer, Refusal), answer
    assert (answer.code, answer.params) == (code, params)


# ---- entering and leaving


def test_entering_answers_the_room_as_it_is() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "t1", "camera")
    entered = d.enter("misha")
    assert entered == {
        "room_id": "room_1",
        "participant_id": "part_misha",
        "version": 3,
        "may": {"publish": ["camera", "microphone", "screen", "screen_sound"], "moderate": False},
        "participants": [
            {"id": "part_anna", "person_id": "person_anna", "name": "Anna", "role": "lead", "connected": True},
            {"id": "part_misha", "person_id": "person_misha", "name": "Misha", "role": "join", "connected": True},
        ],
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
    assert [(o.name, o.but) for o in d.out if isinstance(o, io.TellAll)] == [
        ("participant_changed", "tab_misha2")
    ]
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


def test_an_entering_after_the_grace_is_a_new_one_even_when_no_tick_came() -> None:
    d = Drive()
    d.enter("anna")
    d.give(io.Disconnect("tab_anna"))
    d.now = 30.0
    d.enter("anna")
    assert [type(fact) for fact in d.facts(io.Left | io.Entered)] == [io.Left, io.Entered]


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


def test_a_room_is_full_at_its_limit() -> None:
    d = Drive(limits=Limits(participants=1))
    d.enter("anna")
    refused(d.enter("misha"), "room_full", limit=1)
    refused(d.ask(io.PostPublisher, grant("misha"), "t1", "sdp"), "room_full", limit=1)
    assert isinstance(d.enter("anna", "again"), dict)


def test_a_place_taken_while_the_plane_was_asked_is_not_given_twice() -> None:
    d = Drive(limits=Limits(participants=1))
    d.ask(io.PostPublisher, grant("misha"), "t1", "sdp")
    d.enter("anna")
    refused(d.answer_in(d.give(seam.Answered("t1", "sdp", ()))), "room_full", limit=1)
    assert d.orders() == [seam.Close("t1")]


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
    assert d.orders() == [seam.Unsubscribe("down", "up:0"), seam.Subscribe("down", "up:1")]


def test_an_m_line_that_changes_its_source_is_another_publication() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "up", "camera")
    d.ask(io.Publish, "tab_anna", "up", False, "offer2", wishes("screen"))
    d.give(seam.Answered("up", "answer2", tracks("up", "screen")))
    names = [o.name for o in d.out if isinstance(o, io.TellAll)]
    assert names == ["publication_removed", "publication_added"]


def test_a_new_up_connection_takes_the_place_of_the_old() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "t1", "camera")
    d.ask(io.Publish, "tab_anna", "t2", True, "offer", ())
    assert d.orders() == [seam.Close("t1"), seam.OpenPublisher("t2", "offer")]
    assert d.told("tab_anna") == []
    d.ask(io.Publish, "tab_anna", "t3", True, "offer", ())  # before t2 was answered
    refused(d.answer_in(d.out), "transport_busy")
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


def test_a_refused_change_leaves_what_was_there() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "up", "camera")
    d.ask(io.Publish, "tab_anna", "up", False, "rubbish", wishes("camera"))
    assert d.ask(io.Publish, "tab_anna", "up", False, "more", wishes("camera")).code == "transport_busy"
    assert d.answer_in(d.give(seam.Refused("up", "no_bundle", ""))).code == "sdp_refused"
    assert d.publications == {"up:0": ("part_anna", "camera")}
    assert d.orders() == []


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
def test_a_whip_offer_with_more_than_is_allowed_is_closed(
    publish: set[str], kinds: tuple[str, ...], code: str
) -> None:
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
    assert d.orders() == [seam.OpenViewer("v1", "sdp", ("t1:0", "t1:1", "t2:0"))]
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


def test_a_plane_that_stays_away_makes_callers_fail_after_five_seconds() -> None:
    d = Drive(plane_up=False)
    d.enter("anna")
    d.ask(io.Publish, "tab_anna", "up", True, "offer", ())
    refused(d.ask(io.PostViewer, grant("anna"), "v", "sdp", None), "plane_unavailable")
    refused(d.answer_in(d.wait(PLANE_ANSWERS)), "plane_unavailable")
    assert d.orders() == []


# ---- speaking


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
    assert min(later - earlier for earlier, later in zip(told, told[1:], strict=False)) >= 0.249


def test_who_leaves_no_longer_speaks() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.publish("misha", "t1", "microphone")
    loud(d, 110, "t1:0")
    loud(d, 110, "t1:0")
    d.now += 1
    d.give(io.Leave("tab_misha"))
    assert d.signals("speaking") == [{"participant_ids": []}]


def test_the_dump_shows_every_transport() -> None:
    d = Drive()
    d.enter("anna")
    d.ask(io.Publish, "tab_anna", "up", True, "offer", ())
    d.ask(io.Receive, "tab_anna", "down")
    shown = {t["id"]: (t["kind"], t["opened"], t["waits_for"]) for t in d.room.dump()["transports"]}
    assert shown == {"up": ("up", False, "OpenPublisher"), "down": ("down", True, None)}
