"""How one step of the set-up is done: stamps, time, programs, Debian's packages. Standard library only."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from server.setup_words import reason


class CannotDo(Exception):
    """A step that could not be done, and why, in a line a person can act on."""


class Steps:
    """Runs steps for the tree at `root`; keeps stamps, a lock and a log in its `.setup/`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / ".setup"

    def step(self, name: str, title: str, work: Callable[[], object], key: str) -> None:
        """Do `work`, then stamp `key`. Meanwhile the stamp fits nothing, but keeps its first word."""
        self.stamp(name).write_text(self.stamped(name).partition(" ")[0] + " unfinished", "utf-8")
        self.timed(title, work)
        self.stamp(name).write_text(key, "utf-8")

    def fits(self, name: str, result: Path, key: str) -> bool:
        """Whether `result` is there and was made from what `key` says."""
        return self.stamped(name) == key and result.exists()

    def stamp(self, name: str) -> Path:
        return self.state / f"{name}.stamp"

    def stamped(self, name: str) -> str:
        try:
            return self.stamp(name).read_text("utf-8")
        except OSError:
            return ""

    def timed(self, title: str, work: Callable[[], object]) -> None:
        """Say what is done, then how long it took. CannotDo gets the title put before it."""
        self.say(f"▸ {title} …")
        started = time.monotonic()
        try:
            work()
        except CannotDo as why:
            raise CannotDo(f"{title}: {why}") from None
        self.say(f"✓ {title} {time.monotonic() - started:.1f} s")

    def call(self, *command: object, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
        """Run a program to its end, its words into the log; give them back. CannotDo when it fails."""
        import subprocess

        words = [str(c) for c in command]
        try:
            done = subprocess.run(
                words,
                cwd=cwd or self.root,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as problem:
            raise CannotDo(f"{words[0]} does not run ({problem.strerror})") from None
        self.state.mkdir(exist_ok=True)
        with (self.state / "log.txt").open("a", encoding="utf-8") as log:
            log.write(f"$ {shlex.join(words)}\n{done.stdout}")
        if done.returncode:
            why = reason(done.stdout) or f"{words[0]} ended with {done.returncode}"
            raise CannotDo(f"{why} (see .setup/log.txt)")
        return done.stdout

    def debian(self, *packages: str, why: str) -> None:
        """Install with apt as root; otherwise CannotDo with the one line to type."""
        names = " ".join(packages)
        if not shutil.which("apt-get"):
            raise CannotDo(f"{why}; install what Debian calls {names} and start again")
        install = ("apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages)
        if os.geteuid() != 0:
            become = "sudo sh -c" if shutil.which("sudo") else "su -c"
            line = shlex.quote(f"apt-get -qq update && {shlex.join(install)}")
            raise CannotDo(f"{why}; type this and start again:\n  {become} {line}")

        def work() -> None:
            env = {"DEBIAN_FRONTEND": "noninteractive"}
            self.call("apt-get", "-qq", "update", env=env)
            self.call(*install, env=env)

        self.say(f"▸ {why}")
        self.timed(f"{names}, from Debian's packages", work)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """One start at a time makes the environment; the others wait for it."""
        import fcntl

        try:
            self.state.mkdir(exist_ok=True)
            lock = (self.state / "lock").open("w")
        except OSError as problem:
            raise CannotDo(f"cannot write in {self.root} ({problem.strerror})") from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.say("▸ another start is making the environment; waiting for it …")
                fcntl.flock(lock, fcntl.LOCK_EX)
            (self.state / "log.txt").unlink(missing_ok=True)
            yield

    def say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)


def has_module(name: str) -> bool:
    """Whether this Python could import `name` now, perhaps installed a moment ago."""
    importlib.invalidate_caches()
    return importlib.util.find_spec(name) is not None
