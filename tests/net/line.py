"""A bad line: one of its ends is here, at the other is a network namespace, and packets are late or lost between.

    python3 -m tests.net.line NAMESPACE NETWORK

NETWORK is such as 10.78.1: `.1` is here, `.2` in the namespace. Lines on standard input say how the line is from then
on, the same both ways: `75 10` is 75 ms of delay and 10 % of independent loss. It begins without either.
"""

import contextlib
import fcntl
import heapq
import itertools
import os
import random
import selectors
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path

from tests.net.namespaces import ip

_MAKER = Path("/dev/net/tun")
_TUNSETIFF, _TUN = 0x400454CA, 0x1001
_MOST = 65536


class Line:
    """Carries what comes out of one device into the other."""

    def __init__(self, devices: tuple[int, int]) -> None:
        self.delay = self.loss = 0.0
        self._other = dict(zip(devices, reversed(devices), strict=True))
        self._due: list[tuple[float, int, int, bytes]] = []
        self._order = itertools.count()
        self._ready = selectors.DefaultSelector()
        for each in (*devices, sys.stdin.fileno()):
            os.set_blocking(each, False)
            self._ready.register(each, selectors.EVENT_READ)

    def carry(self) -> None:
        """Until the end of standard input."""
        while True:
            wait = max(0.0, self._due[0][0] - time.monotonic()) if self._due else None
            for key, _ in self._ready.select(wait):
                if key.fd not in self._other:
                    told = os.read(key.fd, _MOST).decode().split()
                    if not told:
                        return
                    self.delay, self.loss = int(told[-2]) / 1000, int(told[-1]) / 100
                else:
                    self._take(key.fd)
            self._let_out()

    def _take(self, device: int) -> None:
        for _ in range(64):
            try:
                packet = os.read(device, _MOST)
            except BlockingIOError:
                return
            if random.random() >= self.loss:
                at = time.monotonic() + self.delay
                heapq.heappush(self._due, (at, next(self._order), self._other[device], packet))

    def _let_out(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            _, _, device, packet = heapq.heappop(self._due)
            with contextlib.suppress(OSError):  # it is full or down: lost, as on any line
                os.write(device, packet)


class Away:
    """A network namespace at the end of such a line. Needs root."""

    def __init__(self, network: str = "10.78.1") -> None:
        self.here, self.there = f"{network}.1", f"{network}.2"
        self.name = f"sabaq{os.getpid()}-away"
        ip("netns", "add", self.name)
        words = [sys.executable, "-m", "tests.net.line", self.name, network]
        self._line = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._line.stdout
        if self._line.stdout.readline() != b"ready\n":
            self.close()
            raise AssertionError("no line")

    def spoil(self, *, delay: int, loss: int) -> None:
        """From now on: milliseconds one way, and per cent of packets."""
        assert self._line.stdin
        self._line.stdin.write(f"{delay} {loss}\n".encode())
        self._line.stdin.flush()

    def program(self, path: Path, program: str) -> Path:
        """Write a program that is this one, in the namespace."""
        path.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} {program} "$@"\n')
        path.chmod(0o755)
        return path

    def close(self) -> None:
        self._line.communicate()
        ip("netns", "del", self.name)


def main(namespace: str, network: str) -> None:
    number = os.getpid()
    devices = _device(f"line{number}"), _device(f"far{number}")
    ip("address", "add", f"{network}.1/24", "dev", f"line{number}")
    ip("link", "set", f"line{number}", "up")
    ip("link", "set", f"far{number}", "netns", namespace)
    ip("-n", namespace, "link", "set", "lo", "up")
    ip("-n", namespace, "address", "add", f"{network}.2/24", "dev", f"far{number}")
    ip("-n", namespace, "link", "set", f"far{number}", "up")
    print("ready", flush=True)
    Line(devices).carry()


def _device(name: str) -> int:
    if not _MAKER.exists():  # as in a bare container
        _MAKER.parent.mkdir(exist_ok=True)
        os.mknod(_MAKER, stat.S_IFCHR | 0o600, os.makedev(10, 200))
    device = os.open(_MAKER, os.O_RDWR)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", name.encode(), _TUN))
    return device


if __name__ == "__main__":
    main(*sys.argv[1:])
