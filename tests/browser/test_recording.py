"""A lesson that is recorded plays afterwards, whatever died meanwhile. Sent by WHIP, seen by PyAV and by Chromium."""

import asyncio
import hashlib
import io
import os
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import aiohttp
import av
import numpy as np
import pytest
from playwright.async_api import Page

from lms_core.recordings import core
from media import segments
from media.recorder import SEGMENT_SECONDS
from tests.browser.visitor import Crowd
from tests.support.running import Caller, Running

PUBLISH = """async ([url, grant]) => {
  window.media ||= await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 640, height: 360}})
  const pc = window.pc = new RTCPeerConnection()
  for (const track of media.getTracks()) pc.addTransceiver(track, {direction: 'sendonly', streams: [media]})
  await pc.setLocalDescription()
  const headers = {'Content-Type': 'application/sdp', Authorization: 'Bearer ' + grant}
  const answer = await fetch(url, {method: 'POST', body: pc.localDescription.sdp, headers})
  if (!answer.ok) return await answer.text()
  await pc.setRemoteDescription({type: 'answer', sdp: await answer.text()})
  await new Promise((done) => {
    const look = () => (pc.connectionState === 'connected' ? done() : undefined)
    pc.addEventListener('connectionstatechange', look), look()
  })
  return 'sends'
}"""
WIND = """async ([url, second]) => {
  const video = document.createElement('video')
  video.muted = true
  const once = (name) => new Promise((done, failed) => {
    video.addEventListener(name, done, {once: true})
    video.addEventListener('error', () => failed(new Error(video.error?.message)), {once: true})
  })
  const begin = performance.now()
  video.src = url
  await once('loadeddata')
  const shown = performance.now() - begin
  const seeked = once('seeked')
  const wind = performance.now()
  video.currentTime = second
  await seeked
  const wound = performance.now() - wind
  return {shown, wound, at: video.currentTime, seconds: video.duration, width: video.videoWidth}
}"""


class Lesson:
    """A lesson of the teacher, who is recorded while they send."""

    def __init__(self, server: Running, teacher: Caller, page: Page, lesson: Any) -> None:
        self.server, self.teacher, self.page, self.lesson = server, teacher, page, lesson
        self.room = lesson["room_id"]

    async def record(self) -> str:
        return (await self.teacher("POST", f"/api/rooms/{self.room}/recording", {}))["recording_id"]

    async def stop(self) -> None:
        await self.teacher("POST", f"/api/rooms/{self.room}/recording/stop", {})

    async def sends(self) -> None:
        join = await self.teacher("POST", f"/api/lessons/{self.lesson['id']}/join", {})
        until = time.monotonic() + 30
        while (said := await self.page.evaluate(PUBLISH, [join["whip_url"], join["grant"]])) != "sends":
            assert time.monotonic() < until, said
            await asyncio.sleep(0.2)

    async def listed(self) -> Any:
        [item] = (await self.teacher("GET", f"/api/recordings?lesson_id={self.lesson['id']}"))["items"]
        return item

    async def tracks(self, count: int, within: float = 60) -> None:
        until = time.monotonic() + within
        while len((await self.listed())["publications"]) < count:
            assert time.monotonic() < until, await self.listed()
            await asyncio.sleep(0.1)

    async def ready(self, within: float = 60) -> Any:
        until = time.monotonic() + within
        while (item := await self.listed())["state"] == "processing":
            assert time.monotonic() < until, self.server.log()[-3000:]
            await asyncio.sleep(0.2)
        assert item["state"] == "ready"
        return await self.teacher("GET", f"/api/recordings/{item['id']}")

    async def film(self, recording: str, within: float = 300) -> Any:
        """Asked for until it is made."""
        until = time.monotonic() + within
        while True:
            said = await self.teacher("GET", f"/api/recordings/{recording}/download")
            assert said["cost_s"] > 1
            if said["state"] in ("ready", "failed"):
                return said
            assert time.monotonic() < until, said
            await asyncio.sleep(0.3)

    async def fetched(self, url: str) -> bytes:
        async with self.teacher.http.get(self.server.url + url) as answer:
            return await answer.read()


@pytest.fixture
async def http() -> Any:
    async with aiohttp.ClientSession() as made:
        yield made


async def a_lesson(server: Running, crowd: Crowd, http: aiohttp.ClientSession) -> Lesson:
    teacher = await Caller(server, http).log_in("teacher")
    visitor = await crowd.visitor(server)
    await visitor.go("/log-in")
    return Lesson(server, teacher, visitor.page, await teacher("POST", "/api/lessons", {"title": "Жазба"}))


def decoded(data: bytes) -> tuple[int, float, float]:
    """Pictures or blocks of sound, the second of the last one, and the loudest sample."""
    count, last, loudest = 0, 0.0, 0.0
    with av.open(io.BytesIO(data), "r") as file:
        for frame in file.decode(file.streams[0]):
            assert isinstance(frame, av.AudioFrame | av.VideoFrame)
            count, last = count + 1, frame.time or 0.0
            if isinstance(frame, av.AudioFrame):
                loudest = max(loudest, float(np.abs(frame.to_ndarray().astype(float)).max()))
    return count, last, loudest


