"""A real server process on loopback, with the demo school, for tests that need one."""

import asyncio
import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "demo-password-of-tests"
START_SECONDS = 90.0


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Running:
    """One server: `start` may be called again after `kill`, on the same ports and data."""

    data: Path
    port: int = field(default_factory=free_port)
    udp_port: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    planes: int = 2
    environ: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def verb(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "server", *words, "--data", str(self.data)]

    def fill(self) -> None:
        """With the demo school; in SQLite it is made once, and copied from then on."""
        if "SABAQ_DATABASE_URL" in self._environ():
            subprocess.run(self.verb("demo"), check=True, env=self._environ(), cwd=ROOT, stdout=subprocess.DEVNULL)
        else:
            shutil.copytree(_demo(), self.data, dirs_exist_ok=True)

    def start(self) -> None:
        """Start, and wait until it is healthy."""
        ports = ("--port", str(self.port), "--udp-port", str(self.udp_port), "--planes", str(self.planes))
        with (self.data / "log.txt").open("ab") as log, (self.data / "said.txt").open("wb") as said:
            self.process = subprocess.Popen(
                [*self.verb("run"), *ports],
                env=self._environ(),
                cwd=ROOT,
                stdout=said,
                stderr=log,
                start_new_session=True,
            )
        try:
            asyncio.run(self._healthy())
        except BaseException:
            self.kill()
            raise

    def group(self) -> list[int]:
        """Living processes of the server's process group."""
        assert self.process
        return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and _lives_in(p, self.process.pid)]

    def end(self, number: int, within: float) -> float:
        """Send a signal to the server alone; seconds until its whole process group was gone."""
        assert self.process
        began = time.monotonic()
        self.process.send_signal(number)
        while self.group():
            self.process.poll()
            if time.monotonic() - began > within:
                raise AssertionError(f"still there after {within} s: {self.group()}")
            time.sleep(0.01)
        self.process.wait()
        return time.monotonic() - began

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.end(signal.SIGKILL, 5)

    def invitation(self) -> str:
        """The link that the terminal shows."""
        said = (self.data / "said.txt").read_text("utf-8")
        return next(word for word in said.split() if "/set-up#" in word)

    def log(self) -> str:
        return (self.data / "log.txt").read_text("utf-8", "replace")

    def _environ(self) -> dict[str, str]:
        return {**os.environ, "SABAQ_DEMO_PASSWORD": PASSWORD, **self.environ}

    async def _healthy(self) -> None:
        until = time.monotonic() + START_SECONDS
        async with aiohttp.ClientSession() as http:
            while time.monotonic() < until:
                if self.process and self.process.poll() is not None:
                    raise AssertionError(f"the server ended: {self.log()[-2000:]}")
                try:
                    async with http.get(f"{self.url}/api/health") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(f"not healthy after {START_SECONDS} s: {self.log()[-2000:]}")


def _lives_in(process: Path, group: int) -> bool:
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return int(fields[2]) == group and fields[0] != "Z"


@cache
def _demo() -> Path:
    """A data folder that holds the demo school."""
    folder = Path(tempfile.mkdtemp(prefix="sabaq-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environ = {**os.environ, "SABAQ_DEMO_PASSWORD": PASSWORD}
    verb = (sys.executable, "-m", "server", "demo", "--data", str(folder))
    subprocess.run(verb, check=True, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL)
    return folder


@contextmanager
def running(data: Path, **options: Any) -> Iterator[Running]:
    """A started server on demo data, killed at the end."""
    data.mkdir(parents=True, exist_ok=True)
    server = Running(data, **options)
    server.fill()
    server.start()
    try:
        yield server
    finally:
        server.kill()


class Caller:
    """Calls the API as one person, by bearer token."""

    def __init__(self, server: Running, http: aiohttp.ClientSession) -> None:
        self.server, self.http = server, http
        self.login = self.token = ""

    async def log_in(self, login: str, password: str = PASSWORD) -> "Caller":
        answer = await self("POST", "/api/log-in", {"login": login, "password": password})
        self.login, self.token = login, answer["token"]
        return self

    async def __call__(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.http.request(method, self.server.url + path, json=body, headers=headers) as answer:
            text = await answer.text()
            assert answer.status == expect, f"{method} {path}: {answer.status} {text}"
            return await answer.json(content_type=None) if text else None
