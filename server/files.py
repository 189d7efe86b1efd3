"""Serves what people uploaded, so that it can never act as a page of ours."""

import re
from collections.abc import Mapping
from urllib.parse import quote

import structlog
from aiohttp import web

from lms_core.kernel.blobs import Blobs, Link, Links
from lms_core.kernel.errors import Refusal

from .http import problem

INLINE = frozenset(
    {
        *("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "application/pdf"),
        *("audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/webm", "video/mp4", "video/webm"),
    }
)
"""What a browser may show by itself; everything else (SVG and HTML too, which hold scripts) is only saved."""
DRAWN = "image/svg+xml"
"""A page may show it as a picture, in which its scripts do not run; whoever goes to it themselves saves it."""
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "Accept-Ranges": "bytes",
}
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_UNSAFE = re.compile(r'[^\x20-\x7e]|["\\%/]')
_UNSEEN = re.compile(r"[\x00-\x1f\x7f/\\\u200b-\u200f\u2028-\u202e\u2066-\u2069]")

log = structlog.get_logger(__name__)


class RangeUnfit(Refusal):
    """The asked bytes lie behind the end."""

    code, status = "range_unfit", 416


def add_to(app: web.Application, blobs: Blobs, links: Links) -> None:
    """`GET` and `HEAD /files/<token>`: the token is the whole permission, so no log-in is read."""

    async def show(request: web.Request) -> web.StreamResponse:
        try:
            link = links.read(request.match_info["token"])
            return await _send(request, blobs, link)
        except Refusal as no:
            log.info("refused", op="show_file", code=no.code, peer=request.remote)  # never the token
            answer = problem(no)
            answer.headers.update({"Content-Range": f"bytes */{no.params['size']}"} if "size" in no.params else {})
            return answer

    app.router.add_get("/files/{token}", show)


async def _send(request: web.Request, blobs: Blobs, link: Link) -> web.StreamResponse:
    size = await blobs.size(link.key)
    asked = wanted(request.headers.get("Range"), size)
    start, end = asked or (0, size)
    response = web.StreamResponse(status=206 if asked else 200, headers=headers_of(link))
    response.content_length = end - start
    if asked:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    await response.prepare(request)
    if request.method == "GET":
        async for piece in await blobs.get(link.key, start, end):
            await response.write(piece)
    await response.write_eof()
    return response


def headers_of(link: Link) -> Mapping[str, str]:
    """What makes a stranger's file harmless."""
    inline = link.content_type in INLINE
    return HEADERS | {
        "Content-Type": link.content_type if inline or link.content_type == DRAWN else "application/octet-stream",
        "Content-Disposition": disposition(link.name, inline=inline),
    }


def disposition(name: str, *, inline: bool) -> str:
    """RFC 6266: the name in ASCII for old browsers and in UTF-8 for the others; nothing in it can end the header."""
    name = _UNSEEN.sub("_", name).strip(" .")[:200] or "file"
    plain = _UNSAFE.sub("_", name)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def wanted(header: str | None, size: int) -> tuple[int, int] | None:
    """The one range that is asked for, up to and without its end; None for all. Raises RangeUnfit.

    Several ranges at once, or another unit, are answered with all: RFC 9110 §14.2 allows it.
    """
    match = _RANGE.fullmatch((header or "").strip())
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
    if last and first and int(last) < int(first):
        return None
    if start >= size:
        raise RangeUnfit(size=size)
    return start, end
