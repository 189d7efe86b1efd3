"""A question's way through the bank, and what its lists say of it."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from lms_core.kernel.errors import Malformed, Refusal
from lms_core.kernel.text import clean, search_key

from .content import Item
from .drawing import spelled
from .exchange.losses import all_media, as_text
from .faults import Fault
from .plain import simple
from .rich import LANGUAGES

State = Literal["draft", "review", "approved", "retired"]
Verdict = Literal["approve", "return"]
Act = Literal["submit", "withdraw", "approve", "return", "retire", "revive"]
_MARKS = re.compile(r"\$\$|\{\{|\}\}")
"""Around formulas and parameters: a title shows what stands between."""
_WITHIN = re.compile(r"\.(?:kk|ru|en)\.blocks.*|\.media$")
"""What stands behind the name of a text or a picture in the path of a medium."""
LONGEST_TITLE, LONGEST_NAME, LONGEST_CODE, LONGEST_COMMENT, LONGEST_SEARCH = 160, 200, 100, 2_000, 2_000
MOST_BANKS, MOST_OBJECTIVES = 500, 5_000
UNHELD = timedelta(days=1)
"""A medium that no question shows, or an export, is gone after this."""
DAY = timedelta(days=1)
MOST_A_DAY = 2 * 1024 * 1024 * 1024
"""Bytes of media and exports that one person may add to an organisation's banks in a day."""
_ACTS: Mapping[tuple[State, State], tuple[Act, ...]] = {
    ("draft", "review"): ("submit",),
    ("review", "approved"): ("approve",),
    ("review", "draft"): ("return", "withdraw"),
    ("draft", "retired"): ("retire",),
    ("review", "retired"): ("retire",),
    ("approved", "retired"): ("retire",),
    ("approved", "draft"): ("return",),
    ("retired", "draft"): ("revive",),
}
OF_REVIEWERS: frozenset[Act] = frozenset({"approve", "return"})


class BankUnfit(Refusal):
    """`why`: `title`, `too_many`."""

    code, status = "bank_unfit", 422


class BankArchived(Refusal):
    """Nothing is changed in it any more."""

    code, status = "bank_archived", 409


class ObjectiveUnfit(Refusal):
    """`why`: `code`, `names`, `subject`, `too_many`."""

    code, status = "objective_unfit", 422


class ItemStateUnfit(Refusal):
    """From `state` no way leads to `wanted`."""

    code, status = "item_state_unfit", 409


class OwnItem(Refusal):
    """Who wrote a question does not pass it."""

    code, status = "own_item", 403


@dataclass(frozen=True, slots=True)
class Described:
    """What lists say of an item, and what it is found by. `titles`: the first words of its prompt in kk, ru, en, ""
    for none; `search`: keys of words (`kernel.text.search_key`), each with a space before it; `media`: the SHA-256 of
    all that it shows."""

    kind: str
    subject: str
    difficulty: int
    family: str
    points: str
    languages: tuple[str, ...]
    titles: tuple[str, str, str]
    search: str
    objectives: tuple[str, ...]
    media: tuple[str, ...]


def acts(state: State, wanted: State) -> tuple[Act, ...]:
    """By which acts one comes from a state to another, the reviewer's first. Raises ItemStateUnfit."""
    if (state, wanted) not in _ACTS:
        raise ItemStateUnfit(state=state, wanted=wanted)
    return _ACTS[state, wanted]


def described(item: Item) -> Described:
    """As `item` is now."""
    first = [_first_words(item, language) for language in LANGUAGES]
    said = " ".join([*first, item.name, item.subject, item.family, *item.tags, *item.objectives])
    return Described(
        kind=item.kind,
        subject=item.subject,
        difficulty=item.difficulty,
        family=item.family,
        points=spelled(item.points),
        languages=item.languages(),
        titles=(first[0], first[1], first[2]),
        search=f" {search_key(said)}"[:LONGEST_SEARCH],
        objectives=tuple(dict.fromkeys(item.objectives)),
        media=tuple(sorted(all_media(item))),
    )


def clean_title(text: str) -> str:
    """Raises BankUnfit."""
    title = clean(text)
    if not title or len(title) > LONGEST_NAME:
        raise BankUnfit(why="title", limit=LONGEST_NAME)
    return title


def clean_comment(text: str) -> str:
    """Raises Malformed."""
    comment = clean(text, lines=True)
    if len(comment) > LONGEST_COMMENT:
        raise Malformed(fields=[{"at": "body.comment", "why": "too_long"}])
    return comment


def clean_code(text: str) -> str:
    """Raises ObjectiveUnfit."""
    code = clean(text)
    if not code or len(code) > LONGEST_CODE:
        raise ObjectiveUnfit(why="code", limit=LONGEST_CODE)
    return code


def mean(of: Sequence[tuple[float | None, int]]) -> float | None:
    """The mean of shares, each by how often it was found; None where none is known."""
    known = [(share, weight) for share, weight in of if share is not None and weight > 0]
    weights = sum(weight for _, weight in known)
    return sum(share * weight for share, weight in known) / weights if weights else None


def missing(item: Item, media: Collection[str]) -> list[Fault]:
    """Faults of an item that shows media which are not there: at the texts and pictures that show them."""
    return [Fault(one, "file") for one in dict.fromkeys(_places(simple(item), "", media))] if media else []


def _places(of: Any, where: str, media: Collection[str]) -> Iterator[str]:
    if isinstance(of, dict):
        if of.get("kind") == "media" and of.get("sha256") in media:
            yield _WITHIN.sub("", where)
        for name, value in of.items():
            yield from _places(value, f"{where}.{name}".lstrip("."), media)
    elif isinstance(of, list):
        for at, value in enumerate(of):
            yield from _places(value, f"{where}[{at}]", media)


def _first_words(item: Item, language: str) -> str:
    text = getattr(item.prompt, language)
    words = " ".join(_MARKS.sub("", as_text(text)).split()) if text else ""
    if text and not words:
        words = item.name
    return words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1].rstrip() + "…"
