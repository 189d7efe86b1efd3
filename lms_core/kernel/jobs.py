"""Work that is slow or comes later: declared here, run by the server's job runner."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

JOBS: dict[str, "Job"] = {}


@dataclass(frozen=True, slots=True)
class Job:
    """`work(tx, **args)` runs in a transaction of its own; it must be safe to run twice."""

    name: str
    work: Callable[..., Awaitable[None]]
    every: timedelta | None


def job(name: str, *, every: timedelta | None = None) -> Callable[[Callable[..., Any]], Job]:
    """Declare a job. With `every`, it also runs by itself, that often."""

    def register(work: Callable[..., Any]) -> Job:
        if name in JOBS:
            raise TypeError(f"job {name} declared twice")
        JOBS[name] = Job(name, work, every)
        return JOBS[name]

    return register
