"""Watches the free space of the disks that hold our data."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from lms_core.kernel.clock import Clock
from lms_core.kernel.errors import NoSpace

from .config import Settings

LOOK_EVERY = 1.0
BACK_AT = 1.1
"""There is room again from this many times the least on: at the edge it would change with every file."""
_MB = 1024 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Free:
    """One disk as it is now, in bytes. `low`: what grows is refused."""

    folder: str
    total: int
    free: int
    low: bool


def measure(folder: Path) -> tuple[int, int]:
    """(all, free to us) in bytes, of the disk that holds `folder` or will."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    found = os.statvfs(folder)
    return found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize


class Disk:
    """The guard of one folder's disk: `check` refuses while less than `least_mb` are free."""

    def __init__(
        self, folder: Path, least_mb: int, clock: Clock, look: Callable[[Path], tuple[int, int]] = measure
    ) -> None:
        self._folder, self._least, self._clock, self._look = folder, least_mb * _MB, clock, look
        self._next = 0.0
        self._now = Free(str(folder), 0, 0, False)

    def check(self) -> None:
        """Raises NoSpace. Costs nothing between two looks."""
        if self.state().low:
            raise NoSpace

    def state(self) -> Free:
        """As it was within the last second; for metrics and dump too."""
        if self._clock.monotonic() >= self._next or not self._now.total:
            self._next = self._clock.monotonic() + LOOK_EVERY
            total, free = self._look(self._folder.absolute())
            low = free < self._least * (BACK_AT if self._now.low else 1)
            if low != self._now.low:
                say = log.error if low else log.info
                say("disk_low" if low else "disk_has_room_again", free_mb=free // _MB, least_mb=self._least // _MB)
            self._now = Free(str(self._folder), total, free, low)
        return self._now


def guards(settings: Settings, clock: Clock) -> dict[str, Disk]:
    """Of every disk we write on: `data`, and `blobs` where those are kept in a folder."""
    found = {"data": Disk(settings.data, settings.least_free_mb, clock)}
    if folder := blob_folder(settings):
        found["blobs"] = Disk(folder, settings.least_free_mb, clock)
    return found


def blob_folder(settings: Settings) -> Path | None:
    """Where blobs are kept; None when that is a bucket."""
    if settings.blob_url.startswith("s3://"):
        return None
    return Path(settings.blob_url) if settings.blob_url else settings.data / "blobs"


class EndlessSpace:
    """For what grows elsewhere."""

    def check(self) -> None:
        """Never raises."""
