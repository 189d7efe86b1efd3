"""What `bench sfu` can load a server with. Each case gives what wload said, with what it looked at beside that."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bench.link import Away
from bench.load import wload
from bench.processes import cpu_seconds
from bench.server import Server
from bench.worked import check_worked, worked

Said = dict[str, Any]
Wrong = list[str]

SENT = 0.9
"""Of what publishers are to send; who sends less has measured how full the machine is."""
GROWN_MB = 32
"""What hostile bytes may make a server take, all its processes."""


@dataclass(frozen=True, slots=True)
class Case:
    """`figures`: µs of CPU a packet, p99 in ms, that each wire means to stay below. `fresh`: a server of its own a
    round, of this `program`. `is_away`: there is a link to another network namespace, which `load` is given too."""

    title: str
    load: Callable[..., Said]
    figures: dict[str, float] = field(default_factory=dict)
    p99: dict[str, float] = field(default_factory=dict)
    wires: tuple[str, ...] = ("python", "native")
    check: Callable[[Said], Wrong] = lambda said: []
    fresh: bool = False
    program: str = "server"
    is_away: bool = False


WHOLE: dict[str, float | bool] = {"twcc": True, "rtx": True, "nack": 1.0}
"""Of viewers as browsers are: each reports on its line ten times a second, and loses and asks again for 1 %."""
PLAIN: dict[str, float | bool] = {"twcc": False, "rtx": False, "nack": 0.0}
"""Of those that do nothing of that; the Python wire's figures are meant for them."""


def _forward(viewers: int, rooms: int = 1, **options: float | bool) -> Callable[[Server, float], Said]:
    """A publisher in each room, 1,000 packets/s in bursts of 5 unless said otherwise. The viewers of the native wire
    are whole."""

    def load(server: Server, secs: float) -> Said:
        found: Said = {}
        viewing = WHOLE if server.wire() == "native" else PLAIN
        shape = {"pps": 1000, "burst": 5, "size": 1100, **viewing, **options}
        told = lambda: found.update(worked(server, viewers * rooms if shape["twcc"] else 0))  # noqa: E731
        said = wload.run(server.doors(rooms), server.processes(), subs=viewers, secs=secs, told=told, **shape)
        mended = _mended(said) if shape["nack"] else {}
        return said | mended | found | {"sent_share": said["in_pps"] / (shape["pps"] * rooms)}

    return load


def _mended(said: Said) -> Said:
    asked = said["nack"]
    mended = (asked["rtx"] + asked["plain"]) / max(1, asked["asked"])
    return {"asked": asked["asked"], "by_rtx": asked["rtx"], "mended": mended, "mended_p99_ms": asked["p99_ms"]}


LECTURE_PPS = 99


