"""`python3 -m tests audit`: asks advisory services whether holes are known in the packages that we deliver.

It needs the network, and what it says depends on the day, so it is no kind of tests. Exit code 0: both were asked and
know of nothing; 1: something is known, or somebody could not be asked.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server.setup_env import SetUp
from server.setup_steps import CannotDo
from server.setup_words import index_options
from tests.house.tree import ROOT

Say = Callable[[str], None]


class CouldNotAsk(Exception):
    """Nobody answered; the message says why."""


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def ask(say: Say = tell, *, service: str | None = None) -> int:
    """Ask about both locks; the exit code. `service`: another one than uv's own (as OSV speaks)."""
    looks: dict[str, Callable[[], list[str]]] = {
        "Python packages": lambda: of_python((ROOT / "requirements" / "run.lock").read_text("utf-8"), service),
        "npm packages": of_npm,
    }
    return max([_asked(what, look, say) for what, look in looks.items()])


def _asked(what: str, look: Callable[[], list[str]], say: Say) -> int:
    try:
        found = look()
    except (CouldNotAsk, CannotDo) as no:
        say(f"✗ {what}: COULD NOT ASK, so nothing is known about them: {no}")
        return 1
    for line in found:
        say(f"  {line}")
    say(f"{'✗' if found else '✓'} {what}: {len(found)} known holes")
    return int(bool(found))


def of_python(lock: str, service: str | None) -> list[str]:
    """A line for each hole, by `uv audit` on a project that wants exactly what the lock says."""
    setup = SetUp(ROOT)
    pins = re.findall(r"^([\w.-]+==[^\s\\]+(?: ; [^\\\n]+)?)", lock, re.MULTILINE)
    about = '[project]\nname = "sabaq-audit"\nversion = "0"\nrequires-python = ">=3.11"\n'
    project = f"{about}dependencies = {json.dumps([pin.strip() for pin in pins])}\n"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(project)
        options, env = index_options(setup.pip_settings(), os.environ)
        _uv(["lock", "-q", *options], folder, env)
        more = ["--service-url", service] if service else []
        features = ("--preview-features", "audit-command,json-output", "--output-format", "json")
        done = _uv(["audit", "-q", "--frozen", *features, *more], folder, env)
    return read_uv(done)


def _uv(words: list[str], folder: str, env: Any) -> str:
    command = [str(SetUp(ROOT).uv), *words]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode and not done.stdout:
        raise CouldNotAsk(" ".join(done.stderr.split())[:300])
    return done.stdout


def read_uv(said: str) -> list[str]:
    """What `uv audit` printed as JSON. Raises CouldNotAsk when that is no audit, or one of nothing."""
    told = _json(said, "uv audit")
    if not told["summary"]["audited_packages"]:
        raise CouldNotAsk("uv audit looked at no package")
    return [
        f"{hole['dependency']['name']} {hole['dependency']['version']}: {hole['display_id']}, "
        f"mended in {', '.join(hole['fix_versions']) or 'no version'}"
        for hole in told["vulnerabilities"]
    ]


def of_npm() -> list[str]:
    """A line for each hole in what the pages are made of."""
    node = SetUp(ROOT).node()
    words = [*node.npm, "audit", "--json", "--omit=dev", "--package-lock-only"]
    env = {**os.environ, **node.env}
    done = subprocess.run(
        words, cwd=ROOT / "web_client", env=env, capture_output=True, text=True, timeout=300, check=False
    )
    return read_npm(done.stdout)


def read_npm(said: str) -> list[str]:
    """What `npm audit --json` printed. Raises CouldNotAsk when that is no audit."""
    holes = _json(said, "npm audit")["vulnerabilities"]
    return [f"{name}: {hole['severity']} ({hole['range']})" for name, hole in sorted(holes.items())]


def _json(said: str, program: str) -> Any:
    try:
        told = json.loads(said)
        told["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        why = re.search(r'"(?:summary|message)":\s*"([^"]+)"', said)
        raise CouldNotAsk(f"{program}: {why[1] if why else 'no answer'}") from None
    return told
