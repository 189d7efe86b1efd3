"""Data as an earlier version left it: `tests/golden/versions/<version>.sql.gz`, an SQLite dump.

Made by that version itself: its demo school, a lesson with visits and messages, log-ins, a pending job, told and
untold events. The accounts' password is `demo`.
"""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.running import ROOT

FOLDER = ROOT / "tests" / "golden" / "versions"


def versions() -> list[str]:
    return sorted(file.name.removesuffix(".sql.gz") for file in FOLDER.glob("*.sql.gz"))


def lay(version: str, data: Path) -> Path:
    """Make the data folder of that version; its database file."""
    data.mkdir(parents=True, exist_ok=True)
    file = data / "sabaq.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(gzip.decompress((FOLDER / f"{version}.sql.gz").read_bytes()).decode())
    return file
