"""An exam: all learners begin within a minute, and each saves an answer every twenty seconds."""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import aiohttp

from bench.processes import cpu_seconds
from bench.server import Server
from bench.table import Table
from lms_core.access import service as access
from lms_core.groups import service as groups
from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import SystemClock
from lms_core.kernel.db import Database, EmbeddedDatabase, PostgresDatabase, Tx
from lms_core.kernel.ids import PersonId
from lms_core.people import service as people
from server import demo
from server.setup_steps import CannotDo

ROUNDS = 5
EVERY, BEAT = 20.0, 10.0  # seconds: in which each saves an answer, and says that it is there
IDLE = 5.0  # seconds in which nothing is asked
CPU_FIGURE, ACK_FIGURE = 1.5, 50.0  # ms of the server's CPU an answer, and until the 99th of a hundred is acknowledged
DATABASES = ("SQLite", "PostgreSQL")
_ANSWERS: dict[str, Callable[[int], Any]] = {
    "single": lambda n: {"kind": "chosen", "ids": [str(n % 3 + 1)]},
    "multiple": lambda n: {"kind": "chosen", "ids": ["1", str(n % 3 + 2)]},
    "true_false": lambda n: {"kind": "truth", "value": n % 2 == 0},
    "short": lambda n: {"kind": "typed", "text": f"синус {n}"},
    "numeric": lambda n: {"kind": "typed", "text": str(n)},
    "formula": lambda n: {"kind": "typed", "text": f"3x^2 + {n}"},
    "essay": lambda n: {"kind": "written", "text": "Дискриминант оң болса, екі түбір бар. " * (n % 20 + 1)},
    "hotspot": lambda n: {"kind": "spotted", "spots": [{"x": str(n % 400), "y": "90"}]},
}
"""What is saved in its n-th version."""


@dataclass(slots=True)
class _Learner:
    token: str
    sitting: str = ""
    places: list[tuple[int, str]] = field(default_factory=list)
    """Place and kind of the questions that are answered here."""
    revisions: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Round:
    """ms of the server's CPU an answer and a beat; ms of the median and the 99th acknowledgement."""

    cpu: float
    beat: float
    p50: float
    p99: float
    answers: int


@dataclass(frozen=True, slots=True)
class _Begun:
    """How long beginning took: ms of CPU each, with the beats of who has begun, of the 99th and the longest."""

    cpu: float
    p99: float
    most: float


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--learners", type=int, default=300, help="who sit it (%(default)s)")
    parser.add_argument("--start", type=float, default=36.0, help="seconds in which all begin (%(default)s)")
    parser.add_argument("--seconds", type=float, default=8.0, help="of answers in each part of a round (%(default)s)")
    parser.add_argument("--database", choices=DATABASES, help="this alone")


def measure(words: argparse.Namespace) -> Table:
    header = ["database", "learners", "CPU ms an answer", "figure", "of it", "CPU ms a beat", "ack p50 ms"]
    header += ["p99 ms", "figure", "of it"]
    table = Table("Answers of an exam", [*header, "begin: CPU ms", "p99 ms", "longest ms", "refused"])
    for database in [words.database] if words.database else DATABASES:
        with _served(database) as (server, db):
            begun, rounds = asyncio.run(_run(server, db, words))
        table.rows.append(_row(database, words.learners, begun, rounds))
        _check(table, database, rounds)
    table.notes = [
        f"Rounds: {words.rounds}, medians. A round: {words.seconds:g} s of answers with beats, as long of answers",
        f"alone, {IDLE:g} s of nothing. Each learner saves every {EVERY:g} s, beats every {BEAT:g} s. All began",
        f"within {words.start:g} s, each with a question of every kind. CPU of the server's process, less",
        "what it takes when nothing is asked: of an answer while answers come alone; of a beat what both together take",
        "more. An acknowledgement is what the learner's side waits for, beside beats. Any refusal ends the run.",
        "PostgreSQL waits for its disk as it comes.",
    ]
    return table


