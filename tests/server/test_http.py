"""The HTTP shell alone, with a small Api of its own: who, parse, answer, refusal; and what strangers may not."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from lms_core.kernel.api import PUBLIC, SELF, Api, Context
from lms_core.kernel.clock import SystemClock
from lms_core.kernel.db import EmbeddedDatabase, Tx
from lms_core.kernel.errors import Refusal, TooMany
from lms_core.kernel.ids import LessonId
from server import pages
from server.fanout import MemoryLimits
from server.http import CrossSite, Doors
from server.proxies import Proxies

LESSON = "lesson_" + "0" * 26


class Broken(Refusal):
    code, status = "broken_chalk", 409


@dataclass(frozen=True, slots=True)
class Add:
    a: int
    b: int


@dataclass(frozen=True, slots=True)
class Sum:
    sum: int


def _api() -> Api:
    api = Api()

    @api.route("POST", "/api/add", needs=PUBLIC)
    async def add(tx: Tx, body: Add) -> Sum:
        return Sum(body.a + body.b)

    @api.route("GET", "/api/lessons/{lesson_id}", needs=PUBLIC)
    async def read(tx: Tx, lesson_id: LessonId, page: int = 1) -> list[Any]:
        return [lesson_id, page]

    @api.route("GET", "/api/mine", needs=SELF)
    async def mine(tx: Tx) -> Sum:
        return Sum(0)

    @api.route("GET", "/api/refuse", needs=PUBLIC)
    async def refuse(tx: Tx) -> Sum:
        raise Broken(pieces=3)

    @api.route("GET", "/api/slow-down", needs=PUBLIC)
    async def slow_down(tx: Tx) -> Sum:
        raise TooMany(retry_after=7)

    @api.route("GET", "/api/bug", needs=PUBLIC)
    async def bug(tx: Tx) -> Sum:
        raise ZeroDivisionError("secret detail")

    @api.route("POST", "/api/remember", needs=PUBLIC)
    async def remember(ctx: Context) -> Sum:
        ctx.new_token = "new"
        return Sum(0)

    @api.route("POST", "/api/forget", needs=PUBLIC)
    async def forget(ctx: Context) -> Sum:
        ctx.new_token = ""
        return Sum(0)

    return api


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[TestClient[Any, Any]]:
    db = EmbeddedDatabase(tmp_path / "test.sqlite", SystemClock())
    proxies = Proxies.of(["198.51.100.7"], "https://school.example")
    doors = Doors(db, SystemClock(), MemoryLimits(SystemClock()), proxies, hsts=True)
    app = web.Application(middlewares=[doors.guard], client_max_size=1000)
    app.on_response_prepare.append(doors.headers)
    for route in _api().routes:
        app.router.add_route(route.method, route.path, doors.handler(route))
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text('<meta name="csp-nonce" content="__CSP_NONCE__">')
    (dist / "assets" / "a.js").write_text("1")
    (dist / "assets" / "a.js.gz").write_bytes(b"packed")
    (tmp_path / "secret.txt").write_text("secret")
    pages.add_to(app, dist)
    async with TestClient(TestServer(app)) as test_client:
        yield test_client
    await db.close()


async def test_a_typed_answer(client: TestClient[Any, Any]) -> None:
    answer = await client.post("/api/add", json={"a": 2, "b": 3})
    assert (answer.status, await answer.json()) == (200, {"sum": 5})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_path_and_query_are_parsed(client: TestClient[Any, Any]) -> None:
    assert await (await client.get(f"/api/lessons/{LESSON}?page=7")).json() == [LESSON, 7]
    assert await (await client.get(f"/api/lessons/{LESSON}")).json() == [LESSON, 1]


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("/api/add", b'{"a": 2}', ["b"]),
        ("/api/add", b'{"a": "two", "b": 1}', ["a"]),
        ("/api/add", b"[]", [""]),
        ("/api/add", b"{", [""]),
        ("/api/add", b"\xff\xfe", [""]),
    ],
)
async def test_rubbish_is_malformed_and_never_echoed(
    client: TestClient[Any, Any], path: str, body: bytes, fields: list[str]
) -> None:
    answer = await client.post(path, data=body)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (422, "malformed")
    assert [field["at"] for field in problem["params"]["fields"]] == fields
    assert "two" not in json.dumps(problem)


@pytest.mark.parametrize("path", ["/api/lessons/1", f"/api/lessons/{LESSON}x", f"/api/lessons/{LESSON}?page=x"])
async def test_ids_and_queries_have_their_shape(client: TestClient[Any, Any], path: str) -> None:
    assert (await client.get(path)).status == 422


async def test_a_refusal_is_a_problem(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/api/refuse")
    assert answer.content_type == "application/problem+json"
    assert await answer.json() == {
        "type": "urn:sabaq:broken_chalk",
        "title": "broken chalk",
        "status": 409,
        "code": "broken_chalk",
        "params": {"pieces": 3},
    }
    assert (await client.get("/api/slow-down")).headers["Retry-After"] == "7"


async def test_a_bug_says_nothing_of_itself(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/api/bug")
    assert answer.status == 500
    assert "secret" not in await answer.text()


async def test_too_much_is_refused(client: TestClient[Any, Any]) -> None:
    answer = await client.post("/api/add", data=b" " * 2000)
    assert (answer.status, (await answer.json())["code"]) == (413, "too_large")


@pytest.mark.parametrize("given", [None, "abcdef12-3456", "x" * 65, "new\tline12345", "кириллица"])
async def test_an_answer_tells_an_id_that_strangers_do_not_choose(
    client: TestClient[Any, Any], given: str | None
) -> None:
    answer = await client.get("/api/refuse", headers={"X-Request-ID": given} if given else {})
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-ID"])


async def test_who_came_by_plain_http_is_not_told_to_come_by_https(client: TestClient[Any, Any]) -> None:
    assert "Strict-Transport-Security" not in (await client.get("/api/refuse")).headers
    forged = {"X-Forwarded-Proto": "https"}
    assert "Strict-Transport-Security" not in (await client.get("/api/refuse", headers=forged)).headers


async def test_who_is_not_logged_in_is_told_so(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/api/mine")
    assert (answer.status, (await answer.json())["code"]) == (401, "not_logged_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_the_cookie_is_for_our_page_alone(client: TestClient[Any, Any]) -> None:
    cookie = (await client.post("/api/remember")).headers["Set-Cookie"]
    for flag in ("sabaq=new", "HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age="):
        assert flag in cookie
    assert "Max-Age=0" in (await client.post("/api/forget")).headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Cookie": "sabaq=x"}, 403),
        ({"Cookie": "sabaq=x", "X-Sabaq": "1", "Origin": "https://evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Cookie": "sabaq=x", "Origin": "null", "X-Sabaq": "1"}, 403),
    ],
)
async def test_another_sites_page_cannot_act_with_our_cookie(
    client: TestClient[Any, Any], headers: dict[str, str], status: int
) -> None:
    answer = await client.post("/api/add", json={"a": 1, "b": 1}, headers=headers)
    assert (answer.status, (await answer.json())["code"]) == (status, "cross_site")


def _request(method: str = "POST", **headers: str) -> web.Request:
    named = {"Host": "school.example", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return make_mocked_request(method, "/", headers=named)


def test_a_bearer_token_needs_no_further_proof(tmp_path: Path) -> None:
    doors = Doors(
        cast(Any, None), SystemClock(), MemoryLimits(SystemClock()), Proxies.of([], "https://outside.example")
    )
    token_of = doors.token_of
    assert token_of(_request(Authorization="Bearer t", Origin="https://other.example")) == "t"
    assert token_of(_request("GET", Cookie="sabaq=c")) == "c"
    assert token_of(_request(Cookie="sabaq=c", X_Sabaq="1", Origin="https://school.example")) == "c"
    assert token_of(_request(Cookie="sabaq=c", X_Sabaq="1", Origin="https://outside.example")) == "c"
    assert token_of(_request(Authorization="Basic x")) is None
    doors.check_origin(_request(Origin="http://school.example"))
    with pytest.raises(CrossSite):
        doors.check_origin(_request(Origin="https://evil.example", X_Forwarded_Host="evil.example"))


async def test_each_page_has_a_nonce_of_its_own(client: TestClient[Any, Any]) -> None:
    seen = set()
    for path in ("/", "/lessons/x", "/"):
        answer = await client.get(path)
        policy, text = answer.headers["Content-Security-Policy"], await answer.text()
        nonce = text.split('content="')[1].split('"')[0]
        assert f"style-src 'self' 'nonce-{nonce}'" in policy
        assert "script-src 'self' 'wasm-unsafe-eval';" in policy
        seen.add(nonce)
    assert len(seen) == 3


async def test_assets_are_served_packed_and_kept(client: TestClient[Any, Any]) -> None:
    answer = await client.get("/assets/a.js", headers={"Accept-Encoding": "gzip"}, auto_decompress=False)  # type: ignore[call-arg]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//etc/passwd"]
)
async def test_nothing_outside_the_clients_folder_is_served(client: TestClient[Any, Any], path: str) -> None:
    async with client.session.get(f"http://{client.host}:{client.port}{path}") as answer:
        text = await answer.text()
    assert "secret" not in text
    assert "root:" not in text


@pytest.mark.parametrize("path", ["/api/none", "/whip", "/whep/x/y/z", "/socket.io/none", "/assets/none.js"])
async def test_an_unknown_path_of_the_server_is_no_page(client: TestClient[Any, Any], path: str) -> None:
    assert (await client.get(path)).status == 404
