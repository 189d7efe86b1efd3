"""Rules of messages."""

from datetime import timedelta

from lms_core.kernel.errors import Refusal
from lms_core.kernel.text import clean

LONGEST = 4000
PAGE = 50
KEEP = timedelta(days=365)


class MessageEmpty(Refusal):
    code, status = "message_empty", 422


class MessageTooLong(Refusal):
    """More than `limit` characters."""

    code, status = "message_too_long", 422


def clean_text(text: str) -> str:
    """What is kept of what was typed. Raises MessageEmpty, MessageTooLong."""
    text = clean(text, lines=True)
    if not text:
        raise MessageEmpty
    if len(text) > LONGEST:
        raise MessageTooLong(limit=LONGEST)
    return text
