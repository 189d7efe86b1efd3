"""Rules of persons: names, languages, and the individual identification number (IIN)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from lms_core.kernel.errors import Refusal
from lms_core.kernel.text import search_key, sort_key

LONGEST_NAME = 100
Language = Literal["kk", "ru", "en"]

_WEIGHTS = range(1, 12)
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_CENTURIES = {1: 1800, 2: 1800, 3: 1900, 4: 1900, 5: 2000, 6: 2000}


class IinInvalid(Refusal):
    """Not twelve digits, or the last does not fit the others."""

    code, status = "iin_invalid", 422


class IinTaken(Refusal):
    """Another person has it."""

    code, status = "iin_taken", 409


class NameUnfit(Refusal):
    """Neither a family name nor a given name, or one of more than `most` letters."""

    code, status = "name_unfit", 422


@dataclass(frozen=True, slots=True)
class Hints:
    """What an IIN suggests. Old numbers and foreigners' deviate: never more than a suggestion."""

    birth: date | None
    sex: Literal["m", "f"] | None


def check_digit(body: str) -> int | None:
    """The twelfth digit of eleven; None when no number with these eleven is issued.

    The sum of digit × weight modulo 11; on 10 once more with the second weights; on 10 again there is none.
    """
    for weights in (_WEIGHTS, _SECOND_WEIGHTS):
        found = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11
        if found < 10:
            return found
    return None


def check_iin(iin: str) -> str:
    """The IIN itself. Raises IinInvalid."""
    if not (len(iin) == 12 and iin.isascii() and iin.isdigit()) or check_digit(iin[:11]) != int(iin[11]):
        raise IinInvalid
    return iin


def hints(iin: str) -> Hints:
    """Birth date and sex from a valid IIN, as far as its digits make sense."""
    kind = int(iin[6])
    if kind not in _CENTURIES:
        return Hints(None, None)
    try:
        birth = date(_CENTURIES[kind] + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))
    except ValueError:
        birth = None
    return Hints(birth, "m" if kind % 2 else "f")


def search_text(family: str, given: str, patronymic: str | None) -> str:
    """What searches look into: each word of the names behind a space, so that its beginning can be found."""
    return " " + search_key(f"{family} {given} {patronymic or ''}")


def sort_text(family: str, given: str, patronymic: str | None) -> str:
    """Family first, as in a class list."""
    return sort_key(f"{family} {given} {patronymic or ''}")


def check_names(*names: str) -> None:
    if not any(names[:2]) or any(len(name) > LONGEST_NAME for name in names):
        raise NameUnfit(most=LONGEST_NAME)


def display_name(given: str, family: str) -> str:
    """As one is addressed in class: given name, then family name."""
    return f"{given} {family}".strip()


def full_name(family: str, given: str, patronymic: str | None) -> str:
    """As on a list: family name first."""
    return " ".join(part for part in (family, given, patronymic) if part)


_LATIN = dict(
    zip(
        "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
        (
            *("a", "a", "b", "v", "g", "g", "d", "e", "yo", "zh", "z", "i", "i", "k", "q", "l", "m", "n", "n"),
            *("o", "o", "p", "r", "s", "t", "u", "u", "u", "f", "kh", "h", "ts", "ch", "sh", "shch", ""),
            *("y", "i", "", "e", "yu", "ya"),
        ),
        strict=True,
    )
)


def login_of(given: str, family: str) -> str:
    """A log-in name that can be typed on any keyboard: `aigul.nurlanova`; `person` where no letter is known."""
    parts = ("".join(_LATIN.get(letter, letter) for letter in name.casefold()) for name in (given, family))
    plain = ["".join(letter for letter in part if letter.isascii() and letter.isalnum())[:30] for part in parts]
    made = ".".join(part for part in plain if part)
    return made if len(made) > 1 else "person"
