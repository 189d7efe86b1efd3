"""The plane's process: `python -m media.plane.process --fd N --host H --udp-port P [--wire W] [--public-address …]`.

N is our end of a socket pair, on which orders come and reports go. It ends when that closes, and dies with
the process that started it.
"""

import argparse
import asyncio
import ctypes
import gc
import ipaddress
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import ifaddr
import structlog

from media.recorder import Recorder, Writer
from media.wire import choose

from . import seam
from .plane import TICK_EVERY, Plane
from .sdp import candidate_lines

_PR_SET_PDEATHSIG = 1
_FILES = 16_384
"""Open files we would like: one a TCP connection."""

_log = structlog.get_logger("plane")


def main() -> None:
    arguments = _arguments()
    _die_with_parent()
    _allow_files()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer; it closes our socket
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    chosen = _chosen(arguments.wire)
    host = socket.getaddrinfo(arguments.host, None, type=socket.SOCK_DGRAM)[0][4][0]
    addresses = local_addresses(str(host), arguments.public_address)
    ended = loop.create_future()
    control = _Control(ended)
    plane = Plane(
        lambda notify: chosen.make(str(host), arguments.udp_port, notify, _outward(str(host))),
        lambda port: candidate_lines(addresses, port),
        control.report,
        time.monotonic,
        loop.call_later,
        _recorder(arguments.spool, control.report, loop) if arguments.spool else None,
    )
    control.plane = plane
    await loop.create_connection(lambda: control, sock=socket.socket(fileno=arguments.fd))
    control.report(seam.Ready(plane.wire.port, addresses))
    gc.collect()
    gc.freeze()  # what is here now stays: later collections need not look at it

    def tick() -> None:
        plane.tick()
        loop.call_later(TICK_EVERY, tick)

    tick()
    await ended
    plane.close()


def _chosen(word: str) -> choose.Chosen:
    try:
        chosen = choose.choose(word)
    except choose.NoSuchWire as no:
        sys.exit(f"sabaq: {no}")
    _log.info("wire", name=chosen.name, why=chosen.why)
    return chosen


def _recorder(spool: Path, report: Callable[[seam.Report], None], loop: asyncio.AbstractEventLoop) -> Recorder:
    spool.mkdir(parents=True, exist_ok=True, mode=0o700)

    def written(done: seam.SegmentDone | seam.SegmentLost) -> None:
        loop.call_soon_threadsafe(recorder.written, done)

    writer = Writer(written)
    recorder = Recorder(spool, writer, report, time.monotonic, time.time, writer.close)
    return recorder


class _Control(asyncio.Protocol):
    """Frames of orders in, frames of reports out."""

    plane: Plane

    def __init__(self, ended: asyncio.Future[None]) -> None:
        self._ended = ended
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by descent

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 4:
            size = int.from_bytes(self._buffer[:4], "big")
            if len(self._buffer) < 4 + size:
                return
            body = bytes(self._buffer[4 : 4 + size])
            del self._buffer[: 4 + size]
            self._follow(seam.decode_order(body))

    def _follow(self, order: seam.Order) -> None:
        try:
            self.plane.order(order)
        except Exception:  # a fault of ours in one transport's words must not end everybody's rooms
            _log.exception("order_failed", order=type(order).__name__)
            self.report(seam.Refused(getattr(order, "transport", ""), "plane_error", type(order).__name__))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def report(self, report: seam.Report) -> None:
        if self._transport is not None:
            frame = _frame(report)
            if frame is not None:
                self._transport.write(frame)


def _frame(report: seam.Report) -> bytes | None:
    """What is sent of a report: the control process ends a plane whose frame is longer than MAX_FRAME."""
    frame = seam.encode(report)
    if len(frame) - 4 <= seam.MAX_FRAME:
        return frame
    _log.error("report_too_large", report=type(report).__name__, size=len(frame))
    match report:
        case seam.Dumped(request, _):
            return seam.encode(seam.Dumped(request, {"error": "too_large"}))
        case seam.Ready() | seam.Started() | seam.Levels() | seam.Limited() | seam.Needed():
            return None
        case seam.RecordingBegan() | seam.SegmentDone() | seam.SegmentLost():
            return None
        case _:
            return seam.encode(seam.Refused(report.transport, "too_large", ""))


def local_addresses(host: str, public: Sequence[str] = ()) -> tuple[str, ...]:
    """Addresses to offer, the preferred first: the public ones, then the bound one, or for 0.0.0.0 and :: all of this
    machine's: those of the whole internet, then private ones, its loopback last.

    Among equals IPv6 comes first (RFC 8421 §4), and only where the socket speaks it. Which of them works is what the
    browser's checks find out; the order decides where several do.
    """
    bound = ipaddress.ip_address(host)
    found = [bound]
    if bound.is_unspecified:
        found = [
            ipaddress.ip_address(each.ip if isinstance(each.ip, str) else each.ip[0])
            for adapter in ifaddr.get_adapters()
            for each in adapter.ips
        ]
        found = [each for each in found if not each.is_link_local and (bound.version == 6 or each.version == 4)]
        found.sort(key=lambda each: (each.is_loopback, not each.is_global, -each.version))
    return tuple(dict.fromkeys([*public, *map(str, found)]))


def _outward(host: str) -> list[str]:
    """Own addresses that somebody else's answers go to."""
    return [each for each in local_addresses(host) if not ipaddress.ip_address(each).is_loopback]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="media.plane.process")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--udp-port", type=int, default=0)
    parser.add_argument("--wire", default="auto", help="what moves packets: auto, native or python")
    parser.add_argument("--public-address", action="append", default=[])
    parser.add_argument("--spool", type=Path, help="where segments of recordings are laid; without it none are made")
    return parser.parse_args()


def _die_with_parent() -> None:
    """A parent that is killed cannot tell us; the kernel can (Linux). Elsewhere the closed socket does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _allow_files() -> None:
    """Systems start programs with 1,024 though they let them have more."""
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard > soft:
        wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop


if __name__ == "__main__":
    main()
