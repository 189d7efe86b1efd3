"""What each viewer is sent, by the size at which they show it and by what their line carries. In virtual time."""

from media.plane import seam
from media.plane.lines import Lines
from media.plane.viewers import DARK, LESS_AFTER, PATIENT, SCARCE_FOR, TOLD_AFTER, TRIED_FOR
from media.wire import Command, Line, PauseSubscription, Rates, SelectLayer, WantBitrate

FULL = (150_000, 500_000, 1_500_000)


class Room:
    """A camera of three layers (`cam`), its sound, and a viewer (`down`) on a line."""

    def __init__(self, *cameras: str) -> None:
        self.now = 100.0
        self.lines = Lines()
        self.did: list[Command] = []
        self.told: list[seam.Limited | seam.Needed] = []
        self.base = 0
        for camera in cameras or ("cam",):
            self.lines.publish(camera, 3)
        self.cameras = cameras or ("cam",)
        self.join("down")

    def join(self, viewer: str) -> None:
        self.lines.open(viewer, 180)
        for each in (*self.cameras, "mic"):
            self.lines.subscribe(viewer, each, True)
        self.did += self.lines.plan(viewer, self.now)
        self.lines.connected(viewer, self.now)

    def line(self, estimate: float, viewer: str = "down") -> None:
        self.lines.line(Line(viewer, estimate, 0.0, 0.05, 0.0), self.now)

    def run(self, seconds: float, rates: tuple[int, ...] | None = FULL) -> list[Command]:
        """What is done meanwhile."""
        before = len(self.did)
        for step in range(round(10 * seconds)):
            self.now += 0.1
            if rates is not None and step % 10 == 0:
                bases = tuple((each, self.base) for each in self.cameras if self.base)
                self.lines.rates(Rates(tuple((each, rates) for each in self.cameras), bases))
            self.did += self.lines.divide(self.now)
            self.told += self.lines.news(self.now)
        return self.did[before:]

    @property
    def limits(self) -> list[tuple[tuple[str, str], ...]]:
        return [each.pictures for each in self.told if isinstance(each, seam.Limited)]

    def layer(self, camera: str = "cam", viewer: str = "down") -> int | None:
        return self.lines.layer(viewer, camera)


def selected(commands: list[Command]) -> list[int]:
    return [each.layer for each in commands if isinstance(each, SelectLayer)]


def pauses(commands: list[Command]) -> list[bool]:
    return [each.paused for each in commands if isinstance(each, PauseSubscription)]


def settled(size: int = 720) -> Room:
    """On a line that carries everything."""
    room = Room()
    room.lines.want("down", "cam", size)
    room.line(300_000)
    room.run(0.3)
    room.line(3_000_000)
    room.run(4)
    return room


def test_a_line_of_which_nothing_is_known_begins_modestly_and_a_guess_is_not_heeded() -> None:
    room = Room()
    room.lines.want("down", "cam", 720)
    room.run(0.5)
    assert room.layer() == 1
    room.line(300_000)  # what every estimate begins with
    assert selected(room.run(0.5)) == []
    room.line(3_000_000)
    assert selected(room.run(2)) == [2]
    room.run(4)
    assert room.limits == []


def test_many_small_pictures_all_begin() -> None:
    room = Room(*(f"cam{n}" for n in range(30)))
    room.run(0.5)
    assert all(room.layer(camera) == 0 for camera in room.cameras)


def test_who_reports_nothing_is_sent_everything_after_a_while() -> None:
    room = Room()
    room.lines.want("down", "cam", 720)
    room.run(PATIENT - 0.5)
    assert room.layer() == 1
    room.run(2)
    assert room.layer() == 2


def test_who_reports_only_loss_is_limited_from_the_first_loss_on() -> None:
    room = Room()
    room.lines.publish("plain", 0)
    room.lines.open("old", 4320)
    room.lines.subscribe("old", "plain", False)
    room.lines.plan("old", room.now)
    room.lines.connected("old", room.now)
    room.lines.line(Line("old", 60_000, 0.0, 0.1, 0.0), room.now)
    assert pauses(room.run(6)) == []
    room.lines.line(Line("old", 60_000, 0.1, 0.1, 0.0), room.now)
    assert pauses(room.run(SCARCE_FOR + 0.5)) == [True]


def test_a_layer_is_no_larger_than_it_is_shown() -> None:
    room = settled(180)
    assert room.layer() == 0
    room.lines.want("down", "cam", 400)
    assert selected(room.run(2)) == [1]
    room.lines.want("down", "cam", 1080)
    assert selected(room.run(2)) == [2]
    room.lines.want("down", "cam", 90)
    assert selected(room.run(0.1)) == [0]
    assert room.limits == []


