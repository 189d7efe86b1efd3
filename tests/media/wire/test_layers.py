"""A viewer's stream over layers: nothing goes back, nothing is said twice, and switches are at keyframes."""

import os
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.wire import descriptors, layers
from media.wire.dependencies import Dependencies
from media.wire.layers import ALL, Arrived, Splice

from .layered import CLOCK, NEEDS, Sent, Source, Story

TRACES = Path(__file__).with_name("traces")
CODECS = ("VP8", "VP9", "H264", "AV1")
randoms = st.randoms(use_true_random=False)


def picture_of(codec: str, payload: bytes) -> int | None:
    told = descriptors.read(codec, payload)
    return told.picture if told is not None else None


def in_order(story: Story) -> list[tuple[int, Sent]]:
    return [(sequence, sent[0]) for sequence, sent in sorted(story.sent.items())]


def forward(number: int, bits: int) -> bool:
    return number % (1 << bits) < 1 << bits - 1


@settings(deadline=None, max_examples=30)
@given(randoms, st.sampled_from(CODECS), st.booleans())
def test_no_number_is_used_for_two_things(random: Random, codec: str, wide: bool) -> None:
    story = Story(random, codec, wide=wide).run(80)
    for sequence, sent in story.sent.items():
        assert len({(each.timestamp, each.payload) for each in sent}) == 1, sequence
        assert len({(each.layer, each.index) for each in sent}) == 1, sequence


@settings(deadline=None, max_examples=30)
@given(randoms, st.sampled_from(CODECS), st.booleans())
def test_time_and_picture_ids_never_go_back(random: Random, codec: str, wide: bool) -> None:
    story = Story(random, codec, wide=wide).run(80)
    shown = [sent for _, sent in in_order(story) if sent.payload]
    for one, other in pairwise(shown):
        assert forward(other.timestamp - one.timestamp, 32)
        pictures = picture_of(codec, one.payload), picture_of(codec, other.payload)
        if pictures[0] is not None and pictures[1] is not None:
            assert forward(pictures[1] - pictures[0], 15 if wide else 7)
            assert (pictures[0] == pictures[1]) == (one.timestamp == other.timestamp)


@settings(deadline=None, max_examples=30)
@given(randoms, st.sampled_from(CODECS))
def test_a_switch_is_at_a_keyframe_and_a_picture_later(random: Random, codec: str) -> None:
    story = Story(random, codec).run(80)
    sent = in_order(story)
    for one, other in pairwise([None, *sent]):
        assert other is not None
        if one is None or one[1].layer != other[1].layer:
            assert other[1].source.begins
        if one is not None and one[1].layer != other[1].layer:
            assert (other[1].timestamp - one[1].timestamp) & 0xFFFFFFFF > layers.ALL
            assert (other[1].timestamp - one[1].timestamp) & 0xFFFFFFFF >= CLOCK // 30
    assert all(packet.begins for packet in story.begun)


@settings(deadline=None, max_examples=30)
@given(randoms, st.sampled_from(CODECS))
def test_a_line_without_losses_has_no_gaps(random: Random, codec: str) -> None:
    story = Story(random, codec, lossy=False).run(80)
    sent = in_order(story)
    assert not any(not each.payload for _, each in sent)
    for (first, one), (second, other) in pairwise(sent):
        assert second == first + 1
        if codec == "VP8":
            step = (picture_of(codec, other.payload) or 0) - (picture_of(codec, one.payload) or 0)
            assert step & 0x7FFF == (one.timestamp != other.timestamp)


@settings(deadline=None, max_examples=30)
@given(randoms, st.sampled_from(["VP8", "VP9", "AV1"]))
def test_what_a_picture_needs_was_sent(random: Random, codec: str) -> None:
    story = Story(random, codec, lossy=False).run(80)
    shown: set[tuple[int, int]] = set()
    for _, sent in in_order(story):
        told = sent.source.descriptor
        assert told is not None
        number = told.frame if told.picture is None else told.picture
        assert number is not None
        needed = sent.layer, (number - NEEDS[told.temporal]) & 0x7FFF
        assert sent.source.begins or needed in shown or (sent.layer, number) in shown
        shown.add((sent.layer, number))


