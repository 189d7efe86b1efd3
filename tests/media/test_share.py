"""How what a line carries is divided among the streams of a viewer."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from media.share import PATIENCE, PATIENCE_DARK, ROOM, Given, Rank, Share, Stream, Why, plan, wanted

LADDER, HEIGHTS = (150_000, 500_000, 1_500_000), (180, 360, 720)
SOUND = Stream("sound", Rank.SOUND, (40_000,))
LEAD = Stream("lead", Rank.LEAD, LADDER, 720, HEIGHTS)
TILES = [Stream(f"tile{index}", Rank.TILE, LADDER, 180 - index, HEIGHTS) for index in range(8)]


@st.composite
def rooms(draw: st.DrawFn) -> list[Stream]:
    ladders = st.lists(st.integers(20_000, 3_000_000), min_size=1, max_size=4, unique=True).map(sorted).map(tuple)
    streams = [Stream(f"s{index}", Rank.SOUND, (40_000,)) for index in range(draw(st.integers(0, 5)))]
    for index in range(draw(st.integers(0, 12))):
        rank = draw(st.sampled_from([Rank.LEAD, Rank.TILE, Rank.TILE, Rank.TILE]))
        layers, size = draw(ladders), draw(st.sampled_from([0, 90, 180, 400, 720]))
        base = draw(st.sampled_from([0, layers[0] * 2 // 5, layers[0] * 4 // 5]))
        streams.append(Stream(f"v{index}", rank, layers, size, base=base))
    return streams


def cost(streams: list[Stream], counts: dict[str, int]) -> int:
    return sum(stream.steps[counts[stream.name] - 1] for stream in streams if counts[stream.name])


def first(streams: list[Stream]) -> Stream | None:
    shown = [stream for stream in streams if stream.rank != Rank.SOUND and stream.most]
    return min(shown, key=lambda stream: (stream.rank, -stream.size, stream.name), default=None)


@settings(deadline=None, max_examples=60)
@given(rooms(), st.floats(0, 2e7))
def test_no_more_is_given_than_there_is_but_sound_always(streams: list[Stream], budget: float) -> None:
    counts = plan(streams, budget)
    sounds = [stream for stream in streams if stream.rank == Rank.SOUND]
    assert all(counts[stream.name] == 1 for stream in sounds)
    assert cost(streams, counts) <= max(budget, sum(stream.layers[0] for stream in sounds))
    assert all(counts[stream.name] <= stream.most for stream in streams)


@settings(deadline=None, max_examples=60)
@given(rooms(), st.floats(0, 2e7), st.floats(0, 1e7))
def test_more_never_makes_the_most_important_picture_smaller(streams: list[Stream], budget: float, more: float) -> None:
    lead = first(streams)
    if lead is not None and lead.rank == Rank.LEAD:
        assert plan(streams, budget)[lead.name] <= plan(streams, budget + more)[lead.name]


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 12), st.floats(0, 2e7), st.floats(0, 1e7))
def test_nor_the_largest_of_like_tiles(many: int, budget: float, more: float) -> None:
    tiles = [Stream(f"v{index}", Rank.TILE, LADDER, 400 - index) for index in range(many)]
    assert plan(tiles, budget)["v0"] <= plan(tiles, budget + more)["v0"]


@settings(deadline=None, max_examples=60)
@given(rooms(), st.floats(1e5, 2e7), st.integers(0, 1 << 30))
def test_a_line_that_wavers_a_little_makes_nothing_flicker(streams: list[Stream], budget: float, seed: int) -> None:
    noise, share, states = random.Random(seed), Share(), []
    for step in range(60):
        state = list(share.divide(streams, budget * noise.uniform(0.95, 1.05), 0.25 * step).values())
        if state not in states[-1:]:
            assert state not in states  # it never goes back to what it was
            states.append(state)
    assert len(states) <= 1 + sum(stream.most for stream in streams)


@settings(deadline=None, max_examples=60)
@given(rooms(), st.lists(st.floats(0, 2e7), min_size=1, max_size=30))
def test_what_is_sent_fits_at_every_moment(streams: list[Stream], budgets: list[float]) -> None:
    share = Share()
    sounds = sum(stream.layers[0] for stream in streams if stream.rank == Rank.SOUND)
    for index, budget in enumerate(budgets):
        found = share.divide(streams, budget, 0.4 * index)
        bases = {stream.name: stream.base > 0 for stream in streams}
        counts = {
            name: 0 if one.layer is None else one.layer + 1 + bases[name] - one.is_thin for name, one in found.items()
        }
        assert cost(streams, counts) <= max(budget, sounds)


def test_the_stage_goes_before_tiles_and_tiles_go_round() -> None:
    streams = [*TILES, LEAD, SOUND]
    counts = plan(streams, 40_000 + 1_500_000 + 3 * 150_000)
    assert [counts["lead"], counts["sound"], *(counts[tile.name] for tile in TILES)] == [3, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    assert plan([LEAD, SOUND], 300_000) == {"sound": 1, "lead": 1}
    big = [Stream(f"t{index}", Rank.TILE, LADDER, 400) for index in range(3)]
    assert plan(big, 3 * 150_000 + 350_000) == {"t0": 2, "t1": 1, "t2": 1}


def thin(tile: Stream, base: int = 60_000) -> Stream:
    return replace(tile, base=base)


def test_before_a_picture_is_left_out_others_have_their_lowest_temporal_layer_alone() -> None:
    tiles = [thin(tile) for tile in TILES[:6]]
    assert list(plan(tiles, 6 * 60_000).values()) == [1] * 6
    assert list(plan(tiles, 6 * 60_000 + 2 * 90_000).values()) == [2, 2, 1, 1, 1, 1]
    assert list(plan(tiles, 6 * 60_000 - 1).values()) == [1] * 5 + [0]
    assert plan([thin(LEAD), *tiles], 1_500_000 + 100_000)["lead"] == 4
    assert plan([thin(LEAD), *tiles], 100_000)["lead"] == 1


def test_a_turn_is_the_same_for_those_that_have_no_temporal_layers() -> None:
    big = [replace(tile, size=400) for tile in TILES[:3]]
    mixed = [big[0], thin(big[1]), thin(big[2])]
    assert plan(mixed, 150_000 + 2 * 60_000) == {"tile0": 1, "tile1": 1, "tile2": 1}
    assert plan(mixed, 3 * 150_000) == {"tile0": 1, "tile1": 2, "tile2": 2}
    assert plan(mixed, 3 * 150_000 + 350_000) == {"tile0": 2, "tile1": 2, "tile2": 2}


def test_who_has_a_picture_gives_of_it_for_one_who_has_none() -> None:
    tiles = [thin(replace(tile, size=400)) for tile in TILES[:3]]
    share, line = Share(), 1_000_001 * ROOM
    assert [one.layer for one in share.divide(tiles[:2], line, 0.0).values()] == [1, 1]
    assert [one.layer for one in share.divide(tiles, line, 0.1).values()] == [1, 0, 0]
    assert [one.is_thin for one in share.divide(tiles, 200_000, 0.2).values()] == [True, True, True]


@given(st.floats(1.6e5, 1e6), st.sampled_from([60_000, 110_000]))
def test_a_base_that_becomes_known_or_is_gone_changes_nothing_of_what_is_shown(budget: float, base: int) -> None:
    plain, share = TILES[:3], Share()
    before = share.divide(plain, budget, 0.0)
    known = share.divide([thin(tile, base) for tile in plain], budget, 0.1)
    assert all(known[name] == one for name, one in before.items() if one.layer is not None)
    again = share.divide(plain, budget, 0.2)
    assert {name: one.layer for name, one in again.items()} == {name: one.layer for name, one in before.items()}


def test_the_page_is_told_why() -> None:
    hidden = Stream("hidden", Rank.TILE, LADDER)
    found = Share().divide([SOUND, LEAD, TILES[0], hidden], 1_000_000, 0.0)
    assert found == {
        "sound": Given(0, None),
        "lead": Given(1, Why.LINE),
        "tile0": Given(0, Why.SIZE),
        "hidden": Given(None, Why.OFF),
    }
    assert Share().divide([LEAD], 10_000, 0.0) == {"lead": Given(None, Why.LINE)}


def test_less_is_taken_at_once_and_more_after_a_while_with_room() -> None:
    share, streams = Share(), [SOUND, LEAD]

    def layer(budget: float, now: float) -> int | None:
        return share.divide(streams, budget, now)["lead"].layer

    assert layer(2_000_000, 0.0) == 2
    assert layer(300_000, 0.1) == 0
    assert layer(560_000, 0.2) == 0
    assert layer(560_000, 5.0) == 0  # it fits, but with nothing to spare
    assert layer(540_000 * ROOM + 1, 6.0) == 0
    assert layer(300_000, 6.5) == 0  # not for long enough
    assert layer(2_000_000, 7.0) == 0
    assert layer(2_000_000, 6.9 + PATIENCE) == 0
    assert layer(2_000_000, 7.1 + PATIENCE) == 2
    assert layer(100_000, 10.0) is None
    assert layer(300_000, 10.1) is None
    assert layer(300_000, 10.2 + PATIENCE_DARK) == 0


def test_a_new_picture_and_a_larger_one_do_not_wait_behind_what_is_there() -> None:
    share = Share()
    share.divide(TILES, 10 * 150_000, 0.0)
    found = share.divide([*TILES, LEAD], 10 * 150_000, 0.1)
    assert found["lead"].layer == 1
    assert sum(found[tile.name].layer is not None for tile in TILES) == 5
    assert share.divide(TILES, 10 * 150_000, 0.2)["tile0"].layer == 0


def test_what_is_wanted_is_what_makes_everything_as_full_as_it_is_shown() -> None:
    streams = [SOUND, LEAD, TILES[0], Stream("hidden", Rank.TILE, LADDER)]
    assert wanted(streams) == ROOM * (40_000 + 1_500_000 + 150_000)
    found = Share().divide(streams, wanted(streams) + 1, 0.0)
    assert {one.why for one in found.values()} == {None, Why.SIZE, Why.OFF}
