"""Starts the server and says where it is."""

import asyncio
import fcntl
import logging
import signal
import sys
from typing import IO

import structlog
from aiohttp import web

from lms_core.kernel.actor import SYSTEM

from . import VERSION, first_start
from .app import House, build
from .config import Settings

DRAIN_SECONDS = 5.0


def serve(settings: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    _configure_logs(settings.log)
    try:
        import uvloop

        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    except ImportError:
        runner = asyncio.Runner()
    with runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    lock = _lock(settings)
    house = build(settings)
    runner = web.AppRunner(house.web, access_log=None, shutdown_timeout=DRAIN_SECONDS, handle_signals=False)
    await runner.setup()
    site = web.TCPSite(runner, settings.host, settings.port, reuse_address=True)
    try:
        await site.start()
    except OSError as no:
        await runner.cleanup()
        sys.exit(f"sabaq: {settings.host}:{settings.port} cannot be used: {no.strerror}")
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await _greet(house, runner)
    await ended.wait()
    await runner.cleanup()
    lock.close()


def _lock(settings: Settings) -> IO[bytes]:
    """The data folder is one server's at a time; a second start would end the first one's presences."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = (settings.data / "lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"sabaq: another server runs on {settings.data}")
    return file


async def _greet(house: House, runner: web.AppRunner) -> None:
    settings = house.settings
    port = runner.addresses[0][1]
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104
    address = f"http://{host}:{port}"
    say = [f"Sabaq {VERSION} runs.", "", f"    {address}", ""]
    state = await house.db.run(SYSTEM, first_start.state)
    if state != "ready":
        code = await house.db.run(SYSTEM, first_start.make_invitation)
        say += ["To set up your organisation, open this link (it is valid once, until the next start):", ""]
        say += [f"    {address}/set-up#{code}", ""]
    if state == "demo" and settings.host not in ("127.0.0.1", "::1", "localhost"):
        say += ["WARNING: the demo school's log-ins are known to everybody, and this address is not only yours.", ""]
    print("\n".join(say), flush=True)


def _configure_logs(level: str) -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("engineio").setLevel(logging.CRITICAL)  # it logs each unreadable packet with a traceback
    render = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