def _lecture(server: Server, secs: float, viewers: int = 2000, loads: int = 2) -> Said:
    """One speaks to many at 99 packets/s; the viewers are several load processes', that measure at one time."""
    doors, pids = server.doors(1), server.processes()
    viewing = WHOLE if server.wire() == "native" else PLAIN
    shape = {**viewing, "rooms": 1, "pubs": 0, "subs": viewers // loads, "verify": 64, "gro": True, "secs": secs}
    with wload.listed(doors) as urls, wload.sending(doors, pps=LECTURE_PPS, burst=3, fps=33, size=1100):
        with ThreadPoolExecutor(loads) as pool:
            started = list(pool.map(lambda _: wload.Load(pids, urls=urls, **shape), range(loads)))
        before, began = cpu_seconds(pids), time.monotonic()
        for each in started:
            each.go()
        said = [each.said() for each in started]
        cores = (cpu_seconds(pids) - before) / (time.monotonic() - began)
        found = worked(server, viewers if viewing["twcc"] else 0) | {"cores": cores}
        for each in started:
            each.end()
    together = _together(said)
    return together | found | {"sent_share": together["fwd_pps"] / (LECTURE_PPS * viewers)}


def _together(said: list[Said]) -> Said:
    """What several that measured at one time say as one."""
    packets, asked = (sum(one[key] for one in said) for key in ("fwd", "subs"))
    nack = {key: sum(one["nack"][key] for one in said) for key in ("asked", "rtx", "plain")}
    first = said[0]
    spent = {"us_per_fwd": "server_cpu_s", "us_user": "server_user_s", "us_sys": "server_sys_s"}
    late = {key: max(one["lat_us"][key] for one in said) for key in ("p50", "p99")}
    nack["p99_ms"] = max(one["nack"]["p99_ms"] for one in said)
    return first | {
        "subs": asked,
        "fwd": packets,
        "fwd_pps": packets / first["secs"],
        "loss_pct": sum(one["loss_pct"] * one["fwd"] for one in said) / max(1, packets),
        "lat_us": late,
        "nack": nack,
        **{key: first[of] * 1e6 / max(1, packets) for key, of in spent.items()},
        **(_mended({"nack": nack}) if nack["asked"] else {}),
    }


PEOPLE, TILES = 30, 9
CORES = 0.35
CLASS_PPS = PEOPLE * ((1 + 2 + 6) * 30 + 50)
"""Packets a second: of the three layers of a picture, and sounds."""


def _class(server: Server, secs: float) -> Said:
    """Each sends VP8 at 150, 500 and 1,500 kbit/s and Opus with levels; five speak. Each gets one picture at 500 and
    eight at 150 kbit/s, and of all sounds those that are heard."""
    lesson = server.call("POST", "/api/lessons", {"title": "Class"})["id"]
    doors = server.doors_of(lesson, server.whole_class())
    shape = {"pubs": PEOPLE, "subs": PEOPLE, "tiles": TILES, "sounds": PEOPLE, "loud": 5, "rids": "q:150,h:500,f:1500"}
    found: Said = {}
    told = lambda: found.update(worked(server, PEOPLE))  # noqa: E731
    viewing = {**WHOLE, "warm": 8, "size": 1100, "secs": secs, "told": told}
    said = wload.run(doors, server.processes(), rooms=1, **viewing, **shape)
    seen = said["by_layer"]
    return {
        **said,
        **_mended(said),
        **found,
        "sent_share": said["in_pps"] / CLASS_PPS,
        "cores": said["server_cores"],
        "middle": seen[1] / max(1, sum(seen)),
        "best": seen[2] / max(1, sum(seen)),
        "reports_up": said["reports_up"],
        "streams": said["streams"],
    }


def _check_class(said: Said) -> Wrong:
    wrong = check_worked(said)
    if said["cores"] > CORES:
        wrong.append(f"{said['cores']:.2f} cores, more than {CORES}")
    if said["best"] or not 0.1 < said["middle"] < 0.3:
        wrong.append(f"of the packets {said['middle']:.0%} were of middle layers and {said['best']:.0%} of the best")
    if not said["reports_up"]:
        wrong.append("no publisher was told of its line")
    return wrong


LEFT_LOST = 1.0
"""Per cent that may be missing after all was asked for again."""


def _loss(server: Server, secs: float, away: Away) -> Said:
    """1 → 5 at the other end of a link of 150 ms there and back that loses every tenth packet either way."""
    [(whip, whep, grant)], pids = server.doors(1), server.processes()
    far = (whip, whep.replace("127.0.0.1", away.here), grant)
    away.spoil("delay=75")
    shape = {"rooms": 1, "pubs": 0, "subs": 5, "twcc": True, "rtx": True, "gaps": True, "warm": 4, "bind": away.there}
    with wload.sending([(whip, whep, grant)], pps=170, burst=3, size=1100), wload.listed([far]) as urls:
        load = wload.Load(pids, prefix=f"ip netns exec {away.name}", urls=urls, secs=secs, **shape)
        away.spoil("delay=75,loss=10")
        load.go()
        said = load.said()
        found = worked(server, 5) | {"lost_on_way": away.counts()["ab"]["lost"]}
        load.end()
    return said | _mended(said) | found


def _check_loss(said: Said) -> Wrong:
    wrong = [] if said["lost_on_way"] and said["by_rtx"] else ["nothing was lost, or nothing came again"]
    if said["loss_pct"] > LEFT_LOST:
        wrong.append(f"{said['loss_pct']:.1f} % are missing though they were asked for again")
    if said["lines"] < said["watching"]:
        wrong.append(f"of {said['watching']:.0f} viewers' lines {said['lines']:.0f} are estimated")
    return wrong


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
        check=check_worked,
    ),
    "20": Case(
        "1 → 20, 1,000 packets/s in bursts of 5", _forward(20), p99={"python": 3, "native": 0.5}, check=check_worked
    ),
    "50": Case("1 → 50, the same", _forward(50), {"python": 12, "native": 2.5}, check=check_worked),
    "300": Case(
        "1 → 300, the same",
        _forward(300, verify=32, gro=True),
        {"native": 2},
        wires=("native",),
        check=lambda said: check_worked(said) + ([f"{said['loss_pct']} % lost"] if said["loss_pct"] else []),
    ),
    "class": Case(
        "30 people with cameras in three layers, each gets one middle and 8 low ones and 5 sounds",
        _class,
        wires=("native",),
        check=_check_class,
        fresh=True,
        program="bench.load.watched",
    ),
    "lecture": Case("1 → 2,000, 99 packets/s in bursts of 3", _lecture, check=check_worked),
    "storm": Case("1 → 20 while 100 join in 5 s", _storm),
    "blocked": Case(
        "1 → 20, the plane's interpreter blocked 50 ms in 250",
        _forward(20),
        p99={"native": 0.5},
        check=check_worked,
        fresh=True,
        program="bench.load.blocked",
    ),
    "nack": Case("1 → 20, each asks again for 5 %", _forward(20, nack=5, rtx=True), check=check_worked),
    "loss": Case("1 → 5, 170 packets/s, 150 ms and 10 % of loss", _loss, check=_check_loss, is_away=True),
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
    "lines": "viewers' lines that are estimated",
    "estimate": "bit/s of the least of them",
    "resent": "packets repaired, by the wire's count",
    "kept": "publications with a history",
    "lost_on_way": "packets lost on the way there",
    "middle": "part of the pictures' packets that are of middle layers",
    "streams": "streams out",
    "reports_up": "reports to publishers",
    "transport_kb": "KB a transport",
    "history_kb": "KB a publication's history",
}
"""What a case says beside the row that all have."""
