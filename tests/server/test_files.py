"""What people uploaded is served to whoever has a link, and can never act as a page of ours."""

from email.message import Message

import pytest
from aiohttp import ClientResponse
from hypothesis import given
from hypothesis import strategies as st

from lms_core.kernel.blobs import Link
from server.files import disposition, headers_of, wanted
from server.keys import key
from tests.support.world import World

KEY = "unit_1/material/file_1"
HTML = b"<!doctype html><script>parent.postMessage(document.cookie)</script>"


async def _ask(world: World, token: str, expect: int = 200, method: str = "GET", **headers: str) -> ClientResponse:
    answer = await world.http.request(method, f"/files/{token}", headers=headers)
    assert answer.status == expect, await answer.text()
    await answer.read()
    return answer


async def test_who_has_a_link_gets_the_file_until_it_ends(world: World) -> None:
    await world.house.blobs.put(KEY, b"picture")
    token = world.house.links.make(KEY, "сурет.png", "image/png")
    answer = await _ask(world, token)
    assert await answer.read() == b"picture"
    assert answer.content_type == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline;")
    await world.clock.advance(299)
    await _ask(world, token)
    await world.clock.advance(1)
    assert (await (await _ask(world, token, 410)).json())["code"] == "file_link_expired"


async def test_who_has_none_gets_nothing(world: World) -> None:
    await world.house.blobs.put(KEY, b"secret")
    token = world.house.links.make(KEY, "a.png", "image/png")
    plain, _, mac = token.partition(".")
    other = world.house.links.make("unit_2/material/file_2", "a.png", "image/png").partition(".")
    [admin] = await world.enters("administrator")
    for wrong in ("x", "a.b", f"{plain}.", f".{mac}", plain, f"{other[0]}.{mac}", f"{plain}.{mac[:-2]}aa", "é.é", KEY):
        headers = {"Authorization": f"Bearer {admin.token}"}
        assert (await (await _ask(world, wrong.replace("/", "%2F"), 404, **headers)).json())["code"] == "not_found"
    await _ask(world, token, 405, method="POST")
    assert key(world.house.settings.data / "keys", "files") != key(world.house.settings.data / "keys", "grants")


@pytest.mark.parametrize(
    "claimed", ["text/html", "application/xhtml+xml", "text/xml", "image/png; x=\r\nSet-Cookie: a", ""]
)
async def test_html_is_never_rendered(world: World, claimed: str) -> None:
    await world.house.blobs.put(KEY, HTML)
    answer = await _ask(world, world.house.links.make(KEY, "page.html", claimed))
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "Set-Cookie" not in answer.headers


async def test_a_drawing_is_shown_by_pages_and_never_opened(world: World) -> None:
    """As a picture of a page its scripts do not run; gone to, it is saved, and sandboxed besides."""
    await world.house.blobs.put(KEY, b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    answer = await _ask(world, world.house.links.make(KEY, "a.svg", "image/svg+xml"))
    assert answer.content_type == "image/svg+xml"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


async def test_html_that_says_it_is_a_picture_stays_sandboxed(world: World) -> None:
    await world.house.blobs.put(KEY, HTML)
    answer = await _ask(world, world.house.links.make(KEY, "a.png", "image/png"))
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_a_player_asks_for_parts(world: World) -> None:
    await world.house.blobs.put(KEY, bytes(range(100)))
    token = world.house.links.make(KEY, "a.mp4", "video/mp4")
    part = await _ask(world, token, 206, Range="bytes=10-19")
    assert (await part.read(), part.headers["Content-Range"]) == (bytes(range(10, 20)), "bytes 10-19/100")
    tail = await _ask(world, token, 206, Range="bytes=-5")
    assert await tail.read() == bytes(range(95, 100))
    behind = await _ask(world, token, 416, Range="bytes=100-")
    assert behind.headers["Content-Range"] == "bytes */100"
    head = await _ask(world, token, method="HEAD")
    assert (head.headers["Content-Length"], await head.read()) == ("100", b"")


async def test_a_file_that_is_gone_is_not_found(world: World) -> None:
    await _ask(world, world.house.links.make(KEY, "a.png", "image/png"), 404)


@given(st.text(max_size=300))
def test_no_name_breaks_the_header(name: str) -> None:
    value = disposition(name.encode("utf-8", "replace").decode(), inline=False)
    assert value.isascii()
    assert value.isprintable()
    message = Message()
    message["Content-Disposition"] = value
    assert message.get_content_disposition() == "attachment"
    assert message.get_param("filename", header="content-disposition")
    assert value.count('"') == 2


def test_a_name_keeps_its_letters() -> None:
    said = headers_of(Link(KEY, "Әліппе 1.pdf", "application/pdf", 0))["Content-Disposition"]
    assert "filename*=UTF-8''%D3%98%D0%BB%D1%96%D0%BF%D0%BF%D0%B5%201.pdf" in said


@given(st.integers(1, 50), st.one_of(st.none(), st.text("bytes=-0123456789, ", max_size=20)))
def test_a_range_lies_within_the_file(size: int, header: str | None) -> None:
    from server.files import RangeUnfit

    try:
        found = wanted(header, size)
    except RangeUnfit:
        return
    if found:
        assert 0 <= found[0] < found[1] <= size
