"""WHIP (RFC 9725) and WHEP at the door: statuses, headers, grants. Real server; offers made by aiortc."""

from typing import Any

import aiohttp
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

from tests.support.running import Caller, Running

SDP = {"Content-Type": "application/sdp"}
TRICKLE = {"Content-Type": "application/trickle-ice-sdpfrag"}


async def _offer(*, receive: bool = False) -> str:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        if receive:
            peer.addTransceiver("audio", direction="recvonly")
            peer.addTransceiver("video", direction="recvonly")
        else:
            peer.addTrack(AudioStreamTrack())
            peer.addTrack(VideoStreamTrack())
        await peer.setLocalDescription(await peer.createOffer())
        return peer.localDescription.sdp
    finally:
        await peer.close()


class Door:
    """The WHIP and WHEP endpoints of a lesson of the caller's own."""

    def __init__(self, http: aiohttp.ClientSession, server: Running, joined: dict[str, Any]) -> None:
        self.http, self.server = http, server
        self.room_id, self.grant = joined["room_id"], joined["grant"]
        self.whip, self.whep = joined["whip_url"], joined["whep_url"]

    async def __call__(
        self,
        method: str,
        url: str,
        body: str | bytes = "",
        headers: dict[str, str] | None = None,
        grant: str | None = None,
    ) -> aiohttp.ClientResponse:
        token = self.grant if grant is None else grant
        everything = {"Authorization": f"Bearer {token}", **(headers or {})}
        async with self.http.request(method, url, data=body, headers=everything) as answer:
            await answer.read()
            return answer

    def at(self, answer: aiohttp.ClientResponse) -> str:
        return self.server.url + answer.headers["Location"]


@pytest.fixture
async def door(server: Running, http: aiohttp.ClientSession, teacher: Caller) -> Door:
    lesson = await teacher("POST", "/api/lessons", {"title": "WHIP"})
    return Door(http, server, await teacher("POST", f"/api/lessons/{lesson['id']}/join", {}))


async def test_a_publisher_is_taken_and_let_go(door: Door) -> None:
    made = await door("POST", door.whip, await _offer(), SDP)
    text = await made.text()
    assert (made.status, made.content_type) == (201, "application/sdp")
    assert made.headers["Location"].startswith(f"/whip/{door.room_id}/")
    assert made.headers["ETag"].startswith('"')
    assert made.headers["Accept-Patch"] == "application/trickle-ice-sdpfrag"
    for line in ("a=ice-lite", "a=setup:passive", "a=fingerprint:sha-256", "a=recvonly", "a=end-of-candidates"):
        assert line in text, line
    ports = {line.split()[5] for line in text.splitlines() if line.startswith("a=candidate:")}
    assert ports <= {str(door.server.udp_port + k) for k in range(door.server.planes)}
    assert "127.0.0.1" in text
    assert (await door("DELETE", door.at(made))).status == 200
    assert (await door("DELETE", door.at(made))).status == 404


async def test_a_viewer_gets_what_is_published_its_own_included(door: Door) -> None:
    published = await door("POST", door.whip, await _offer(), SDP)
    seen = await door("POST", door.whep, await _offer(receive=True), SDP)
    assert seen.status == 201
    assert (await seen.text()).count("a=sendonly") == 2
    transport = published.headers["Location"].rpartition("/")[2]
    one = await door("POST", f"{door.whep}?publication={transport}:0", await _offer(receive=True), SDP)
    assert (await one.text()).count("a=sendonly") == 1
    none = await door("POST", f"{door.whep}?publication={transport}:9", await _offer(receive=True), SDP)
    assert none.status == 404


