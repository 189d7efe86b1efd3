"""Files that people share in a room: sent, judged, opened by who may, removed."""

import asyncio
import os
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from sqlalchemy import select, update

from lms_core.files import core
from lms_core.files import service as files
from lms_core.files.model import File
from lms_core.kernel import personal
from lms_core.kernel.actor import Actor
from lms_core.kernel.db import Tx
from server.sweeping import Sweeper
from tests.lms_core.files import samples
from tests.support.running import Caller, Running
from tests.support.story import Person, Refused, refused
from tests.support.world import World, a_world


async def sends(
    person: Person, room: str, content: bytes | AsyncIterator[bytes], name: str = "a.png", **headers: str
) -> Any:
    """Share a file. Raises Refused."""
    headers |= {"X-File-Name": quote(name), "Content-Type": "application/octet-stream"}
    if person.token:
        headers["Authorization"] = f"Bearer {person.token}"
    body = BytesIO(content) if isinstance(content, bytes) else content
    async with person.world.http.post(f"/api/rooms/{room}/files", data=body, headers=headers) as response:
        answer = await response.json(content_type=None)
    if response.status != 200:
        raise Refused(response.status, answer)
    return answer


async def opens(person: Person, file_id: str) -> bytes:
    link = await person.asks("get_file", file_id=file_id)
    async with person.world.http.get(link["url"]) as response:
        assert response.status == 200
        return await response.read()


async def swept(world: World) -> list[str]:
    """After the jobs have run: the keys that are left."""
    await world.job("files.forget")
    house = world.house
    await Sweeper(house.db, world.clock, house.blobs, files.gone, files.removed).sweep()
    return [key async for key, _ in house.blobs.list()]


@pytest.mark.req("S456-27.16")
async def test_a_file_is_shared_with_a_room(world: World) -> None:
    misha, dina, anna = await world.enters("misha", "dina", "anna")
    room = world.school.algebra.room_id
    shared = await sends(misha, room, samples.PNG, "есеп \u202e👩🏽‍🏫.png")
    assert shared == {"id": shared["id"], "name": "есеп 👩🏽‍🏫.png", "type": "image/png", "bytes": len(samples.PNG)}
    for person in (misha, dina, anna):
        assert await opens(person, shared["id"]) == samples.PNG
    async with world.http.get((await dina.asks("get_file", file_id=shared["id"]))["url"]) as response:
        assert response.headers["Content-Security-Policy"].startswith("sandbox")
        assert response.content_type == "image/png"
        await response.read()


@pytest.mark.parametrize(("name", "code"), [("erlan", "not_found"), ("parent", "forbidden"), ("victor", "not_found")])
async def test_strangers_neither_send_nor_open(world: World, name: str, code: str) -> None:
    misha, stranger = await world.enters("misha", name)
    room = world.school.algebra.room_id
    shared = await sends(misha, room, samples.PNG)
    with refused(code):
        await sends(stranger, room, samples.PNG)
    with refused(code):
        await opens(stranger, shared["id"])
    with refused("not_logged_in"):
        await sends(world.stranger(), room, samples.PNG)
    assert len([key async for key, _ in world.house.blobs.list()]) == 1


async def test_a_private_file_is_opened_by_its_owner_its_reader_and_who_leads(world: World) -> None:
    misha, dina, anna, director = await world.enters("misha", "dina", "anna", "director")
    room = world.school.algebra.room_id
    shared = await sends(misha, room, samples.PNG)

    async def hold(tx: Tx) -> None:
        await files.hold(tx, room, [shared["id"]], "message_1", private=True)

    await world.run(hold, Actor(misha.id))
    assert await opens(misha, shared["id"]) == await opens(anna, shared["id"]) == samples.PNG
    for other in (dina, director):
        with refused("not_found"):
            await opens(other, shared["id"])


