"""Somebody's line is cut without a word, as by a laptop's lid: a real process that stands still, and nobody's ghost."""

import asyncio
import os
import signal
import sys
import time

import aiohttp
import pytest

from tests.server.test_leading import Scene
from tests.support.running import ROOT, Running

MARGIN = 10.0
"""Seconds that a busy machine may take for what is over after ten."""
PUPIL = """
import asyncio, sys, socketio
async def main(url, token, grant):
    io = socketio.AsyncClient(reconnection=False)
    await io.connect(url, auth={"token": token}, transports=["websocket"])
    await io.call("command", ("enter", {"grant": grant}))
    await io.call("command", ("raise_hand", {"raised": True}))
    print("in", flush=True)
    await io.wait()
asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.complaint(5)
async def test_a_ghost_is_gone_in_ten_seconds_and_comes_back_to_all_it_had(
    server: Running, http: aiohttp.ClientSession
) -> None:
    scene = await Scene(server, http).begin()
    caller = await scene._caller("student1")
    grant = (await caller("POST", f"/api/lessons/{scene.lesson['id']}/join", {}))["grant"]
    words = (sys.executable, "-c", PUPIL, server.url, caller.token, grant)
    pupil = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert pupil.stdout
        assert await asyncio.wait_for(pupil.stdout.readline(), 30) == b"in\n"
        teacher = scene.sockets["teacher"]
        os.kill(pupil.pid, signal.SIGSTOP)  # the kernel goes on to say that all arrived
        cut = time.monotonic()
        await teacher.until("participant_left", 10 + MARGIN)
        print(f"gone {time.monotonic() - cut:.1f} s after the line was cut")
    finally:
        pupil.kill()
        await pupil.wait()
    entered = await scene.enter("student1")
    [again] = [one for one in entered["participants"] if one["id"] == entered["participant_id"]]
    assert again["hand_at"] is not None
    for socket in scene.sockets.values():
        await socket.io.disconnect()
