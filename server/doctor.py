"""`doctor`: looks at everything a server stands on, and says in one sentence each what is well and what to do.

It only looks: what it writes for a try (a file, a blob) is removed at once, and the database is only read.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from lms_core.kernel.clock import Clock, SystemClock

from .config import Settings

State = Literal["ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`id` is stable; `says` is for people. `bad`: a server would not work; `warn`: it would, but not for long or
    not for everybody."""

    id: str
    state: State
    says: str


class Found(Exception):
    """What a check ends with when it is not simply well."""

    def __init__(self, state: State, says: str) -> None:
        super().__init__(says)
        self.state: State = state
        self.says = says


def bad(says: str) -> Found:
    return Found("bad", says)


def warn(says: str) -> Found:
    return Found("warn", says)


Check = Callable[[Settings, Clock], str]
"""Returns a sentence when all is well, else raises Found. Anything else it raises counts as bad."""


def examine(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """One finding for each check, in an order in which the first bad one explains later ones."""
    from . import doctor_machine, doctor_services

    for name, check in (doctor_machine.CHECKS | doctor_services.CHECKS).items():
        try:
            yield Finding(name, "ok", check(settings, clock))
        except Found as no:
            yield Finding(name, no.state, no.says)
        except Exception as no:
            yield Finding(name, "bad", f"the check failed: {type(no).__name__}: {str(no).splitlines()[:1]}")


def run(settings: Settings, *, as_json: bool) -> int:
    """Print all findings; the exit code, 1 when something is bad."""
    found = []
    for finding in examine(settings, SystemClock()):
        found.append(finding)
        line = f"{finding.state:4}  {finding.id:12} {finding.says}"
        print(line, file=sys.stderr if as_json else sys.stdout, flush=True)
    states = {finding.state for finding in found}
    worst: State = "bad" if "bad" in states else "warn" if "warn" in states else "ok"
    if as_json:
        print(json.dumps({"state": worst, "checks": [asdict(finding) for finding in found]}, ensure_ascii=False))
    return int(worst == "bad")
