"""Pictures, sounds and films of questions: kept once by what they hold, and shown by links that end."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from lms_core.files import service as files
from lms_core.kernel.blobs import Leaving
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Refusal
from lms_core.kernel.ids import FileId, UnitId

from . import core
from .content import Item
from .exchange.losses import all_media
from .faults import TYPE
from .model import ItemMedia

LINK_SECONDS = 6 * 3600
"""As long as a long exam with breaks."""
EXPORT_SECONDS = 900
Link = Callable[[str, str, str, int], str]
"""`Context.link`."""
_SOME = 500
_SHOWN = frozenset({
    *("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"),
    *("audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/webm", "video/mp4", "video/webm"),
})  # fmt: skip


class MediaUnfit(Refusal):
    """No picture, sound or film: `type` is what it is."""

    code, status = "media_unfit", 422


@dataclass(frozen=True, slots=True)
class Stored:
    """Where the bytes of a medium lie."""

    sha256: str
    key: str
    type: str
    bytes: int


def check_type(kind: str) -> None:
    """Whether every browser shows it. Raises MediaUnfit."""
    if kind not in _SHOWN:
        raise MediaUnfit(type=kind)


def key_for(tx: Tx, organisation: UnitId) -> str:
    """Where new bytes may be put. One key is never used twice: removing old bytes cannot meet new ones."""
    return f"{organisation}/item/{FileId(tx.new_id('file'))}"


async def check_day(tx: Tx, organisation: UnitId) -> None:
    """Whether the actor may add more today. Raises TooManyBytes."""
    if tx.actor.person is None:
        return
    own = (ItemMedia.organisation_id == organisation) & (ItemMedia.sender_id == tx.actor.person)
    query = select(func.coalesce(func.sum(ItemMedia.bytes), 0)).where(own, ItemMedia.made_at > tx.now - core.DAY)
    if (await tx.one(query) or 0) >= core.MOST_A_DAY:
        raise files.too_many(core.MOST_A_DAY)


async def there(tx: Tx, organisation: UnitId, digests: Collection[str]) -> dict[str, Stored]:
    """Those of these that are kept."""
    found: dict[str, Stored] = {}
    wanted = list(digests)
    for at in range(0, len(wanted), _SOME):
        here = ItemMedia.sha256.in_(wanted[at : at + _SOME])
        rows = await tx.all(select(ItemMedia).where(ItemMedia.organisation_id == organisation, here, ~ItemMedia.gone))
        found |= {row.sha256: Stored(row.sha256, row.key, row.type, row.bytes) for row in rows}
    return found


async def touch(tx: Tx, organisation: UnitId, digests: Collection[str]) -> dict[str, Stored]:
    """Those of these that are kept, and that stay for another day even if nothing shows them."""
    found = await there(tx, organisation, digests)
    for at in range(0, len(found), _SOME):
        some = list(found)[at : at + _SOME]
        here = (ItemMedia.organisation_id == organisation) & ItemMedia.sha256.in_(some)
        await tx.execute(update(ItemMedia).where(here).values(made_at=tx.now, sender_id=tx.actor.person))
    return found


async def note(tx: Tx, organisation: UnitId, stored: Sequence[Stored]) -> list[str]:
    """Their bytes are kept: now they are media, held by nothing yet. The keys of bytes that nobody needs any more,
    for what they hold was there already, or is now under another key."""
    unneeded: list[str] = []
    for one in stored:
        row = await tx.get(ItemMedia, (organisation, one.sha256))
        if row is None:
            row = ItemMedia(organisation_id=organisation, sha256=one.sha256, held=False, gone=True)
            tx.add(row)
        elif row.key != one.key:
            unneeded.append(row.key if row.gone else one.key)
        if row.gone:
            row.key, row.type, row.bytes, row.gone = one.key, one.type, one.bytes, False
        row.made_at, row.sender_id = tx.now, tx.actor.person
    return unneeded


async def hold(tx: Tx, organisation: UnitId, digests: Collection[str]) -> set[str]:
    """What questions show stays from now on; the digests of what is not there."""
    if not digests:
        return set()
    known = sorted(one.sha256 for one in (await there(tx, organisation, digests)).values() if TYPE.fullmatch(one.type))
    for at in range(0, len(known), _SOME):
        here = (ItemMedia.organisation_id == organisation) & ItemMedia.sha256.in_(known[at : at + _SOME])
        await tx.execute(update(ItemMedia).where(here, ~ItemMedia.held).values(held=True))
    return set(digests) - set(known)


async def urls(tx: Tx, organisations: Collection[UnitId], items: Sequence[Item], link: Link) -> dict[str, str]:
    """SHA-256 → address of all that these items show; what is missing is left out. The name says nothing."""
    wanted = {digest for item in items for digest in all_media(item)}
    found: dict[str, Stored] = {}
    for organisation in organisations if wanted else ():
        found = await there(tx, organisation, wanted - found.keys()) | found
    return addresses(found, link)


def addresses(found: Mapping[str, Stored], link: Link) -> dict[str, str]:
    """Of media only: an export lies beside them, and holds keys."""
    shown = (one for one in found.values() if TYPE.fullmatch(one.type))
    return {one.sha256: link(one.key, one.sha256[:12], one.type, LINK_SECONDS) for one in shown}


# --- What nothing shows goes


async def forget_alone(tx: Tx) -> None:
    """Mark as gone what no question shows; who sent what is forgotten."""
    yesterday = ItemMedia.made_at < tx.now - core.DAY
    await tx.execute(update(ItemMedia).where(ItemMedia.sender_id.is_not(None), yesterday).values(sender_id=None))
    old = ItemMedia.made_at < tx.now - core.UNHELD
    await tx.execute(update(ItemMedia).where(~ItemMedia.held, old, ~ItemMedia.gone).values(gone=True))


async def gone(tx: Tx, most: int = 100) -> list[Leaving]:
    """Media whose bytes are to be removed."""
    rows = await tx.all(select(ItemMedia).where(ItemMedia.gone, ~ItemMedia.held).limit(most))
    return [Leaving(row.organisation_id, row.sha256, row.key) for row in rows]


async def removed(tx: Tx, media: Sequence[Leaving]) -> None:
    """Their bytes are gone: so are they, unless the same came again meanwhile."""
    for one in media:
        same = (ItemMedia.organisation_id == one.organisation_id) & (ItemMedia.sha256 == one.id)
        await tx.execute(delete(ItemMedia).where(same, ItemMedia.key == one.key, ItemMedia.gone))


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    here = ItemMedia.organisation_id == organisation
    await tx.execute(update(ItemMedia).where(here).values(gone=True, held=False))
