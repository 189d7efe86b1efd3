"""Starting a server to be measured: ours or another. All listen on this machine's own addresses only."""

import contextlib
import ctypes
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load import wload
from bench.peers import fetch
from bench.server import Server
from server.setup_env import ROOT
from server.setup_steps import CannotDo

HERE = Path(__file__).parent
ADDRESS = "10.77.0.1"
"""Of a device that goes nowhere: Janus offers no address of the loopback."""
PATIENCE = 20.0
CLONE_NEWNET = 0x40000000

Load = Callable[..., dict[str, Any]]
"""Takes `rooms` and wload's options; gives what it says."""


@dataclass(frozen=True, slots=True)
class Peer:
    """`fetch` makes its program, `start` serves with it for as long as the block lasts."""

    title: str
    fetch: Callable[[], Path]
    start: Callable[[Path], contextlib.AbstractContextManager[Load]]


@contextmanager
def ours(wire: str) -> Iterator[Load]:
    """This tree's server, on a wire by name or `auto`."""
    with Server(**({} if wire == "auto" else {"SABAQ_WIRE": wire})) as server:
        yield lambda rooms, **shape: wload.run(server.doors(rooms), server.processes(), **shape)


@contextmanager
def _janus(program: Path) -> Iterator[Load]:
    with _Running() as running:
        config = running.folder / "janus.jcfg"
        text = (HERE / "janus" / "janus.jcfg.in").read_text()
        config.write_text(text.replace("@HERE@", str(HERE)))
        pid = running.start(8188, program, "-F", HERE / "janus", "-C", config)
        running.start(9111, sys.executable, "-m", "bench.peers.janus_bridge", "9111")
        yield _load(pid, 9111, bind=ADDRESS, server_offer=True)


@contextmanager
def _pion(program: Path) -> Iterator[Load]:
    with _Running() as running:
        yield _load(running.start(9101, program, "-http", "9101", "-udp", "9102"), 9101)


@contextmanager
def _livekit(program: Path) -> Iterator[Load]:
    with _Running() as running:
        pid = running.start(7880, program, "--config", HERE / "livekit.yaml")
        running.start(9121, sys.executable, "-m", "bench.peers.livekit_bridge", "9121")
        yield _load(pid, 9121)


PEERS = {
    "janus": Peer("Janus, event loop on", fetch.janus, _janus),
    "pion": Peer("Pion, default interceptors", fetch.pion, _pion),
    "livekit": Peer("LiveKit", fetch.livekit, _livekit),
}


def alone() -> None:
    """Go into a network namespace of this process's own, which ends with it. Needs root; before any thread starts."""
    if os.geteuid() or ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise CannotDo("other servers are measured in a network namespace, which needs root")
    for words in (
        "link set lo up",
        "link add dummy0 type veth peer name dummy1",
        f"address add {ADDRESS}/32 dev dummy0",
        "link set dummy0 up",
        "link set dummy1 up",
    ):
        subprocess.run(["ip", *words.split()], check=True)


def _load(pid: int, port: int, **options: str | bool) -> Load:
    doors = {"whip": f"http://127.0.0.1:{port}/whip/%d", "whep": f"http://127.0.0.1:{port}/whep/%d"}
    return lambda rooms, **shape: wload.run_at([pid], rooms=rooms, **doors, **options, **shape)


class _Running:
    """Programs and their logs, ended in the opposite order."""

    def __enter__(self) -> "_Running":
        self._stack = ExitStack()
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="sabaq-peer-")))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self, port: int, *words: str | Path) -> int:
        """A program that is to listen on this TCP port; its process id, once it does."""
        name = self.folder / f"{port}.log"
        with name.open("wb") as log:
            process = subprocess.Popen(
                list(map(str, words)), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._stack.callback(_end, process)
        end = time.monotonic() + PATIENCE
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > end:
                raise CannotDo(f"{words[0]} did not start: {_last(name.read_text('utf-8', 'replace').splitlines())}")
            time.sleep(0.05)
        return process.pid


def _last(lines: Sequence[str]) -> str:
    return "\n".join(lines[-5:]) or "nothing was said"


def _listens(port: int) -> bool:
    with socket.socket() as tcp:
        return tcp.connect_ex(("127.0.0.1", port)) == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
