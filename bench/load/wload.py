"""Builds `wload` when its source changed, and runs it."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server.setup_env import ROOT, SetUp
from server.setup_steps import CannotDo

SOURCE = Path(__file__).with_name("wload.c")
PROGRAM = SOURCE.parent / "build" / "wload"
HEADERS = ("/usr/include/openssl/ssl.h", "/usr/include/srtp2/srtp.h")


def run(doors: list[tuple[str, str, str]], pids: list[int], **options: float | bool) -> dict[str, Any]:
    """One measurement: a publisher in each room, `subs` viewers a room; or with `pubs` so many publishers and viewers
    of one room, each door another person's. What it says, as wload names it."""
    with tempfile.TemporaryDirectory(prefix="sabaq-doors-") as folder:
        urls = Path(folder) / "urls.txt"
        urls.write_text("".join(f"{whip} {whep} {grant}\n" for whip, whep, grant in doors))
        return run_at(pids, urls=str(urls), **{"rooms": len(doors), **options})


def run_at(pids: list[int], **options: str | float | bool) -> dict[str, Any]:
    """One measurement of what `urls`, or `whip` and `whep`, say; an option that is True is a bare word."""
    build()
    words = [f"--{name.replace('_', '-')}" + _value(value) for name, value in options.items()]
    command = [str(PROGRAM), "--quiet", f"--pid={','.join(map(str, pids))}", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise CannotDo(f"wload: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def _value(value: str | float | bool) -> str:
    if value is True:
        return ""
    return f"={value}" if isinstance(value, str) else f"={value:g}"


@contextmanager
def sending(doors: list[tuple[str, str, str]], **options: float | str) -> Iterator[None]:
    """A publisher at each of these doors of one room, until the block ends."""
    build()
    with tempfile.TemporaryDirectory(prefix="sabaq-doors-") as folder:
        urls = Path(folder) / "urls.txt"
        urls.write_text("".join(f"{whip} {whep} {grant}\n" for whip, whep, grant in doors))
        words = [f"--{name}={value}" for name, value in options.items()]
        shape = [f"--urls={urls}", "--rooms=1", f"--pubs={len(doors)}", "--subs=0", "--secs=3600", "--quiet"]
        with (Path(folder) / "log.txt").open("w+") as log:
            program = subprocess.Popen([str(PROGRAM), *shape, *words], stdout=log, stderr=log)
            try:
                yield
                if program.poll() is not None:
                    log.seek(0)
                    raise CannotDo(f"wload: {log.read().strip()[-300:]}")
            finally:
                program.kill()
                program.wait()


def build() -> None:
    """With gcc and Debian's libsrtp2; says so when it has to install them."""
    if PROGRAM.exists() and PROGRAM.stat().st_mtime >= SOURCE.stat().st_mtime:
        return
    if not shutil.which("gcc") or not all(map(Path.exists, map(Path, HEADERS))):
        needed = ("gcc", "libc6-dev", "libssl-dev", "libsrtp2-dev")
        SetUp(ROOT).debian(*needed, why="the load generator is built with gcc, OpenSSL and libsrtp2")
    print("▸ gcc bench/load/wload.c", file=sys.stderr, flush=True)
    PROGRAM.parent.mkdir(exist_ok=True)
    libraries = ("-lssl", "-lcrypto", "-lsrtp2", "-lm")
    SetUp(ROOT).call("gcc", "-O2", "-w", "-o", PROGRAM, SOURCE, *libraries)
