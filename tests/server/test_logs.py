"""Log lines: a log that cannot be written refuses nobody."""

import subprocess
import sys

from tests.support.running import ROOT

SPEAK = "import structlog; from server.logs import configure; configure('info'); structlog.get_logger().info('first')"


def test_a_log_on_a_full_disk_breaks_nothing() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-c", f"{SPEAK}; print('went on')"], cwd=ROOT, stderr=full,
                              stdout=subprocess.PIPE, check=False)  # fmt: skip
    assert b"went on" in done.stdout


def test_a_line_is_one_json_object() -> None:
    done = subprocess.run([sys.executable, "-c", SPEAK], cwd=ROOT, capture_output=True, check=True)
    assert done.stderr.startswith(b'{"event": "first"')
    assert done.stderr.count(b"\n") == 1
