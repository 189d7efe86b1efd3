"""Bytes of strangers' text files made text."""

import codecs
import re

from .batch import Unfit

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, ""), (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_WORD = re.compile("[а-яёәғқңөұүһі]{2,}", re.IGNORECASE)


def decoded(data: bytes) -> tuple[str, str]:
    """The text with `\\n` as line ends, and what its encoding was guessed to be ("" where it is certain).

    UTF-8 and UTF-16 by their mark, UTF-8 without one; else windows-1251, if that gives Russian or Kazakh words and no
    rubbish. Raises Unfit (encoding_unknown).
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _lines(_strict(data[len(mark) :], name)), ""
    if b"\0" in data:
        raise Unfit("encoding_unknown")
    try:
        return _lines(data.decode("utf-8")), ""
    except UnicodeDecodeError:
        return _lines(_russian(data)), "windows-1251"


def _strict(data: bytes, name: str) -> str:
    try:
        return data.decode(name) if name else _unknown()
    except UnicodeDecodeError:
        return _unknown()


def _russian(data: bytes) -> str:
    try:
        text = data.decode("cp1251")
    except UnicodeDecodeError:
        return _unknown()
    high = sum(letter > "\x7f" for letter in text)
    in_words = sum(len(word) for word in _WORD.findall(text))
    odd = re.search(r"[А-Яа-я][a-z][А-Яа-я]|[\x00-\x08\x0e-\x1f]", text)
    if in_words < high * 0.8 or odd or _swapped(text):
        return _unknown()
    return text


def _swapped(text: str) -> bool:
    """Words with small letters before capitals: another Cyrillic encoding (KOI8-R turns the case round)."""
    words = re.findall("[А-Яа-яЁё]{3,}", text)
    turned = sum(word[0].islower() and word[1:].isupper() for word in words)
    capital = sum(word.isupper() for word in words)
    return bool(words) and (turned * 20 > len(words) or capital * 10 > len(words) * 9 > 30)


def _unknown() -> str:
    raise Unfit("encoding_unknown")


def _lines(text: str) -> str:
    if "\0" in text:
        _unknown()
    return text.replace("\r\n", "\n").replace("\r", "\n")
