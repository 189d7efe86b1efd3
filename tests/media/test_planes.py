"""The supervisor of planes, with small real processes: started, watched, restarted, ended."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from lms_core.kernel.clock import SystemClock
from media.plane import seam
from media.planes import START_PATIENCE, STOP_PATIENCE, UNREAD_LIMIT, Planes
from media.rooms import Rooms
from tests.media.given import grant

ROOT = Path(__file__).resolve().parents[2]
SMALL = (sys.executable, "-m", "tests.media.small_plane")


class Ears:
    """Notes what it is told, in order."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[Any, ...]] = asyncio.Queue()

    def report(self, plane: int, report: seam.Report) -> None:
        self.told.put_nowait(("report", plane, report))

    def lost(self, plane: int) -> None:
        self.told.put_nowait(("lost", plane))

    def returned(self, plane: int) -> None:
        self.told.put_nowait(("returned", plane))

    async def next(self) -> tuple[Any, ...]:
        return await asyncio.wait_for(self.told.get(), 20)


def planes(count: int = 1, **changes: Any) -> Planes:
    settings = {"host": "127.0.0.1", "udp_port": 0, "clock": SystemClock(), "command": SMALL, **changes}
    return Planes(count=count, **settings)


@pytest.fixture
async def ears() -> Ears:
    return Ears()


@pytest.fixture
async def one(ears: Ears) -> AsyncIterator[Planes]:
    made = planes(public_addresses=("192.0.2.7",))
    made.listen(ears)
    await made.start()
    await made.until_ready()
    assert await ears.next() == ("returned", 0)
    yield made
    await made.stop()


async def died(pid: int) -> None:
    """Until the process is gone (no child of ours, so it cannot be waited for)."""
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(watch, gone.set)
    try:
        await asyncio.wait_for(gone.wait(), 10)
    finally:
        loop.remove_reader(watch)
        os.close(watch)


async def test_planes_run_on_ports_in_a_row_in_our_process_group() -> None:
    first = free_ports()
    some = planes(2, udp_port=first)
    await some.start()
    assert not some.ready
    await some.until_ready()
    assert some.ready
    dump = await some.dump()
    assert [plane["port"] for plane in dump] == [first, first + 1]
    assert [plane["own"]["group"] for plane in dump] == [os.getpgid(0)] * 2
    assert [plane["own"]["pid"] for plane in dump] == [plane["pid"] for plane in dump]
    assert dump[0]["candidates"] == ["127.0.0.1"]
    await some.stop()
    assert not some.ready
    for plane in dump:
        with pytest.raises(ProcessLookupError):
            os.kill(plane["pid"], 0)


async def test_orders_go_down_and_reports_come_up(one: Planes, ears: Ears) -> None:
    one.order(0, seam.OpenReceiver("t1"))
    assert await ears.next() == ("report", 0, seam.Connected("t1"))
    (dump,) = await one.dump()
    assert dump["transports"] == 1
    assert dump["candidates"] == ["127.0.0.1", "192.0.2.7"]
    assert dump["own"]["here"] == str(ROOT)
    one.order(0, seam.Close("t1"))
    assert (await one.dump())[0]["transports"] == 0


async def test_a_killed_plane_is_started_again_on_its_port(one: Planes, ears: Ears) -> None:
    (before,) = await one.dump()
    one.order(0, seam.OpenReceiver("t1"))
    await ears.next()
    with capture_logs() as logs:
        os.kill(before["pid"], signal.SIGKILL)
        assert await ears.next() == ("lost", 0)
        assert not one.is_up(0)
        one.order(0, seam.OpenReceiver("into the void"))
        assert await ears.next() == ("returned", 0)
    assert {"event": "plane_died", "log_level": "warning", "plane": 0, "exit_code": -9, "again_in": 0.1} in logs
    (after,) = await one.dump()
    assert after["port"] == before["port"]
    assert after["pid"] != before["pid"]
    assert (after["deaths"], after["transports"]) == (1, 0)
    one.order(0, seam.OpenReceiver("t2"))
    assert await ears.next() == ("report", 0, seam.Connected("t2"))


@pytest.mark.parametrize("nonsense", ["nonsense", "too long"])
async def test_a_plane_that_speaks_nonsense_is_replaced(one: Planes, ears: Ears, nonsense: str) -> None:
    with capture_logs() as logs:
        one.order(0, seam.OpenReceiver(nonsense))
        assert await ears.next() == ("lost", 0)
        assert await ears.next() == ("returned", 0)
    assert "plane_speaks_nonsense" in {line["event"] for line in logs}