async def test_candidates_trickle_in_and_ice_restarts(door: Door) -> None:
    made = await door("POST", door.whip, await _offer(), SDP)
    at, etag = door.at(made), made.headers["ETag"]
    fragment = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
    candidate = fragment + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
    assert (await door("PATCH", at, candidate, {**TRICKLE, "If-Match": etag})).status == 204
    assert (await door("PATCH", at, candidate, TRICKLE)).status == 204
    assert (await door("PATCH", at, candidate, {**TRICKLE, "If-Match": '"other"'})).status == 412
    assert (await door("PATCH", at, candidate, SDP)).status == 415
    restarted = await door("PATCH", at, fragment, {**TRICKLE, "If-Match": "*"})
    assert restarted.status == 200
    assert restarted.headers["ETag"] != etag
    assert "a=ice-ufrag:" in await restarted.text()
    assert (await door("PATCH", at, candidate, {**TRICKLE, "If-Match": etag})).status == 412


async def test_pages_of_other_sites_may_ask(door: Door, http: aiohttp.ClientSession) -> None:
    async with http.options(door.whip) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        assert answer.headers["Accept-Post"] == "application/sdp"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("v=0\r\n", SDP, 422),
        ("", SDP, 422),
        ("\x00" * 100, SDP, 422),
        (b"\xff\xfe\xfd", SDP, 400),
        ("v=0\r\n" + "a=x\r\n" * 20_000, SDP, 413),
        ("v=0\r\n", {"Content-Type": "text/plain"}, 415),
        ("v=0\r\n", {}, 415),
    ],
)
async def test_rubbish_is_refused(door: Door, body: str | bytes, headers: dict[str, str], status: int) -> None:
    for url in (door.whip, door.whep):
        assert (await door("POST", url, body, headers)).status == status


async def test_only_a_grant_of_this_room_opens_it(door: Door, http: aiohttp.ClientSession, teacher: Caller) -> None:
    offer = await _offer()
    async with http.post(door.whip, data=offer, headers=SDP) as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (401, "grant_invalid")
    for grant in ("", "x", teacher.token, door.grant[:-2], door.grant + "x", "a.b.c", "ключ"):
        assert (await door("POST", door.whip, offer, SDP, grant=grant)).status == 401, grant
    other = await teacher("POST", "/api/lessons", {"title": "other"})
    foreign = await teacher("POST", f"/api/lessons/{other['id']}/join", {})
    assert (await door("POST", door.whip, offer, SDP, grant=foreign["grant"])).status == 403
    assert (await door("POST", f"{door.server.url}/whip/room_x", offer, SDP)).status in (403, 404)


async def test_a_grant_opens_sixteen_resources_at_once_and_no_more(door: Door) -> None:
    offer = await _offer()
    made = [await door("POST", door.whip, offer, SDP) for _ in range(16)]
    assert {answer.status for answer in made} == {201}
    assert (await door("POST", door.whep, await _offer(receive=True), SDP)).status == 429
    await door("DELETE", door.at(made[0]))
    assert (await door("POST", door.whip, offer, SDP)).status == 201


async def test_a_grant_ends_with_its_lesson(door: Door, teacher: Caller) -> None:
    lessons = (await teacher("GET", "/api/lessons"))["items"]
    lesson = next(lesson for lesson in lessons if lesson["room_id"] == door.room_id)
    made = await door("POST", door.whip, await _offer(), SDP)
    await teacher("POST", f"/api/lessons/{lesson['id']}/end", {})
    again = await door("POST", door.whip, await _offer(), SDP)
    assert (again.status, (await again.json(content_type=None))["code"]) == (409, "lesson_ended")
    assert (await door("DELETE", door.at(made))).status in (200, 404, 410)


async def test_who_was_logged_out_everywhere_has_no_grant_left(
    server: Running, http: aiohttp.ClientSession, teacher: Caller
) -> None:
    lesson = await teacher("POST", "/api/lessons", {"title": "removed"})
    pupil = await Caller(server, http).log_in("student7")
    door = Door(http, server, await pupil("POST", f"/api/lessons/{lesson['id']}/join", {}))
    offer = await _offer()
    assert (await door("POST", door.whip, offer, SDP)).status == 201
    await pupil("POST", "/api/log-out-everywhere", {})
    assert (await door("POST", door.whip, offer, SDP)).status == 401
    await pupil("GET", "/api/me", expect=401)
