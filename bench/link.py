"""A link with rate, queue, delay, jitter and loss between two network namespaces, for kernels without netem.

    python3 -m bench.link NAMESPACE_A NAMESPACE_B [--ab SPEC] [--ba SPEC] [--network 10.99.0]

Makes a TUN device in each namespace (10.99.0.1 in A, 10.99.0.2 in B; fd99::1 and fd99::2) and carries IP packets
between them; `.` for a namespace is where it is started. SPEC is a comma list, all parts optional: rate=300k (bits/s;
k, M, G), queue=200 (ms of rate, then what comes is dropped), delay=75 (ms), jitter=10 (ms, uniform, order kept),
loss=10 (per cent), burst=5 (mean length of a burst of loss, packets; Gilbert's model).

Lines on standard input change a direction while it runs: `ab rate=300k,delay=75`; `stats` prints counters as JSON,
with the longest queue since it was last asked for; the end of input ends it. Says `ready` first. Needs root; good for
some 20,000 packets/s.
"""

import argparse
import contextlib
import fcntl
import heapq
import itertools
import json
import os
import random
import selectors
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = "."
"""In place of a namespace: the one it is started in."""

_MAKER = Path("/dev/net/tun")
_TUNSETIFF, _TUN_NO_INFO = 0x400454CA, 0x1001
_UNITS = {"k": 1e3, "M": 1e6, "G": 1e9}
_PARTS = {"rate", "queue", "delay", "jitter", "loss", "burst"}
_BATCH = 64
_MOST = 65536


class Direction:
    """One way of the link: what enters is dropped, or leaves at a time of its own. Time is given."""

    def __init__(self, spec: str = "", chance: random.Random | None = None) -> None:
        self._chance = chance or random.Random()
        self._busy_until = self._last_out = 0.0
        self._in_burst = False
        self.counts: dict[str, float] = dict.fromkeys(("packets", "bytes", "lost", "queue_drops", "max_queue_ms"), 0)
        self.set(spec)

    def set(self, spec: str) -> None:
        """From now on as `spec` says; what is under way stays. Raises ValueError."""
        parts = {name: value for name, _, value in (part.partition("=") for part in spec.split(",") if part)}
        if unknown := parts.keys() - _PARTS:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        rate = parts.get("rate", "0")
        self.rate = float(rate[:-1]) * _UNITS[rate[-1]] if rate[-1:] in _UNITS else float(rate)
        self.queue = float(parts.get("queue", 200)) / 1e3
        self.delay, self.jitter = (float(parts.get(name, 0)) / 1e3 for name in ("delay", "jitter"))
        self.loss, self.burst = float(parts.get("loss", 0)) / 100, max(1.0, float(parts.get("burst", 1)))

    def leaves_at(self, size: int, now: float) -> float | None:
        """When a packet of `size` bytes that enters now comes out (seconds, as `now`), or None: never."""
        self.counts["packets"] += 1
        self.counts["bytes"] += size
        passed = now
        if self.rate:
            starts = max(now, self._busy_until)
            if starts - now > self.queue:
                self.counts["queue_drops"] += 1
                return None
            self.counts["max_queue_ms"] = max(self.counts["max_queue_ms"], round((starts - now) * 1e3, 1))
            passed = self._busy_until = starts + size * 8 / self.rate
        if self._is_lost():
            self.counts["lost"] += 1
            return None
        self._last_out = max(self._last_out, passed + self.delay + self._chance.uniform(0, self.jitter))
        return self._last_out

    def _is_lost(self) -> bool:
        if self.burst == 1.0:
            return self._chance.random() < self.loss
        leave = 1 / self.burst
        enter = leave * self.loss / (1 - self.loss) if self.loss < 1 else 1.0
        changes = self._chance.random() < (leave if self._in_burst else enter)
        self._in_burst ^= changes
        return self._in_burst


