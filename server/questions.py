"""Files of questions come and go, and their pictures, sounds and films: what of the bank needs bytes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lms_core.access.policy import Permission
from lms_core.files import service as files
from lms_core.items import banks, media, trade
from lms_core.items.banks import BankRef
from lms_core.items.media import Stored
from lms_core.items.trade import Format, ImportReport, Leaving, Note, Reading, Runs
from lms_core.kernel.api import Api, Content, Context
from lms_core.kernel.blobs import Blobs, Space
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, TooMany
from lms_core.kernel.ids import BankId, UnitId

from .intake import LEFT_SECONDS, a_folder, pieces, receive, tidy

WAITING = 24
"""Files that may be on their way, or wait until one is read."""
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class MediaView:
    """A medium for a question: put `sha256`, `name` and `type` into its text. `url` shows it for some hours."""

    sha256: str
    name: str
    type: str
    bytes: int
    url: str


@dataclass(frozen=True, slots=True)
class Export:
    """`url`: fetches the file, by whoever has it, for `seconds`. `noted`: what the format has no word for."""

    url: str
    name: str
    seconds: int
    items: int
    noted: list[Note]


class Questions:
    """`folder`: where files lie while they are read or written."""

    def __init__(self, clock: Clock, blobs: Blobs, space: Space, folder: Path, most_mb: int) -> None:
        self._clock, self._blobs, self._space = clock, blobs, space
        self._folder, self._most = folder, most_mb * _MB
        self._turn = asyncio.Semaphore(1)
        self._here = Counter[str]()
        self.api = self._make_api()

    async def run(self) -> None:
        """Until cancelled: removes what was left by whom was killed."""
        while True:
            await asyncio.to_thread(tidy, self._folder, self._clock.now().timestamp())
            await self._clock.sleep(LEFT_SECONDS)

    def dump(self) -> dict[str, Any]:
        return {"under_way": self._here.total()}

    async def bring_in(self, by: Runs, bank: BankRef, folder: Path, name: str, format: str) -> ImportReport:
        """The questions of the file `in` of a folder."""
        reading = await trade.read(folder, name, format)
        if reading.items:
            await self._keep_media(by, bank.organisation_id, folder, reading)
        return await trade.take(by, bank, reading)

    async def _import(self, ctx: Context, bank_id: BankId, name: str, format: str, content: Content) -> ImportReport:
        files.check_sent(name)
        bank = await ctx.run(lambda tx: _open(tx, bank_id, Permission.BANK_WRITE))
        if (content.length or 0) > trade.MOST_BYTES:
            raise files.too_large(trade.MOST_BYTES)
        self._space.check()
        async with self._place(ctx.actor.id), a_folder(self._folder) as folder:
            with await asyncio.to_thread((folder / "in").open, "wb") as draft:
                await receive(content, draft, trade.MOST_BYTES, self._space)
            async with self._turn:
                return await self.bring_in(ctx, bank, folder, name, format)

    async def _export(self, ctx: Context, bank_id: BankId, format: Format, state: str) -> Export:
        bank = await ctx.run(lambda tx: _open(tx, bank_id, Permission.BANK_READ))
        self._space.check()
        async with self._place(ctx.actor.id), a_folder(self._folder) as folder, self._turn:
            leaving = await trade.leaving(ctx, bank, state)
            found = await self._bring_media(folder, leaving)
            noted = await trade.write(folder, found, format)
            with await asyncio.to_thread((folder / "out").open, "rb") as made:
                stored = await self._keep(ctx, bank.organisation_id, made, "application/octet-stream")
        name = trade.file_name(bank.title, format)
        url = ctx.link(stored.key, name, stored.type, media.EXPORT_SECONDS)
        return Export(url, name, media.EXPORT_SECONDS, len(leaving.items), noted)

    async def _add_medium(self, ctx: Context, bank_id: BankId, name: str, content: Content) -> MediaView:
        files.check_sent(name)
        bank = await ctx.run(lambda tx: _open(tx, bank_id, Permission.BANK_WRITE))
        if (content.length or 0) > self._most:
            raise files.too_large(self._most)
        self._space.check()
        async with self._place(ctx.actor.id), a_folder(self._folder) as folder:
            with await asyncio.to_thread((folder / "in").open, "w+b") as draft:
                size, _ = await receive(content, draft, self._most, self._space)
                name, kind = await ctx.in_thread(files.judge, name, draft, size)
                media.check_type(kind)
                stored = await self._keep(ctx, bank.organisation_id, draft, kind)
        url = ctx.link(stored.key, stored.sha256[:12], kind, media.LINK_SECONDS)
        return MediaView(stored.sha256, name, kind, size, url)

    async def _keep(self, by: Runs, organisation: UnitId, file: BinaryIO, kind: str) -> Stored:
        """Its bytes, under a key that a row knows."""
        key = await by.db.run(by.actor, _key(organisation))
        blob = await self._blobs.put(key, pieces(file))
        stored = Stored(blob.sha256, key, kind, blob.size)
        await self._note(by, organisation, [stored])
        there = await by.db.run(by.actor, lambda tx: media.there(tx, organisation, [stored.sha256]))
        return there[stored.sha256]

    async def _keep_media(self, by: Runs, organisation: UnitId, folder: Path, reading: Reading) -> None:
        """Those of a reading that are not there yet."""
        known = await by.db.run(by.actor, lambda tx: media.touch(tx, organisation, reading.media))
        stored: list[Stored] = []
        try:
            for digest in sorted(reading.media.keys() - known.keys()):
                key = await by.db.run(by.actor, _key(organisation))
                with await asyncio.to_thread((folder / "media" / digest).open, "rb") as file:
                    blob = await self._blobs.put(key, pieces(file))
                stored.append(Stored(digest, key, reading.media[digest], blob.size))
        except BaseException:
            await self._remove([one.key for one in stored])
            raise
        await self._note(by, organisation, stored)

    async def _note(self, by: Runs, organisation: UnitId, stored: list[Stored]) -> None:
        """Rows for bytes that have just come; without them they go again."""
        try:
            unneeded = await by.db.run(by.actor, lambda tx: media.note(tx, organisation, stored))
        except BaseException:
            await self._remove([one.key for one in stored])
            raise
        await self._remove(unneeded)

    async def _remove(self, keys: list[str]) -> None:
        for key in keys:
            await self._blobs.delete(key)

    async def _bring_media(self, folder: Path, leaving: Leaving) -> Leaving:
        """Bytes of media into `media` of a folder; those that are lost are left out."""
        await asyncio.to_thread((folder / "media").mkdir)
        found = []
        for one in leaving.media:
            with suppress(NotFound):
                coming = await self._blobs.get(one.key)
                with await asyncio.to_thread((folder / "media" / one.sha256).open, "wb") as file:
                    async for piece in coming:
                        await asyncio.to_thread(file.write, piece)
                found.append(one)
        return trade.with_media(leaving, found)

    @asynccontextmanager
    async def _place(self, person: str) -> AsyncIterator[None]:
        """Among those who wait for their turn. Raises TooMany."""
        if self._here.total() >= WAITING or self._here[person] >= files.AT_ONCE:
            raise TooMany(retry_after=5)
        self._here[person] += 1
        try:
            yield
        finally:
            self._here[person] -= 1
            self._here += Counter()  # forgets who has none

    def _make_api(self) -> Api:
        api = Api()

        @api.route("POST", "/api/banks/{bank_id}/media", needs=Permission.BANK_WRITE)
        async def add_item_media(ctx: Context, bank_id: BankId, content: Content, name: str = "") -> MediaView:
            """A picture, sound or film for questions of a bank: its bytes are the body. What no question shows within
            a day is gone.

            Refusals: media_unfit, file_too_large, file_name_too_long, file_empty, file_type_refused, file_lies,
            file_unsafe, too_many_bytes, too_many_attempts, upload_too_slow, no_space, bank_archived.
            """
            return await self._add_medium(ctx, bank_id, name or content.name, content)

        @api.route("POST", "/api/banks/{bank_id}/import", needs=Permission.BANK_WRITE)
        async def import_questions(
            ctx: Context, bank_id: BankId, content: Content, name: str = "", format: str = "auto"
        ) -> ImportReport:
            """Take a file of questions (its bytes are the body) into a bank, as drafts: all that can be taken, or
            nothing where the server fails. `format`: auto, gift, aiken, moodle, qti, xlsx. Whatever the file holds is
            answered by the report.

            Refusals: file_too_large, file_name_too_long, too_many_bytes, too_many_attempts, upload_too_slow, no_space,
            bank_archived.
            """
            return await self._import(ctx, bank_id, name or content.name, format, content)

        @api.route("GET", "/api/banks/{bank_id}/export", needs=Permission.BANK_READ)
        async def export_questions(ctx: Context, bank_id: BankId, format: Format = "qti30", state: str = "") -> Export:
            """The questions of a bank with their keys, as a file: those in a state, or all but retired ones. It leaves
            a line.

            Refusals: export_too_large, export_failed, too_many_bytes, too_many_attempts, no_space.
            """
            return await self._export(ctx, bank_id, format, state)

        return api


async def _open(tx: Tx, bank_id: BankId, permission: Permission) -> BankRef:
    """A bank whose files the actor may bring or take, if they had not too many today."""
    bank = await banks.bank_for(tx, bank_id, permission)
    await media.check_day(tx, bank.organisation_id)
    return bank


def _key(organisation: UnitId) -> Callable[[Tx], Awaitable[str]]:
    async def make(tx: Tx) -> str:
        return media.key_for(tx, organisation)

    return make