@pytest.mark.req("S456-27.10")
@pytest.mark.complaint(9)
@pytest.mark.complaint(2)
async def test_what_was_recorded_plays_and_is_wound(server: Running, crowd: Crowd, http: aiohttp.ClientSession) -> None:
    """Complaints: recordings that are black or silent, that wait in a queue for hours, that cannot be kept."""
    lesson = await a_lesson(server, crowd, http)
    await lesson.record()
    await lesson.sends()
    await lesson.tracks(2)
    await asyncio.sleep(13)  # more than one segment
    await lesson.stop()
    found = await lesson.ready()
    by_source = {one["source"]: one for one in found["publications"]}
    assert sorted(by_source) == ["camera", "microphone"]
    pictures, last, _ = decoded(await lesson.fetched(by_source["camera"]["url"]))
    assert (pictures > 130, last > 11) == (True, True), (pictures, last)
    blocks, last, loudest = decoded(await lesson.fetched(by_source["microphone"]["url"]))
    assert (blocks > 525, last > 11, loudest > 0.01) == (True, True, True), (blocks, last, loudest)
    assert abs(by_source["camera"]["starts_s"] - by_source["microphone"]["starts_s"]) < 0.5
    async with http.get(server.url + by_source["camera"]["url"], headers={"Range": "bytes=100-199"}) as part:
        assert (part.status, len(await part.read())) == (206, 100)
    shown = await lesson.page.evaluate(WIND, [by_source["camera"]["url"], 9])
    assert (shown["width"], shown["at"]) == (640, 9)
    assert shown["seconds"] == pytest.approx(by_source["camera"]["ends_s"] - by_source["camera"]["starts_s"], abs=0.2)
    kept = await lesson.teacher(
        "GET", f"/api/recordings/{found['id']}/download?publication={by_source['camera']['id']}"
    )
    assert (kept["state"], kept["type"]) == ("ready", "video/webm")
    film = await lesson.film(found["id"])
    pictures, last, _ = decoded(await lesson.fetched(film["url"]))
    assert last == pytest.approx(found["seconds"], abs=1.1)
    assert pictures == pytest.approx(found["seconds"] * 15, abs=16)


def chains(data: Path) -> dict[str, list[tuple[int, str, str, str]]]:
    """Of each track its segments' numbers, own hash as found now, that of the one before, and why it is a gap."""
    with sqlite3.connect(data / "sabaq.sqlite") as db:
        rows = db.execute(
            "SELECT hex(track_id), number, blob_key, sha256, previous, why FROM recording_segments"
            " ORDER BY track_id, number"
        ).fetchall()
    found: dict[str, list[tuple[int, str, str, str]]] = {}
    for track, number, key, sha256, previous, why in rows:
        if key:
            content = (data / "blobs" / key).read_bytes()
            assert hashlib.sha256(content).hexdigest() == sha256
            header, _ = segments.read_header(content)
            assert (header["number"], header["previous"]) == (number, previous)
        found.setdefault(track, []).append((number, sha256, previous, why))
    return found


@pytest.mark.req("S456-27.10")
@pytest.mark.complaint(9)
async def test_neither_a_killed_server_nor_a_killed_plane_loses_a_finished_segment(
    own_server: Running, crowd: Crowd, http: aiohttp.ClientSession
) -> None:
    lesson = await a_lesson(own_server, crowd, http)
    recording = await lesson.record()
    await lesson.sends()
    await lesson.tracks(2)
    await asyncio.sleep(12)
    await asyncio.to_thread(own_server.kill)
    await asyncio.to_thread(own_server.start)
    item = await lesson.listed()
    assert (item["id"], item["room_id"], item["state"], len(item["publications"])) == (
        recording,
        lesson.room,
        "recording",
        2,
    )
    await lesson.sends()
    await lesson.tracks(4)
    await asyncio.sleep(12)
    assert own_server.process
    for plane in set(own_server.group()) - {own_server.process.pid}:
        os.kill(plane, signal.SIGKILL)
    await asyncio.sleep(1)
    await lesson.sends()
    await lesson.tracks(6)
    await asyncio.sleep(2)
    await lesson.stop()
    found = await lesson.ready()
    assert len(found["publications"]) == 6
    for one in found["publications"]:
        assert one["url"], one
        count, last, _ = decoded(await lesson.fetched(one["url"]))
        assert count > 0
        assert last == pytest.approx(one["ends_s"] - one["starts_s"], abs=0.5)
    cut = [one for one in found["publications"] if one["gaps"]]
    assert len(cut) == 4
    lost = [round(gap["ends_s"] - gap["starts_s"], 6) for one in cut for gap in one["gaps"]]
    assert max(lost) <= SEGMENT_SECONDS, lost
    assert all(one["ends_s"] - one["starts_s"] > 9 for one in cut)
    told = chains(own_server.data)
    assert len(told) == 6
    for track in told.values():
        assert [number for number, *_ in track] == list(range(len(track)))
        assert core.chain_holds((own, previous, why) for _, own, previous, why in track)
    assert list((own_server.data / "spool").glob("*/recording_*")) == []
    for visitor in crowd.visitors:
        visitor.complaints.clear()  # the page's own questions to a server that was not there