def _row(database: str, learners: int, begun: _Begun, rounds: list[_Round]) -> list[str]:
    cpu, beat, p50, p99 = (median(getattr(one, name) for one in rounds) for name in ("cpu", "beat", "p50", "p99"))
    taken = [f"{cpu:.2f}", f"≤ {CPU_FIGURE}", f"{cpu / CPU_FIGURE:.2f}", f"{beat:.2f}"]
    told = [f"{p50:.1f}", f"{p99:.1f}", f"≤ {ACK_FIGURE:g}", f"{p99 / ACK_FIGURE:.2f}"]
    began = [f"{begun.cpu:.1f}", f"{begun.p99:.0f}", f"{begun.most:.0f}", "0"]
    return [database, str(learners), *taken, *told, *began]


def _check(table: Table, database: str, rounds: list[_Round]) -> None:
    if not all(one.answers for one in rounds):
        table.wrong.append(f"{database}: a round without an answer")


@contextmanager
def _served(database: str) -> Iterator[tuple[Server, Callable[[], Database]]]:
    """A server, and what opens its database behind its back."""
    if database == "SQLite":
        with Server("--planes", "1") as server:
            yield server, lambda: EmbeddedDatabase(server.data / "sabaq.sqlite", SystemClock())
        return
    from tests.support.postgres import a_postgres

    durable = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
    with a_postgres(*durable) as postgres:
        url = postgres.create("sabaq")
        with Server("--planes", "1", SABAQ_DATABASE_URL=url) as server:
            yield server, lambda: PostgresDatabase(url, SystemClock())


async def _run(
    server: Server, open_database: Callable[[], Database], words: argparse.Namespace
) -> tuple[_Begun, list[_Round]]:
    print(f"▸ {words.learners} learners", file=sys.stderr, flush=True)
    tokens = await _enrol(open_database(), words.learners)
    exam = await asyncio.to_thread(_exam, server)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=120)
    async with aiohttp.ClientSession(server.base, connector=connector) as http:
        learners = [_Learner(token) for token in tokens]
        begun = await _begin(server, http, exam, learners, words.start)
        rounds = []
        for number in range(words.rounds):
            print(f"▸ round {number + 1} of {words.rounds}", file=sys.stderr, flush=True)
            rounds.append(await _round(server, http, learners, words.seconds))
    return begun, rounds


async def _enrol(db: Database, count: int) -> list[str]:
    """Learners of the demo school's last class, beside those that it has; a token of each."""

    async def add(tx: Tx) -> list[PersonId]:
        school = await demo.find_school(tx)
        assert school
        group = next(one for one in await groups.of_organisation(tx, school.id) if one.grade == 11)
        persons = [await people.add_person(tx, school.id, "Оқушы", f"{n}") for n in range(count)]
        await tx.flush()
        await groups.enrol_all(tx, group, persons, tx.now.date())
        for n, person in enumerate(persons):
            await access.open_account(tx, person, school.id, f"sits{n}", access.new_hash("x") if n == 0 else "-")
        return persons

    async def log_in(tx: Tx, persons: list[PersonId]) -> list[str]:
        return [(await access.start_login(tx, one, "password"))[0] for one in persons]

    try:
        persons = await db.run(SYSTEM, add)
        return await db.run(SYSTEM, lambda tx: log_in(tx, persons))
    finally:
        await db.close()


def _exam(server: Server) -> str:
    """The demo exam once more, for the whole class as it is now, without a limit that would end it."""
    rows = server.call("GET", "/api/exams")["items"]
    data = server.call("GET", f"/api/exams/{next(one['id'] for one in rows if one['kind'] == 'exam')}")["data"]
    made = server.call("POST", "/api/exams", data | {"title": "Bench", "seconds": 7200})
    return server.call("POST", f"/api/exams/{made['id']}/publish", {})["id"]