def test_less_is_sent_at_once_and_more_when_there_was_room_for_a_while() -> None:
    room = settled()
    room.line(300_000)
    assert selected(room.run(0.1)) == [0]
    assert selected(room.run(5)) == []
    room.line(3_000_000)
    assert selected(room.run(0.8)) == []
    assert selected(room.run(1)) == [2]
    assert pauses(room.did) == []


def test_the_viewer_is_told_what_the_line_withholds_once_it_lasts() -> None:
    room = settled()
    room.line(300_000)
    room.run(TOLD_AFTER - 0.5)
    assert room.limits == []
    room.run(1)
    assert room.limits == [(("cam", "small"),)]
    room.line(3_000_000)
    room.run(5)
    assert room.limits == [(("cam", "small"),), ()]


def test_a_line_for_sound_alone_gets_no_picture_but_one_on_trial_now_and_then() -> None:
    room = settled()
    room.line(140_000)
    assert pauses(room.run(5)) == [], "the line carries a good part of it"
    assert room.limits == [(("cam", "small"),)]
    room.told.clear()
    room.line(80_000)
    assert pauses(room.run(SCARCE_FOR - 0.2)) == []
    assert pauses(room.run(0.4)) == [True]
    room.run(3)
    assert room.limits == [(("cam", "off"),)]
    assert pauses(room.run(DARK)) == [False]
    assert pauses(room.run(TRIED_FOR)) == [True]
    assert pauses(room.run(DARK)) == [], "the next trial comes later"
    assert pauses(room.run(DARK)) == [False]
    room.line(3_000_000)  # this time it carries it
    assert pauses(room.run(8)) == []
    assert room.layer() == 2
    assert room.limits == [(("cam", "off"),), ()]


TILES = tuple(f"cam{n}" for n in range(6))


def tiled(base: int) -> Room:
    """Six small pictures on a line that carries them all."""
    room = Room(*TILES)
    room.base = base
    room.line(300_000)
    room.run(0.3)
    room.line(3_000_000)
    room.run(4)
    room.did.clear()
    return room


def shown(room: Room) -> list[tuple[int, int] | None]:
    """By tile: layer and highest temporal layer."""
    sent = room.lines._viewers["down"].sent
    return [sent[each] for each in TILES]


FULL_TILE, THIN_TILE = (0, 7), (0, 0)


def test_on_a_narrow_line_pictures_first_move_less_often_before_they_are_left_out() -> None:
    room, before = tiled(40_000), tiled(0)
    for each, expected in ((room, [THIN_TILE] * 6), (before, [FULL_TILE] + [None] * 5)):
        each.line(300_000)
        each.run(10)
        assert shown(each) == expected
    assert room.limits == [tuple((each, "small") for each in TILES)]
    assert pauses(room.did) == []
    room.line(600_000)
    room.run(3)
    assert shown(room) == [FULL_TILE] * 2 + [THIN_TILE] * 4
    room.line(3_000_000)
    room.run(5)
    assert shown(room) == [FULL_TILE] * 6
    assert room.limits[1:] == [tuple((each, "small") for each in TILES[2:]), ()]
    assert (len(selected(room.did)), pauses(room.did)) == (6 + 6, []), "each went down and up once"


def test_a_line_that_wavers_makes_nobody_go_to_and_fro_between_all_pictures_and_few() -> None:
    room = tiled(60_000)
    for step in range(60):
        room.line(600_000 * (0.95 + 0.05 * (step % 3)))
        room.run(0.5)
    assert len(room.did) <= 6 + 1
    assert set(shown(room)) == {FULL_TILE, THIN_TILE}


def test_a_sender_that_makes_temporal_layers_no_more_has_no_base_and_one_that_is_silent_keeps_it() -> None:
    room = tiled(40_000)
    room.line(300_000)
    room.run(5)
    room.base = 0
    room.run(5, (0, 0, 0))
    room.run(2)
    assert shown(room) == [THIN_TILE] * 6, "two seconds may be a keyframe and little else"
    room.run(2)
    assert shown(room) == [FULL_TILE] + [None] * 5


