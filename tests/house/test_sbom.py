"""What is delivered is listed, and may be."""

import json

import pytest

from tests.house import licences, sbom


def test_every_licence_is_fit_for_an_open_project() -> None:
    """Else: another package, or a word with a lawyer and a line in `licences.py`."""
    assert {part.name: bad for part in sbom.parts() if (bad := licences.unfit(part.name, part.licence))} == {}


@pytest.mark.parametrize(
    "licence",
    ["Proprietary", "AGPL-3.0-only", "GPL-2.0-or-later", "SSPL-1.0", "MIT AND BUSL-1.1", "GPL-2.0-only OR SSPL-1.0"],
)
def test_others_are_seen(licence: str) -> None:
    assert licences.unfit("some", licence)
    assert not licences.unfit("some", "SSPL-1.0 OR MIT")


@pytest.mark.parametrize("said", ["", "BSD", "Apache", "see the file LICENSE", "UNLICENSED (private)"])
def test_what_says_nothing_certain_is_unknown(said: str) -> None:
    with pytest.raises(KeyError):
        licences.spdx(said)


def test_words_of_packages_are_understood() -> None:
    assert licences.spdx("(MIT OR CC0-1.0)") == "MIT OR CC0-1.0"
    assert licences.spdx("Apache Software License") == "Apache-2.0"
    assert licences.spdx("Mozilla Public License 2.0 (MPL 2.0)") == "MPL-2.0"


def test_all_locks_are_in_it() -> None:
    parts = {(part.kind, part.name) for part in sbom.parts()}
    assert {
        ("pypi", "aiohttp"),
        ("pypi", "cffi"),
        ("npm", "react"),
        ("npm", "scheduler"),
        ("npm", "workbox-core"),
        ("cargo", "ring"),
    } <= parts
    assert not {("npm", "vite"), ("npm", "typescript"), ("pypi", "pytest"), ("cargo", "cc")} & parts
    told = json.loads(sbom.document())
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    refs = [component["bom-ref"] for component in told["components"]]
    assert len(set(refs)) == len(refs) == len(sbom.parts())
