"""The composition root: everything is built here, in the order in which it is needed."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from aiohttp import web

from lms_core.access import jobs as access_jobs
from lms_core.access.api import api as access_api
from lms_core.access.policy import Permission
from lms_core.kernel import housekeeping
from lms_core.kernel.api import PUBLIC, Api, Context
from lms_core.kernel.clock import Clock, SystemClock
from lms_core.kernel.db import EmbeddedDatabase
from lms_core.kernel.errors import Refusal
from lms_core.kernel.openapi import openapi
from lms_core.lessons import jobs as lessons_jobs
from lms_core.lessons.api import api as lessons_api
from lms_core.messages import jobs as messages_jobs
from lms_core.messages.api import api as messages_api
from lms_core.people.api import api as people_api
from media.grant import Grants
from media.planes import Planes
from media.rooms import Rooms

from . import VERSION, first_start, keys, migrate, pages, whip
from .config import Settings
from .fanout import MemoryLimits
from .http import Doors, guard, secure_headers
from .jobs import JobRunner
from .live import Live
from .relay import Relay, Told
from .signals import SIGNALS
from .sockets import Sockets

log = structlog.get_logger(__name__)
FEATURES = (access_api, people_api, lessons_api, messages_api, first_start.api)
DECLARE_JOBS = (access_jobs, housekeeping, lessons_jobs, messages_jobs)
"""Imported for what runs by itself; the demo's comes with first_start."""


@dataclass(frozen=True, slots=True)
class Health:
    status: str
    version: str


@dataclass(frozen=True, slots=True)
class House:
    """A built server: `web` serves it, and starts and ends everything else."""

    settings: Settings
    db: EmbeddedDatabase
    rooms: Rooms
    sockets: Sockets
    relay: Relay
    jobs: JobRunner
    live: Live
    apis: tuple[Api, ...]
    web: web.Application


def open_database(settings: Settings, clock: Clock | None = None) -> EmbeddedDatabase:
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return EmbeddedDatabase(settings.data / "sabaq.sqlite", clock or SystemClock())


def build(settings: Settings, *, clock: Clock | None = None, planes: Any = None) -> House:
    """Everything, wired; nothing runs yet. `planes` replaces the media processes in stories."""
    clock = clock or SystemClock()
    db = open_database(settings, clock)
    migrate.upgrade(db.engine)
    planes = planes or Planes(
        count=settings.plane_count,
        host=settings.host,
        udp_port=settings.udp_port,
        public_addresses=settings.public_addresses,
        clock=clock,
    )
    rooms = Rooms(planes, clock)
    live = Live(db, clock, rooms, Grants([keys.key(settings.data / "keys", "grants")]), settings.resources_per_grant)
    doors = Doors(db, clock, MemoryLimits(clock))
    status = _status_api(planes, rooms, lambda: sockets)
    sockets = Sockets(doors, (*FEATURES, live.api))
    live.use(sockets)

    async def tell(told: Told) -> None:
        await sockets.push(told)
        await live.heard(told)

    relay, jobs = Relay(db, clock, tell), JobRunner(db, clock)
    apis = (*FEATURES, live.api, sockets.api, status)
    app = web.Application(middlewares=[guard], client_max_size=1024 * 1024)
    app.on_response_prepare.append(secure_headers)
    for api in apis:
        for route in api.routes:
            app.router.add_route(route.method, route.path, doors.handler(route))
    _add_description(app, apis)
    whip.add_to(app, live)
    sockets.add_to(app)
    pages.add_to(app)
    app.cleanup_ctx.append(_running(planes, live, db, clock, (relay.run, jobs.run, live.run, sockets.run)))
    return House(settings, db, rooms, sockets, relay, jobs, live, apis, app)


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
    text = json.dumps(_description(apis), ensure_ascii=False)

    async def show(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="application/json")

    app.router.add_get("/api/openapi.json", show)


class NotReady(Refusal):
    """Started, but the media processes are not up yet (or anew)."""

    code, status = "not_ready", 503


def _status_api(planes: Planes, rooms: Rooms, sockets: Callable[[], Sockets]) -> Api:
    api = Api()

    @api.route("GET", "/api/health", needs=PUBLIC)
    async def health(ctx: Context) -> Health:
        """200 once everything that serves lessons runs."""
        if not planes.ready:
            raise NotReady
        return Health("ok", VERSION)

    @api.route("GET", "/api/dump", needs=Permission.SYSTEM_DUMP)
    async def dump(ctx: Context) -> dict[str, Any]:
        """What every long-lived object says of itself, for operators."""
        return {"planes": await planes.dump(), "rooms": rooms.dump(), "sockets": sockets().dump()}

    return api


def _running(
    planes: Planes, live: Live, db: EmbeddedDatabase, clock: Clock, loops: Iterable[Callable[[], Awaitable[None]]]
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def running(_: web.Application) -> AsyncIterator[None]:
        await planes.start()
        tasks = [asyncio.create_task(_kept(clock, loop)) for loop in loops]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await live.stop()
        await planes.stop()
        await db.close()

    return running


async def _kept(clock: Clock, loop: Callable[[], Awaitable[None]]) -> None:
    """A loop that ends is a bug; it is said, and after a breath the loop goes on."""
    while True:
        try:
            await loop()
        except Exception:
            log.exception("loop_failed", loop=loop.__qualname__)
        await clock.sleep(1.0)
