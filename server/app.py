"""The composition root: everything is built here, in the order in which it is needed."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from aiohttp import web

from lms_core.kernel.api import Api
from lms_core.kernel.blobs import Blobs, Links
from lms_core.kernel.clock import Clock, SystemClock
from lms_core.kernel.db import Database, EmbeddedDatabase, PostgresDatabase
from lms_core.kernel.failures import Busy, DatabaseUnavailable
from lms_core.kernel.openapi import openapi
from media.grant import Grants
from media.planes import Planes
from media.room_state import Limits
from media.rooms import Rooms

from . import (
    VERSION,
    calendar_feed,
    disk,
    files,
    gauges,
    keys,
    metrics,
    migrate,
    pages,
    s3,
    stop_letters,
    sweeping,
    trust,
    whip,
)
from .answer_files import AnswerFiles
from .audit import AuditShell
from .authority import Authority
from .boards import Boards
from .bus import Bus
from .captures import captures_api
from .cluster.cluster import Cluster, KeysDiffer
from .cluster.common_clock import CommonClock
from .cluster.planes import ClusterPlanes
from .cluster.sealed import fingerprint
from .config import Settings, SettingsError
from .connection_test import ConnectionTest
from .disk import Disk
from .fanout import MemoryLimits, SharedLimits
from .features import FEATURES
from .feed import Feed
from .http import MAX_BODY, Doors
from .jobs import JobRunner
from .listen import Door
from .live import LessonRooms, Live
from .mail import Mailer
from .mail_api import mail_api
from .oidc import OidcDoors
from .proxies import Proxies
from .push import Pusher
from .questions import Questions
from .recording import Recordings
from .recording_api import recording_api
from .recording_files import RecordingFiles
from .recording_moments import Moments
from .relay import Relay, Told
from .reminders_api import offers_api
from .seal import Seal
from .signals import SIGNALS
from .sockets import Sockets
from .spool import Spool
from .status import status_api
from .sweeping import Sweeper
from .tracing import Tracing, traced, tracing_of
from .uploads import Uploads
from .worker import Handover

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """A built server: `web` serves it, and starts and ends everything else."""

    settings: Settings
    db: Database
    rooms: Rooms
    cluster: Cluster
    sockets: Sockets
    relay: Relay
    jobs: JobRunner
    live: Live
    blobs: Blobs
    links: Links
    disks: dict[str, Disk]
    apis: tuple[Api, ...]
    doors: Doors
    door: Door
    authority: Authority | None
    audit: AuditShell
    mailer: Mailer
    pusher: Pusher
    web: web.Application
    recorded: Recordings
    recorded_files: RecordingFiles
    happening: Moments


def open_database(settings: Settings, clock: Clock | None = None) -> Database:
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.database_url:
        return PostgresDatabase(settings.database_url, clock or SystemClock())
    return EmbeddedDatabase(settings.data / "sabaq.sqlite", clock or SystemClock())


def build(settings: Settings, *, clock: Clock | None = None, planes: Any = None) -> House:
    """Everything, wired; nothing runs yet. `planes` replaces the media processes in stories."""
    clock = clock or (CommonClock(SystemClock()) if settings.database_url else SystemClock())
    db = open_database(settings, clock)
    migrate.prepare(db.engine, settings.data, clock.now())
    tracing = tracing_of(settings.otel_endpoint, VERSION)
    spool = Spool(settings.data)
    planes = planes or Planes(
        count=settings.plane_count,
        host=settings.host,
        udp_port=settings.udp_port,
        public_addresses=settings.public_addresses,
        wire=settings.wire,
        spool=spool.folder,
        clock=clock,
    )
    limits = Limits(sounds=settings.loudest_sounds)
    all_planes = ClusterPlanes(planes, clock)
    rooms = Rooms(all_planes, clock, limits=limits, most_on_plane=settings.most_on_plane)
    db = traced(db, tracing)
    grants = Grants([keys.key(settings.data / "keys", "grants")])
    cluster = _cluster(settings, db, clock, rooms, all_planes)
    live = Live(db, clock, cluster.rooms, grants, settings.resources_per_grant, settings.turn)
    probes = ConnectionTest(rooms, clock, settings)
    proxies = Proxies.of(settings.trusted_proxies, settings.public_url)
    authority = Authority(settings.data / "keys", settings.local_tls, clock) if settings.local_tls else None
    limits = SharedLimits(settings.redis_url, clock) if settings.redis_url else MemoryLimits(clock)
    audit = AuditShell(db, clock)
    sealer = Seal(keys.key(settings.data / "keys", "seal"))
    disks = disk.guards(settings, clock)
    links = Links(keys.key(settings.data / "keys", "files"), clock)
    blobs = s3.open_blobs(settings, disks.get("blobs", disks["data"]))
    doors = Doors(
        *(db, clock, limits, proxies),
        tracing=tracing,
        hsts=_is_safe(settings),
        witness=audit,
        sealer=sealer,
        links=links,
        blobs=blobs,
    )
    door = Door(clock, trusts=proxies.trusts)
    parts: dict[str, Any] = {"planes": planes, "rooms": rooms, "cluster": cluster}
    status = status_api(planes, parts, cluster)
    recordings = recording_api(db, links, disks)
    boards = Boards(db, cluster.rooms)
    sockets = Sockets(doors, (*FEATURES, live.api, boards.api, recordings))
    sockets.on_gone(boards.gone)
    live.use(sockets)

    async def tell(told: Told) -> None:
        await sockets.heard(told)
        await sockets.push(told)
        await live.heard(told)
        await recorded.heard(told)
        await happening.heard(told)
        await recorded_files.heard(told)

    bus_key = keys.key(settings.data / "keys", "link")
    bus = Bus(settings.redis_url, bus_key, clock) if settings.redis_url else None
    hand_over = Handover(settings.redis_url, bus_key, clock) if settings.redis_url else None
    feed = Feed(db, clock, tell, bus=bus, shared=bool(settings.database_url))
    relay = Relay(db, clock, feed.publish, cluster.leads)
    jobs = JobRunner(db, clock, cluster.leads, hand_over, tracing=tracing, failed=doors.metrics.job_failed)
    feed.on_news(relay.wake)
    feed.on_news(jobs.wake)
    mailer = Mailer(settings, db, clock, limits, sealer, cluster.leads)
    feed.on_news(mailer.wake)
    pusher = Pusher(settings, db, clock, keys.key(settings.data / "keys", "seal"), cluster.leads)
    oidc = OidcDoors(doors, settings.oidc, keys.key(settings.data / "keys", "oidc"), mail=settings.smtp is not None)
    recorded = Recordings(db, clock, rooms, blobs, disks, spool)
    happening = Moments(db, clock, rooms, recorded)
    recorded_files = RecordingFiles(db, clock, blobs, cluster, recorded, spool)
    space = disks.get("blobs", disks["data"])
    uploads = Uploads(blobs, links, space, settings.data / "uploads", settings.most_file_mb)
    handed = AnswerFiles(blobs, space, settings.data / "uploads", settings.most_file_mb)
    questions = Questions(clock, blobs, space, settings.data / "uploads", settings.most_file_mb)
    apis = (
        *FEATURES,
        uploads.api,
        questions.api,
        handed.api,
        live.api,
        boards.api,
        recordings,
        sockets.api,
        probes.api,
        oidc.api,
        mail_api(settings),
        offers_api(settings, pusher.public_key),
        status,
        captures_api(planes, settings.capture_seconds),
    )
    app = web.Application(middlewares=[doors.guard], client_max_size=MAX_BODY)
    app.on_response_prepare.append(doors.headers)
    for api in apis:
        for route in api.routes:
            app.router.add_route(route.method, route.path, doors.handler(route))
    _add_description(app, apis)
    whip.add_to(app, live, doors)
    oidc.add_to(app)
    cluster.add_to(app)
    files.add_to(app, blobs, links)
    calendar_feed.add_to(app, doors)
    stop_letters.add_to(app, doors)
    sockets.add_to(app)
    metrics.add_to(app, doors.metrics, settings.metrics_from, proxies)
    trust.add_to(app, authority)
    pages.add_to(app)
    parts |= {"sockets": sockets, "door": door, "relay": relay, "feed": feed, "jobs": jobs, "live": live}
    parts |= {
        "connection_tests": probes,
        "recordings": recorded,
        "uploads": uploads,
        "questions": questions,
        "answer_files": handed,
    }
    gauges.add_to(doors.metrics, db, parts)
    doors.metrics.source(metrics.Machine(settings.data).read)
    loops = [*cluster.loops, relay.run, feed.run, jobs.run, live.run, probes.run, sockets.run, door.run, audit.run]
    loops += [mailer.run, pusher.run, questions.run]
    loops += [Sweeper(db, clock, blobs, find, drop, cluster.leads).run for find, drop in sweeping.KINDS]
    loops += [recorded.follow, recorded.keep, recorded_files.run, happening.run]
    loops.append(partial(doors.metrics.watch_loop, clock))
    if authority:
        loops.append(authority.run)
    app.cleanup_ctx.append(_hearing(feed, [limits, *([hand_over] if hand_over else [])]))
    app.cleanup_ctx.append(_spooling(spool))
    app.cleanup_ctx.append(_running(planes, live, cluster, db, clock, tracing, loops))
    return House(
        settings,
        db,
        rooms,
        cluster,
        sockets,
        relay,
        jobs,
        live,
        blobs,
        links,
        disks,
        apis,
        doors,
        door,
        authority,
        audit,
        mailer,
        pusher,
        app,
        recorded,
        recorded_files,
        happening,
    )


def _is_safe(settings: Settings) -> bool:
    """Whether browsers shall insist on https. Not with a local authority: its page must be read without it."""
    return settings.tls_cert is not None or (settings.public_url.startswith("https://") and not settings.local_tls)


def keys_of(settings: Settings) -> str:
    """What tells this installation's keys from any other's."""
    return fingerprint(*(keys.key(settings.data / "keys", name) for name in ("grants", "link", "seal", "files")))


def _cluster(settings: Settings, db: Database, clock: Clock, rooms: Rooms, planes: ClusterPlanes) -> Cluster:
    folder = settings.data / "keys"
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    return Cluster(
        db,
        clock,
        rooms,
        planes,
        LessonRooms(),
        key=keys.key(folder, "link"),
        fingerprint=keys_of(settings),
        url=settings.internal_url or f"{'https' if settings.tls else 'http'}://{host}:{settings.port}",
        version=VERSION,
        alone=not settings.database_url,
    )


def describe() -> dict[str, Any]:
    """The OpenAPI description of a server with every feature."""
    with TemporaryDirectory() as folder:
        house = build(Settings(data=Path(folder)))
        try:
            return _description(house.apis)
        finally:
            house.db.engine.dispose()


def _description(apis: Iterable[Api]) -> dict[str, Any]:
    return openapi("Sabaq", VERSION, apis, SIGNALS)


def _add_description(app: web.Application, apis: Iterable[Api]) -> None:
    """Made when it is first asked for: that takes half a second, of which a start is spared."""
    text = cache(lambda: json.dumps(_description(apis), ensure_ascii=False))

    async def show(_: web.Request) -> web.Response:
        return web.Response(text=await asyncio.to_thread(text), content_type="application/json")

    app.router.add_get("/api/openapi.json", show)


def _hearing(
    feed: Feed, closed_after: Iterable[MemoryLimits | SharedLimits | Handover]
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def hearing(_: web.Application) -> AsyncIterator[None]:
        await feed.begin()
        yield
        for one in closed_after:
            await one.close()

    return hearing


def _spooling(spool: Spool) -> Callable[[web.Application], AsyncIterator[None]]:
    async def spooling(_: web.Application) -> AsyncIterator[None]:
        spool.open()
        yield
        spool.close()

    return spooling


def _running(
    planes: Planes,
    live: Live,
    cluster: Cluster,
    db: Database,
    clock: Clock,
    tracing: Tracing,
    loops: Iterable[Callable[[], Awaitable[None]]],
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def running(_: web.Application) -> AsyncIterator[None]:
        try:
            await cluster.start()
        except KeysDiffer as no:
            await db.close()
            raise SettingsError(str(no)) from None
        await planes.start()
        tasks = [asyncio.create_task(_kept(clock, loop)) for loop in loops]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await live.stop()
        await cluster.stop()
        await planes.stop()
        await db.close()
        await asyncio.get_running_loop().run_in_executor(None, tracing.stop)

    return running


async def _kept(clock: Clock, loop: Callable[[], Awaitable[None]]) -> None:
    """A loop that ends is a bug; it is said, and after a breath the loop goes on."""
    while True:
        try:
            await loop()
        except (DatabaseUnavailable, Busy):
            pass  # the database says so itself, once
        except Exception:
            log.exception("loop_failed", loop=loop.__qualname__)
        await clock.sleep(1.0)
