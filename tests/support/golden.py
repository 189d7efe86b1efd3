"""Files that hold what the program said when somebody last looked. SABAQ_WRITE_GOLDEN=1 writes them anew."""

import json
import os
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "golden"
_ID = re.compile(r"\b([a-z]+)_[0-7][0-9a-hjkmnp-tv-z]{25}\b")


def check(name: str, value: Any) -> None:
    """Fails when `tests/golden/<name>.json` does not hold this value."""
    file = FOLDER / f"{name}.json"
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("SABAQ_WRITE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    said = "stale: look at the difference, then SABAQ_WRITE_GOLDEN=1 python3 -m tests core"
    assert file.exists(), said
    assert json.loads(file.read_text("utf-8")) == json.loads(text), said


def with_plain_ids(value: Any) -> Any:
    """The same with ids numbered in the order in which they first appear, keys sorted (each database keeps
    those of JSON in an order of its own), so that no run differs."""
    seen: dict[str, str] = {}

    def plain(found: re.Match[str]) -> str:
        return seen.setdefault(found[0], f"{found[1]}_{len(seen) + 1:026d}")

    return json.loads(_ID.sub(plain, json.dumps(value, sort_keys=True)))
