"""Our example of nginx before two real servers: everybody stays with one, and goes to the other when that dies."""

import asyncio
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio
from socketio.exceptions import ConnectionError as NotConnected
from socketio.exceptions import SocketIOError

from tests.cluster.pair import Pair
from tests.house.tree import ROOT
from tests.support.postgres import a_database
from tests.support.redis import Redis
from tests.support.running import free_port

PEOPLE = 8
BACK_WITHIN = 10.0
"""Seconds that a test allows; what was measured is printed."""


@pytest.fixture
async def pair(tmp_path: Path, redis: Redis) -> AsyncIterator[Pair]:
    """Two servers that believe the proxy of this machine."""
    with a_database() as url:
        made = Pair(tmp_path, url, redis.url)
        for one in (made.a, made.b):
            one.environ["SABAQ_TRUSTED_PROXIES"] = "127.0.0.1"
        await made.start()
        try:
            yield made
        finally:
            await made.stop()


@contextmanager
def _nginx(folder: Path, pair: Pair) -> Iterator[str]:
    """deploy/nginx/compose.conf, with this machine's ports, names and certificate put in. Its address."""
    port, files = free_port(), ("-out", str(folder / "chain.pem"), "-keyout", str(folder / "key.pem"))
    what = ("-subj", "/CN=127.0.0.1", "-days", "2", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    subprocess.run(["openssl", "req", "-x509", *what, *files], check=True, capture_output=True)
    text = (ROOT / "deploy" / "nginx" / "compose.conf").read_text()
    for said, here in (
        ("server server1:8080;", f"server 127.0.0.1:{pair.a.port};"),
        ("server server2:8080;", f"server 127.0.0.1:{pair.b.port};"),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/nginx/tls/chain.pem", str(folder / "chain.pem")),
        ("/etc/nginx/tls/key.pem", str(folder / "key.pem")),
    ):
        assert said in text
        text = text.replace(said, here)
    text = re.sub(r"\n +listen \[::\]:[^\n]+|worker_rlimit_nofile[^\n]+", "", text)
    conf = folder / "nginx.conf"
    conf.write_text(f"daemon off;\npid {folder}/pid;\nerror_log stderr;\n{text}")
    with (folder / "nginx.log").open("wb") as log:
        words = ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(conf)]
        process = subprocess.Popen(words, stderr=log)
    try:
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


class Polling:
    """Somebody whose network lets no WebSocket pass: each message is a request of its own, which has to reach the
    server that keeps the socket."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.http = aiohttp.ClientSession(headers={"Cookie": f"sabaq={token}"})
        self.io = self._socket()

    async def connect(self) -> "Polling":
        self.io = self._socket()
        await self.io.connect(self.url, auth={"token": self.token}, transports=["polling"], wait_timeout=3)
        return self

    def _socket(self) -> socketio.AsyncClient:
        return socketio.AsyncClient(reconnection=False, ssl_verify=False, http_session=self.http)

    async def asks(self) -> Any:
        """Anything that the server answers."""
        return await self.io.call("command", ("subscribe", {"topic": "room:none", "position": 0}), timeout=3)

    async def leave(self) -> None:
        await self.io.eio.disconnect(abort=True)  # without it a question that waits for news is waited for
        await self.http.close()

    async def is_back(self) -> float:
        """Connect as often as it takes, as a page does; when it was answered."""
        async with asyncio.timeout(30):
            while True:
                try:
                    if not self.io.connected:
                        await self.connect()
                    await self.asks()
                    return time.monotonic()
                except (NotConnected, SocketIOError):
                    await self.io.eio.disconnect(abort=True)
                    await asyncio.sleep(0.1)


async def test_polling_stays_with_one_server_and_goes_to_the_other_when_that_dies(tmp_path: Path, pair: Pair) -> None:
    assert pair.http
    with _nginx(tmp_path, pair) as url:
        await _answers(pair, url)
        tokens = [(await pair.person(pair.a, f"student{number + 1}")).token for number in range(PEOPLE)]
        people = [await Polling(url, token).connect() for token in tokens]
        for _ in range(10):
            await asyncio.gather(*(one.asks() for one in people))
        at_a = await _connected(pair, pair.a.url)
        assert 0 < at_a < PEOPLE, "the cookies are spread over both"
        killed = pair.kill(pair.a)
        back = await asyncio.gather(*(one.is_back() for one in people))
        print(f"{at_a} of {PEOPLE} were at the server that died; all were back {max(back) - killed:.1f} s later")
        assert max(back) - killed < BACK_WITHIN
        for token in tokens:  # the page's own requests meet nothing of it
            for _ in range(3):
                async with pair.http.get(f"{url}/api/me", headers={"Cookie": f"sabaq={token}"}, ssl=False) as answer:
                    assert answer.status == 200, await answer.text()
        await asyncio.gather(*(one.leave() for one in people))


async def _answers(pair: Pair, url: str) -> None:
    """nginx has begun."""
    assert pair.http
    async with asyncio.timeout(20):
        while True:
            try:
                async with pair.http.get(f"{url}/api/health", ssl=False) as answer:
                    assert answer.status == 200, await answer.text()
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def _connected(pair: Pair, url: str) -> int:
    """How many sockets one server has."""
    assert pair.http
    async with pair.http.get(f"{url}/metrics") as answer:
        text = await answer.text()
    [count] = re.findall(r"^sabaq_sockets(?:\{[^}]*\})? (\d+)", text, re.MULTILINE)
    return int(count)