async def _begin(
    server: Server, http: aiohttp.ClientSession, exam: str, learners: list[_Learner], within: float
) -> _Begun:
    """All begin, one after another; who has begun beats."""
    waits: list[float] = []
    began = time.monotonic()

    async def begin(learner: _Learner, after: float) -> None:
        await asyncio.sleep(after)
        asked = time.monotonic()
        sitting = await _ask(http, learner, f"/api/exams/{exam}/sittings", {"device": "bench", "language": "kk"})
        waits.append((time.monotonic() - asked) * 1000)
        learner.sitting = sitting["id"]
        kinds = ((one["place"], one["shown"]["kind"]) for one in sitting["questions"])
        learner.places = [(place, kind) for place, kind in kinds if kind in _ANSWERS]
        while time.monotonic() - began + BEAT < within:
            await asyncio.sleep(BEAT)
            await _beat(http, learner)

    starts = (begin(one, within * n / len(learners)) for n, one in enumerate(learners))
    _, cpu, _ = await _costs(server, asyncio.gather(*starts))
    waits.sort()
    return _Begun(cpu * 1000 / len(learners), waits[-max(1, len(waits) // 100)], waits[-1])


async def _round(server: Server, http: aiohttp.ClientSession, learners: list[_Learner], seconds: float) -> _Round:
    """Answers with beats; answers alone, for less time than a silence lasts; nothing."""
    waits, both, _ = await _costs(server, _save(http, learners, seconds), _beats(http, learners, seconds))
    alone_waits, alone, _ = await _costs(server, _save(http, learners, seconds))
    _, idle, lasted = await _costs(server, asyncio.sleep(IDLE))
    nothing = idle / lasted * seconds
    waits.sort()
    count, beats = len(waits), seconds / BEAT * len(learners)
    cpu, beat = (alone - nothing) / len(alone_waits), (both - alone * count / len(alone_waits)) / beats
    return _Round(cpu * 1000, beat * 1000, waits[count // 2], waits[-max(1, count // 100)], count)


async def _costs(server: Server, *work: Awaitable[Any]) -> tuple[Any, float, float]:
    """What the first gave; seconds of the server's CPU meanwhile, and how long it lasted."""
    before, began = cpu_seconds([server.pid]), time.monotonic()
    given = await asyncio.gather(*work)
    return given[0], cpu_seconds([server.pid]) - before, time.monotonic() - began


async def _beats(http: aiohttp.ClientSession, learners: list[_Learner], seconds: float) -> None:
    await _evenly(learners, seconds, BEAT, lambda learner: _beat(http, learner))


async def _beat(http: aiohttp.ClientSession, learner: _Learner) -> None:
    await _ask(http, learner, f"/api/sittings/{learner.sitting}/beat", {"device": "bench"})


async def _save(http: aiohttp.ClientSession, learners: list[_Learner], seconds: float) -> list[float]:
    """ms until each was acknowledged."""
    waits: list[float] = []

    async def save(learner: _Learner) -> None:
        place, kind = learner.places[sum(learner.revisions.values()) % len(learner.places)]
        revision = learner.revisions[place] = learner.revisions.get(place, 0) + 1
        body = {"place": place, "revision": revision, "answer": _ANSWERS[kind](revision), "device": "bench"}
        began = time.monotonic()
        taken = await _ask(http, learner, f"/api/sittings/{learner.sitting}/answers", body)
        waits.append((time.monotonic() - began) * 1000)
        if taken["outcome"] != "taken":
            raise CannotDo(f"an answer was not taken: {taken}")

    await _evenly(learners, seconds, EVERY, save)
    return waits


async def _evenly(learners: list[_Learner], seconds: float, every: float, do: Any) -> None:
    """Each learner once in `every` seconds, one after another, for so long."""
    began, tasks = time.monotonic(), []
    gap = every / len(learners)
    for n in range(int(seconds / gap)):
        await asyncio.sleep(max(0.0, began + n * gap - time.monotonic()))
        tasks.append(asyncio.create_task(do(learners[n % len(learners)])))
    await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
    await asyncio.gather(*tasks)


async def _ask(http: aiohttp.ClientSession, learner: _Learner, path: str, body: dict[str, Any]) -> Any:
    headers = {"Cookie": f"sabaq={learner.token}", "X-Sabaq": "1"}
    async with http.post(path, json=body, headers=headers) as answer:
        said = await answer.json(content_type=None)
    if answer.status != 200:
        raise CannotDo(f"{path}: {answer.status} {str(said)[:300]}")
    return said
