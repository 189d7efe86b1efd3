"""Takes files in: piece by piece onto the disk, judged there, and only then kept."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import structlog

from lms_core.access.policy import Permission
from lms_core.files import service as files
from lms_core.files.service import FileView, Place, Stored
from lms_core.kernel.api import Api, Content, Context
from lms_core.kernel.blobs import LINK_SECONDS, Blobs, Links, Space
from lms_core.kernel.errors import TooMany
from lms_core.kernel.ids import FileId, RoomId

from .intake import pieces, receive

_MB = 1024 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FileLink:
    """`url`: fetches the file, by whoever has it, for `seconds`."""

    id: FileId
    name: str
    type: str
    bytes: int
    url: str
    seconds: int


class Uploads:
    """`folder`: where a file lies while it is judged."""

    def __init__(self, blobs: Blobs, links: Links, space: Space, folder: Path, most_mb: int) -> None:
        self._blobs, self._links, self._space = blobs, links, space
        self._folder, self._most = folder, most_mb * _MB
        self._under_way: Counter[str] = Counter()
        self.api = self._make_api()

    def dump(self) -> dict[str, Any]:
        return {"uploads": self._under_way.total()}

    async def _take(self, ctx: Context, room_id: RoomId, content: Content) -> FileView:
        person = ctx.actor.id
        files.check_sent(content.name)
        await self._count(ctx, person)
        if (content.length or 0) > self._most:
            raise files.too_large(self._most)
        place = await ctx.run(lambda tx: files.begin(tx, room_id))
        self._under_way[person] += 1
        try:
            return await self._store(ctx, room_id, content, place)
        finally:
            self._under_way[person] -= 1
            self._under_way += Counter()  # forgets who has none

    async def _count(self, ctx: Context, person: str) -> None:
        if self._under_way[person] >= files.AT_ONCE:
            raise TooMany(retry_after=5)
        if wait := await ctx.limits.spent(files.UPLOADS_RULE, "upload", person):
            raise TooMany(retry_after=round(wait))
        await ctx.limits.count(files.UPLOADS_RULE, "upload", person)

    async def _store(self, ctx: Context, room_id: RoomId, content: Content, place: Place) -> FileView:
        self._space.check()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryFile(dir=self._folder) as draft:
            size, digest = await receive(content, draft, self._most, self._space)
            name, kind = await ctx.in_thread(files.judge, content.name, draft, size)
            blob = await self._blobs.put(place.key, pieces(draft))
        stored = Stored(place.key, name, kind, size, digest)
        try:
            assert blob.sha256 == digest
            return await ctx.run(lambda tx: files.finish(tx, room_id, place, stored))
        except BaseException:
            await self._blobs.delete(place.key)
            raise

    def _make_api(self) -> Api:
        api = Api()

        @api.route("POST", "/api/rooms/{room_id}/files", needs=Permission.MESSAGE_POST)
        async def upload_file(ctx: Context, room_id: RoomId, content: Content) -> FileView:
            """Share a file with a room: its bytes are the body, its name stands percent-encoded in `X-File-Name`.

            A name has at most 255 bytes of UTF-8. What nothing shows (a message, a board) within a day is gone.
            Refusals: file_too_large, file_name_too_long, file_empty, file_type_refused, file_lies, file_unsafe,
            too_many_bytes, too_many_attempts, upload_too_slow, no_space.
            """
            return await self._take(ctx, room_id, content)

        @api.route("GET", "/api/files/{file_id}", needs=Permission.MESSAGE_READ)
        async def get_file(ctx: Context, file_id: FileId) -> FileLink:
            """A link to a file, which ends soon."""
            found = await ctx.run(lambda tx: files.open_for(tx, file_id))
            token = self._links.make(found.key, found.name, found.type)
            return FileLink(file_id, found.name, found.type, found.bytes, f"/files/{token}", LINK_SECONDS)

        return api
