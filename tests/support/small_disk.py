"""A small disk for a test: a tmpfs of a few MB, which root may mount.

Whoever is not root runs the same test again in a world of its own, in which it is (`unshare --map-root-user`):

def test_x(tmp_path, request):
    if again_as_root(request):
        return
    with small_disk(tmp_path / "small", mb=4) as folder: ...
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.running import ROOT


def again_as_root(request: pytest.FixtureRequest) -> bool:
    """Whether the test was done elsewhere. AssertionError when it failed there, or no such world can be made."""
    if os.geteuid() == 0:
        return False
    alone = ("unshare", "--user", "--map-root-user", "--mount")
    words = [*alone, sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", request.node.nodeid]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    return True


@contextmanager
def small_disk(folder: Path, mb: int) -> Iterator[Path]:
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mb}m,mode=700", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