async def test_a_plane_that_no_longer_reads_is_replaced(one: Planes, ears: Ears) -> None:
    one.order(0, seam.OpenReceiver("hang"))
    sdp = "x" * 1024 * 1024
    for number in range(UNREAD_LIMIT // len(sdp) + 2):
        one.order(0, seam.OpenPublisher(f"t{number}", sdp))
    assert await ears.next() == ("lost", 0)
    assert await ears.next() == ("returned", 0)


async def test_a_plane_that_does_not_end_is_ended(one: Planes, ears: Ears) -> None:
    one.order(0, seam.OpenReceiver("deaf"))
    await ears.next()
    (dump,) = await one.dump()
    assert dump["own"] is None  # it does not answer
    began = SystemClock().monotonic()
    await one.stop()
    assert SystemClock().monotonic() - began < STOP_PATIENCE + 1
    with pytest.raises(ProcessLookupError):
        os.kill(dump["pid"], 0)
    assert ears.told.empty()  # an intended end is no loss


class Impatient(SystemClock):
    """Notes for how long a dead plane is left alone, and does not wait for it."""

    def __init__(self) -> None:
        self.waits: asyncio.Queue[float] = asyncio.Queue()

    async def sleep(self, seconds: float) -> None:
        if seconds in (START_PATIENCE, STOP_PATIENCE):
            await super().sleep(seconds)
        else:
            self.waits.put_nowait(seconds)


@pytest.mark.parametrize(
    ("command", "event"), [((*SMALL, "--exit", "3"), "plane_died"), (("no-such-program",), "plane_not_started")]
)
async def test_planes_that_cannot_start_are_tried_again_ever_more_rarely(command: tuple[str, ...], event: str) -> None:
    clock = Impatient()
    with capture_logs() as logs:
        hopeless = planes(command=command, clock=clock)
        await hopeless.start()
        waits = [await asyncio.wait_for(clock.waits.get(), 20) for _ in range(8)]
        await hopeless.stop()
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert event in {line["event"] for line in logs}
    assert not hopeless.ready


async def test_stopping_what_was_just_started_leaves_nothing() -> None:
    hasty = planes(2)
    await hasty.start()
    await hasty.stop()
    assert [plane["pid"] for plane in await hasty.dump()] == [None, None]
    await planes().stop()  # never started


async def test_a_new_room_goes_where_there_is_least_to_do(ears: Ears) -> None:
    some = planes(2)
    some.listen(ears)
    await some.start()
    await some.until_ready()
    assert [some.place() for _ in range(3)] == [0, 1, 0]
    some.release(0)
    some.release(0)
    for number in range(3):
        some.order(0, seam.OpenReceiver(f"t{number}"))
    assert [some.place() for _ in range(3)] == [1, 1, 0]
    (_, second) = await some.dump()
    os.kill(second["pid"], signal.SIGKILL)
    while await ears.next() != ("lost", 1):
        pass
    assert some.place() == 0  # though it has more to do
    await some.stop()


async def test_rooms_live_on_over_the_death_of_their_plane() -> None:
    some = planes()
    rooms = Rooms(some, SystemClock())
    await some.start()
    await some.until_ready()
    heard: asyncio.Queue[str] = asyncio.Queue()
    await rooms.enter(grant(), "tab", lambda name, _: heard.put_nowait(name))
    first = await rooms.publish("tab", None, "offer", ())
    os.kill((await some.dump())[0]["pid"], signal.SIGKILL)
    assert await asyncio.wait_for(heard.get(), 10) == "transport_lost"
    second = await rooms.publish("tab", None, "offer", ())  # held until the next plane is there
    assert first["sdp"] != second["sdp"]
    assert [t["id"] for t in rooms.dump()[0]["transports"]] == [second["transport_id"]]
    await rooms.stop()
    await some.stop()


SERVER = """
import asyncio
from tests.media.test_planes import planes

async def main():
    some = planes(2)
    await some.start()
    await some.until_ready()
    print("pids", *[plane["pid"] for plane in await some.dump()], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_no_plane_outlives_the_server_however_that_ends() -> None:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout
    while not (line := await server.stdout.readline()).startswith(b"pids"):
        assert line
    pids = [int(pid) for pid in line.split()[1:]]
    server.kill()
    await server.wait()
    assert len(pids) == 2
    for pid in pids:
        await died(pid)


def free_ports() -> int:
    """The first of two neighbouring UDP ports that are free now."""
    while True:
        with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as next_one:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
            try:
                next_one.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
