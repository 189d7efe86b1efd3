"""WHIP and WHEP in front of a LiveKit server: `python -m bench.peers.livekit_bridge PORT`.

LiveKit takes WHIP itself; who views is a WHIP client that only receives and names the tracks it wants in a header.
The bridge carries signalling only, so its CPU is no part of what is measured.
"""

import base64
import hashlib
import hmac
import itertools
import json
import sys
import time
from collections.abc import AsyncIterator

from aiohttp import ClientSession, web

LIVEKIT = "http://127.0.0.1:7880/whip/v1"
KEY, SECRET = "devkey", "a-secret-of-at-least-thirty-two-bytes"  # as in livekit.yaml
TRACK = {"subscribedParticipantTrackNames": {"publisher": ["synthesized-camera"]}}

CLIENT = web.AppKey("client", ClientSession)
viewers = itertools.count(1)


def token(room: str, identity: str) -> str:
    """A JSON Web Token for one who enters this room."""
    now = int(time.time())
    grant = {"roomJoin": True, "room": room, "canPublish": True, "canSubscribe": True}
    claims = {"iss": KEY, "sub": identity, "nbf": now - 5, "exp": now + 3600, "video": grant}
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    seal = hmac.digest(SECRET.encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{_plain(seal)}"


def _part(value: object) -> str:
    return _plain(json.dumps(value).encode())


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


async def whip(request: web.Request) -> web.Response:
    return await _forward(request, "publisher")


async def whep(request: web.Request) -> web.Response:
    return await _forward(request, f"viewer{next(viewers)}", **{"X-LiveKit-ClientInfo": json.dumps(TRACK)})


async def _forward(request: web.Request, identity: str, **headers: str) -> web.Response:
    room = "room" + request.match_info["room"]
    headers |= {"Content-Type": "application/sdp", "Authorization": f"Bearer {token(room, identity)}"}
    async with request.app[CLIENT].post(LIVEKIT, data=await request.read(), headers=headers) as answer:
        body, where = await answer.read(), {"Location": "/done"}
        return web.Response(status=answer.status, body=body, content_type="application/sdp", headers=where)


async def done(request: web.Request) -> web.Response:
    return web.Response()


async def client(app: web.Application) -> AsyncIterator[None]:
    app[CLIENT] = ClientSession()
    yield
    await app[CLIENT].close()


if __name__ == "__main__":
    bridge = web.Application()
    bridge.cleanup_ctx.append(client)
    bridge.add_routes([web.post("/whip/{room}", whip), web.post("/whep/{room}", whep), web.delete("/done", done)])
    web.run_app(bridge, host="127.0.0.1", port=int(sys.argv[1]), print=None)
