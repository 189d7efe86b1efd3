"""What /metrics reads at each asking: rooms, planes, sockets, the relay, jobs and the database."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from sqlalchemy import func, select

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.tables import JobRow, Outbox

from .metrics import Metrics, Reading, Source

_STEPS = 4
"""How deep counters of a plane are looked for."""
_CARRIES = ((300_000, "below_300k"), (1_000_000, "below_1m"), (3_000_000, "below_3m"), (float("inf"), "more"))
"""bit/s: sound alone, a small picture, a good one, several."""
_LOSSY = 0.02


class Dumps(Protocol):
    """An object that says of itself what operators may see."""

    def dump(self) -> Any: ...


def add_to(metrics: Metrics, db: Database, parts: Mapping[str, Any]) -> None:
    """Gauges of a server's long-lived objects, by the names `app.build` gives them."""
    for source in (_rooms(parts["rooms"]), _planes(parts["planes"]), _sockets(parts), _waiting(db), _pool(db)):
        metrics.source(source)


def _rooms(rooms: Dumps) -> Source:
    async def read() -> list[Reading]:
        all_ = rooms.dump()
        kinds = Counter(each.get("source", "other") for room in all_ for each in _many(room, "publications"))
        return [
            ("rooms", "Rooms that are open here", {}, len(all_)),
            ("participants", "People in rooms", {}, sum(len(_many(room, "participants")) for room in all_)),
            *(("publications", "Published tracks", {"source": source}, count) for source, count in kinds.items()),
        ]

    return read


def _planes(planes: Any) -> Source:
    async def read() -> list[Reading]:
        found: list[Reading] = []
        for plane in await planes.dump():
            label = {"plane": str(plane["plane"])}
            found += [
                ("plane_up", "Whether a media process takes orders", label, float(plane["up"])),
                ("plane_deaths_total", "How often a media process died", label, plane["deaths"]),
                ("plane_rooms", "Rooms on a media process", label, plane["rooms"]),
                ("plane_transports", "Connections on a media process", label, plane["transports"]),
            ]
            own = plane.get("own") or {}
            found += _lines(label, own.get("transports") or {})
            counted = [("stun_refused", own.get("stun_refused", 0)), *_numbers(own.get("wire") or {})]
            for name, value in counted:
                found.append(
                    ("plane_counter", "What a media process counts of its packets", label | {"name": name}, value)
                )
        return found

    return read


def _lines(label: dict[str, str], transports: Mapping[str, Any]) -> list[Reading]:
    """How the lines to a plane's viewers are."""
    viewers = [each for each in transports.values() if each["kind"] in ("receiver", "viewer") and each["connected"]]
    lines = [each["line"] for each in viewers if each["line"]]
    carry = Counter(next(name for below, name in _CARRIES if line["estimate"] < below) for line in lines)
    carry["unknown"] = len(viewers) - len(lines)
    names = [*(name for _, name in _CARRIES), "unknown"]
    limited = sum(any(why == "line" for _, why in each["gets"].values()) for each in viewers)
    lossy = sum(line["loss"] > _LOSSY for line in lines)
    return [
        *(
            ("plane_viewers", "Viewers by bit/s that their lines carry", label | {"carries": name}, carry[name])
            for name in names
        ),
        ("plane_viewers_limited", "Viewers whose line withholds a picture or a fuller one", label, limited),
        ("plane_viewers_lossy", "Viewers whose line loses more than 2 %", label, lossy),
    ]


def _sockets(parts: Mapping[str, Any]) -> Source:
    async def read() -> list[Reading]:
        sockets, door = parts["sockets"].dump(), parts["door"].dump()
        cut = [k for k in door if k not in ("open", "addresses")]
        return [
            ("sockets", "Open Socket.IO connections", {}, sockets["connections"]),
            ("signals_waiting", "Signals that wait to be sent", {}, sockets.get("signals_waiting", 0)),
            ("connections", "Open TCP connections", {}, door["open"]),
            *(("connections_cut", "Connections cut since the start", {"why": why}, door[why]) for why in cut),
        ]

    return read


def _waiting(db: Database) -> Source:
    async def look(tx: Tx) -> list[Reading]:
        waiting = await tx.one(select(func.count()).select_from(Outbox).where(Outbox.waiting)) or 0
        oldest = await tx.one(select(func.min(Outbox.at)).where(Outbox.waiting))
        due = await tx.one(select(func.count()).select_from(JobRow).where(JobRow.due <= tx.now)) or 0
        jobs = await tx.one(select(func.count()).select_from(JobRow)) or 0
        lag = max(0.0, (tx.now - oldest).total_seconds()) if oldest else 0.0
        return [
            ("events_waiting", "Events not told yet", {}, waiting),
            ("relay_lag_seconds", "Age of the oldest event not told yet", {}, lag),
            ("jobs_due", "Jobs that are due", {}, due),
            ("jobs_waiting", "Jobs that are not done", {}, jobs),
        ]

    async def read() -> list[Reading]:
        return await db.run(SYSTEM, look)

    return read


def _pool(db: Any) -> Source:
    async def read() -> list[Reading]:
        pool = db.engine.pool
        if not hasattr(pool, "checkedout"):
            return []
        return [
            ("database_connections", "Connections to the database", {"state": "used"}, pool.checkedout()),
            ("database_connections", "Connections to the database", {"state": "idle"}, pool.checkedin()),
        ]

    return read


def _many(room: Mapping[str, Any], name: str) -> list[Any]:
    found = room.get(name) or []
    return list(found.values()) if isinstance(found, Mapping) else list(found)


def _numbers(tree: Mapping[str, Any], prefix: str = "", steps: int = _STEPS) -> Iterable[tuple[str, float]]:
    """Numbers by dotted name; lists and what is keyed by ids are left out, so that names stay bounded."""
    for name, value in tree.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{prefix}{name}", value
        elif isinstance(value, Mapping) and steps and name not in ("transports", "publications", "peers", "sources"):
            yield from _numbers(value, f"{prefix}{name}.", steps - 1)