class Viewer:
    """A splice on a line without losses."""

    def __init__(self, codec: str = "VP8") -> None:
        self.splice = Splice(65_530)
        self.sources = [Source(layer, codec, 100, 5_000 * layer, 10 + layer, 250, layer != 1) for layer in range(3)]
        self.codec, self.reports, self.now = codec, {}, 10.0
        self.dependencies = [Dependencies() for _ in self.sources]

    def picture(self, layer: int, key: bool = False, count: int = 1) -> list[tuple[int, int, bytes]]:
        """What goes out of the next picture of a layer: sequence, timestamp, payload."""
        self.now += 1 / 30
        return [out for packet in self.packets(layer, key, count) if (out := self.take(*packet))]

    def packets(self, layer: int, key: bool = False, count: int = 1) -> list[tuple[Arrived, bytes]]:
        made = self.sources[layer].draw(count, key, 3000)
        return [(self.arrived(layer, *each), each[2]) for each in made]

    def arrived(self, layer: int, index: int, timestamp: int, payload: bytes) -> Arrived:
        told = descriptors.read(self.codec, payload)
        if self.codec == "AV1":
            self.dependencies[layer].take(index, self.sources[layer].said[index])
            told = self.dependencies[layer].of(index)
        return Arrived(layer, index, timestamp, told is not None and told.key, told, self.now)

    def take(self, packet: Arrived, payload: bytes) -> tuple[int, int, bytes] | None:
        placed = self.splice.place(packet, self.reports)
        return (placed.sequence, placed.timestamp, placed.payload(payload)) if placed else None


def numbers(sent: list[tuple[int, int, bytes]]) -> list[int]:
    return [each[0] - 0x10000 for each in sent]


def test_nothing_goes_out_before_a_keyframe() -> None:
    viewer = Viewer()
    assert viewer.picture(0) == []
    assert numbers(viewer.picture(0, key=True, count=2)) == [65_530, 65_531]


def test_the_old_layer_goes_on_until_the_wanted_one_brings_a_keyframe() -> None:
    viewer = Viewer()
    viewer.picture(0, key=True)
    viewer.splice.want(2)
    assert len(viewer.picture(0)) == 1 and viewer.picture(2) == []
    assert len(viewer.picture(2, key=True)) == 1 and viewer.picture(0) == []
    assert viewer.splice.layer == 2 and len(viewer.picture(2)) == 1


def test_time_goes_on_by_the_senders_reports_else_by_arrival() -> None:
    viewer = Viewer()
    for key in (True, False):
        viewer.picture(0, key)
    last = viewer.picture(0)[-1][1]
    viewer.splice.want(2)
    for layer in (0, 2):  # the same moment, by the camera's clock
        viewer.reports[layer] = 77 << 32, viewer.sources[layer].timestamp
    viewer.sources[0].draw(1, False, 3000)
    viewer.sources[2].draw(1, False, 3000)
    viewer.now += 0.4  # held up under way
    by_reports = viewer.picture(2, key=True)[0][1]
    viewer.splice.want(1)
    viewer.now += 0.2
    by_arrival = viewer.picture(1, key=True)[0][1]
    assert by_reports - last == 2 * 3000
    assert by_arrival - by_reports == pytest.approx((0.2 + 1 / 30) * CLOCK, abs=1)


def test_a_report_that_is_out_of_its_mind_is_not_believed() -> None:
    viewer = Viewer()
    last = viewer.picture(0, key=True)[0][1]
    viewer.splice.want(2)
    viewer.reports.update({0: (77 << 32, 0), 2: (0xFFFF_FFFF_FFFF_FFFF, 1 << 31)})
    assert viewer.picture(2, key=True)[0][1] - last == 3000


def test_temporal_layers_are_left_out_without_gaps_and_come_back_where_they_may() -> None:
    viewer = Viewer()
    sent = viewer.picture(0, key=True)
    viewer.splice.want(0, 0)
    kept = [len(viewer.picture(0, count=2)) for _ in range(8)]
    assert kept == [0, 0, 0, 2, 0, 0, 0, 2]
    viewer.splice.want(0)
    kept = [out for _ in range(7) for out in [viewer.picture(0)]]
    assert [len(each) for each in kept] == [0, 1, 0, 1, 1, 1, 1]  # the lowest that was left out comes back first
    sent += [each[0] for each in kept if each]
    assert [each[0] for each in sent[1:]] == list(range(sent[1][0], sent[1][0] + 5))
    pictures = [picture_of("VP8", each[2]) for each in sent]
    assert pictures == [11, *range(14, 19)]


