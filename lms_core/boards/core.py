"""Rules of boards."""

import base64
import binascii
from datetime import timedelta
from typing import Final, Literal

from lms_core.kernel.errors import Malformed, Refusal
from lms_core.kernel.text import clean

from . import yjs

Kind = Literal["board", "notes", "slides"]
Shared = Literal["board", "notes"]
MAIN: Final = "main"
"""The place of a room where everybody is who is in no breakout."""

SLIDES: Final = "application/pdf"

LARGEST_UPDATE: Final = 128 * 1024
LARGEST_STATE: Final = 700 * 1024
LARGEST_BOARD: Final = 48 * 1024 * 1024
LONGEST_TITLE: Final = 200
MOST_OF_ROOM: Final = 200
PAGE_BYTES: Final = 256 * 1024
PAGE_UPDATES: Final = 2000
KEEP: Final = timedelta(days=365)


class UpdateTooLarge(Refusal):
    """More than `limit` bytes in one change."""

    code, status = "board_update_too_large", 413


class UpdateBroken(Refusal):
    """The bytes are no change of a board."""

    code, status = "board_update_broken", 422


class BoardFull(Refusal):
    """A board holds `limit` bytes at most, a room `boards`."""

    code, status = "board_full", 409


class NotSlides(Refusal):
    """Only a PDF is shown page by page."""

    code, status = "not_slides", 422


def update_of(text: str, largest: int = LARGEST_UPDATE) -> bytes:
    """The bytes of a change sent as base64. Raises UpdateTooLarge, UpdateBroken."""
    if len(text) > largest * 4 // 3 + 4:
        raise UpdateTooLarge(limit=largest)
    try:
        data = base64.b64decode(text, validate=True)
        yjs.check(data)
    except (binascii.Error, ValueError):
        raise UpdateBroken from None
    if len(data) > largest:
        raise UpdateTooLarge(limit=largest)
    return data


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def check_room_for(size: int, more: int) -> None:
    """Raises BoardFull."""
    if size + more > LARGEST_BOARD:
        raise BoardFull(limit=LARGEST_BOARD)


def clean_title(title: str) -> str:
    """At most LONGEST_TITLE characters. Raises Malformed for none."""
    title = clean(title)[:LONGEST_TITLE].strip()
    if not title:
        raise Malformed(fields=[{"at": "body.title", "why": "missing"}])
    return title
