"""A room under everything at once: whatever happens, browsers, plane and room agree."""

import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from media import room_deeds as deeds
from media import room_io as io
from media.grant import SOURCES
from media.plane import seam
from media.room import Room
from media.room_state import Limits
from tests.media.any_deed import PEOPLE, anything_done
from tests.media.believers import Browser, Plane
from tests.media.given import grant

whom = st.sampled_from(PEOPLE)
where = st.sampled_from(("tab1", "tab2", "tab3", "tab4", "tab5"))
sources = st.lists(st.sampled_from(sorted(SOURCES)), max_size=3)
pick = st.integers(0, 50)
WALL = 1e9
ANSWERS = io.Reply | io.Refuse


class RoomMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.room = Room("room_1", self.now, wall=WALL, limits=Limits(participants=3, kept=0))
        self.plane = Plane()
        self.browsers: dict[str, Browser] = {}
        self.outside: dict[str, str] = {}
        """In the lobby, or let in from it and not entered yet: connections and their participants."""
        self.present: set[str] = set()
        self.stood: tuple[bool, dict[str, tuple[bool, str | None, bool]]] = (False, {})
        self.waiting: dict[str, io.Asking] = {}
        self.made = 0

    # ---- doing

    def give(self, given: io.Input) -> list[io.Output]:
        if isinstance(given, io.Asking):
            self.waiting[given.request] = given
        outputs = self.room.handle(given, self.now)
        for output in outputs:
            self.perform(output)
        due = self.room.deadline()
        assert due is None or due > self.now
        assert not (self.room.closed and self.waiting)
        return outputs

    def perform(self, output: io.Output) -> None:
        match output:
            case io.Reply(request, value):
                asked = self.waiting.pop(request)
                if isinstance(asked, io.Enter):
                    self.entered(asked, value)
            case io.Refuse(request, _):
                del self.waiting[request]
            case io.Tell(connection, name, body) if connection in self.outside:
                assert name in ("admitted", "held", "replaced", "removed")
                if name in ("replaced", "removed"):
                    del self.outside[connection]
            case io.Tell(connection, name, body):
                self.browsers[connection].hear(name, body)
                if not self.browsers[connection].inside:
                    gone = self.browsers.pop(connection)
                    if name == "sent_back":
                        self.outside[connection] = gone.me
            case io.TellSome(connections, name, body):
                for connection in connections:
                    self.browsers[connection].hear(name, body)
            case io.TellAll(name, body, but, outside):
                assert name == "room_closed" or outside | {but} == {*self.outside, but}
                for connection, browser in self.browsers.items():
                    if connection != but:
                        browser.hear(name, body)
            case io.Entered(granted):
                assert granted.participant not in self.present
                self.present.add(granted.participant)
            case io.Left(granted, since, at):
                assert since <= at <= self.now
                self.present.remove(granted.participant)
            case io.Stood(at, quiet, persons):
                assert at == self.now
                self.stood = (quiet, dict(persons))
            case io.Closed():
                assert not self.present
                assert not self.plane.kinds
                self.browsers.clear()
                self.outside.clear()
            case order:
                self.plane.take(order)

    def entered(self, asked: io.Enter, value: dict[str, Any]) -> None:
        assert value["participant_id"] == asked.grant.participant
        self.outside.pop(asked.connection, None)
        if value["waiting"]:
            assert not value["participants"]
            assert not asked.grant.moderate
            self.browsers.pop(asked.connection, None)
            self.outside[asked.connection] = asked.grant.participant
            return
        self.browsers[asked.connection] = Browser(
            value["participant_id"],
            value["version"],
            {p["id"]: p for p in value["participants"]},
            {p["id"]: p for p in value["publications"]},
            value["leading"],
        )

    def new(self, kind: str) -> str:
        self.made += 1
        return f"{kind}{self.made}"

    def one_of(self, items: Any, index: int) -> Any:
        items = sorted(items)
        return items[index % len(items)] if items else None

    def grant_of(self, who: str) -> Any:
        changes: dict[str, Any] = {"publish": frozenset(), "hear": False} if who == "ghost" else {}
        return grant(who, resources=2, **changes)

    @initialize(began=st.booleans(), lobby=st.booleans(), divided=st.booleans())
    def a_lesson_goes_on(self, began: bool, lobby: bool, divided: bool) -> None:
        """Half of the runs begin where much can happen."""
        if not began:
            return
        for connection, who in (("tab1", "anna"), ("tab2", "misha")):
            self.enter(who, connection, True)
            self.publish(connection, ["microphone", "camera", "screen"], True)
        if lobby:
            self.give(io.Do(self.new("r"), "tab1", deeds.SetLobby(True)))
        if divided:
            self.give(io.Do(self.new("r"), "tab1", deeds.OpenBreakouts("chance", 2)))

    # ---- people

    @rule(who=whom, connection=where, listens=st.booleans())
    def enter(self, who: str, connection: str, listens: bool) -> None:
        self.tick()
        if self.room.closed:
            limits = Limits(participants=3, kept=0)
            self.room = Room("room_1", self.now, wall=WALL, plane_up=self.plane.up, limits=limits)
        self.give(io.Enter(self.new("r"), connection, self.grant_of(who)))
        if listens:
            self.give(io.Receive(self.new("r"), connection, self.new("t")))

    @rule(who=whom, connection=where, hear=st.booleans(), role=st.sampled_from(("join", "see")))
    def enter_with_a_newer_grant(self, who: str, connection: str, hear: bool, role: str) -> None:
        given = grant(who, issued_at=1000.0 + self.made, hear=hear, role=role)
        self.give(io.Enter(self.new("r"), connection, given))

    @rule(connection=where)
    def disconnect(self, connection: str) -> None:
        self.browsers.pop(connection, None)
        self.outside.pop(connection, None)
        self.give(io.Disconnect(connection))

    @rule(connection=where)
    def leave(self, connection: str) -> None:
        self.browsers.pop(connection, None)
        self.outside.pop(connection, None)
        self.give(io.Leave(connection))

    @rule(who=whom)
    def remove(self, who: str) -> None:
        self.give(io.Remove(f"person_{who}"))
        assert f"part_{who}" not in self.present

    @rule(connection=where, names=sources, answered=st.booleans())
    def publish(self, connection: str, names: list[str], answered: bool) -> None:
        wishes = tuple(io.Wish(str(mid), name) for mid, name in enumerate(names))
        transport = self.new("t")
        self.give(io.Publish(self.new("r"), connection, transport, True, "sdp", wishes))
        if answered and transport in self.plane.asked:
            self.report_answer(transport, [SOURCES[name] for name in names])

    @rule(connection=where, names=sources, index=pick, answered=st.booleans())
    def change(self, connection: str, names: list[str], index: int, answered: bool) -> None:
        self.tick()
        mine = self.browsers[connection].me if connection in self.browsers else None
        ups = [t["id"] for t in self.room.dump()["transports"] if t["kind"] == "up" and t["participant"] == mine]
        if transport := self.one_of(ups or self.plane.kinds, index):
            wishes = tuple(io.Wish(str(mid), name) for mid, name in enumerate(names))
            self.give(io.Publish(self.new("r"), connection, transport, False, "sdp", wishes))
            if answered and isinstance(self.plane.asked.get(transport), seam.ChangePublisher):
                self.report_answer(transport, [SOURCES[name] for name in names])

    @rule(connection=where)
    def receive(self, connection: str) -> None:
        self.give(io.Receive(self.new("r"), connection, self.new("t")))

    @rule(connection=where, index=pick, off=st.integers(0, 1))
    def answer(self, connection: str, index: int, off: int) -> None:
        if transport := self.one_of(self.plane.offered, index):
            revision = self.plane.offered[transport] - off
            self.give(io.Answer(self.new("r"), connection, transport, revision, "sdp"))

    @rule(connection=where, index=pick, muted=st.booleans())
    def set_muted(self, connection: str, index: int, muted: bool) -> None:
        publications = [p["id"] for p in self.room.snapshot()["publications"]]
        if publication := self.one_of(publications, index):
            self.give(io.SetMuted(self.new("r"), connection, publication, muted))

    @rule(connection=where, deed=anything_done, chance=st.floats(0, 1))
    def do(self, connection: str, deed: deeds.Deed, chance: float) -> None:
        self.tick()
        before, leads = self.room.durable(), self.leads(connection)
        [answer] = [o for o in self.give(io.Do(self.new("r"), connection, deed, chance)) if isinstance(o, ANSWERS)]
        if isinstance(deed, deeds.Leaders) and not leads:
            assert isinstance(answer, io.Refuse)
        if isinstance(answer, io.Refuse):
            assert self.room.durable() == before

    @rule(who=whom, leads=st.booleans(), deed=anything_done)
    def do_from_outside(self, who: str, leads: bool, deed: deeds.Deed) -> None:
        self.give(io.DoAs(self.new("r"), f"person_{who}", leads, deed, 0.5))

    @rule(connection=where, index=pick, size=st.sampled_from((0, 180, 99_999)))
    def watch(self, connection: str, index: int, size: int) -> None:
        if publication := self.one_of([p["id"] for p in self.room.snapshot()["publications"]], index):
            self.give(io.Do(self.new("r"), connection, deeds.Watch({publication: size, "gone:0": 0})))

    @rule(connection=where, index=pick)
    def stop_a_publication(self, connection: str, index: int) -> None:
        if publication := self.one_of([p["id"] for p in self.room.snapshot()["publications"]], index):
            self.give(io.Do(self.new("r"), connection, deeds.StopPublication(publication)))

    def leads(self, connection: str) -> bool:
        browser = self.browsers.get(connection)
        return bool(browser and self.room._people.present[browser.me].leads)

    @rule(who=whom)
    def post_publisher(self, who: str) -> None:
        self.give(io.PostPublisher(self.new("r"), self.grant_of(who), self.new("t"), "sdp"))

    @rule(who=whom, one=st.booleans(), index=pick)
    def post_viewer(self, who: str, one: bool, index: int) -> None:
        publications = [p["id"] for p in self.room.snapshot()["publications"]]
        publication = self.one_of(publications, index) if one else None
        self.give(io.PostViewer(self.new("r"), self.grant_of(who), self.new("t"), "sdp", publication))

    @rule(who=whom, index=pick)
    def patch(self, who: str, index: int) -> None:
        if transport := self.one_of(self.plane.kinds, index):
            self.give(io.PatchResource(self.new("r"), self.grant_of(who), transport, "ufrag", "p" * 24))

    @rule(who=whom, index=pick)
    def delete(self, who: str, index: int) -> None:
        if transport := self.one_of(self.plane.kinds, index):
            self.give(io.DeleteResource(self.new("r"), self.grant_of(who), transport))

    # ---- plane

    def tick(self) -> None:
        """A plane's report and the room's deadline at one moment: the deadline is first."""
        self.give(io.Tick())

    def report_answer(self, transport: str, kinds: list[str]) -> None:
        del self.plane.asked[transport]
        tracks = tuple(seam.TrackInfo(str(mid), kind, f"{transport}:{mid}", True) for mid, kind in enumerate(kinds))
        ended = {p for p in self.plane.muted if p.partition(":")[0] == transport} - {t.publication for t in tracks}
        self.plane.muted -= ended
        self.give(seam.Answered(transport, "answer", tracks))

    @rule(index=pick, kinds=st.lists(st.sampled_from(("audio", "video")), max_size=3))
    def plane_answers_anything(self, index: int, kinds: list[str]) -> None:
        self.tick()
        if transport := self.one_of(self.plane.asked, index):
            if isinstance(self.plane.asked[transport], seam.RestartIce):
                del self.plane.asked[transport]
                self.give(seam.Restarted(transport, "ufrag", "pwd"))
            else:
                self.report_answer(transport, kinds)

    @rule(index=pick)
    def plane_answers_truly(self, index: int) -> None:
        self.tick()
        if transport := self.one_of(self.plane.asked, index):
            for asked in self.waiting.values():
                if isinstance(asked, io.Publish) and asked.transport == transport:
                    self.report_answer(transport, [SOURCES[w.source] for w in asked.tracks])
                    return

    @rule(index=pick)
    def plane_refuses(self, index: int) -> None:
        self.tick()
        if transport := self.one_of(self.plane.asked, index):
            del self.plane.asked[transport]
            self.give(seam.Refused(transport, "sdp_malformed", ""))

    @rule(index=pick)
    def plane_refuses_an_answer(self, index: int) -> None:
        self.tick()
        receivers = [t for t, kind in self.plane.kinds.items() if kind is seam.OpenReceiver]
        if transport := self.one_of(receivers, index):
            self.give(seam.Refused(transport, "answer_malformed", ""))

    @rule(index=pick)
    def plane_offers(self, index: int) -> None:
        self.tick()
        receivers = [t for t, kind in self.plane.kinds.items() if kind is seam.OpenReceiver]
        transport = self.one_of(receivers, index)
        if transport and transport not in self.plane.offered:
            self.made += 1
            self.plane.offered[transport] = self.made
            self.give(seam.Offered(transport, self.made, "offer", ()))

    @rule(index=pick)
    def plane_loses_a_transport(self, index: int) -> None:
        self.tick()
        if transport := self.one_of(self.plane.kinds, index):
            self.plane.forget(transport)
            self.give(seam.Lost(transport, "consent expired"))

    @rule(index=pick)
    def plane_speaks_of_what_is_gone(self, index: int) -> None:
        self.tick()
        for report in (
            seam.Answered(f"t{index}x", "sdp", ()),
            seam.Refused(f"t{index}x", "code", ""),
            seam.Lost(f"t{index}x", "why"),
            seam.Started(f"t{index}x:0"),
        ):
            assert self.give(report) == []

    @rule()
    def plane_dies(self) -> None:
        self.tick()
        if self.plane.up:
            self.plane = Plane(up=False)
            self.give(io.PlaneLost())

    @rule()
    def plane_returns(self) -> None:
        self.plane.up = True
        self.give(io.PlaneReturned())

    @rule(index=pick, loudness=st.integers(0, 127))
    def somebody_is_loud(self, index: int, loudness: int) -> None:
        if publication := self.one_of([p["id"] for p in self.room.snapshot()["publications"]], index):
            self.give(seam.Levels(((publication, loudness),)))

    # ---- another process

    @rule(seen=st.floats(0, 5), up=st.booleans())
    def process_dies_and_another_takes_over(self, seen: float, up: bool) -> None:
        self.tick()
        if self.room.closed:
            return
        kept = json.loads(json.dumps(self.room.durable(WALL)))
        leading = self.room.snapshot()["leading"]
        version, here = self.room.snapshot()["version"], self.room.snapshot()["participants"]
        paths = {t["id"] for t in self.room.dump()["transports"] if t["kind"] in ("up", "down") and t["opened"]}
        was, self.now = self.now, self.now + seen
        self.room = Room.restored(
            kept, self.now, wall=WALL, seen=was, plane_up=up, limits=Limits(participants=3, kept=0)
        )
        self.plane, self.browsers, self.outside, self.waiting = Plane(up=up), {}, {}, {}
        assert self.room.snapshot()["version"] > version
        assert self.room.snapshot()["participants"] == [{**one, "connected": False} for one in here]
        assert paths <= {path for one in kept["participants"] for path in one["transports"]}
        again = json.loads(json.dumps(self.room.durable(WALL)))
        for part in ("participants", "leading", "lobby", "places"):
            assert again[part] == kept[part]
        assert self.room.snapshot()["leading"] == leading

    # ---- time

    @rule(seconds=st.floats(0, 12))
    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while (due := self.room.deadline()) is not None and due <= until:
            self.now = due
            self.give(io.Tick())
        self.now = until

    @rule(seconds=st.floats(0, 70))
    def wait_without_a_tick(self, seconds: float) -> None:
        self.now += seconds

    # ---- what always holds

    @invariant()
    def browsers_know_the_room(self) -> None:
        snapshot = self.room.snapshot()
        for browser in self.browsers.values():
            assert browser.version == snapshot["version"]
            assert list(browser.participants.values()) == snapshot["participants"]
            assert list(browser.publications.values()) == snapshot["publications"]
            assert browser.leading == snapshot["leading"]

    @invariant()
    def nobody_is_heard_without_the_right(self) -> None:
        for publication in self.room.snapshot()["publications"]:
            may = self.room._people.present[publication["participant_id"]].may(publication["source"])
            assert may or (publication["muted"] and not publication["source"].startswith("screen"))

    @invariant()
    def the_chat_knows_who_may_write_and_where_they_are(self) -> None:
        quiet, persons = self.stood
        for one in [] if self.room.closed else self.room._people.present.values():
            write, place, second = persons.get(one.grant.person, (not quiet, None, False))
            assert (write, place or "main", second) == (one.standing.rights.write, one.place, one.standing.second)

    @invariant()
    def who_waits_is_seen_by_leaders_only(self) -> None:
        waiting = {one["participant_id"] for one in self.room.dump()["in_lobby"]}
        assert waiting <= set(self.outside.values())
        assert not waiting & self.present

    @invariant()
    def everybody_receives_all_others_of_their_place(self) -> None:
        dump = self.room.dump()
        hears = {t["id"]: t["participant"] for t in dump["transports"] if t["kind"] == "down" and t["opened"]}
        grants = {p.grant.participant: p.grant for p in self.room._people.present.values()}
        place = {p["id"]: p["place"] for p in dump["participants"]}
        expected = {
            (transport, publication["id"])
            for transport, participant in hears.items()
            for publication in dump["publications"]
            if publication["participant_id"] != participant and grants[participant].hear
            and place[publication["participant_id"]] == place[participant]
        }  # fmt: skip
        assert self.plane.subscribed == expected
        wants = {(t["id"], one): size for t in dump["transports"] for one, size in t["wants"].items()}
        assert self.plane.wants == wants

    @invariant()
    def the_plane_has_what_the_room_thinks(self) -> None:
        dump = self.room.dump()
        if self.plane.up:
            assert set(self.plane.kinds) == {t["id"] for t in dump["transports"]}
        assert all(t["opened"] is False for t in dump["transports"] if not self.plane.up)
        assert all(t["opened"] is True for t in dump["transports"] if self.plane.up and t["kind"] == "down")
        hushed = {one for transport in self.room._stage.transports.values() for one in transport.hushed}
        assert self.plane.muted == {p["id"] for p in dump["publications"] if p["muted"]} | hushed
        assert all(p["id"].partition(":")[0] in self.plane.kinds for p in dump["publications"])

    @invariant()
    def facts_tell_who_is_here(self) -> None:
        assert self.present == {p["id"] for p in self.room.snapshot()["participants"]}
        assert len(self.present) <= 3

    @invariant()
    def whoever_waits_waits_for_the_plane(self) -> None:
        waits = [t["id"] for t in self.room.dump()["transports"] if t["waits_for"]]
        assert len(waits) == len(self.waiting)

    def teardown(self) -> None:
        self.give(io.Close())
        assert not self.plane.kinds
        assert not self.plane.subscribed
        assert not self.present
        assert not self.waiting
        assert self.room.deadline() is None
        assert self.room.handle(io.Tick(), self.now + 1000) == []
        assert len(self.give(io.Enter("late", "tab1", grant()))) == 1


TestRoom = RoomMachine.TestCase
TestRoom.settings = settings(max_examples=60, stateful_step_count=50, deadline=None, derandomize=True)
