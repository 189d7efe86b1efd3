"""WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) on the rooms that browsers meet in."""

import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web

from lms_core.kernel.actor import NOBODY
from lms_core.kernel.errors import Refusal
from media.grant import Grant, GrantInvalid

from .http import Doors, bearer_of, problem
from .live import Live
from .turn import link_values

MAX_SDP = 64 * 1024
_SDP, _FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
    "Access-Control-Expose-Headers": "Location, ETag, Accept-Patch, Link",
}

log = structlog.get_logger(__name__)
_Handler = Callable[[web.Request], Awaitable[web.Response]]


class WrongKind(Refusal):
    """The body is not what the Content-Type must say."""

    code, status = "wrong_content_type", 415


class NoMatch(Refusal):
    """The resource has changed since the sender saw it (RFC 9725 §4.3.1)."""

    code, status = "etag_mismatch", 412


def add_to(app: web.Application, live: Live, http: Doors) -> None:
    """Serve `/whip/{room_id}`, `/whep/{room_id}` and the resources made there."""
    doors = _Doors(live, http)
    for kind in ("whip", "whep"):
        collection, resource = f"/{kind}/{{room_id}}", f"/{kind}/{{room_id}}/{{resource_id}}"
        app.router.add_post(collection, doors.guarded(doors.open))
        app.router.add_route("OPTIONS", collection, doors.options)
        app.router.add_patch(resource, doors.guarded(doors.patch))
        app.router.add_delete(resource, doors.guarded(doors.close))
        app.router.add_route("OPTIONS", resource, doors.options)


class _Doors:
    def __init__(self, live: Live, http: Doors) -> None:
        self._live, self._http = live, http

    def guarded(self, handler: Callable[[web.Request, Grant], Awaitable[web.Response]]) -> _Handler:
        async def handle(request: web.Request) -> web.Response:
            try:
                token = bearer_of(request)
                if token is None:
                    raise GrantInvalid
                room_id = request.match_info["room_id"]
                if request.method == "DELETE":
                    grant = self._live.grant_to_give_up(token, room_id)
                else:
                    grant = await self._live.grant_for(token, room_id)
                response = await handler(request, grant)
            except Refusal as no:
                peer = self._http.proxies.peer(request).address
                log.info("refused", op=f"{request.method} {request.path[:80]}", code=no.code, peer=peer)
                self._http.witness.refused(request.path[1:5], no.code, NOBODY, peer)
                response = problem(no)
            response.headers.update(_CORS)
            return response

        return handle

    async def options(self, request: web.Request) -> web.Response:
        """Who shows a grant is told of the relays (RFC 9725 §4.6); who asks without one is not refused."""
        response = web.Response(status=204, headers={**_CORS, "Accept-Post": _SDP})
        if token := bearer_of(request):
            with contextlib.suppress(Refusal):
                self._add_relays(response, await self._live.grant_for(token, request.match_info["room_id"]))
        return response

    async def open(self, request: web.Request, grant: Grant) -> web.Response:
        sdp = await _body(request, _SDP)
        if request.path.startswith("/whip/"):
            made = await self._live.rooms.open_publisher(grant, sdp)
        else:
            made = await self._live.rooms.open_viewer(grant, sdp, request.query.get("publication"))
        headers = {"Location": f"{request.path}/{made.id}", "ETag": f'"{made.etag}"', "Accept-Patch": _FRAGMENT}
        response = web.Response(status=201, text=made.sdp, content_type=_SDP, headers=headers)
        self._add_relays(response, grant)
        return response

    def _add_relays(self, response: web.Response, grant: Grant) -> None:
        for value in link_values(self._live.ice_servers(grant)):
            response.headers.add("Link", value)

    async def patch(self, request: web.Request, grant: Grant) -> web.Response:
        """Trickled candidates are accepted and not needed (ICE-lite learns addresses from checks)."""
        fragment = await _body(request, _FRAGMENT)
        resource = await self._live.rooms.resource(grant, request.match_info["resource_id"])
        wanted = request.headers.get("If-Match", "*").strip('"')
        ufrag, pwd = _attribute(fragment, "ice-ufrag"), _attribute(fragment, "ice-pwd")
        if wanted != "*":
            if wanted != resource.etag:
                raise NoMatch
            return web.Response(status=204)
        if "If-Match" not in request.headers or ufrag is None or pwd is None:
            return web.Response(status=204)
        new = await self._live.rooms.restart_ice(grant, resource.id, ufrag, pwd)
        text = f"a=ice-lite\r\na=ice-ufrag:{new.ufrag}\r\na=ice-pwd:{new.pwd}\r\n"
        return web.Response(text=text, content_type=_FRAGMENT, headers={"ETag": f'"{new.etag}"'})

    async def close(self, request: web.Request, grant: Grant) -> web.Response:
        await self._live.rooms.close_resource(grant, request.match_info["resource_id"])
        return web.Response()


async def _body(request: web.Request, kind: str) -> str:
    if request.content_type != kind:
        raise WrongKind(expected=kind)
    data = await request.content.read(MAX_SDP + 1)
    while len(data) <= MAX_SDP and (more := await request.content.read(MAX_SDP + 1 - len(data))):
        data += more
    if len(data) > MAX_SDP:
        raise _TooLarge(limit=MAX_SDP)
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise NotText from None


class _TooLarge(Refusal):
    code, status = "too_large", 413


class NotText(Refusal):
    code, status = "not_text", 400


def _attribute(fragment: str, name: str) -> Any:
    found = re.search(rf"^a={name}:(\S{{1,256}})\s*$", fragment, re.MULTILINE)
    return found and found[1]
