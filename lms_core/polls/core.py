"""Rules of polls: what may be asked, what may be answered, who sees what."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Literal

from lms_core.kernel.errors import Refusal
from lms_core.kernel.text import clean

KEEP = timedelta(days=365)
TELL_EVERY = timedelta(seconds=1)
"""Counts are told no more often than this, however many answer at once."""
LONGEST_QUESTION, LONGEST_OPTION, LONGEST_ANSWER = 1000, 300, 2000
LEAST_OPTIONS, MOST_OPTIONS = 2, 12
MOST_POLLS = 300
YES_NO = ("yes", "no")

Kind = Literal["single", "multiple", "text", "yes_no"]


class PollUnfit(Refusal):
    """`why`: `options` (too few, too many, one twice, some for a question that has none), `right`, `question`."""

    code, status = "poll_unfit", 422


class PollTooLong(Refusal):
    """The question, an option or an answer has more than `limit` characters."""

    code, status = "poll_too_long", 422


class TooManyPolls(Refusal):
    """A room has `limit` at most."""

    code, status = "too_many_polls", 409


class PollClosed(Refusal):
    code, status = "poll_closed", 409


class VoteUnfit(Refusal):
    """Not one of the options, more than one of them, none, or one twice."""

    code, status = "vote_unfit", 422


class VoteIsFinal(Refusal):
    """This poll takes the first answer."""

    code, status = "vote_is_final", 409


def clean_question(question: str, kind: Kind) -> str:
    """May be empty where it was asked aloud and the options say enough. Raises PollTooLong, PollUnfit."""
    question = _short(clean(question, lines=True), LONGEST_QUESTION)
    if not question and kind == "text":
        raise PollUnfit(why="question")
    return question


def clean_options(options: Sequence[str], kind: Kind) -> list[str]:
    """Raises PollTooLong, PollUnfit."""
    if kind == "yes_no":
        return list(YES_NO)
    made = [_short(clean(one), LONGEST_OPTION) for one in options[: MOST_OPTIONS + 1]]
    fits = not made if kind == "text" else LEAST_OPTIONS <= len(made) <= MOST_OPTIONS
    if not fits or not all(made) or len(set(made)) < len(made):
        raise PollUnfit(why="options")
    return made


def check_right(right: Sequence[int], options: int, kind: Kind) -> list[int]:
    """Which options are right; none where it is no quiz. Raises PollUnfit."""
    chosen = sorted(set(right))
    if any(not 0 <= one < options for one in chosen) or (len(chosen) > 1 and kind != "multiple"):
        raise PollUnfit(why="right")
    return chosen


def check_vote(choices: Sequence[int], text: str, options: int, kind: Kind) -> tuple[list[int], str]:
    """What is kept of an answer. Raises VoteUnfit, PollTooLong."""
    if kind == "text":
        text = _short(clean(text, lines=True), LONGEST_ANSWER)
        if choices or not text:
            raise VoteUnfit
        return [], text
    chosen = sorted(set(choices))
    most = options if kind == "multiple" else 1
    if len(chosen) < len(choices) or not 1 <= len(chosen) <= most or not all(0 <= one < options for one in chosen):
        raise VoteUnfit
    return chosen, ""


def counted(votes: Iterable[Sequence[int]], options: int) -> list[int]:
    """How many chose each option."""
    counts = [0] * options
    for choices in votes:
        for one in choices:
            counts[one] += 1
    return counts


def cell(text: str) -> str:
    """As text in a table: what begins like a formula would be reckoned by the program that opens it."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


def _short(text: str, limit: int) -> str:
    if len(text) > limit:
        raise PollTooLong(limit=limit)
    return text
