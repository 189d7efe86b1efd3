#!/usr/bin/python3
"""Stands in for `systemctl` where systemd does not run: Debian's services by their old scripts, ours by their units.

Our services run as their unit's account, in its folder, with its environment, and are started again as it says.
Standard library only: it is copied into a bare Debian.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

UNITS = Path("/etc/systemd/system")
KEPT = Path("/run/sabaq-units")
BY_SCRIPT = {"postgresql", "redis-server", "nginx", "coturn"}


def main(words: list[str]) -> int:
    verb, *names = [word for word in words if not word.startswith("-")]
    if verb == "daemon-reload" or (verb == "enable" and "--now" not in words):
        return 0
    action = "start" if verb == "enable" else verb
    return max(_do(action, name) for name in names)


def _do(action: str, name: str) -> int:
    file = UNITS / name if "." in name else UNITS / f"{name}.service"
    if file.suffix == ".timer" and file.exists():
        return 0
    if not file.exists():
        if name in BY_SCRIPT:
            return subprocess.call(["service", name, action])
        print(f"systemctl: no unit {name}", file=sys.stderr)
        return 5
    KEPT.mkdir(exist_ok=True)
    kept = KEPT / file.stem
    if action in ("stop", "restart"):
        _stop(kept)
    if action in ("start", "restart"):
        return _start(file, kept)
    return 0


def _start(file: Path, kept: Path) -> int:
    unit: dict[str, str] = dict(
        line.split("=", 1) for line in file.read_text().splitlines() if "=" in line and not line.startswith("#")
    )
    environ = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", unit["Environment"]]
    runs = unit["ExecStart"].replace("$$", "$").replace("%%", "%")
    if unit.get("Type") == "oneshot":
        line = f"umask {unit['UMask']}; {runs}"
        words = ["runuser", "-u", unit["User"], "--", *environ, "sh", "-c", line]
        return subprocess.call(words, cwd=unit["WorkingDirectory"])
    line = f"umask {unit['UMask']}; until {runs}; do sleep {unit['RestartSec']}; done"
    with kept.with_suffix(".log").open("ab") as log:
        process = subprocess.Popen(
            ["runuser", "-u", unit["User"], "--", *environ, "sh", "-c", line],
            cwd=unit["WorkingDirectory"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    kept.with_suffix(".pid").write_text(str(process.pid))
    return 0


def _stop(kept: Path) -> None:
    """As KillMode=mixed: SIGTERM to our program, and its end is waited for."""
    pid = kept.with_suffix(".pid")
    if not pid.exists():
        return
    group = int(pid.read_text())
    pid.unlink()
    found = (p for p in Path("/proc").iterdir() if p.name.isdigit() and _is_in(p, group))
    ours = sorted(found, key=lambda p: int(p.name))
    for process in ours:
        if b"-m\0server\0" in (process / "cmdline").read_bytes():
            os.kill(int(process.name), signal.SIGTERM)
            break
    for process in ours:
        while _is_in(process, group):
            signal.sigtimedwait([], 0.1)


def _is_in(process: Path, group: int) -> bool:
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return int(fields[3]) == group and fields[0] != "Z"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
