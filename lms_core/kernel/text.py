"""What people type, made fit to keep."""

import re
import unicodedata
from typing import Any

_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
_ORDER = {letter: place for place, letter in enumerate(" -0123456789" + _ALPHABET + "abcdefghijklmnopqrstuvwxyz")}
_LOOK_ALIKES = str.maketrans("abcehkmoptxyіiәғқңөүұһ", "авсенкмортхуииагкноуух")
_TWINS = str.maketrans("abcehkmoptxyi", "авсенкмортхуі")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_HALVES = re.compile("[\ud800-\udfff]")
_BIDI_OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str, *, lines: bool = False) -> str:
    """Composed letters (NFC), trimmed, without control characters and direction overrides.

    With `lines`, line breaks and tabs stay; without, every run of white space becomes one space.
    """
    if not text.isprintable():  # most texts are: no control characters, no direction overrides
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = "".join(letter for letter in text if _shows(letter))
    text = unicodedata.normalize("NFC", text)
    return text.strip() if lines else " ".join(text.split())


def search_key(text: str) -> str:
    """The same for all that look alike to who searches: Latin or Cyrillic `а`, `қ` or `к`, `й` or `и`, any case.

    Words of letters and digits between single spaces.
    """
    parts = unicodedata.normalize("NFKD", text.casefold())
    plain = parts if parts.isascii() else "".join([c for c in parts if not unicodedata.combining(c)])
    return _BETWEEN_WORDS.sub(" ", plain.translate(_LOOK_ALIKES)).strip()


def match_key(text: str) -> str:
    """`search_key` without its spaces."""
    return search_key(text).replace(" ", "")


def name_key(text: str) -> str:
    """The same for what is one name on paper: `11 «А»`, `11-А` and a Latin `11a` are one class, `11 «Ә»` is another."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_TWINS)
    return "".join(letter for letter in plain if letter.isalnum())


def sort_key(text: str) -> str:
    """Sorts by plain comparison, in any database, as the Kazakh alphabet does; Latin letters follow.

    Two characters a letter, the first sixty letters.
    """
    places = (_ORDER.get(letter, len(_ORDER)) for letter in unicodedata.normalize("NFC", text).casefold()[:60])
    return "".join(f"{place:02d}" for place in places)


def storable(value: Any) -> bool:
    """Whether every text within lists and objects can be kept: no NUL (PostgreSQL has none), no half of a
    character (it has no UTF-8)."""
    if isinstance(value, str):
        return "\0" not in value and (value.isascii() or not _HALVES.search(value))
    if isinstance(value, dict):
        return all(storable(key) and storable(item) for key, item in value.items())
    return not isinstance(value, list | tuple) or all(map(storable, value))


def _shows(letter: str) -> bool:
    return letter in "\n\t" or (unicodedata.category(letter) not in ("Cc", "Cs") and letter not in _BIDI_OVERRIDES)
