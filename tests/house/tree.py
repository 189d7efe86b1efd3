"""What the tree holds, without what is installed, built or generated."""

import os
from collections.abc import Iterator
from pathlib import Path

from server.setup_env import ROOT

NOT_OURS = {"node_modules", "dist", "build", "data", "test-results", "__pycache__", "target"}  # beside hidden folders
CODE = {".py", ".ts", ".tsx", ".css", ".js", ".c", ".rs", ".html", ".md", ".toml"}
GENERATED = {"web_client/src/api/schema.d.ts", "web_client/src/api/openapi.json", "docs/requirements.md"}


def files(*suffixes: str, below: str = ".") -> Iterator[Path]:
    """Paths relative to the root, in order."""
    for folder, folders, names in os.walk(ROOT / below):
        folders[:] = sorted(f for f in folders if f not in NOT_OURS and (f[0] != "." or f == ".ci"))
        for name in sorted(names):
            path = Path(folder, name).relative_to(ROOT)
            if not suffixes or path.suffix in suffixes:
                yield path


def features() -> list[Path]:
    """Feature folders: those of lms_core but the kernel, those of services, proctoring's with a model."""
    found = [f for f in (ROOT / "lms_core").iterdir() if (f / "__init__.py").exists() and f.name != "kernel"]
    found += [f for f in (ROOT / "services").iterdir() if (f / "__init__.py").exists()]
    found += [f.parent for f in (ROOT / "proctoring").glob("*/model.py")]
    return sorted(f.relative_to(ROOT) for f in found)
