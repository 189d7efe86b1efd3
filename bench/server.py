"""A real server on demo data, in a temporary folder, spoken to as any client would."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.processes import family
from lms_core.access import service as access
from lms_core.groups import service as groups
from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import SystemClock
from lms_core.kernel.db import EmbeddedDatabase, Tx
from lms_core.people import service as people
from server import demo
from server.setup_env import ROOT
from server.setup_steps import CannotDo

PASSWORD = "bench"
CLASS = ("teacher", *(f"student{number}" for number in range(1, 26)), *(f"more{number}" for number in range(1, 5)))
"""Log-ins of a class of thirty: the demo school's largest class, and pupils whom `Server.whole_class` adds."""


class Server:
    """`python -m server` on the demo school; `with Server() as server`. The teacher is logged in."""

    def __init__(self, *options: str, program: str = "server", **environ: str) -> None:
        """`environ` beside what the environment holds; `program`: the module that takes the place of `server`."""
        self._options, self._environ, self._program = options, environ, program
        self._folder = tempfile.TemporaryDirectory(prefix="sabaq-bench-")
        self.port, self.udp_port = free_ports()
        self.base = f"http://127.0.0.1:{self.port}"
        self.token = self._admin = ""

    def __enter__(self) -> Self:
        data = Path(self._folder.name) / "data"
        env = {**os.environ, "SABAQ_DEMO_PASSWORD": PASSWORD, "SABAQ_RESOURCES_PER_GRANT": "3000", **self._environ}
        run = (sys.executable, "-m", "server")
        with (Path(self._folder.name) / "log.txt").open("w") as log:
            filled = subprocess.run([*run, "demo", "--data", str(data)], cwd=ROOT, env=env, stdout=log, stderr=log)
            if filled.returncode:
                raise CannotDo(f"the demo school could not be made: {self.last_words()}")
            where = ("--host", "127.0.0.1", "--port", str(self.port), "--udp-port", str(self.udp_port))
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._program, "run", "--data", str(data), *where, *self._options],
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait(60)
            self.token = self.call("POST", "/api/log-in", {"login": "teacher", "password": PASSWORD})["token"]
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    @property
    def data(self) -> Path:
        return Path(self._folder.name) / "data"

    @property
    def pid(self) -> int:
        return self._process.pid

    def processes(self) -> list[int]:
        """The server and its planes."""
        return family(self._process.pid)

    def call(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        """One API call as the teacher, or as whose `token` it is. CannotDo when it is refused."""
        request = urllib.request.Request(
            self.base + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as no:
            raise CannotDo(f"{method} {path}: {no.code} {no.read()[:300]!r}") from None

    def wire(self) -> str:
        """Who moves the packets here, by what the planes say of themselves: `python` or `native`."""
        return " and ".join(sorted({plane["wire"]["maker"] for plane in self.planes()}))

    def planes(self) -> list[dict[str, Any]]:
        """What each plane says of itself."""
        if not self._admin:
            self._admin = self.call("POST", "/api/log-in", {"login": "admin", "password": PASSWORD})["token"]
        return [plane["own"] for plane in self.call("GET", "/api/dump", token=self._admin)["planes"]]

    def lesson_now(self) -> str:
        """The lesson the demo teacher always has on now."""
        return self.call("GET", "/api/lessons")["items"][0]["id"]

    def doors(self, rooms: int) -> list[tuple[str, str, str]]:
        """WHIP address, WHEP address and grant of so many rooms: the lesson on now, then unplanned ones."""
        lessons = [self.lesson_now()]
        lessons += [self.call("POST", "/api/lessons", {"title": f"Bench {n}"})["id"] for n in range(1, rooms)]
        joined = [self.call("POST", f"/api/lessons/{lesson}/join", {}) for lesson in lessons]
        return [(self._whole(j["whip_url"]), self._whole(j["whep_url"]), j["grant"]) for j in joined]

    def whole_class(self) -> list[str]:
        """Tokens of thirty people, the teacher first. Some are put into the database behind the server's back."""
        asyncio.run(_add_pupils(self.data / "sabaq.sqlite"))
        bodies = [{"login": login, "password": PASSWORD} for login in CLASS]
        return [self.call("POST", "/api/log-in", body)["token"] for body in bodies]

    def doors_of(self, lesson: str, tokens: list[str]) -> list[tuple[str, str, str]]:
        """WHIP address, WHEP address and grant of each of these people in one lesson."""
        joined = [self.call("POST", f"/api/lessons/{lesson}/join", {}, token) for token in tokens]
        return [(self._whole(j["whip_url"]), self._whole(j["whep_url"]), j["grant"]) for j in joined]

    def last_words(self) -> str:
        lines = (Path(self._folder.name) / "log.txt").read_text("utf-8", "replace").splitlines()
        return "\n".join(lines[-8:]) or "nothing was said"

    def _whole(self, url: str) -> str:
        return url if "://" in url else self.base + url

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not is_up(self.base):
            if self._process.poll() is not None or time.monotonic() > end:
                raise CannotDo(f"the server did not start: {self.last_words()}")
            time.sleep(0.05)


async def _add_pupils(file: Path) -> None:
    db = EmbeddedDatabase(file, SystemClock())
    hashed = access.new_hash(PASSWORD)

    async def add(tx: Tx) -> None:
        school = await demo.find_school(tx)
        assert school
        for login in CLASS[26:]:
            person = await people.add_person(tx, school.id, "Оқушы", login)
            await groups.make_learner(tx, school, person)
            await access.open_account(tx, person, school.id, login, hashed)

    try:
        await db.run(SYSTEM, add)
    finally:
        await db.close()


def is_up(base: str) -> bool:
    """Whether `/api/health` answers 200."""
    try:
        with urllib.request.urlopen(f"{base}/api/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def free_ports() -> tuple[int, int]:
    """A free TCP port, and the first of 16 UDP ports of which at least this one is free."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        return tcp.getsockname()[1], min(udp.getsockname()[1], 65_500)
