"""How much script a lesson asks for until the call is on the screen, by the manifest of the built pages."""

import gzip
import json

import pytest

from tests.support.running import ROOT

pytestmark = pytest.mark.pages
DIST = ROOT / "web_client" / "dist"
MOST = 220 * 1024
"""Bytes, packed as they are sent."""
ASKED = ("index.html", "words:lesson:kk", "src/features/lesson/Page.tsx", "src/features/lesson/room/View.tsx")
"""What comes without a click: the page, the lesson before it is entered, the room with its chat."""


def test_the_script_of_a_lessons_first_load_is_small() -> None:
    manifest = json.loads((DIST / ".vite" / "manifest.json").read_text("utf-8"))
    wanted, files = list(ASKED), {"scheme.js"}
    while wanted:
        part = manifest[wanted.pop()]
        if part["file"] not in files:
            files.add(part["file"])
            wanted += part.get("imports", [])
    packed = {file: len(gzip.compress((DIST / file).read_bytes(), 9)) for file in files}
    assert sum(packed.values()) <= MOST, sorted(packed.items(), key=lambda one: -one[1])[:12]
    assert not [file for file in files if "heavy" in file]