async def test_pages_of_strangers_are_only_saved(world: World) -> None:
    [misha] = await world.enters("misha")
    for name in ("a.html", "a.svg", "a.js"):
        shared = await sends(misha, world.school.algebra.room_id, b"<svg onload='x'><script>1</script></svg>", name)
        link = await misha.asks("get_file", file_id=shared["id"])
        async with world.http.get(link["url"]) as response:
            assert response.content_type == "application/octet-stream"
            assert response.headers["Content-Disposition"].startswith("attachment;")
            await response.read()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"MZ\x90\0", "a.png", "file_type_refused"),
        (samples.pdf("/OpenAction << /S /Launch >>"), "a.pdf", "file_unsafe"),
        (samples.archive({"a": b"\0" * 30_000_000}), "a.zip", "file_unsafe"),
        (samples.PNG, "a.pdf", "file_lies"),
        (b"", "a.png", "file_empty"),
    ],
)
async def test_what_is_refused_leaves_nothing(world: World, content: bytes, name: str, code: str) -> None:
    [misha] = await world.enters("misha")
    with refused(code):
        await sends(misha, world.school.algebra.room_id, content, name)
    assert [key async for key, _ in world.house.blobs.list()] == []
    assert await world.run(lambda tx: tx.all(select(File))) == []
    assert list((world.house.settings.data / "uploads").glob("*")) == []


async def test_a_file_of_megabytes_and_one_too_large(world: World) -> None:
    [misha] = await world.enters("misha")
    room = world.school.algebra.room_id
    large = samples.PNG + b"\0" * (20 * 1024 * 1024)
    assert (await sends(misha, room, large))["bytes"] == len(large)

    async def endless() -> AsyncIterator[bytes]:
        yield samples.PNG
        while True:
            yield b"\0" * 262_144

    with refused("file_too_large", 413):
        await sends(misha, room, samples.PNG + b"\0" * (50 * 1024 * 1024))
    try:
        with refused("file_too_large", 413):
            await sends(misha, room, endless())
    except OSError:
        pass  # we hung up on it
    assert len([key async for key, _ in world.house.blobs.list()]) == 1


async def test_who_sends_too_much_is_told_to_wait(world: World) -> None:
    misha, dina = await world.enters("misha", "dina")
    room = world.school.algebra.room_id
    for _ in range(40):
        await sends(misha, room, samples.PNG)
    with refused("too_many_attempts", 429):
        await sends(misha, room, samples.PNG)
    await sends(dina, room, samples.PNG)
    await world.run(lambda tx: tx.execute(update(File).values(bytes=core.MOST_A_DAY)))
    with refused("too_many_bytes", 429):
        await sends(dina, room, samples.PNG)


async def test_a_person_sends_few_files_at_once(world: World) -> None:
    misha, dina = await world.enters("misha", "dina")
    room, more = world.school.algebra.room_id, asyncio.Event()
    begun = asyncio.Semaphore(0)

    async def slow() -> AsyncIterator[bytes]:
        yield samples.PNG
        begun.release()
        await more.wait()

    tasks = [asyncio.create_task(sends(misha, room, slow())) for _ in range(core.AT_ONCE)]
    for _ in tasks:
        await begun.acquire()
    async with asyncio.timeout(20):
        while True:  # the server counts them a moment after their first bytes
            with pytest.raises(Refused) as no:
                await sends(misha, room, b"")
            if no.value.code == "too_many_attempts":
                break
    assert no.value.params == {"retry_after": 5}
    await sends(dina, room, samples.PNG)
    more.set()
    assert {answer["type"] for answer in await asyncio.gather(*tasks)} == {"image/png"}
    await sends(misha, room, samples.PNG)


async def test_what_nothing_holds_is_gone_after_a_day(world: World) -> None:
    [misha] = await world.enters("misha")
    shared = await sends(misha, world.school.algebra.room_id, samples.PNG)
    assert len(await swept(world)) == 1
    await world.clock.advance(core.UNHELD.total_seconds() + 1)
    assert await swept(world) == []
    with refused("not_found"):
        await opens(misha, shared["id"])
    assert await world.run(lambda tx: tx.all(select(File))) == []


async def test_an_erased_persons_files_are_removed(world: World) -> None:
    misha, dina = await world.enters("misha", "dina")
    room = world.school.algebra.room_id
    await sends(misha, room, samples.PNG)
    kept = await sends(dina, room, samples.PNG)
    assert misha.id
    await world.run(lambda tx: personal.erase(tx, misha.id))  # type: ignore[arg-type]
    assert [key.rpartition("/")[2] for key in await swept(world)] == [kept["id"]]


