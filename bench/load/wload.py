"""Builds `wload` when its source changed, and runs it."""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from server.setup_env import ROOT, SetUp
from server.setup_steps import CannotDo

SOURCE = Path(__file__).with_name("wload.c")
PROGRAM = SOURCE.parent / "build" / "wload"
HEADERS = ("/usr/include/openssl/ssl.h", "/usr/include/srtp2/srtp.h")


Door = tuple[str, str, str]
"""WHIP address, WHEP address and grant."""
LONGEST = 900.0
"""Seconds that one run may take."""


def run(doors: list[Door], pids: list[int], **options: Any) -> dict[str, Any]:
    """One measurement: a publisher in each room, `subs` viewers a room; or with `pubs` so many publishers and viewers
    of one room, each door another person's. What it says, as wload names it."""
    with listed(doors) as urls:
        return run_at(pids, urls=urls, **{"rooms": len(doors), **options})


@contextmanager
def listed(doors: list[Door]) -> Iterator[str]:
    """The name of a file that has these doors, as wload reads them."""
    with tempfile.TemporaryDirectory(prefix="sabaq-doors-") as folder:
        urls = Path(folder) / "urls.txt"
        urls.write_text("".join(f"{whip} {whep} {grant}\n" for whip, whep, grant in doors))
        yield str(urls)


def run_at(pids: list[int], *, told: Callable[[], None] | None = None, **options: Any) -> dict[str, Any]:
    """One measurement of what `urls`, or `whip` and `whep`, say; an option that is True is a bare word,
    one that is False none. `told` is
    called when all is measured and nobody has left yet."""
    load = Load(pids, **options)
    load.go()
    said = load.said()
    if told:
        told()
    load.end()
    return said


class Load:
    """A `wload` that has made its peers join when this is made, and waits to measure. CannotDo when it fails."""

    def __init__(self, pids: list[int], *, prefix: str = "", **options: str | float | bool) -> None:
        """`prefix`: words of a program that starts it, as in another network namespace."""
        build()
        chosen = {name: value for name, value in options.items() if value is not False}
        words = [f"--{name.replace('_', '-')}" + _value(value) for name, value in chosen.items()]
        command = [*prefix.split(), str(PROGRAM), "--quiet", "--steps", f"--pid={','.join(map(str, pids))}", *words]
        pipe = subprocess.PIPE
        self._program = subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe, stderr=pipe)
        self._late = threading.Timer(LONGEST, self._program.kill)
        self._late.start()
        if self._line() != "ready":
            self._fail()

    def go(self) -> None:
        """Measure; `said` waits for the outcome."""
        assert self._program.stdin
        self._program.stdin.write("g")
        self._program.stdin.flush()

    def said(self) -> dict[str, Any]:
        """What it measured, as wload names it; its peers are all still there."""
        line = self._line()
        if not line.startswith("{") or self._line() != "done":
            self._fail()
        return json.loads(line)

    def end(self) -> None:
        """Its peers leave."""
        self._program.communicate()
        self._late.cancel()

    def _line(self) -> str:
        assert self._program.stdout
        return self._program.stdout.readline().strip()

    def _fail(self) -> NoReturn:
        self._program.kill()
        _, words = self._program.communicate()
        self._late.cancel()
        raise CannotDo(f"wload: {words.strip()[-300:]}")


def _value(value: str | float | bool) -> str:
    if value is True:
        return ""
    return f"={value}" if isinstance(value, str) else f"={value:g}"


@contextmanager
def sending(doors: list[Door], **options: float | str | bool) -> Iterator[None]:
    """A publisher at each of these doors of one room, until the block ends."""
    build()
    with listed(doors) as urls:
        words = [f"--{name}" + _value(value) for name, value in options.items()]
        shape = [f"--urls={urls}", "--rooms=1", f"--pubs={len(doors)}", "--subs=0", "--secs=3600", "--quiet"]
        with Path(urls).with_name("log.txt").open("w+") as log:
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
