"""The parts that are delivered, with versions and licences: `docs/sbom.json` (CycloneDX 1.6) and `docs/licences.md`.

What is only used to build or test is not delivered and does not stand there. `python3 -m tests sbom`.
"""

import importlib
import importlib.metadata
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from packaging.requirements import Requirement

from tests.house.licences import spdx
from tests.house.tree import ROOT

FILE, PAGE = ROOT / "docs" / "sbom.json", ROOT / "docs" / "licences.md"
CORRECTED = {
    "async-timeout": "Apache-2.0",  # not installed by each Python
    "av": "BSD-3-Clause AND GPL-2.0-or-later",  # its wheels hold FFmpeg with x264 and x265
    "bidict": "MPL-2.0",
    "fuzzy": "MIT",  # says so in a file alone
    "joserfc": "BSD-3-Clause",  # says only "BSD"
    "psycopg-binary": "LGPL-3.0-only AND PostgreSQL AND Apache-2.0",  # with libpq and OpenSSL
    "pyasn1-modules": "BSD-2-Clause",  # says only "BSD"
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",  # says "Dual License"
    "segno": "BSD-3-Clause",  # says only "BSD"
    "taskiq-dependencies": "MIT",
    "xmlhttprequest-ssl": "MIT",
}
"""Licences that parts say nowhere but in their own text, or say only half."""
IN_PAGES = ("workbox-core", "workbox-precaching", "workbox-routing", "workbox-strategies")
"""What a tool of the build puts into the pages."""

CRATES = {
    **dict.fromkeys(("aes", "cfg-if", "cipher", "cpufeatures", "crypto-common", "ctr"), "MIT OR Apache-2.0"),
    **dict.fromkeys(("getrandom", "inout", "libc", "once_cell", "pyo3", "pyo3-ffi", "typenum"), "MIT OR Apache-2.0"),
    "generic-array": "MIT",
    "ring": "Apache-2.0 AND ISC",
    "untrusted": "ISC",
}
"""What is in the native wire where it is built, and what `cargo tree -f "{p} {l}"` says of it. A list of crates holds
no licences, and the document is made without a cargo, too."""
ONLY_BUILD = frozenset(
    {
        *("cc", "find-msvc-tools", "shlex", "version_check", "pyo3-build-config", "target-lexicon", "sabaq-wire"),
        *("heck", "proc-macro2", "pyo3-macros", "pyo3-macros-backend", "quote", "syn", "unicode-ident"),
        *("portable-atomic", "wasi"),  # of other systems, as all that begins with windows
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """`kind`: pypi, npm or cargo; `licence`: an SPDX expression."""

    kind: str
    name: str
    version: str
    licence: str

    @property
    def purl(self) -> str:
        return f"pkg:{self.kind}/{self.name.replace('@', '%40')}@{self.version}"


def rewrite() -> int:
    FILE.write_text(document(), "utf-8")
    PAGE.write_text(page(), "utf-8")
    return 0


def parts() -> list[Part]:
    """All of them, in order. A part that says no licence raises KeyError."""
    return sorted({*_python(), *_node(), *_rust()})


def document() -> str:
    """The whole of docs/sbom.json. The same parts give the same text, on any machine and day."""
    project = importlib.import_module("server").VERSION
    ours = {"type": "application", "name": "sabaq", "version": project, "licenses": [{"license": {"id": "Apache-2.0"}}]}
    plain = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": ours},
        "components": [_component(part) for part in parts()],
    }
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def page() -> str:
    """The whole of docs/licences.md."""
    found = parts()
    head = (
        "# Licences of the parts\n\n"
        "Written by `python3 -m tests sbom` from the locks. Sabaq itself is under the Apache License 2.0.\n\n"
        f"{len(found)} parts are delivered beside it: Python packages that a server runs, npm packages that the pages "
        "hold, crates that the native wire holds where it is built. Each may be used in an open project; a test "
        "refuses any other. What only builds or tests does not stand here.\n\n"
        "The wheels of `av` (a part of `aiortc`) hold FFmpeg with x264 and x265, which are under the GPL. Sabaq "
        "encodes with x264 where somebody asks for the film of a recording, and with nothing else of them. Whoever "
        "hands on an image with these wheels hands on their sources too.\n\n"
        "| part | version | licence |\n|---|---|---|\n"
    )
    return head + "".join(f"| {p.name} ({p.kind}) | {p.version} | {p.licence} |\n" for p in found)


def _component(part: Part) -> dict[str, Any]:
    single = " " not in part.licence
    return {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        "licenses": [{"license": {"id": part.licence}} if single else {"expression": part.licence}],
    }


def _python() -> Iterator[Part]:
    """Of every platform and Python: the document does not depend on where it is made."""
    for line in (ROOT / "requirements" / "run.lock").read_text("utf-8").splitlines():
        if re.match(r"[a-z0-9]", line):
            wanted = Requirement(line.rstrip(" \\"))
            version = str(wanted.specifier).removeprefix("==")
            yield Part("pypi", wanted.name, version, CORRECTED.get(wanted.name) or spdx(_said(wanted.name)))


def _rust() -> Iterator[Part]:
    """KeyError for a crate that nobody has looked at."""
    crates = tomllib.loads((ROOT / "media" / "wire" / "native" / "crates.lock").read_text("utf-8"))["package"]
    for crate in crates:
        name = crate["name"]
        if name not in ONLY_BUILD and not name.startswith("windows"):
            yield Part("cargo", name, crate["version"], CRATES[name])


def _said(name: str) -> str:
    about: Any = importlib.metadata.metadata(name)
    classified = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier", []) if c.startswith("License ::")]
    found = about.get("License-Expression") or " AND ".join(c for c in classified if c != "OSI Approved")
    return found or (about["License"] or "").strip().partition("\n")[0]


def _node() -> Iterator[Part]:
    """What the pages' own packages need, and what those need: not what builds them."""
    lock = json.loads((ROOT / "web_client" / "package-lock.json").read_text("utf-8"))["packages"]
    paths: set[str] = set()
    open_ = [_found(lock, "", name) for name in (*lock[""]["dependencies"], *IN_PAGES)]
    while open_:
        path = open_.pop()
        if path and path not in paths:
            paths.add(path)
            open_ += [_found(lock, path, name) for name in _needed(lock[path])]
    for path in paths:
        if lock[path].get("link"):
            continue  # our own, in place of what nothing uses
        name = path.rpartition("node_modules/")[2]
        licence = CORRECTED.get(name) or spdx(lock[path].get("license", ""))
        yield Part("npm", name, lock[path]["version"], licence)


def _needed(part: dict[str, Any]) -> Iterator[str]:
    yield from part.get("dependencies", {})
    for name in part.get("peerDependencies", {}):
        if not part.get("peerDependenciesMeta", {}).get(name, {}).get("optional"):
            yield name


def _found(lock: dict[str, Any], path: str, name: str) -> str | None:
    """Where Node finds a package from another's folder; None for one that is not installed."""
    while True:
        tried = f"{path}/node_modules/{name}".removeprefix("/")
        if tried in lock:
            return tried
        if not path:
            return None
        path = path.rpartition("/node_modules/")[0] if "/node_modules/" in path else ""