async def test_a_full_disk_takes_nothing(tmp_path: Any) -> None:
    async with a_world(tmp_path, least_free_mb=1024 * 1024 * 1024) as world:
        [misha] = await world.enters("misha")
        with refused("no_space", 507):
            await sends(misha, world.school.algebra.room_id, samples.PNG)


@pytest.mark.parametrize("name", ["%", "%zz", "%ff%fe", "a" * 255, "\\..\\", "%00", "a\u200b.png"])
async def test_any_name_is_borne(world: World, name: str) -> None:
    [misha] = await world.enters("misha")
    path = f"/api/rooms/{world.school.algebra.room_id}/files"
    headers = {"Authorization": f"Bearer {misha.token}", "X-File-Name": name.encode("ascii", "ignore").decode()}
    async with world.http.post(path, data=samples.PNG, headers=headers) as response:
        answer = await response.json()
        assert response.status == 200 and answer["name"].endswith(".png"), answer


@pytest.mark.parametrize("name", ["a" * 256, "ә" * 128, "👩🏽‍🏫" * 18, "a" * 2000 + ".png", "\u05d0" * 1000])
async def test_a_name_longer_than_file_systems_have_is_refused(world: World, name: str) -> None:
    [misha] = await world.enters("misha")
    with refused("file_name_too_long", 422):
        await sends(misha, world.school.algebra.room_id, samples.PNG, name)
    assert [key async for key, _ in world.house.blobs.list()] == []


@pytest.mark.parametrize("name", ["ә" * 125 + ".png", "👩🏽‍🏫" * 14 + ".png", "\u05d0" * 120 + "\u202e.png"])
async def test_a_name_of_255_bytes_in_any_letters_is_kept(world: World, name: str) -> None:
    [misha] = await world.enters("misha")
    kept = (await sends(misha, world.school.algebra.room_id, samples.PNG, name))["name"]
    assert kept.endswith(".png") and len(kept) <= 120 and "\u202e" not in kept


async def test_a_header_longer_than_any_name_is_refused_before_it_is_read(
    server: Running, http: aiohttp.ClientSession, teacher: Caller
) -> None:
    """10,000 letters, as no page of ours sends them: the connection ends with 400, and the next one is served."""
    headers = {"Authorization": f"Bearer {teacher.token}", "X-File-Name": quote("ә" * 10_000)}
    path = f"{server.url}/api/rooms/room_00000000000000000000000000/files"
    async with http.post(path, data=samples.PNG, headers=headers) as response:
        assert response.status == 400
    assert (await teacher("GET", "/api/me"))["name"]


async def test_a_large_file_takes_no_memory_of_a_real_server(
    server: Running, http: aiohttp.ClientSession, teacher: Caller
) -> None:
    """40 MB pass through 64 KiB pieces, past the bound of 2 MB that other requests have; a long name is
    cut; one too large is refused in words."""
    room = (await teacher("POST", "/api/lessons", {"title": "Файл"}))["room_id"]
    url = f"{server.url}/api/rooms/{room}/files"
    headers = {"Authorization": f"Bearer {teacher.token}", "X-File-Name": quote("ә" * 125 + ".png")}

    async def content(megabytes: int) -> AsyncIterator[bytes]:
        yield samples.PNG
        for _ in range(megabytes * 4):
            yield b"\0" * (256 * 1024)

    async def send(megabytes: int) -> tuple[int, Any]:
        async with http.post(url, data=content(megabytes), headers=headers) as response:
            return response.status, await response.json()

    status, _ = await send(1)
    assert status == 200 and server.process
    before = _memory(server.process.pid)
    status, answer = await send(40)
    assert (status, answer["bytes"], len(answer["name"])) == (200, len(samples.PNG) + 40 * 1024 * 1024, 120)
    assert _memory(server.process.pid) - before < 16 * 1024 * 1024
    try:
        status, answer = await send(60)
        assert (status, answer["code"]) == (413, "file_too_large")
    except aiohttp.ClientError:
        pass  # we hung up while it was still sending


def _memory(pid: int) -> int:
    """Bytes of a process in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
