"""What is taken for a change of a board, and what is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.boards import core, yjs
from tests.lms_core.boards.drawn import typed

# Made by yjs 13.6.33: a map with each kind of value, an array with deletions, a text with a format.
OF_BROWSER = [
    bytes.fromhex(line)
    for line in (
        "010907002801016d017301770ad181d399d0bbd0b5d0bc2801016d016e017d452801016d0166017c3fc000002801016d026634017c3f"
        "0000002801016d016201782801016d017a017e2801016d016f017602016175037d01770178760101797b54b249ad2594c37d01757f23"
        "01016d027538030102032801016d03626967017a00000002dfdc1c3500",
        "010980c6868f01000801016c017d018180c6868f0100018880c6868f0101017d034780c6868f010001c780c6868f010380c6868f0100"
        "02040080c6868f01040174c780c6868f010480c6868f0100002101016b01780100010180c6868f010201010702",
        "010909000401017401688109000281090201840903016f8409040620776f726c6446090004626f6c640474727565c60904090504626f"
        "6c64046e756c6cc10902090303c40904090c04f09f988001090201030d03",
        "020980c6868f01000801016c017d018180c6868f0100018880c6868f0101017d034780c6868f010001c780c6868f010380c6868f0100"
        "02040080c6868f01040174c780c6868f010480c6868f0100002101016b01780100010907002801016d017301770ad181d399d0bbd0b5"
        "d0bc2801016d016e017d452801016d0166017c3fc000002801016d026634017c3f0000002801016d016201782801016d017a017e2801"
        "016d016f017602016175037d01770178760101797b54b249ad2594c37d01757f2301016d027538030102032801016d03626967017a00"
        "000002dfdc1c350180c6868f010201010702",
        "01010b00c880c6868f010480c6868f01060177036d69640180c6868f0103010103010702",
        "020909000401017401688109000281090201840903016f8409040620776f726c6446090004626f6c640474727565c60904090504626f"
        "6c64046e756c6cc10902090303c40904090c04f09f98800907002801016d017301770ad181d399d0bbd0b5d0bc2801016d016e017d45"
        "2801016d0166017c3fc000002801016d026634017c3f0000002801016d016201782801016d017a017e2801016d016f01760201617503"
        "7d01770178760101797b54b249ad2594c37d01757f2301016d027538030102032801016d03626967017a00000002dfdc1c3501090201"
        "030d03",
    )
]


def test_what_a_browser_makes_is_taken() -> None:
    for update in OF_BROWSER:
        yjs.check(update)
    yjs.check(typed(1, 0, "сәлем"))


def test_every_part_of_an_update_is_none() -> None:
    for update in OF_BROWSER:
        for length in range(len(update)):
            with pytest.raises(yjs.NoUpdate):
                yjs.check(update[:length])
        with pytest.raises(yjs.NoUpdate):
            yjs.check(update + b"\0")


@settings(max_examples=500)
@given(st.binary(max_size=400))
def test_any_bytes_are_taken_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        yjs.check(data)
    except yjs.NoUpdate:
        return


@settings(max_examples=300)
@given(st.sampled_from(OF_BROWSER), st.data())
def test_a_damaged_update_is_taken_or_refused_and_nothing_else(update: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(update) - 1))
    damaged = update[:at] + bytes([data.draw(st.integers(0, 255))]) + update[at + 1 :]
    try:
        yjs.check(damaged)
    except yjs.NoUpdate:
        return


def test_a_number_that_promises_more_than_there_is_costs_nothing() -> None:
    huge = b"\xff\xff\xff\xff\xff\xff\xff\x0f"
    for data in (huge, b"\x01" + huge, b"\x01\x01\x01\x00\x08\x01\x01a" + huge, b"\x00" + huge, b"\x80" * 100_000):
        with pytest.raises(yjs.NoUpdate):
            yjs.check(data)


def test_lists_within_lists_end_somewhere() -> None:
    deep = b"\x01\x01\x01\x00\x08\x01\x01a\x01" + b"\x75\x01" * 5_000 + b"\x7e\x00"
    with pytest.raises(yjs.NoUpdate):
        yjs.check(deep)


def test_text_that_is_no_base64_is_no_update() -> None:
    for text in ("", "%%%", "AAAA\n", "Zm9v"):
        with pytest.raises(core.UpdateBroken):
            core.update_of(text)
    with pytest.raises(core.UpdateTooLarge):
        core.update_of("A" * (core.LARGEST_UPDATE * 2))
