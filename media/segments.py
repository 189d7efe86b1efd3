"""Segments: the kept form of a recorded track, about ten seconds of packets as they came, undecoded.

    file    = "SBQS" version(1 byte, 1) header-length(4 bytes) header record*
    header  = JSON in UTF-8: {recording, track, number, previous, codec {name, clock, channels, parameters}, about
              {participant, person, source, place}, began, starts, ends, packets, dropped, final}
    record  = first(1) second(1) length(2) index(4) timestamp(4) arrival(8) payload(length); numbers big-endian

`began` is the track's start in epoch seconds; `starts`, `ends` and arrivals (µs) count from it. `number` counts from
0; `previous` is the SHA-256 of the segment before it in hex (empty for the first): a chain. `dropped` packets came
but were not kept, because the recorder was full. `final`: the track ended, nothing is missing after it. An index
that is missing never came, or is among the dropped.

A record whose first byte has the bit 0x80 is an RTP packet in the clear: first (version and padding bit), second
(marker, payload type), extended sequence number, timestamp. Any other is a sender report (RFC 3550 §6.4.1): its
`timestamp` and the NTP time in its payload (8 bytes) are the same moment. Records stand in the order of arrival;
packets that were sent again come late, also in the next segment.
"""

import json
from collections.abc import Iterator
from struct import Struct
from typing import Any, NamedTuple

MAGIC = b"SBQS\x01"
RECORD = Struct("!BBHIIQ")
_LENGTH = Struct("!I")
_LONGEST_HEADER = 64 * 1024


class Unfit(ValueError):
    """Not a segment, or a broken one."""


class Record(NamedTuple):
    first: int
    second: int
    number: int
    timestamp: int
    arrival: int
    payload: bytes


def head(header: dict[str, Any]) -> bytes:
    """What a segment begins with."""
    plain = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    return MAGIC + _LENGTH.pack(len(plain)) + plain


def read_header(data: bytes) -> tuple[dict[str, Any], int]:
    """The header, and where the records begin. Raises Unfit; also for too few bytes."""
    start = len(MAGIC) + _LENGTH.size
    if len(data) < start or data[: len(MAGIC)] != MAGIC:
        raise Unfit("not a segment")
    end = start + _LENGTH.unpack_from(data, len(MAGIC))[0]
    if end - start > _LONGEST_HEADER or len(data) < end:
        raise Unfit("no whole header")
    try:
        header = json.loads(data[start:end])
    except ValueError:
        raise Unfit("the header is not JSON") from None
    if not isinstance(header, dict):
        raise Unfit("the header is no object")
    return header, end


def records(data: bytes, start: int) -> Iterator[Record]:
    """The records from `start` on. Raises Unfit for one that is cut off."""
    at, size = start, RECORD.size
    while at < len(data):
        if at + size > len(data):
            raise Unfit("cut off")
        first, second, length, number, timestamp, arrival = RECORD.unpack_from(data, at)
        at += size
        if at + length > len(data):
            raise Unfit("cut off")
        yield Record(first, second, number, timestamp, arrival, data[at : at + length])
        at += length
