"""What reading and writing files of questions gives, and what all formats share.

Nothing is dropped in silence: what could not be taken is in `refused`, what was taken and lost something in `noted`,
each with its place and one word of `WHY`.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from html import escape
from typing import Literal

from lms_core.items.checks import check
from lms_core.items.content import Item, ItemUnfit, Option, Worth
from lms_core.items.markup import from_html
from lms_core.items.plain import is_moderate, is_small, to_plain
from lms_core.items.rich import Media, Paragraph, Rich, Text, Words
from lms_core.kernel.text import clean

Format = Literal["gift", "aiken", "moodle", "qti21", "qti22", "qti30", "xlsx"]
FORMATS: tuple[Format, ...] = ("gift", "aiken", "moodle", "qti21", "qti22", "qti30", "xlsx")
MOST_ITEMS, MOST_BYTES = 20_000, 100_000_000
LONGEST_NAME, SAMPLE = 200, 200_000
WHY = frozenset({
    # of a file
    "empty", "too_large", "too_many", "format_unknown", "encoding_unknown", "encoding_guessed", "xml_broken",
    "xml_doctype", "xml_too_deep", "xml_root_unknown", "zip_broken", "zip_bomb", "zip_path", "zip_link", "zip_locked",
    "zip_twice", "sheet_broken", "column_missing", "too_heavy", "reader_failed",
    # of an item that is refused
    "answers_missing", "braces_unbalanced", "answer_unreadable", "answer_unknown", "options_missing", "key_missing",
    "prompt_missing", "kind_unknown", "not_a_question", "interaction_unknown", "several_interactions", "file_missing",
    "values_computed", "item_unfit", "too_long", "points_unfit", "no_place_in_format",
    # of an item that was taken
    "markup_lost", "media_missing", "markdown_plain", "feedback_lost", "hint_lost", "setting_lost", "scoring_replaced",
    "own_part_outdated", "own_part_broken", "part_of_test_lost", "title_cut", "languages_lost", "formula_changed",
    "media_lost", "rule_lost", "penalty_lost", "rubric_lost", "parameters_lost", "share_lost", "blank_added",
})  # fmt: skip


class Unfit(Exception):
    """Within a reader: this file, or this item, cannot be taken; `why` is one of WHY."""

    def __init__(self, why: str, what: str = "", line: int = 0) -> None:
        super().__init__(why)
        assert why in WHY
        self.why, self.what, self.line = why, what, line


@dataclass(frozen=True, slots=True)
class Note:
    """`where`: file, line and, where there is one, the item's own identifier (`quiz.xml:12 Q7`). `what`: the tag, the
    setting, the word it is about."""

    where: str
    why: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """A test that came along: its sections, each with places in `Batch.items`."""

    name: str
    sections: list[tuple[str, list[int]]]


@dataclass(slots=True)
class Batch:
    """`media`: sha256 → (bytes, type as in `image/png`). `places`: where each of `items` stood; `texts`: each as JSON
    (`plain.to_plain`)."""

    items: list[Item] = field(default_factory=list)
    media: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    refused: list[Note] = field(default_factory=list)
    noted: list[Note] = field(default_factory=list)
    tests: list[Outline] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def attempt(self, place: "Place", make: Callable[[], Item]) -> bool:
        """Takes what is made, if it is a question that can be kept and asked; else refuses it with its place."""
        try:
            item = make()
            if faults := check(item):
                raise Unfit("item_unfit", "; ".join(f"{one.where} {one.why}" for one in faults))
            held = to_plain(item)
            text = as_json(held)
            if not is_small(text) and not is_moderate(held):
                raise Unfit("too_long")
            if len(self.items) >= MOST_ITEMS:
                raise Unfit("too_many")
        except Unfit as no:
            self.refused.append(Note(place.where, no.why, no.what[:200]))
            return False
        except ItemUnfit as no:
            self.refused.append(Note(place.where, "item_unfit", f"{no.params['where']} {no.params['why']}"))
            return False
        self.items.append(item)
        self.texts.append(text)
        self.places.append(place.where)
        self.noted += place.notes
        return True

    def keep(self, name: str, data: bytes, kind: str) -> Media:
        digest = sha256(data).hexdigest()
        self.media.setdefault(digest, (data, kind))
        return Media(digest, name, kind)


@dataclass(slots=True)
class Place:
    """Where one item is read: it gathers what is to be noted about it, kept only if it is taken."""

    batch: Batch
    where: str
    language: str
    find: Callable[[str], Media | None] = lambda source: None
    notes: list[Note] = field(default_factory=list)

    def note(self, why: str, what: str = "") -> None:
        assert why in WHY
        one = Note(self.where, why, what[:200])
        if one not in self.notes:
            self.notes.append(one)

    def words(self, rich: Rich) -> Words:
        return Words(**{self.language: rich}) if rich else Words()

    def html(self, html: str) -> Words:
        """What of it has no place with us is noted."""
        if not _MARKED.search(html):
            return self.plain(html)
        return self.words(self.rich(html))

    def rich(self, html: str) -> Rich:
        try:
            reading = from_html(html, self.find)
        except ItemUnfit:
            raise Unfit("too_long") from None
        for lost in reading.lost:
            missing = lost.startswith(("picture ", "media "))
            self.note("media_missing" if missing else "markup_lost", lost)
        return reading.rich

    def plain(self, text: str) -> Words:
        """Lines are paragraphs; formulas between dollars or `\\( \\)` are read, tags are not."""
        if "$" in text or "\\" in text:
            return self.words(self.rich("".join(f"<p>{escape(line)}</p>" for line in text.split("\n"))))
        lines = [line for one in text.split("\n") if (line := clean(one))]
        return self.words(Rich(tuple(Paragraph((Text(line),)) for line in lines)))

    def name(self, text: str) -> str:
        name = clean(text)
        if len(name) > LONGEST_NAME:
            self.note("title_cut")
        return name[:LONGEST_NAME]


@dataclass(frozen=True, slots=True)
class Written:
    """`noted`: what the format has no word for, by the item's place in the list, from 1."""

    data: bytes
    noted: list[Note]


