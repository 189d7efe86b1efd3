"""A server or its database is killed among a hundred sittings: every acknowledged answer is there afterwards."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.postgres import Postgres, a_postgres
from tests.support.running import Caller, Running

EXAMS, LEARNERS = 4, 25
ENOUGH = 250
"""Answers that are acknowledged before the kill, in the middle of the next ones."""
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")


class Writer:
    """One sitting: its learner goes on saving answers, and sends each until it is acknowledged."""

    def __init__(self, who: Caller, exam: str) -> None:
        self.who, self.exam = who, exam
        self.sitting: dict[str, Any] = {}
        self.acknowledged: dict[int, tuple[int, Any]] = {}
        self.sent: dict[int, tuple[int, Any]] = {}

    async def begin(self) -> None:
        self.sitting = await self.who("POST", f"/api/exams/{self.exam}/sittings", {"device": "d"})

    async def go_on(self, enough: asyncio.Event, all_of: list["Writer"]) -> None:
        """Until the line breaks."""
        places = [one["place"] for one in self.sitting["questions"] if one["shown"]["kind"] in ("single", "essay")]
        for revision in range(1, 10_000):
            for place in places:
                await self.save(place, revision)
                if sum(rev for one in all_of for rev, _ in one.acknowledged.values()) >= ENOUGH:
                    enough.set()

    async def save(self, place: int, revision: int) -> None:
        kinds = {one["place"]: one["shown"]["kind"] for one in self.sitting["questions"]}
        chosen = {"kind": "chosen", "ids": [str(revision % 3 + 1)]}
        answer = chosen if kinds[place] == "single" else {"kind": "written", "text": f"{self.who.login} {revision}"}
        self.sent[place] = revision, answer
        await self.send(place)

    async def send(self, place: int) -> str:
        revision, answer = self.sent[place]
        body = {"place": place, "revision": revision, "answer": answer, "device": "d"}
        taken = await self.who("POST", f"/api/sittings/{self.sitting['id']}/answers", body)
        self.acknowledged[place] = revision, answer
        return taken["outcome"]

    async def check(self) -> int:
        """How many acknowledged answers are there as they were; what was on its way may be there too."""
        seen = await self.who("GET", f"/api/sittings/{self.sitting['id']}?device=d")
        assert seen["state"] == "running"
        kept = {one["place"]: (one["revision"], one["answer"]) for one in seen["questions"]}
        for place, told in self.acknowledged.items():
            assert kept[place] in (told, self.sent[place]), (self.who.login, place)
        return len(self.acknowledged)


@pytest.mark.req("S456-27.14")
@pytest.mark.parametrize("killed", ["server", "server on PostgreSQL", "PostgreSQL"])
async def test_every_acknowledged_answer_is_there(tmp_path: Path, killed: str) -> None:
    loop = asyncio.get_running_loop()
    with a_postgres(*DURABLE) if "PostgreSQL" in killed else nullcontext() as postgres:
        environ = {"SABAQ_DATABASE_URL": postgres.create()} if postgres else {}
        server = Running(tmp_path, planes=1, environ=environ)
        await loop.run_in_executor(None, server.fill)
        await loop.run_in_executor(None, server.start)
        try:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=EXAMS * LEARNERS)) as http:
                writers = await _all_begin(server, http)
                await _until_killed(writers, _kill(killed, server, postgres))
                await loop.run_in_executor(None, _start_again(killed, server, postgres))
                await _answers(writers[0])
                assert sum([await one.check() for one in writers]) >= len(writers)
                outcomes = [await one.send(place) for one in writers for place in one.sent]
                assert set(outcomes) <= {"taken", "again"}, "what a browser still holds is sent again"
        finally:
            server.kill()


async def _all_begin(server: Running, http: aiohttp.ClientSession) -> list[Writer]:
    """A hundred sittings: each of the class in several exams."""
    teacher = await Caller(server, http).log_in("teacher")
    rows = (await teacher("GET", "/api/exams"))["items"]
    data = (await teacher("GET", f"/api/exams/{next(one['id'] for one in rows if one['kind'] == 'exam')}"))["data"]
    exams = [(await teacher("POST", "/api/exams", data | {"title": f"{n}"}))["id"] for n in range(EXAMS)]
    for exam in exams:
        await teacher("POST", f"/api/exams/{exam}/publish", {})
    learners = [await Caller(server, http).log_in(f"student{n}") for n in range(1, LEARNERS + 1)]
    writers = [Writer(who, exam) for who in learners for exam in exams]
    for at in range(0, len(writers), LEARNERS):
        await asyncio.gather(*(one.begin() for one in writers[at : at + LEARNERS]))
    return writers


async def _until_killed(writers: list[Writer], kill: Callable[[], None]) -> None:
    """All of them save at once; in the middle of it the plug is pulled."""
    enough = asyncio.Event()
    writing = [asyncio.create_task(one.go_on(enough, writers)) for one in writers]
    async with asyncio.timeout(120):
        await enough.wait()
    await asyncio.to_thread(kill)
    await asyncio.gather(*writing, return_exceptions=True)


def _kill(killed: str, server: Running, postgres: Postgres | None) -> Callable[[], None]:
    def pull() -> None:
        if killed == "PostgreSQL":
            assert postgres
            assert postgres.process
            for pid in postgres.processes():
                os.kill(pid, signal.SIGKILL)
            postgres.process.wait()
        else:
            server.end(signal.SIGKILL, 5.0)

    return pull


def _start_again(killed: str, server: Running, postgres: Postgres | None) -> Callable[[], None]:
    def start() -> None:
        if killed == "PostgreSQL":
            assert postgres
            postgres.start()
        else:
            server.start()

    return start


async def _answers(writer: Writer) -> None:
    """Wait until the server has found its database again, as a page does."""
    async with asyncio.timeout(60):
        while True:
            try:
                await writer.who("GET", "/api/me")
            except AssertionError:
                await asyncio.sleep(0.2)
            else:
                return
