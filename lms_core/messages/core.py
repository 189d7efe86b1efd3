"""Rules of messages."""

from datetime import timedelta
from typing import Literal, get_args

from lms_core.kernel.errors import Forbidden, Refusal
from lms_core.kernel.text import clean

LONGEST = 4000
PAGE = 50
KEEP = timedelta(days=365)
MOST_FILES = 10

Rule = Literal["all", "leaders", "private"]
"""Who may write: everybody; only who leads the lesson; learners only to who leads it."""
Reaction = Literal["like", "love", "laugh", "wow", "clap", "question"]
REACTIONS: tuple[Reaction, ...] = get_args(Reaction)


class MessageEmpty(Refusal):
    code, status = "message_empty", 422


class MessageTooLong(Refusal):
    """More than `limit` characters."""

    code, status = "message_too_long", 422


class TooManyFiles(Refusal):
    """More than `limit` files with one message."""

    code, status = "too_many_files", 422


class ChatClosed(Forbidden):
    """Only who leads the lesson writes now; with `private`, learners may write to them alone."""

    code = "chat_closed"


class MayNotWrite(Forbidden):
    """The right to write was taken in this room; a private word to who leads it stays possible."""

    code = "may_not_write"


class Elsewhere(Refusal):
    """The writer is not in that breakout, or no more."""

    code, status = "elsewhere", 409


class MessageIsPrivate(Refusal):
    """What is between few cannot be told to all."""

    code, status = "message_is_private", 422


class MessageDeleted(Refusal):
    code, status = "message_deleted", 409


def clean_text(text: str, files: int = 0) -> str:
    """What is kept of what was typed; nothing is enough beside files. Raises MessageEmpty, MessageTooLong."""
    text = clean(text, lines=True)
    if not text and not files:
        raise MessageEmpty
    if len(text) > LONGEST:
        raise MessageTooLong(limit=LONGEST)
    return text


def clean_place(place: str | None) -> str | None:
    """The breakout that is meant; None for the main room."""
    return None if place in (None, "", "main") else clean(place)[:64]


def check_right(may_write: bool) -> None:
    """Raises MayNotWrite."""
    if not may_write:
        raise MayNotWrite


def check_place(meant: str | None, there: str | None) -> None:
    """Raises Elsewhere."""
    if meant != there:
        raise Elsewhere


def check_rule(rule: Rule, *, leads: bool, private: bool) -> None:
    """Raises ChatClosed."""
    if leads or rule == "all" or (rule == "private" and private):
        return
    raise ChatClosed(private=rule == "private")
