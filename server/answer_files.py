"""Takes in files and recorded answers of exams: piece by piece onto the disk, judged there, and only then kept."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from lms_core.access.policy import Permission
from lms_core.exams import handed
from lms_core.exams.handed import AnswerFileView, Room, Sent
from lms_core.files import service as files
from lms_core.kernel.api import Api, Content, Context
from lms_core.kernel.blobs import Blobs, Space
from lms_core.kernel.errors import TooMany
from lms_core.kernel.ids import SittingId

from .intake import pieces, receive

_MB = 1024 * 1024


class AnswerFiles:
    """`folder`: where a file lies while it is judged."""

    def __init__(self, blobs: Blobs, space: Space, folder: Path, most_mb: int) -> None:
        self._blobs, self._space = blobs, space
        self._folder, self._most = folder, most_mb * _MB
        self._under_way: Counter[str] = Counter()
        self.api = self._make_api()

    def dump(self) -> dict[str, Any]:
        return {"under_way": self._under_way.total()}

    async def _take(
        self, ctx: Context, sitting_id: SittingId, place: int, name: str, content: Content
    ) -> AnswerFileView:
        person = ctx.actor.id
        files.check_sent(name)
        if self._under_way[person] >= files.AT_ONCE:
            raise TooMany(retry_after=5)
        room = await ctx.run(lambda tx: handed.begin(tx, sitting_id, place))
        most = min(self._most, room.most)
        if (content.length or 0) > most:
            raise files.too_large(most)
        self._under_way[person] += 1
        try:
            return await self._store(ctx, sitting_id, place, room, name, most, content)
        finally:
            self._under_way[person] -= 1
            self._under_way += Counter()  # forgets who has none

    async def _store(
        self, ctx: Context, sitting_id: SittingId, place: int, room: Room, name: str, most: int, content: Content
    ) -> AnswerFileView:
        self._space.check()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryFile(dir=self._folder) as draft:
            size, digest = await receive(content, draft, most, self._space)
            name, kind = await ctx.in_thread(files.judge, name, draft, size)
            await self._blobs.put(room.key, pieces(draft))
        sent, needed = Sent(name, kind, size, digest), False
        try:
            view, needed = await ctx.run(lambda tx: handed.finish(tx, sitting_id, place, room, sent))
        finally:
            if not needed:
                await self._blobs.delete(room.key)
        return view

    def _make_api(self) -> Api:
        api = Api()

        @api.route("POST", "/api/sittings/{sitting_id}/files", needs=Permission.EXAM_SIT)
        async def add_answer_file(
            ctx: Context, sitting_id: SittingId, place: int, content: Content, name: str = ""
        ) -> AnswerFileView:
            """A file, or a recorded answer, for a question of one's own sitting: its bytes are the body. Then `answer`
            names it.

            Refusals: file_too_large, file_name_too_long, file_empty, file_type_refused, file_lies, file_unsafe,
            too_many_attempts, too_many_answer_files, sitting_not_running, upload_too_slow, no_space.
            """
            return await self._take(ctx, sitting_id, place, name or content.name, content)

        return api
