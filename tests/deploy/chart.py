"""Renders our chart: the few words of Helm's language that it uses, and a clear refusal for any other."""

import hashlib
import json
import re
from typing import Any

import yaml

from tests.deploy.said import DEPLOY

CHART = DEPLOY / "helm" / "sabaq"
PIPES = {
    "toJson": lambda value: json.dumps(value, sort_keys=True, separators=(",", ":")),
    "quote": lambda value: json.dumps(str(value)),
    "sha256sum": lambda value: hashlib.sha256(value.encode()).hexdigest(),
}


def values() -> dict[str, Any]:
    return yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))


def rendered(given: dict[str, Any], release: str = "school") -> list[dict[str, Any]]:
    """All objects. KeyError for a value or a function that is not there."""
    known = {"Values": given, "Release": {"Name": release}}
    texts = [file.read_text("utf-8") for file in sorted((CHART / "templates").iterdir())]
    return [made for text in texts for made in yaml.safe_load_all(render(text, known))]


def render(text: str, known: dict[str, Any]) -> str:
    return re.sub(r"\{\{(.*?)\}\}", lambda found: _said(found[1].strip(), known), text)


def _said(words: str, known: dict[str, Any]) -> str:
    path, *pipes = (word.strip() for word in words.split("|"))
    value: Any = known
    for name in path.removeprefix(".").split("."):
        value = value[name]
    for pipe in pipes:
        value = PIPES[pipe](value)
    return str(value)
