"""What people type, made fit to keep."""

import unicodedata

_BIDI_OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str, *, lines: bool = False) -> str:
    """Composed letters (NFC), trimmed, without control characters and direction overrides.

    With `lines`, line breaks and tabs stay; without, every run of white space becomes one space.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", "".join(letter for letter in text if _shows(letter)))
    return text.strip() if lines else " ".join(text.split())


def _shows(letter: str) -> bool:
    return letter in "\n\t" or (unicodedata.category(letter) not in ("Cc", "Cs") and letter not in _BIDI_OVERRIDES)
