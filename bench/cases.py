"""What `bench sfu` can load a server with. Each case gives what wload said, with what it looked at beside that."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bench.load import wload
from bench.server import Server

Said = dict[str, Any]
Wrong = list[str]

SENT = 0.9
"""Of what publishers are to send; who sends less has measured how full the machine is."""
MENDED = 0.99
"""Of the packets that viewers ask for again, what must come."""
GROWN_MB = 32
"""What hostile bytes may make a server take, all its processes."""


@dataclass(frozen=True, slots=True)
class Case:
    """`figures`: µs of CPU a packet, p99 in ms, that each wire means to stay below. `fresh`: a server of its own a
    round, of this `program`."""

    title: str
    load: Callable[[Server, float], Said]
    figures: dict[str, float] = field(default_factory=dict)
    p99: dict[str, float] = field(default_factory=dict)
    wires: tuple[str, ...] = ("python", "native")
    check: Callable[[Said], Wrong] = lambda said: []
    fresh: bool = False
    program: str = "server"


def _forward(viewers: int, rooms: int = 1, **options: float | bool) -> Callable[[Server, float], Said]:
    """A publisher in each room, 1,000 packets/s in bursts of 5 unless said otherwise."""
    shape = {"pps": 1000, "burst": 5, "size": 1100, **options}

    def load(server: Server, secs: float) -> Said:
        said = wload.run(server.doors(rooms), server.processes(), subs=viewers, secs=secs, **shape)
        return said | {"sent_share": said["in_pps"] / (shape["pps"] * rooms)}

    return load


_lecture = _forward(2000, pps=99, burst=3, verify=64, gro=True, join_pps=3)
"""Hardly a picture until all have joined: what is measured is the lecture, not how long two thousand take."""


def _class(server: Server, secs: float) -> Said:
    lesson = server.call("POST", "/api/lessons", {"title": "Class"})["id"]
    doors = server.doors_of(lesson, server.whole_class())
    shape = {"pubs": len(doors), "subs": len(doors), "tiles": 9, "sounds": 5, "pps": 40, "burst": 2, "fps": 20}
    return wload.run(doors, server.processes(), rooms=1, size=1000, secs=secs, **shape)


def _storm(server: Server, secs: float) -> Said:
    """1 → 20, while a hundred come into another room within five seconds."""
    [watched, other], pids = server.doors(2), server.processes()
    still = {"pps": 10, "burst": 1, "secs": 0.5, "warm": 0.5}
    alone = wload.run([other], pids, subs=100, **still)
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(wload.run, [watched], pids, subs=20, pps=1000, burst=5, size=1100, secs=6, warm=2)
        time.sleep(2.5)  # they have joined and are warm
        came = wload.run([other], pids, subs=100, every=50, **still)
        said = watching.result()
    return said | {"join_ms": alone["join_cpu_ms"], "first_media_ms": came["first_media_ms_p95"]}


def _nack(server: Server, secs: float) -> Said:
    said = _forward(20, nack=5, rtx=True)(server, secs)
    asked = said["nack"]
    mended = (asked["rtx"] + asked["plain"]) / max(1, asked["asked"])
    return said | {"asked": asked["asked"], "by_rtx": asked["rtx"], "mended": mended, "mended_p99_ms": asked["p99_ms"]}


def _check_nack(said: Said) -> Wrong:
    wrong = [] if said["asked"] else ["no viewer asked for anything"]
    if said["mended"] < MENDED:
        wrong.append(f"{said['mended']:.1%} of the packets asked for came, less than {MENDED:.0%}")
    return wrong


def _flood(server: Server, secs: float) -> Said:
    said = _forward(20, flood=10_000)(server, secs)
    before, _, after = said["rss_kb"]
    hostile = said["flood"]
    return said | {
        "hostile": hostile["sent"] / said["secs"],
        "answered_bytes": hostile["back_bytes"],
        "grown_mb": (after - before) / 1024,
        "cores": said["server_cores"],
    }


def _check_flood(said: Said) -> Wrong:
    wrong = [f"{said['answered_bytes']:.0f} bytes came back to a stranger"] if said["answered_bytes"] else []
    if said["hostile"] < 9_000:
        wrong.append(f"only {said['hostile']:.0f} hostile datagrams/s were sent")
    if said["grown_mb"] > GROWN_MB:
        wrong.append(f"the server grew by {said['grown_mb']:.0f} MB")
    return wrong


def _memory(server: Server, secs: float) -> Said:
    """Two hundred viewers without media; then publications of so much media that their history is full."""
    [door], still = server.doors(1), {"pps": 0.01, "burst": 1, "secs": 0.5, "warm": 0.5}
    wload.run([door], server.processes(), subs=20, **still)  # what the first ones bring along is not theirs
    before, after, _ = wload.run([door], server.processes(), subs=200, **still)["rss_kb"]
    doors = server.doors(20)
    *_, empty = wload.run(doors, server.processes(), subs=1, **still)["rss_kb"]
    said = wload.run(doors, server.processes(), subs=1, pps=400, burst=4, size=1100, secs=4)
    full = said["rss_kb"][2]
    return said | {"transport_kb": (after - before) / 200, "history_kb": (full - empty) / 20}


CASES = {
    "small": Case(
        "20 rooms of 1 → 5, 170 packets/s in bursts of 3",
        _forward(5, 20, pps=170, burst=3),
        {"python": 15, "native": 8},
    ),
    "20": Case("1 → 20, 1,000 packets/s in bursts of 5", _forward(20), p99={"python": 3, "native": 0.5}),
    "50": Case("1 → 50, the same", _forward(50), {"python": 12, "native": 2.5}),
    "300": Case("1 → 300, the same", _forward(300, verify=32, gro=True), {"native": 2}, wires=("native",)),
    "class": Case("30 people with cameras, one layer, each gets 9 pictures and 5 sounds", _class),
    "lecture": Case("1 → 2,000, 99 packets/s in bursts of 3", _lecture),
    "storm": Case("1 → 20 while 100 join in 5 s", _storm),
    "blocked": Case(
        "1 → 20, the plane's interpreter blocked 50 ms in 250",
        _forward(20),
        p99={"native": 0.5},
        fresh=True,
        program="bench.load.blocked",
    ),
    "nack": Case("1 → 20, each asks again for 5 %", _nack, check=_check_nack),
    "flood": Case("1 → 20 beside 10,000 hostile datagrams/s", _flood, check=_check_flood),
    "memory": Case("200 viewers without media; 20 publications", _memory, fresh=True),
}
EXTRAS = {
    "join_ms": "CPU ms a join",
    "first_media_ms": "ms to the first packet (p95)",
    "asked": "packets asked for",
    "by_rtx": "came as RTX",
    "mended": "of all came",
    "mended_p99_ms": "ms until they came (p99)",
    "hostile": "hostile/s",
    "answered_bytes": "bytes back to strangers",
    "grown_mb": "MB grown",
    "cores": "cores",
    "transport_kb": "KB a transport",
    "history_kb": "KB a publication's history",
}
"""What a case says beside the row that all have."""