class Link:
    """Both ways, and the packets that are under way."""

    def __init__(self, ways: dict[str, Direction], devices: dict[str, int]) -> None:
        self._ways = ways
        self._due: list[tuple[float, int, int, bytes]] = []
        self._order = itertools.count()
        self._typed = b""
        self._readable = selectors.DefaultSelector()
        self._readable.register(devices["a"], selectors.EVENT_READ, (ways["ab"], devices["b"]))
        self._readable.register(devices["b"], selectors.EVENT_READ, (ways["ba"], devices["a"]))
        self._readable.register(0, selectors.EVENT_READ)

    def carry(self) -> None:
        """Until standard input ends."""
        while True:
            self._hand_out(time.monotonic())
            wait = max(0.0, self._due[0][0] - time.monotonic()) if self._due else None
            for key, _ in self._readable.select(wait):
                if key.data is not None:
                    self._take(key.fd, *key.data)
                elif not self._follow(os.read(0, _MOST)):
                    return

    def _hand_out(self, now: float) -> None:
        while self._due and self._due[0][0] <= now:
            _, _, device, packet = heapq.heappop(self._due)
            with contextlib.suppress(OSError):  # the other device is down or full: lost, as on a real line
                os.write(device, packet)

    def _take(self, device: int, way: Direction, out: int) -> None:
        for _ in range(_BATCH):
            try:
                packet = os.read(device, _MOST)
            except BlockingIOError:
                return
            leaves = way.leaves_at(len(packet), time.monotonic())
            if leaves is not None:
                heapq.heappush(self._due, (leaves, next(self._order), out, packet))

    def _follow(self, chunk: bytes) -> bool:
        *lines, self._typed = (self._typed + chunk).split(b"\n")
        for line in lines:
            verb, _, spec = line.decode("utf-8", "replace").strip().partition(" ")
            try:
                if verb == "stats":
                    print(json.dumps({name: way.counts for name, way in self._ways.items()}), flush=True)
                    for way in self._ways.values():
                        way.counts["max_queue_ms"] = 0
                elif verb:
                    self._ways[verb].set(spec)
            except (KeyError, ValueError) as no:
                print(f"refused: {no}", file=sys.stderr, flush=True)
        return bool(chunk)


class Away:
    """A network namespace at the end of such a link whose other end is here. Good at first. Needs root."""

    def __init__(self, network: str = "10.78.1") -> None:
        self.here, self.there = f"{network}.1", f"{network}.2"
        self.name = f"sabaq{os.getpid()}-away"
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        subprocess.run(["ip", "-n", self.name, "link", "set", "lo", "up"], check=True)
        words = [sys.executable, "-m", "bench.link", HERE, self.name, "--network", network]
        self._link = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._link.stdout
        if self._link.stdout.readline() != "ready\n":
            self.close()
            raise OSError("no link")

    def spoil(self, there: str, back: str | None = None) -> None:
        """From now on the way there is as this SPEC says, and the way back as that one, or the same."""
        self._say(f"ab {there}")
        self._say(f"ba {there if back is None else back}")

    def counts(self) -> dict[str, dict[str, float]]:
        """What was counted, there (`ab`) and back (`ba`); all that was said before holds by then."""
        self._say("stats")
        assert self._link.stdout
        return json.loads(self._link.stdout.readline())

    def program(self, path: Path, program: str) -> Path:
        """Write a program that is this one, in the namespace."""
        path.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} {program} "$@"\n')
        path.chmod(0o755)
        return path

    def close(self) -> None:
        self._link.communicate()
        subprocess.run(["ip", "netns", "del", self.name], check=True)

    def _say(self, line: str) -> None:
        assert self._link.stdin
        self._link.stdin.write(line + "\n")
        self._link.stdin.flush()


def _device(namespace: str, name: str, network: str, number: int) -> int:
    """A TUN device in there, and its end here."""
    if not _MAKER.exists():  # as in a bare container
        _MAKER.parent.mkdir(exist_ok=True)
        os.mknod(_MAKER, stat.S_IFCHR | 0o600, os.makedev(10, 200))
    device = os.open(_MAKER, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", name.encode(), _TUN_NO_INFO))
    ip = ["ip"]
    if namespace != HERE:
        subprocess.run(["ip", "link", "set", name, "netns", namespace], check=True)
        ip += ["-n", namespace]
    inside: dict[str, Any] = {"stderr": subprocess.DEVNULL, "check": False}  # a machine may be without IPv6
    subprocess.run([*ip, "address", "add", f"{network}.{number}/24", "dev", name], check=True)
    subprocess.run([*ip, "-6", "address", "add", f"fd99::{number}/64", "dev", name, "nodad"], **inside)
    subprocess.run([*ip, "link", "set", name, "up", "txqueuelen", "5000"], check=True)
    return device


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--ab", default="", metavar="SPEC")
    parser.add_argument("--ba", default="", metavar="SPEC")
    parser.add_argument("--network", default="10.99.0", metavar="A.B.C", help="the link's own (%(default)s)")
    words = parser.parse_args()
    ways = {"ab": Direction(words.ab), "ba": Direction(words.ba)}
    tag = os.getpid() % 100_000
    ends = enumerate((words.a, words.b), 1)
    devices = {"ab"[n - 1]: _device(end, f"lnk{tag}{'ab'[n - 1]}", words.network, n) for n, end in ends}
    print("ready", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        Link(ways, devices).carry()


if __name__ == "__main__":
    main()
