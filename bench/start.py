"""Starting: from the command to 200 from `/api/health`, in a fresh clone with empty caches, and again."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.server import free_ports, is_up
from bench.table import Table
from server.setup_env import ROOT
from server.setup_steps import CannotDo

ROUNDS = 5
COLD, WARM = 120.0, 4.0  # seconds that Sabaq means to stay below


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-cold", dest="cold", action="store_false", help="only warm starts, in this tree")


def measure(words: argparse.Namespace) -> Table:
    table = Table("Starting", ["start", "seconds", "figure", "of it"])
    with tempfile.TemporaryDirectory(prefix="sabaq-bench-") as scratch:
        folder, tree = Path(scratch), ROOT
        if words.cold:
            tree = _clone(folder / "clone")
            table.rows.append(_row("cold: fresh clone, empty caches", _start(tree, folder), COLD))
        _start(tree, folder)
        warm = median(_start(tree, folder) for _ in range(words.rounds))
        table.rows.append(_row(f"warm, median of {words.rounds}", warm, WARM))
    return table


def _clone(into: Path) -> Path:
    """What git would give: committed and new files as they are now."""
    listed = ["git", "-C", str(ROOT), "ls-files", "-coz", "--exclude-standard"]
    for name in filter(None, subprocess.check_output(listed, text=True).split("\0")):
        if (ROOT / name).exists():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, into / name)
    return into


def _start(tree: Path, folder: Path) -> float:
    """Seconds from the command to the first 200; the server is ended again."""
    port, udp = free_ports()
    caches = {"UV_CACHE_DIR": "uv", "npm_config_cache": "npm", "PIP_CACHE_DIR": "pip", "XDG_CACHE_HOME": "other"}
    env = {**os.environ, **{name: str(folder / "cache" / where) for name, where in caches.items()}}
    python = getattr(sys, "_base_executable", sys.executable)
    where = ("--data", str(folder / "data"), "--host", "127.0.0.1", "--port", str(port), "--udp-port", str(udp))
    started = time.monotonic()
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen([python, "-m", "server", *where], cwd=tree, env=env, stdout=log, stderr=log)
    try:
        while not is_up(f"http://127.0.0.1:{port}"):
            if process.poll() is not None or time.monotonic() - started > 600:
                raise CannotDo(f"the server did not start:\n{(folder / 'log.txt').read_text()[-2000:]}")
            time.sleep(0.02)
        return time.monotonic() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _row(name: str, seconds: float, figure: float) -> list[str]:
    print(f"▸ {name}: {seconds:.1f} s", file=sys.stderr, flush=True)
    return [name, f"{seconds:.1f}", f"≤ {figure:g}", f"{seconds / figure:.2f}"]
