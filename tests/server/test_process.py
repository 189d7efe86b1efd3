"""The server as a process: how it ends, and that a restart finds everything as it was."""

import asyncio
import base64
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from tests.lms_core.boards.drawn import typed
from tests.support.running import ROOT, Caller, Running, free_port, running


@pytest.mark.parametrize(("number", "within"), [(signal.SIGKILL, 1.0), (signal.SIGTERM, 15.0)])
def test_every_process_ends_with_the_first(tmp_path: Path, number: int, within: float) -> None:
    with running(tmp_path) as server:
        assert len(server.group()) >= 1 + server.planes
        server.end(number, within)


async def test_a_restart_finds_ports_tokens_and_rooms(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    server = Running(tmp_path)
    await loop.run_in_executor(None, server.fill)
    await loop.run_in_executor(None, server.start)
    try:
        async with aiohttp.ClientSession() as http:
            teacher = await Caller(server, http).log_in("teacher")
            lesson = (await teacher("GET", "/api/lessons"))["items"][0]
            before = await teacher("POST", f"/api/lessons/{lesson['id']}/join", {})
            server.end(signal.SIGKILL, 1.0)
            await loop.run_in_executor(None, server.start)
            after = await teacher("POST", f"/api/lessons/{lesson['id']}/join", {})
            assert after["room_id"] == before["room_id"]
            await _whip_is_reached(server, http, before["room_id"], before["grant"])
    finally:
        server.kill()


async def _whip_is_reached(server: Running, http: aiohttp.ClientSession, room_id: str, grant: str) -> None:
    """The grant from before the restart opens the room: only the nonsense offered is refused."""
    headers = {"Authorization": f"Bearer {grant}", "Content-Type": "application/sdp"}
    async with http.post(f"{server.url}/whip/{room_id}", data="v=0\r\n", headers=headers) as answer:
        assert answer.status in (400, 422), await answer.text()


def test_a_second_server_on_the_same_data_ends_at_once(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        again = subprocess.run(
            [*server.verb("run"), "--port", str(free_port())], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert again.returncode != 0
        assert "another server runs" in again.stderr


@pytest.mark.complaint(10)
async def test_a_killed_servers_rooms_and_notes_are_found_as_they_were(tmp_path: Path) -> None:
    """On SQLite, where the next process is the same server's: people, the bar on nobody, the join log,
    and every word of the notes that was acknowledged."""
    loop = asyncio.get_running_loop()
    server = Running(tmp_path, planes=1)
    await loop.run_in_executor(None, server.fill)
    await loop.run_in_executor(None, server.start)
    try:
        async with aiohttp.ClientSession() as http:
            teacher, pupil = await Caller(server, http).log_in("teacher"), await Caller(server, http).log_in("student1")
            lesson = await teacher("POST", "/api/lessons", {"title": "Kept"})
            grants = [(await who("POST", f"/api/lessons/{lesson['id']}/join", {}))["grant"] for who in (teacher, pupil)]
            notes = Notes()
            writing = asyncio.create_task(notes.go_on(server, teacher, grants[0]))
            async with asyncio.timeout(60):
                await notes.enough.wait()
            answer = await _entered(server, pupil, grants[1])
            await asyncio.sleep(1.0)  # a snapshot is written soon, not at once
            server.end(signal.SIGKILL, 2.0)
            await asyncio.gather(writing, return_exceptions=True)
            await loop.run_in_executor(None, server.start)
            again = await _entered(server, teacher, grants[0])
            assert [one["id"] for one in again["participants"]] == [one["id"] for one in answer["participants"]]
            assert again["version"] > answer["version"]
            assert [one["connected"] for one in again["participants"]] == [True, False]
            with sqlite3.connect(tmp_path / "sabaq.sqlite") as db:
                assert db.execute("SELECT count(*) FROM visits WHERE left IS NULL").fetchone() == (2,)
            kept = await teacher("GET", f"/api/boards/{notes.board}/updates")
            found = {item["number"]: item["update"] for item in kept["items"]}
            assert {number: found.get(number) for number in notes.acknowledged} == notes.acknowledged
    finally:
        server.kill()


ENOUGH = 20
"""Changes of notes after which the server is killed, in the middle of the next."""


class Notes:
    """Shared notes that one hand goes on writing: what was acknowledged, by its number."""

    def __init__(self) -> None:
        self.board = ""
        self.acknowledged: dict[int, str] = {}
        self.enough = asyncio.Event()

    async def go_on(self, server: Running, who: Caller, grant: str) -> None:
        """Three changes at a time, until the line breaks."""
        io = socketio.AsyncClient(reconnection=False)
        await io.connect(server.url, auth={"token": who.token}, transports=["websocket"])
        await io.call("command", ("enter", {"grant": grant}), timeout=10)
        found: Any = await io.call("command", ("board_find", {"kind": "notes"}), timeout=10)
        self.board = found["ok"]["id"]
        await io.call("command", ("board_open", {"board_id": self.board}), timeout=10)

        async def write(client: int) -> None:
            for place in range(10_000):
                update = base64.b64encode(typed(client, place, "ә")).decode()
                body = {"board_id": self.board, "update": update}
                answer: Any = await io.call("command", ("board_update", body), timeout=10)
                if "ok" in answer:
                    self.acknowledged[answer["ok"]["number"]] = update
                else:
                    await asyncio.sleep(0.2)  # faster than anybody may write
                if len(self.acknowledged) >= ENOUGH:
                    self.enough.set()

        await asyncio.gather(*(write(client) for client in (1, 2, 3)))


async def _entered(server: Running, who: Caller, grant: str) -> dict[str, Any]:
    io = socketio.AsyncClient(reconnection=False)
    await io.connect(server.url, auth={"token": who.token}, transports=["websocket"])
    answer: Any = await io.call("command", ("enter", {"grant": grant}), timeout=10)
    await io.disconnect()
    return answer["ok"]
