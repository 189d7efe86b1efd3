"""The list of all parts that are delivered, with versions and licences: `docs/sbom.json` (CycloneDX 1.6).

What is only used to build or test is not delivered and does not stand there. `python3 -m tests sbom`.
"""

import importlib.metadata
import json
import re
from collections.abc import Iterator
from typing import Any

from packaging.requirements import Requirement

from tests.house.tree import ROOT

FILE = ROOT / "docs" / "sbom.json"
UNSAID = {"taskiq-dependencies": "MIT", "xmlhttprequest-ssl": "MIT"}
"""Licences that stand in a part's own text only."""


def rewrite() -> int:
    text = json.dumps(document(), ensure_ascii=False, indent=1) + "\n"
    FILE.write_text(text, "utf-8")
    return 0


def document() -> dict[str, Any]:
    """The document as it should be now. A part without a licence raises KeyError."""
    project = importlib.import_module("server").VERSION
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "sabaq", "version": project}},
        "components": sorted([*_python(), *_node()], key=lambda part: part["purl"]),
    }


def _python() -> Iterator[dict[str, Any]]:
    for line in (ROOT / "requirements" / "run.lock").read_text("utf-8").splitlines():
        if not re.match(r"[a-z0-9]", line):
            continue
        wanted = Requirement(line.rstrip(" \\"))
        if wanted.marker is None or wanted.marker.evaluate():
            version = str(wanted.specifier).removeprefix("==")
            yield _part("pypi", wanted.name, version, _python_licence(wanted.name))


def _python_licence(name: str) -> str:
    about: Any = importlib.metadata.metadata(name)
    classified = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier", []) if c.startswith("License ::")]
    said = about.get("License-Expression") or ", ".join(c for c in classified if c != "OSI Approved")
    return said or (about["License"] or "").strip().partition("\n")[0] or UNSAID[name]


def _node() -> Iterator[dict[str, Any]]:
    lock = json.loads((ROOT / "web_client" / "package-lock.json").read_text("utf-8"))
    for path, part in lock["packages"].items():
        if path and not part.get("dev"):
            name = path.rpartition("node_modules/")[2]
            yield _part("npm", name, part["version"], part.get("license") or UNSAID[name])


def _part(kind: str, name: str, version: str, licence: str) -> dict[str, Any]:
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:{kind}/{name.replace('@', '%40')}@{version}",
        "licenses": [{"license": {"name": licence}}],
    }
