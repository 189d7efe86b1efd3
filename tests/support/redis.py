"""A real Redis for tests: Debian's redis-server as a child of this process. It keeps nothing on disk.

with a_redis() as redis:       # `redis.url`; `kill`, `stall` and `start` again at the same address
"""

import ctypes
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from server.setup_env import ROOT, SetUp

START_SECONDS = 30.0
_PR_SET_PDEATHSIG = 1


class Redis:
    """One server on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        if not shutil.which("redis-server"):
            SetUp(ROOT).debian("redis-server", why="the tests need a real Redis")
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As `redis_url` takes it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, empty, and wait until it answers."""
        where = ("--bind", "127.0.0.1", "--port", str(self.port))
        self.process = subprocess.Popen(
            ["redis-server", *where, "--save", "", "--appendonly", "no", "--daemonize", "no"],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,
        )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError("Redis did not start")
            time.sleep(0.01)

    def kill(self) -> None:
        """Gone at once, with all it held; connections are reset."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stall(self) -> None:
        """It takes connections but answers nobody, as behind a cut wire."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def ask(self, *words: str) -> bytes:
        """One command's answer, as it comes (RESP)."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as wire:
            parts = [b"*%d\r\n" % len(words), *(b"$%d\r\n%s\r\n" % (len(w.encode()), w.encode()) for w in words)]
            wire.sendall(b"".join(parts))
            return wire.recv(65536)

    def _answers(self) -> bool:
        try:
            return self.ask("PING").startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def a_redis() -> Iterator[Redis]:
    """A started server of one's own, killed at the end."""
    server = Redis()
    try:
        server.start()
        yield server
    finally:
        server.kill()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
