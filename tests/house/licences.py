"""Which licences parts may have, said in SPDX's words (https://spdx.org/licenses)."""

import re

FIT = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "PostgreSQL"),
        *("PSF-2.0", "Unlicense", "Zlib", "OFL-1.1"),
        *("MPL-2.0", "LGPL-3.0-only"),  # files of theirs that we change would stay under them; we change none
    }
)
"""Free for anybody to use, change and hand on beside our own code."""
BEARABLE = {"av": {"GPL-2.0-or-later"}}
"""Named one by one, with the consequence in docs/licences.md."""
_NAMES = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "ISC License (ISCL)": "ISC",
}
_ID = re.compile(r"[A-Za-z0-9.-]+")


def spdx(said: str) -> str:
    """What a package says of itself, in SPDX's words. KeyError for what means nothing certain (as "BSD")."""
    if not said:
        raise KeyError("no licence is said")
    said = said.removeprefix("(").removesuffix(")") if "(MPL" not in said and "(ISCL" not in said else said
    parts = [part if part in ("AND", "OR") else _one(part) for part in re.split(r" (AND|OR) ", said)]
    return " ".join(parts)


def _one(said: str) -> str:
    known = _NAMES.get(said, said)
    if not _ID.fullmatch(known) or known in ("BSD", "GPL", "LGPL", "Apache"):
        raise KeyError(said)
    return known


def unfit(name: str, licence: str) -> set[str]:
    """Ids that bind us and are not fit; of an OR one side is enough."""
    may = FIT | BEARABLE.get(name, set())
    choices = [{word for word in re.split(r" AND ", choice)} - may for choice in licence.split(" OR ")]
    return min(choices, key=len)
