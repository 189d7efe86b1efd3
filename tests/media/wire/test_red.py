"""What is new in a packet of RED. The trace is read by the native wire too (`cargo test`).

A line is a payload (hex), whether it is padded, the type that is wrapped, and where the new part begins and ends.
"""

import os
import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from media.wire.red import MAX_BLOCKS, primary, unwrapped

TRACE = Path(__file__).with_name("traces") / "red.txt"
OPUS = 111


def wrap(new: bytes, *former: bytes) -> bytes:
    heads = [bytes([0x80 | OPUS, 15, len(each) >> 8, len(each) & 0xFF]) for each in former]
    return b"".join(heads) + bytes([OPUS]) + b"".join(former) + new


def part(payload: bytes, padded: bool = False, wraps: int = OPUS) -> bytes | None:
    found = primary(payload, padded, wraps)
    return payload[found[0] : found[1]] if found else None


def test_a_packet_of_chromium() -> None:
    golden = bytes.fromhex("ef 3c 00 05 6f 0102030405 a0a1a2")
    assert part(golden) == bytes.fromhex("a0a1a2")


def test_what_is_malformed_has_no_new_part() -> None:
    whole = wrap(b"new", b"former", b"before")
    assert part(whole) == b"new"
    assert [part(whole[:size]) for size in range(len(whole) - 2)] == [None] * (len(whole) - 2), "cut anywhere"
    assert part(wrap(b"", b"former")) is None
    assert part(whole, wraps=96) is None
    assert part(wrap(b"new", *[b""] * MAX_BLOCKS)) == b"new"
    assert part(wrap(b"new", *[b""] * (MAX_BLOCKS + 1))) is None
    assert part(b"\xef" * 1000) is None


def test_padding_is_none_of_it() -> None:
    assert part(wrap(b"new", b"former") + b"\0\0\3", True) == b"new"
    assert part(wrap(b"", b"former") + b"\0\0\3", True) is None
    assert [part(wrap(b"new") + bytes([count]), True) for count in (0, 6, 255)] == [None] * 3
    assert part(b"", True) is None
    assert unwrapped((0xA0, 0x80 | 63, 7, 960, wrap(b"new") + b"\1", (), 0.5), {63: OPUS}, named=True) == (
        0x80, 0x80 | OPUS, 7, 960, b"new", (), 0.5,
    )  # fmt: skip


@given(st.binary(max_size=64), st.booleans(), st.integers(0, 127))
def test_nothing_breaks_it(payload: bytes, padded: bool, wraps: int) -> None:
    found = primary(payload, padded, wraps)
    assert found is None or 0 < found[0] < found[1] <= len(payload)


@given(st.binary(min_size=1, max_size=1200), st.lists(st.binary(max_size=1023), max_size=MAX_BLOCKS))
def test_what_was_wrapped_is_found(new: bytes, former: list[bytes]) -> None:
    assert part(wrap(new, *former)) == new


def drawn() -> list[str]:
    """Whole ones, and the same with a byte changed, cut or padded."""
    chance, lines = random.Random(7), []
    for _ in range(300):
        former = [chance.randbytes(chance.randrange(8)) for _ in range(chance.randrange(4))]
        data = bytearray(wrap(chance.randbytes(chance.randrange(6)), *former))
        padded = chance.random() < 0.3
        if padded:
            data += bytes([*bytes(chance.randrange(3)), chance.randrange(6)])
        if chance.random() < 0.4:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.2:
            del data[chance.randrange(len(data)) :]
        found = primary(bytes(data), padded, OPUS)
        lines.append(f"{data.hex() or '-'} {int(padded)} {OPUS} " + (f"{found[0]} {found[1]}" if found else "-"))
    return lines


def test_the_trace_is_told_as_it_was() -> None:
    if os.environ.get("SABAQ_WRITE_GOLDEN"):
        TRACE.write_text("\n".join(drawn()) + "\n", "utf-8")
    lines = TRACE.read_text("utf-8").splitlines()
    assert 50 < sum(line.endswith(" -") for line in lines) < 250
    for line in lines:
        data, padded, wraps, *expected = line.split()
        found = primary(bytes.fromhex(data.replace("-", "")), padded == "1", int(wraps))
        assert (list(map(str, found)) if found else ["-"]) == expected, line
