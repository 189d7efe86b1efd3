"""Builds `wload` when its source changed, and runs it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from server.setup_env import ROOT, SetUp
from server.setup_steps import CannotDo

SOURCE = Path(__file__).with_name("wload.c")
PROGRAM = SOURCE.parent / "build" / "wload"
HEADERS = ("/usr/include/openssl/ssl.h", "/usr/include/srtp2/srtp.h")


def run(doors: list[tuple[str, str, str]], pids: list[int], **options: float) -> dict[str, Any]:
    """One measurement: a publisher in each room, `subs` viewers a room. What it says, as wload names it."""
    build()
    urls = PROGRAM.parent / "urls.txt"
    urls.write_text("".join(f"{whip} {whep} {grant}\n" for whip, whep, grant in doors))
    words = [f"--{name}={value:g}" for name, value in options.items()]
    where = ["--urls", str(urls), f"--rooms={len(doors)}", f"--pid={','.join(map(str, pids))}"]
    try:
        done = subprocess.run([str(PROGRAM), "--quiet", *where, *words], capture_output=True, text=True, timeout=300)
    finally:
        urls.unlink()
    if done.returncode:
        raise CannotDo(f"wload: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


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
