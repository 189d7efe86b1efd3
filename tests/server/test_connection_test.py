"""Rooms that carry nothing and end by themselves; and where relays are told of."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from lms_core.kernel.clock import ManualClock
from media.rooms import Rooms
from server.config import Settings, Turn
from server.connection_test import AT_ONCE, LASTS, ConnectionTest
from tests.media.fake_planes import FakePlanes
from tests.support.running import Caller, Running, running
from tests.support.world import NOW

RELAY = "turns:relay.example:443?transport=tcp"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    turn = {"SABAQ_TURN": f'{{"urls": ["{RELAY}"], "secret": "hush"}}'}
    with running(tmp_path_factory.mktemp("reach"), environ=turn) as started:
        yield started


@pytest.fixture
async def pupil(server: Running) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as http:
        yield await Caller(server, http).log_in("student5")


async def an_offer() -> str:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTransceiver("audio", "sendonly")
    await peer.setLocalDescription(await peer.createOffer())
    text = peer.localDescription.sdp
    await peer.close()
    return text


async def test_each_test_is_answered_with_both_kinds_of_path_and_a_password_for_the_relay(pupil: Caller) -> None:
    made = await pupil("POST", "/api/connection-test", {"sdp": await an_offer()})
    candidates = [line.split() for line in made["sdp"].splitlines() if line.startswith("a=candidate:")]
    assert {each[2] for each in candidates} == {"udp", "tcp"}
    assert all(each[-2:] == ["tcptype", "passive"] for each in candidates if each[2] == "tcp")
    assert (made["first_port"], made["last_port"]) == (pupil.server.udp_port, pupil.server.udp_port + 1)
    (relay,) = made["ice_servers"]
    assert relay["urls"] == [RELAY]
    assert 0 < int(relay["username"].partition(":")[0]) - time.time() <= 121


async def test_who_is_not_logged_in_and_what_is_no_offer_is_refused(server: Running, pupil: Caller) -> None:
    async with aiohttp.ClientSession() as http:
        await Caller(server, http)("POST", "/api/connection-test", {"sdp": await an_offer()}, expect=401)
    refused = await pupil("POST", "/api/connection-test", {"sdp": "v=0\r\n"}, expect=422)
    assert refused["code"].startswith("sdp_")
    await pupil("POST", "/api/connection-test", {}, expect=422)


async def test_a_person_may_have_few_open_and_ask_not_too_often(server: Running) -> None:
    async with aiohttp.ClientSession() as http:
        eager = await Caller(server, http).log_in("student6")
        offer = await an_offer()
        for _ in range(AT_ONCE):
            await eager("POST", "/api/connection-test", {"sdp": offer})
        refused = await eager("POST", "/api/connection-test", {"sdp": offer}, expect=429)
        assert refused["code"] == "too_many_resources"
        for _ in range(19):
            await eager("POST", "/api/connection-test", {"sdp": offer}, expect=429)
        refused = await eager("POST", "/api/connection-test", {"sdp": offer}, expect=429)
        assert (refused["code"], refused["params"]["retry_after"] > 0) == ("too_many_attempts", True)


async def test_it_ends_by_itself_and_is_no_lesson(server: Running) -> None:
    clock, planes = ManualClock(NOW), FakePlanes()
    rooms = Rooms(planes, clock)
    probes = ConnectionTest(rooms, clock, Settings(turn=Turn((RELAY,), "hush")))
    running = asyncio.create_task(probes.run())
    grant = probes._grant("person_1")
    made = await rooms.open_publisher(grant, "microphone")
    probes._open.put_nowait((clock.monotonic() + LASTS, grant, made.id))
    for _ in range(20):
        await asyncio.sleep(0)
    assert rooms.resource(grant, made.id).id == made.id
    await clock.advance(LASTS + 1)
    with pytest.raises(Exception, match="not_found"):
        rooms.resource(grant, made.id)
    assert "record" not in server.log(), "no join log was tried"
    running.cancel()
    await rooms.stop()


async def test_who_joins_is_told_of_the_relay_and_so_are_whip_clients(server: Running, pupil: Caller) -> None:
    teacher = await Caller(server, pupil.http).log_in("teacher")
    lesson = await teacher("POST", "/api/lessons", {"title": "relay"})
    joined = await teacher("POST", f"/api/lessons/{lesson['id']}/join", {})
    (relay,) = joined["ice_servers"]
    assert relay["urls"] == [RELAY]
    until, _, who = relay["username"].partition(":")
    assert who == joined["participant_id"]
    assert 4 * 3600 - 60 < int(until) - time.time() <= 4 * 3600, "it ends with the grant"
    link = (
        f'<{RELAY}>; rel="ice-server"; username="{relay["username"]}"; '
        f'credential="{relay["credential"]}"; credential-type="password"'
    )
    bearer = {"Authorization": f"Bearer {joined['grant']}"}
    offer = {"Content-Type": "application/sdp", **bearer}
    async with pupil.http.post(joined["whip_url"], data=await an_offer(), headers=offer) as answer:
        assert (answer.status, answer.headers["Link"]) == (201, link)
        assert "Link" in answer.headers["Access-Control-Expose-Headers"]
    async with pupil.http.options(joined["whep_url"], headers=bearer) as answer:
        assert (answer.status, answer.headers["Link"]) == (204, link)
    for headers in ({}, {"Authorization": "Bearer x"}):
        async with pupil.http.options(joined["whip_url"], headers=headers) as answer:
            assert answer.status == 204
            assert "Link" not in answer.headers