def test_a_picture_of_one_layer_moves_less_often_too() -> None:
    room = Room()
    room.lines.publish("plain", 0)
    room.lines.open("old", 4320)
    room.lines.subscribe("old", "plain", True)
    room.lines.plan("old", room.now)
    room.lines.connected("old", room.now)
    room.line(3_000_000, "old")
    for _ in range(3):
        room.lines.rates(Rates((("plain", (2_000_000,)),), (("plain", 300_000),)))
        room.run(1)
    room.line(600_000, "old")
    assert not [each for each in room.run(1) if isinstance(each, SelectLayer)], "it may be a moment"
    assert [each for each in room.run(2) if isinstance(each, SelectLayer)] == [SelectLayer("old", "plain", 0, 0)]
    assert room.lines.begun("old", "plain") == [SelectLayer("old", "plain", 0, 0)]
    room.line(3_000_000, "old")
    assert [each for each in room.run(2) if isinstance(each, SelectLayer)] == [SelectLayer("old", "plain", 0)]
    assert room.lines.begun("old", "plain") == []


def test_of_what_another_plane_relays_the_base_is_measured_here() -> None:
    lines = Lines()
    lines.publish("far", 3, imported=True)
    picture = lines.pictures["far"]
    for rates, told, base in (((0, 0, 9), (), 0), ((9, 0, 0), (60_000,), 60_000), ((0, 0, 9), (), 60_000)):
        lines.rates(Rates((("far", rates),), tuple(("far", each) for each in told)))
        assert (picture.base, picture.rates) == (base, FULL)


def test_a_line_that_hardly_carries_sound_is_measured_by_the_lowest_temporal_layer() -> None:
    room = settled()
    room.base = 50_000
    room.run(4)
    room.line(80_000)
    assert pauses(room.run(SCARCE_FOR + 3)) == []
    assert room.limits == [(("cam", "small"),)]
    room.line(40_000)
    assert pauses(room.run(SCARCE_FOR + 0.2)) == [True]


def test_a_picture_that_is_not_shown_stays_away_whatever_the_line_carries() -> None:
    room = settled()
    room.lines.want("down", "cam", 0)
    assert pauses(room.run(0.1)) == [True]
    room.line(100_000)
    room.run(5)
    room.line(5_000_000)
    assert pauses(room.run(20)) == []
    assert room.limits == []
    room.lines.want("down", "cam", 720)
    assert pauses(room.run(2)) == [False]


def test_who_goes_first_keeps_the_better_picture() -> None:
    room = Room("one", "two")
    for camera in room.cameras:
        room.lines.want("down", camera, 360)
    room.lines.prefer("two", True)
    room.line(300_000)
    room.run(1.2)
    room.line(900_000)
    room.run(4)
    assert (room.layer("one"), room.layer("two")) == (0, 1)
    room.lines.prefer("two", False)
    room.lines.prefer("one", True)
    room.run(3)
    assert (room.layer("one"), room.layer("two")) == (1, 0)


def test_senders_are_told_at_once_what_is_needed_and_later_what_is_not() -> None:
    room = settled(180)
    assert room.told == [seam.Needed("cam", 1)]
    room.lines.want("down", "cam", 720)
    room.run(0.2, None)
    assert room.told[1:] == [seam.Needed("cam", 3)]
    room.join("other")
    room.lines.want("down", "cam", 0)
    room.run(LESS_AFTER - 0.5, None)
    assert room.told[2:] == []
    room.run(1, None)
    assert room.told[2:] == [seam.Needed("cam", 1)]
    room.lines.record("cam", True)
    room.run(0.2, None)
    assert room.told[3:] == [seam.Needed("cam", 3)]


def test_a_wish_of_a_moment_changes_nothing_for_the_sender() -> None:
    room = settled()
    room.lines.want("down", "cam", 180)
    room.run(LESS_AFTER - 0.5)
    room.lines.want("down", "cam", 720)
    room.run(5)
    assert room.told == []


def test_of_a_line_is_wanted_what_would_be_used() -> None:
    room = settled()
    wishes = [each.bitrate for each in room.did if isinstance(each, WantBitrate)]
    assert 1.18 * 1_545_000 <= wishes[-1] < 1.3 * 1_545_000
    room.lines.want("down", "cam", 180)
    (wish,) = [each.bitrate for each in room.run(3) if isinstance(each, WantBitrate)]
    assert wish < 300_000


def test_on_a_line_with_room_nothing_is_divided_for_every_note() -> None:
    room = settled()
    room.line(2_900_000)
    assert room.lines._dirty == {}
    room.line(1_000_000)
    assert room.lines._dirty == {"down": None}


def test_what_is_gone_is_forgotten() -> None:
    room = settled()
    room.lines.unsubscribe("down", "cam")
    room.lines.close("down")
    room.run(3)
    assert room.told[-1:] == [seam.Needed("cam", 1)]
    room.lines.end("cam")
    room.lines.line(Line("down", 1e6, 0.0, 0.1, 0.0), room.now)
    assert room.run(1) == []
