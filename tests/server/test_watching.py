"""What operators see: metrics, log lines, traces, dumps. And what nobody else does."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from structlog.testing import capture_logs

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.errors import NotFound
from lms_core.kernel.jobs import job
from server import logs
from server.metrics import Metrics
from server.tracing import NoTracing, TracedDatabase, tracing_of
from tests.support.story import refused
from tests.support.world import World, a_world


async def read(world: World, **headers: str) -> tuple[int, str]:
    async with world.http.get("/metrics", headers=headers) as answer:
        return answer.status, await answer.text()


async def test_metrics_tell_what_was_done(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    await anna.lessons()
    with refused("not_found"):
        await misha.lesson("lesson_" + "0" * 26)
    with refused("not_found"):
        await misha.commands("dance", {})
    await world.stranger().asks("setup_state")
    async with world.http.get("/api/no-such-thing"):
        pass
    status, text = await read(world)
    assert status == 200
    for line in (
        'sabaq_requests_total{operation="list_lessons",status="200"} 1.0',
        'sabaq_requests_total{operation="read_lesson",status="404"} 1.0',
        'sabaq_commands_total{command="command",outcome="refused"} 1.0',
        'sabaq_refusals_total{code="not_found"} 2.0',
        "sabaq_sockets 1.0",
        "sabaq_rooms 0.0",
        "sabaq_events_waiting 0.0",
        "sabaq_jobs_due",
        "sabaq_disk_free_bytes",
        "sabaq_connections 0.0",
        'sabaq_build_info{python="',
        "process_resident_memory_bytes",
    ):
        assert line in text, line


async def test_no_label_holds_a_person_or_a_strangers_word(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    await anna.joins(world.school.algebra.id)
    await misha.connects()
    for n in range(20):
        async with world.http.get(f"/surname-{n}/Оспан?token=secret", headers={"X-Request-ID": f"made-up-{n}"}):
            pass
        async with world.http.request(f"M{n}", "/api/me"):
            pass
    _, text = await read(world)
    for known in (*world.school.persons.values(), "Оспан", "surname", "secret", "lesson_", "unit_", "made-up", "M19"):
        assert known not in text
    assert len(re.findall("sabaq_requests_total{", text)) < 20


@pytest.mark.parametrize(
    ("allowed", "headers", "status"),
    [
        (("127.0.0.0/8",), {}, 200),
        (("192.0.2.1",), {}, 404),
        ((), {}, 404),
        (("127.0.0.0/8", "192.0.2.1"), {"X-Forwarded-For": "192.0.2.1"}, 404),
    ],
)
async def test_metrics_are_for_named_addresses(
    tmp_path: Path, allowed: tuple[str, ...], headers: dict[str, str], status: int
) -> None:
    async with a_world(tmp_path, metrics_from=allowed) as world:
        assert (await read(world, **headers))[0] == status


async def test_a_proxy_on_this_machine_does_not_open_metrics_to_the_world(tmp_path: Path) -> None:
    async with a_world(tmp_path, trusted_proxies=("127.0.0.1",)) as world:
        assert (await read(world, **{"X-Forwarded-For": "203.0.113.5"}))[0] == 404


async def test_a_job_that_fails_is_counted_by_its_name(world: World) -> None:
    async def plan(tx: Any) -> None:
        tx.enqueue(_broken)

    await world.run(plan)
    await world.house.jobs.drain()
    assert 'sabaq_jobs_failed_total{job="tests.broken"} 1.0' in (await read(world))[1]


@job("tests.broken")
async def _broken(tx: Any) -> None:
    raise ZeroDivisionError


async def test_a_source_that_fails_leaves_the_others() -> None:
    async def broken() -> list[Any]:
        raise OSError

    async def whole() -> list[Any]:
        return [("things", "Things", {"kind": "a"}, 3)]

    metrics = Metrics()
    metrics.source(broken)
    metrics.source(whole)
    assert b'sabaq_things{kind="a"} 3.0' in await metrics.text()


async def test_each_command_and_refusal_leaves_one_line_without_names(world: World) -> None:
    (anna,) = await world.enters("anna")
    with capture_logs(processors=[logs_merge]) as lines:
        await anna.writes(world.school.algebra.room_id, "құпия хат")
        with refused("not_found"):
            await anna.lesson("lesson_" + "0" * 26)
        with refused("not_found"):
            await anna.commands("dance" * 100, {})
    said = [(line["event"], line["op"][:12]) for line in lines if line["event"] in ("done", "refused")]
    assert said == [("done", "post_message"), ("refused", "read_lesson"), ("refused", "dancedanceda")]
    assert len({line["request"] for line in lines}) == len(lines)
    text = json.dumps(lines, default=str, ensure_ascii=False)
    assert len(text) < 2000
    for known in ("құпия", "Оспан", "Anna", str(anna.token)):
        assert known not in text


def logs_merge(_: Any, __: str, line: Any) -> Any:
    import structlog

    return structlog.contextvars.merge_contextvars(_, __, line)


def test_ids_of_requests() -> None:
    assert logs.request_id("abc-12345", trusted=True) == "abc-12345"
    for given, trusted in (("abc-12345", False), ("x", True), ("a b c d e f", True), ("я" * 10, True), (None, True)):
        assert re.fullmatch("[0-9a-f]{16}", logs.request_id(given, trusted))


class Receiver:
    """A tiny OTLP endpoint."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.raw = b""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.raw += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.spans += scope.spans
        return web.Response(content_type="application/x-protobuf")


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[Receiver, str]]:
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/v1/traces", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield receiver, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_traces_reach_the_collector_without_personal_data(tmp_path: Path) -> None:
    async with receiving() as (receiver, endpoint):
        async with a_world(tmp_path, otel_endpoint=endpoint) as world:
            anna, _ = await world.enters("anna", "misha")
            await anna.writes(world.school.algebra.room_id, "құпия хат")
            with refused("not_found"):
                await anna.lesson("lesson_" + "0" * 26)
            await anna.connects()
            with refused("not_found"):
                await anna.commands("dance", {})
            await asyncio.get_running_loop().run_in_executor(None, world.house.doors.tracing.stop)
        spans = {span.name: span for span in receiver.spans}
        assert {"route post_message", "route read_lesson", "command command"} <= spans.keys()
        inner = [s for s in receiver.spans if s.name.startswith("transaction") and s.parent_span_id]
        assert any(span.parent_span_id == spans["route post_message"].span_id for span in inner)
        read_lesson = {a.key: a.value.string_value for a in spans["route read_lesson"].attributes}
        assert read_lesson["sabaq.refused"] == NotFound.code
        for known in ("құпия", "Оспан", str(anna.id), str(anna.token)):
            assert known.encode() not in receiver.raw


def test_nothing_is_traced_or_imported_without_an_endpoint() -> None:
    assert isinstance(tracing_of("", "1"), NoTracing)


async def test_a_traced_database_is_the_same_database(world: World) -> None:
    traced = TracedDatabase(world.house.db, NoTracing())
    assert traced.engine is world.house.db.engine

    async def one(tx: Any) -> int:
        return 1

    assert await traced.run(SYSTEM, one) == 1


async def test_the_dump_is_for_who_administers_the_installation(world: World) -> None:
    (admin,) = await world.enters("administrator")
    dumped = await admin.asks("dump")
    assert {"planes", "rooms", "sockets", "door"} <= dumped.keys()
    await world.run(_administers_the_other_school(world))
    (victor,) = await world.enters("victor")
    with refused("forbidden", 403):
        await victor.asks("dump")
    with refused("not_logged_in"):
        await world.stranger().asks("dump")


def _administers_the_other_school(world: World) -> Any:
    from lms_core.access import service as access
    from lms_core.access.policy import Role

    return lambda tx: access.assign(tx, world.school.persons["victor"], Role.ADMINISTRATOR, world.school.other.path)
