"""Starts the server and says where it is."""

import asyncio
import contextlib
import fcntl
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import IO, TypeVar

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import SystemClock
from lms_core.kernel.db import Tx
from lms_core.kernel.failures import Busy

from . import VERSION, first_start, logs
from .app import House, build
from .config import Settings, SettingsError
from .migrate import CannotStart
from .ports import Ports

T = TypeVar("T")

ASK_AGAIN = 1.0
NOTING_SECONDS = 1.0
"""What has happened should be written down before rooms go elsewhere."""


def serve(settings: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    logs.configure(settings.log)
    try:
        import uvloop

        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    except ImportError:
        runner = asyncio.Runner()
    with runner:
        try:
            runner.run(_serve(settings))
        except (SettingsError, CannotStart) as no:
            sys.exit(f"sabaq: {no}")


async def _serve(settings: Settings) -> None:
    if settings.wire == "native":
        choose_wire(settings)
    held = None if settings.database_url else lock(settings)  # several may work on PostgreSQL
    house = build(settings)
    ports = Ports(house)
    await ports.open()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await _greet(house, ports)
    await ended.wait()
    await _drain(house)
    await ports.close()
    if held:
        held.close()


def choose_wire(settings: Settings) -> None:
    """SettingsError when what moves packets cannot; else each media process would find that out for itself."""
    from media.wire.choose import NoSuchWire, choose

    try:
        choose(settings.wire)
    except NoSuchWire as no:
        raise SettingsError(str(no)) from None


async def _asked(house: House, work: Callable[[Tx], Awaitable[T]]) -> T:
    """A database that has much to do at the start is waited for."""
    while True:
        try:
            return await house.db.run(SYSTEM, work)
        except Busy:
            await SystemClock().sleep(ASK_AGAIN)


async def _drain(house: House) -> None:
    """Rooms go to other processes, if there are any; then everybody is hung up on, and connects again there."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(NOTING_SECONDS):
            await house.live.noted()
    await house.cluster.drain()
    house.sockets.end_all()


def lock(settings: Settings) -> IO[bytes]:
    """The data folder is one server's at a time; a second start would end the first one's presences."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = (settings.data / "lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"sabaq: another server runs on {settings.data}")
    return file


async def _greet(house: House, ports: Ports) -> None:
    settings = house.settings
    address = ports.address()
    say = [f"Sabaq {VERSION} runs.", "", f"    {address}", ""]
    if house.authority:
        say += ["Devices must trust this server's own authority once. How to is told here, also without TLS:", ""]
        say += [f"    {ports.trust_address()}", "", "Its fingerprint, to compare (SHA-256):", ""]
        say += [f"    {house.authority.fingerprint}", ""]
        if house.authority.replaced:
            say += [
                "WARNING: a new name in local_tls made a new authority necessary: all devices must trust it anew.",
                "",
            ]
    state = await _asked(house, first_start.state)
    if state != "ready":
        code = await _asked(house, first_start.make_invitation)
        say += ["To set up your organisation, open this link (it is valid once, until the next start):", ""]
        say += [f"    {address}/set-up#{code}", ""]
    if state == "demo" and settings.host not in ("127.0.0.1", "::1", "localhost"):
        say += ["WARNING: the demo school's log-ins are known to everybody, and this address is not only yours.", ""]
    print("\n".join(say), flush=True)
