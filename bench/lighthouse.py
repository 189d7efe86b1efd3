"""What Lighthouse says of the home page, a lesson and a playback, on demo data, in a fresh Chromium each time."""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.chromium import FAKES, a_chromium
from bench.server import Server
from bench.table import Table
from server.setup_env import ROOT, SetUp, installed
from server.setup_steps import CannotDo

ROUNDS = 5
TRIES = 3
FIGURES = {"performance": 0.85, "accessibility": 1.0}
FOLDER = ROOT / "bench" / "npm"
PRESETS = {"desktop": ["--preset=desktop"], "mobile": []}
METRICS = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift")
Json = dict[str, Any]


class TraceLost(CannotDo):
    """Chromium's record of a page load has no beginning."""


@dataclass
class Said:
    """Of one page in one preset, by round."""

    scores: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in FIGURES})
    metrics: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in METRICS})
    failed: dict[str, str] = field(default_factory=dict)
    """Audits that are not passed, with what they say."""

    def add(self, report: Json) -> None:
        for name, found in self.scores.items():
            found.append(report["categories"][name]["score"] or 0)
        for name, found in self.metrics.items():
            found.append(report["audits"][name].get("numericValue", 0))
        self.failed |= {
            one["id"]: f"{one['title']} {one.get('displayValue', '')}".strip()
            for one in report["audits"].values()
            if one["score"] is not None and one["score"] < 0.9 and one["scoreDisplayMode"] != "informative"
        }


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser (%(default)s)")
    parser.add_argument("--pages", default="home,lesson,playback", help="which of them (%(default)s)")
    parser.add_argument("--presets", default="desktop,mobile", help="which of them (%(default)s)")
    parser.add_argument("--reports", type=Path, help="a folder to keep Lighthouse's own reports in")
    parser.add_argument("--why", action="store_true", help="name the audits that are not passed")


def measure(words: argparse.Namespace) -> Table:
    if not shutil.which(words.chromium):
        SetUp(ROOT).debian("chromium", "fonts-dejavu-core", why="Lighthouse looks at pages in it")
    _get_lighthouse()
    said: dict[tuple[str, str], Said] = {}
    with Server("--planes", "1") as server:
        pages = {name: path for name, path in _pages(server).items() if name in words.pages.split(",")}
        for number in range(words.rounds):
            for name, path in pages.items():
                for preset in words.presets.split(","):
                    report = _looked(words, server, path, preset)
                    said.setdefault((name, preset), Said()).add(report)
                    scores = ", ".join(f"{what} {of[-1]:.2f}" for what, of in said[name, preset].scores.items())
                    print(f"▸ round {number + 1}: {name}, {preset}: {scores}", file=sys.stderr, flush=True)
                    if words.reports:
                        words.reports.mkdir(parents=True, exist_ok=True)
                        (words.reports / f"{name}-{preset}-{number}.json").write_text(json.dumps(report))
    return _table(words, said)


def _pages(server: Server) -> dict[str, str]:
    """The paths; a recording of two hours is laid behind the server's back."""
    from tests.support.recorded import long_recording

    lesson = server.call("POST", "/api/lessons", {"title": "11 «А» · Алгебра: туындының анықтамасы"})
    recording = asyncio.run(long_recording(server.data, lesson, server.call("GET", "/api/me")))
    return {"home": "/", "lesson": f"/lessons/{server.lesson_now()}", "playback": f"/recordings/{recording.id}"}


def _get_lighthouse() -> None:
    lock = FOLDER / "package-lock.json"
    if not installed(FOLDER).exists() or installed(FOLDER).stat().st_mtime < lock.stat().st_mtime:
        print("▸ npm ci in bench/npm", file=sys.stderr, flush=True)
        SetUp(ROOT).npm_ci(FOLDER)


def _looked(words: argparse.Namespace, server: Server, path: str, preset: str) -> Json:
    """Again where Chromium lost the trace, which Lighthouse asks for itself."""
    for _ in range(TRIES - 1):
        with suppress(TraceLost):
            return _once(words, server, path, preset)
    return _once(words, server, path, preset)


def _once(words: argparse.Namespace, server: Server, path: str, preset: str) -> Json:
    """One report, the browser's cache empty, the teacher logged in."""
    node = SetUp(ROOT).node()
    with _a_still_picture() as still, a_chromium(words.chromium, *FAKES, still) as browser:
        browser.log_in(server, server.token)
        out = browser.folder / "report.json"
        program = str(FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js")
        about = (
            f"--port={browser.port}",
            "--output=json",
            f"--output-path={out}",
            "--quiet",
            "--disable-storage-reset",
        )
        what = ("--only-categories=" + ",".join(FIGURES), *PRESETS[preset])
        done = subprocess.run(
            [node.program, program, server.base + path, *about, *what],
            env={**os.environ, **node.env, "CI": "1"},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        if "NO_NAVSTART" in done.stderr:
            raise TraceLost(f"Lighthouse: {done.stderr.strip()[-400:]}")
        if done.returncode or not out.exists():
            raise CannotDo(f"Lighthouse: {done.stderr.strip()[-400:]}")
        report = json.loads(out.read_text("utf-8"))
    if not report["finalDisplayedUrl"].endswith(path):
        raise CannotDo(f"Lighthouse was sent from {path} to {report['finalDisplayedUrl']}")
    return report


@contextmanager
def _a_still_picture() -> Iterator[str]:
    """Somebody who does not move before the camera: the speed index is of the page, not of them."""
    with tempfile.TemporaryDirectory(prefix="sabaq-still-") as folder:
        path = Path(folder) / "still.y4m"
        path.write_bytes(b"YUV4MPEG2 W640 H480 F20:1 Ip A1:1 C420\nFRAME\n" + bytes([128]) * (640 * 480 * 3 // 2))
        yield f"--use-file-for-fake-video-capture={path}"


def _table(words: argparse.Namespace, said: dict[tuple[str, str], Said]) -> Table:
    head = ["page", "preset", *(f"{name} (≥ {least:g})" for name, least in FIGURES.items())]
    table = Table("Lighthouse", [*head, "first paint ms", "largest ms", "blocked ms", "shift"])
    for (page, preset), of in said.items():
        first, largest, blocked, shift = (median(values) for values in of.metrics.values())
        scores = [f"{median(values):.2f}" for values in of.scores.values()]
        table.rows.append(
            [page, preset, *scores, f"{first:,.0f}", f"{largest:,.0f}", f"{blocked:,.0f}", f"{shift:.3f}"]
        )
        if words.why:
            table.notes += [f"{page}, {preset}: {audit}: {what}" for audit, what in of.failed.items()]
    version = json.loads((FOLDER / "package.json").read_text("utf-8"))["devDependencies"]["lighthouse"]
    table.notes.append(
        f"Rounds: {words.rounds}, medians. Lighthouse {version}, its own throttling by simulation, a fresh Chromium "
        "with an empty cache for each; the demo school's teacher; the lesson before it is entered; a recording of "
        "two hours of thirty people."
    )
    return table