as_json = json.JSONEncoder(ensure_ascii=False).encode
_MARKED = re.compile(r"[<&$\\]")
_TAGS = re.compile(r"<[^<>]{0,500}>|&[a-z]{1,8};")
_KAZAKH, _CYRILLIC = re.compile("[әғқңөұүһі]", re.IGNORECASE), re.compile("[а-яё]", re.IGNORECASE)


def language_of(text: str) -> str:
    """kk where one Cyrillic letter in fifty is only Kazakh, ru where a third of all are Cyrillic, else en; by the
    first SAMPLE letters."""
    sample = _TAGS.sub(" ", text[:SAMPLE])
    kazakh, cyrillic = len(_KAZAKH.findall(sample)), len(_CYRILLIC.findall(sample))
    if kazakh and kazakh * 50 >= cyrillic:
        return "kk"
    return "ru" if cyrillic * 3 > sum(map(str.isalpha, sample)) else "en"


def letter(number: int) -> str:
    """The id of an option by its place: a, b, … z, a2, b2, …"""
    turn, at = divmod(number, 26)
    return chr(97 + at) + (str(turn + 1) if turn else "")


def options_of(words: Iterable[tuple[Words, Words]]) -> tuple[Option, ...]:
    """From text and feedback of each."""
    return tuple(Option(letter(at), text, feedback) for at, (text, feedback) in enumerate(words))


def worth_of(shares: Iterable[tuple[str, Decimal]]) -> tuple[Worth, ...]:
    """Shares of options, those of the right ones made whole: 33.333 % three times is 100 %."""
    known = dict(shares)
    right = [one for one, share in known.items() if share > 0]
    missing = 1 - sum(known[one] for one in right)
    if right and 0 < abs(missing) < Decimal("0.002"):
        known[right[-1]] += missing
    return tuple(Worth(one, share.normalize() + 0) for one, share in known.items() if share)


def percent(text: str) -> Decimal:
    """`33.33333` → 0.3333333. Raises Unfit."""
    return decimal(text) / 100


def decimal(text: str) -> Decimal:
    """Raises Unfit (answer_unreadable)."""
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise Unfit("answer_unreadable", text) from None
    if not number.is_finite() or abs(number) > Decimal("1e20") or len(number.as_tuple().digits) > 25:
        raise Unfit("answer_unreadable", text)
    return number


def number(value: Decimal) -> str:
    """Without exponent and trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
