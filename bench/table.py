"""What a benchmark prints: the machine, a table, a few notes."""

import os
import platform
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.setup_env import ROOT


@dataclass
class Table:
    """`rows` hold what the header names, already as text; `data` the same for programs. `wrong`: what must not be."""

    title: str
    header: list[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    data: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def plain(self) -> str:
        widths = [max(len(line[i]) for line in [self.header, *self.rows]) for i in range(len(self.header))]
        lines = ["  ".join(_padded(line, widths)) for line in [self.header, *self.rows]]
        return "\n".join([self.title, machine(), "", *lines, "", *self.notes])

    def markdown(self) -> str:
        lines = [f"| {' | '.join(line)} |" for line in [self.header, ["---"] * len(self.header), *self.rows]]
        return "\n".join([f"### {self.title}", "", f"{machine()}.", "", *lines, "", *self.notes, ""])


def machine() -> str:
    """One line: processor, cores, kernel, Python, commit."""
    info = Path("/proc/cpuinfo")
    model = re.search(r"^model name\s*: (.*)$", info.read_text() if info.exists() else "", re.MULTILINE)
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() or "no commit"
    parts = (
        model[1].strip() if model else platform.machine(),
        f"{os.cpu_count()} cores",
        f"{platform.system()} {platform.release().partition('-')[0]}",
        f"Python {platform.python_version()}",
        commit,
    )
    return ", ".join(parts)


def _padded(line: list[str], widths: list[int]) -> list[str]:
    return [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
