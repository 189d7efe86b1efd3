"""CPU time and children of processes, from /proc."""

import os
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents = {int(p.name): parent for p in Path("/proc").glob("[0-9]*") if (parent := _parent(p)) is not None}
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += [child for child, parent in parents.items() if parent == one]
    return sorted(found)


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of these processes, in steps of a clock tick (10 ms)."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def memory_megabytes(pids: list[int]) -> float:
    """Their proportional set size: what they share is counted once."""
    total = 0
    for pid in pids:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def sendto_microseconds(size: int = 1100, count: int = 20_000) -> float:
    """CPU of one bare UDP `sendto` from Python over loopback: what this machine asks for any packet at all."""
    import socket

    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here,
    ):
        there.bind(("127.0.0.1", 0))
        address, packet = there.getsockname(), bytes(size)
        started = time.process_time()
        for _ in range(count):
            here.sendto(packet, address)
        return (time.process_time() - started) * 1e6 / count


def _parent(process: Path) -> int | None:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None
