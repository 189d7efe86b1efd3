"""The dependency descriptor: what is written is read, and what is no descriptor is not known."""

import os
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from media.wire.dependencies import MOST_BYTES, STRUCTURES, Dependencies
from media.wire.descriptors import Descriptor
from media.wire.history import MAX_PACKETS

from .described import Templates, drawn, written

TRACE = Path(__file__).with_name("traces") / "dependencies.txt"
randoms = st.randoms(use_true_random=False)

CHROMIUM_L1T3 = "c00001800214eaa860414d1410208427027f0167 c30002 c20003 c40004 c10005 c30006"
CHROMIUM_L1T2 = "c0000680011ea85141010c09fc059c c20007 c10008 820004 420004"
CHROMIUM_H264 = "c00001800214eaa860414d1410208426 830002 430002 820003 840004 810005"
"""Beginnings as Chromium 156 sends them."""


def temporals(said: str) -> list[tuple[int, bool] | None]:
    known = Dependencies()
    told = [known.read(bytes.fromhex(each)) for each in said.split()]
    return [(each.temporal, each.rises) if each else None for each in told]


def test_chromiums_are_read() -> None:
    assert temporals(CHROMIUM_L1T3) == [(0, True), (2, True), (1, True), (2, True), (0, True), (2, True)]
    assert temporals(CHROMIUM_L1T2) == [(0, True), (1, True), (0, True), (1, True), (1, True)]
    assert temporals(CHROMIUM_H264) == [(0, True), (2, True), (2, True), (1, True), (2, True), (0, True)]
    assert temporals("c30002") == [None], "its templates did not come"
    known = Dependencies()
    assert known.read(bytes.fromhex(CHROMIUM_L1T3.split()[0])) == Descriptor(
        "AV1", True, True, None, 0, False, None, 0, 0, True, 1
    )


@settings(deadline=None, max_examples=50)
@given(randoms, st.integers(0, 63), st.integers(0, 0xFFFF), st.booleans(), st.booleans())
def test_what_is_written_is_read(random: Random, number: int, frame: int, starts: bool, custom: bool) -> None:
    templates, known = drawn(random), Dependencies()
    dtis = [random.randrange(4) for _ in range(templates.many)] if custom else None
    active = random.choice((0, templates.many))
    told = known.read(written(number, frame, templates, dtis, starts=starts, active=active))
    means = templates.means(number, dtis)
    assert (told is None) == (means is None)
    if told is not None:
        assert (told.starts, told.key, told.frame) == (starts, starts, frame)
        assert (told.temporal, told.rises) == means
    again = known.read(written(number, frame, None, dtis, active=active))
    assert (means and (*means, False)) == (again and (again.temporal, again.rises, again.key))


@settings(deadline=None, max_examples=50)
@given(randoms, st.data())
def test_a_structure_that_is_cut_off_is_none(random: Random, data: st.DataObject) -> None:
    templates, known = drawn(random), Dependencies()
    whole = written(templates.offset, 1, templates)
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert known.read(whole[:cut]) is None
    assert known.read(written(templates.offset, 2)) is None
    assert known.read(whole) is not None


@given(st.lists(st.binary(max_size=255), max_size=20))
def test_no_bytes_are_an_error_and_few_structures_are_kept(said: list[bytes]) -> None:
    known = Dependencies()
    for index, value in enumerate(said):
        known.take(index, value)
    assert len(known._structures) <= STRUCTURES
    assert all((told := known.of(index)) is None or told.temporal <= 7 for index in range(len(said)))


def test_what_is_older_than_a_keyframe_is_known_still_and_what_is_much_older_is_not() -> None:
    known = Dependencies()
    for number in range(3):
        layers = [(0, 0), (0, 1)] if number < 2 else [(0, 0)]
        rows = [[2, 2], [0, 1]][: len(layers)]
        known.read(written(10 * number, 1, Templates(10 * number, layers, rows, [[] for _ in layers])))
    assert [known.read(written(each, 2)) is not None for each in (0, 1, 10, 11, 20, 21)] == [
        False, False, True, True, True, False,
    ]  # fmt: skip
    known.begin()
    assert known.read(written(20, 3)) is None


