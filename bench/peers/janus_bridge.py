"""WHIP, and WHEP with the server's offer, in front of Janus' VideoRoom: `python -m bench.peers.janus_bridge PORT`.

It carries signalling only, so its CPU is no part of what is measured.
"""

import asyncio
import sys
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession, web

JANUS = "http://127.0.0.1:8188/janus"
ROOM = {
    "publishers": 100,
    "bitrate": 0,
    "videocodec": "vp8",
    "audiocodec": "opus",
    "transport_wide_cc_ext": False,
    "videoorient_ext": False,
    "playoutdelay_ext": False,
    "fir_freq": 0,
}
PATIENCE = 10.0

Answer = dict[str, Any]


class Janus:
    """One session with it; a handle for each peer."""

    def __init__(self, client: ClientSession) -> None:
        self._client = client
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._rooms: dict[str, int] = {}
        self._feeds: dict[str, int] = {}
        self._session = ""

    async def open(self) -> None:
        made = await self._post("", {"janus": "create"})
        self._session = f"/{made['data']['id']}"
        self._poll = asyncio.create_task(self._listen())

    async def publish(self, name: str, offer: str) -> tuple[int, str]:
        """The handle of who publishes in a room of this name, and the answer."""
        handle = await self.attach()
        if name not in self._rooms:
            self._rooms[name] = 1000 + len(self._rooms)
            await self.ask(handle, {"request": "create", "room": self._rooms[name], **ROOM})
        entry = {"request": "join", "ptype": "publisher", "room": self._rooms[name]}
        self._feeds[name] = (await self.ask(handle, entry))["plugindata"]["data"]["id"]
        said = await self.ask(handle, {"request": "publish", "bitrate": 0}, _sdp("offer", offer))
        return handle, said["jsep"]["sdp"]

    async def view(self, name: str) -> tuple[int, str]:
        """The handle of who watches what is published there, and Janus' offer."""
        handle = await self.attach()
        wanted = {"ptype": "subscriber", "room": self._rooms[name], "streams": [{"feed": self._feeds[name]}]}
        said = await self.ask(handle, {"request": "join", **wanted})
        return handle, said["jsep"]["sdp"]

    async def start(self, handle: int, answer: str) -> None:
        await self.ask(handle, {"request": "start"}, _sdp("answer", answer))

    async def detach(self, handle: int) -> None:
        await self._post(f"{self._session}/{handle}", {"janus": "detach"})

    async def attach(self) -> int:
        made = await self._post(self._session, {"janus": "attach", "plugin": "janus.plugin.videoroom"})
        return made["data"]["id"]

    async def ask(self, handle: int, body: Answer, jsep: Answer | None = None) -> Answer:
        """What the plugin says to it: at once, or by the long poll."""
        number = uuid4().hex
        event = self._waiting[number] = asyncio.get_running_loop().create_future()
        message = {"janus": "message", "transaction": number, "body": body} | ({"jsep": jsep} if jsep else {})
        said = await self._post(f"{self._session}/{handle}", message)
        if said["janus"] == "ack":
            said = await asyncio.wait_for(event, PATIENCE)
        if said["janus"] not in ("success", "event") or "error" in said.get("plugindata", {}).get("data", {}):
            raise web.HTTPBadGateway(text=str(said))
        return said

    async def _post(self, path: str, message: Answer) -> Answer:
        async with self._client.post(JANUS + path, json={"transaction": uuid4().hex, **message}) as answer:
            return await answer.json()

    async def _listen(self) -> None:
        while True:
            async with self._client.get(f"{JANUS}{self._session}?maxev=50") as answer:
                said = await answer.json()
            for event in said if isinstance(said, list) else [said]:
                waiting = self._waiting.pop(event.get("transaction", ""), None)
                if waiting and not waiting.done():
                    waiting.set_result(event)


JANUS_KEY = web.AppKey("janus", Janus)


def _sdp(kind: str, sdp: str) -> Answer:
    return {"type": kind, "sdp": sdp, "trickle": False}


def _made(handle: int, sdp: str) -> web.Response:
    where = {"Location": f"/peers/{handle}"}
    return web.Response(status=201, text=sdp, content_type="application/sdp", headers=where)


async def whip(request: web.Request) -> web.Response:
    return _made(*await request.app[JANUS_KEY].publish(request.match_info["room"], await request.text()))


async def whep(request: web.Request) -> web.Response:
    return _made(*await request.app[JANUS_KEY].view(request.match_info["room"]))


async def answered(request: web.Request) -> web.Response:
    await request.app[JANUS_KEY].start(int(request.match_info["handle"]), await request.text())
    return web.Response(status=204)


async def gone(request: web.Request) -> web.Response:
    await request.app[JANUS_KEY].detach(int(request.match_info["handle"]))
    return web.Response()


async def opened(app: web.Application) -> None:
    app[JANUS_KEY] = Janus(ClientSession())
    await app[JANUS_KEY].open()


if __name__ == "__main__":
    bridge = web.Application()
    bridge.on_startup.append(opened)
    bridge.add_routes([web.post("/whip/{room}", whip), web.post("/whep/{room}", whep)])
    bridge.add_routes([web.patch("/peers/{handle}", answered), web.delete("/peers/{handle}", gone)])
    web.run_app(bridge, host="127.0.0.1", port=int(sys.argv[1]), print=None)