def test_temporal_layers_of_av1_come_back_at_the_lowest_ones_next_picture() -> None:
    viewer = Viewer("AV1")
    sent = viewer.picture(0, key=True)
    viewer.splice.want(0, 1)
    kept = [len(viewer.picture(0, count=2)) for _ in range(8)]
    assert kept == [0, 2, 0, 2, 0, 2, 0, 2]
    viewer.splice.want(0, 0)
    kept = [len(viewer.picture(0, count=2)) for _ in range(8)]
    assert kept == [0, 0, 0, 2, 0, 0, 0, 2]
    viewer.splice.want(0)
    out = [viewer.picture(0) for _ in range(7)]
    assert [len(each) for each in out] == [0, 0, 0, 1, 1, 1, 1], "what is left out is needed until then"
    sent += [each[0] for each in out if each]
    assert numbers(sent)[1:] == list(range(numbers(sent)[1], numbers(sent)[1] + 4))


@pytest.mark.parametrize(("lost", "number"), [([], 65_531), ([1], 65_531), ([2, 3], 65_533)])
def test_a_picture_that_is_lost_between_others_left_out_keeps_its_numbers_and_a_part_of_those_does_not(
    lost: list[int], number: int
) -> None:
    viewer = Viewer("AV1")
    viewer.picture(0, key=True)
    viewer.splice.want(0, 0)
    packets = [each for _ in range(3) for each in viewer.packets(0, count=2)]
    assert {viewer.take(*each) for place, each in enumerate(packets) if place not in lost} == {None}
    assert numbers(viewer.picture(0)) == [number]


def test_a_late_packet_of_a_picture_left_out_leaves_its_number_empty() -> None:
    viewer = Viewer()
    viewer.picture(0, key=True)
    viewer.splice.want(0, 0)
    viewer.now += 1 / 30
    (head, first), (tail, second) = viewer.packets(0, count=2)
    assert viewer.take(tail, second) is None
    out = viewer.take(head, first)
    assert out is not None and out[2] == b"" and numbers([out]) == [65_531]
    assert viewer.take(head, first) == out
    for _ in range(2):
        viewer.picture(0)
    assert numbers(viewer.picture(0)) == [65_532]


def test_what_is_asked_for_after_a_switch_is_what_was_sent_before_it() -> None:
    viewer = Viewer()
    ((sequence, timestamp, _),) = viewer.picture(0, key=True)
    packet = viewer.arrived(0, viewer.sources[0].index, viewer.sources[0].timestamp, b"")
    viewer.splice.want(2)
    viewer.picture(2, key=True)
    assert viewer.splice.find(sequence & 0xFFFF) == (0, packet.index)
    again = viewer.splice.place_again(packet)
    assert again is not None and (again.sequence, again.timestamp) == (sequence, timestamp)
    assert viewer.splice.find((sequence - 1) & 0xFFFF) is None


def test_the_memory_of_epochs_is_bounded() -> None:
    viewer = Viewer()
    viewer.picture(0, key=True)
    viewer.splice.want(0, 0)
    first = viewer.splice.find(65_530)
    for _ in range(4 * layers.MOST_EPOCHS + 4):
        viewer.picture(0)
    assert first is not None and viewer.splice.find(65_530) is None


def test_after_leaving_off_there_is_no_gap() -> None:
    viewer = Viewer()
    one = viewer.picture(0, key=True)
    viewer.splice.leave_off()
    assert [viewer.picture(0) for _ in range(3)] == [[], [], []]
    ((sequence, timestamp, payload),) = viewer.picture(0, key=True)
    assert (sequence, timestamp) == (one[0][0] + 1, one[0][1] + 4 * 3000)
    assert picture_of("VP8", payload) == 12 and payload[4] == (one[0][2][4] + 1) & 0xFF


MADE = {f"layers_{codec.lower()}": (codec, seed) for seed, codec in enumerate(CODECS)}


@pytest.mark.parametrize("name", MADE)
def test_the_traces_are_told_as_they_were(name: str) -> None:
    """`layers_tests.rs` replays them. SABAQ_WRITE_GOLDEN=1 writes them anew."""
    codec, seed = MADE[name]
    told = "\n".join(Story(Random(seed), codec, wide=seed != 0).run(160).lines) + "\n"
    file = TRACES / f"{name}.txt"
    if os.environ.get("SABAQ_WRITE_GOLDEN"):
        file.write_text(told, "utf-8")
    assert file.read_text("utf-8") == told
    assert {"p", "a", "f", "w", "r", "o"} <= {line[0] for line in told.splitlines()}


def test_a_wide_and_a_narrow_picture_id_each_keep_their_width() -> None:
    viewer = Viewer()
    viewer.picture(0, key=True)
    viewer.splice.want(1, ALL)
    ((_, _, payload),) = viewer.picture(1, key=True)
    assert payload[2] == 12 and len(payload) == 7