def test_layers_beyond_the_specifications_and_more_indications_than_any_sender_needs_are_not_read() -> None:
    deep = [(0, each) for each in range(9)]
    wide = [(each, 0) for each in range(5)]
    for layers in (deep, wide):
        rows = [[2] for _ in layers]
        assert Dependencies().read(written(0, 1, Templates(0, layers, rows, [[] for _ in layers]))) is None
        few = Templates(0, layers[:-1], rows[:-1], [[] for _ in layers[:-1]])
        assert Dependencies().read(written(0, 1, few)) is not None
    for many, fits in ((32, True), (33, False)):
        rows = [[2] * 8 for _ in range(many)]
        large = Templates(0, [(0, 0)] * many, rows, [[] for _ in range(many)])
        assert (Dependencies().read(written(0, 1, large)) is not None) == fits
    long = written(0, 1, Templates(0, [(0, 0)], [[2]], [[]]))
    for size, fits in ((MOST_BYTES, True), (MOST_BYTES + 1, False)):
        assert (Dependencies().read(long.ljust(size, b"\0")) is not None) == fits


def test_what_was_said_is_kept_as_long_as_packets_are() -> None:
    known = Dependencies()
    known.take(70_000, bytes.fromhex(CHROMIUM_L1T3.split()[0]))
    known.take(70_001, bytes.fromhex("02fffe"))
    known.take(70_002, b"")
    told = known.of(70_001)
    assert told is not None and (told.temporal, told.frame, told.starts) == (1, 0xFFFE, False)
    assert known.of(70_002) is None and known.of(69_999) is None
    known.take(70_001 + MAX_PACKETS, bytes.fromhex("c10000"))
    assert known.of(70_001) is None


def _told(told: Descriptor | None) -> str:
    return f"{told.starts:d} {told.key:d} {told.temporal} {told.rises:d} {told.frame}" if told else "-"


def _said(random: Random, templates: Templates) -> bytes:
    """A descriptor, mostly of these templates, now and then spoiled."""
    number = (templates.offset + random.randrange(len(templates.layers) + 1)) % 64
    dtis = [random.randrange(4) for _ in range(templates.many)] if random.random() < 0.2 else None
    active = random.choice((0, 0, templates.many))
    brought = templates if random.random() < 0.3 else None
    frame, starts = random.randrange(1 << 16), random.random() < 0.5
    value = bytearray(written(number, frame, brought, dtis, starts=starts, active=active))
    match random.randrange(8):
        case 0:
            return bytes(value[: random.randrange(len(value))])
        case 1:
            value[random.randrange(len(value))] ^= 1 << random.randrange(8)
        case 2:
            return random.randbytes(random.randrange(1, 40))
        case _:
            pass
    return bytes(value)


def test_the_trace_is_told_as_it_was() -> None:
    """`dependencies_tests.rs` replays it: `n` begins anew, else a descriptor (`.` when it is empty), and `starts key
    temporal rises frame` or `-`. SABAQ_WRITE_GOLDEN=1 writes it anew."""
    random, lines = Random(1), []
    stories = [[bytes.fromhex(each) for each in said.split()] for said in (CHROMIUM_L1T3, CHROMIUM_L1T2, CHROMIUM_H264)]
    for _ in range(40):
        some = [drawn(random) for _ in range(3)]
        stories.append([_said(random, random.choice(some)) for _ in range(12)])
    for story in stories:
        known = Dependencies()
        lines += ["n", *(f"{value.hex() or '.'} {_told(known.read(value))}" for value in story)]
    told = "\n".join(lines) + "\n"
    if os.environ.get("SABAQ_WRITE_GOLDEN"):
        TRACE.write_text(told, "utf-8")
    assert TRACE.read_text("utf-8") == told
    assert 100 < told.count(" -\n") < len(lines) - 100
