"""The bad link of measurements carries packets between two network namespaces as late, slow and lossy as is asked."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from server.setup_env import ROOT
from tests.net.namespaces import ip

ECHO = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.99.0.2", 9000))
print("ready", flush=True)
while True:
    data, who = s.recvfrom(2048)
    s.sendto(data, who)
"""
ASK = """
import json, socket, sys, time
count, size, patience = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(patience)
start, came = time.monotonic(), []
for n in range(count):
    s.sendto(bytes(size), ("10.99.0.2", 9000))
try:
    for n in range(count):
        s.recv(2048)
        came.append(time.monotonic() - start)
except TimeoutError:
    pass
print(json.dumps(came))
"""


class Far:
    """Two namespaces, the link between them, and who echoes at the other end."""

    def __init__(self) -> None:
        self._names = [f"sabaq{os.getpid()}-{end}" for end in "ab"]
        for name in self._names:
            ip("netns", "add", name)
        self._link = self._start(
            sys.executable, "-m", "bench.link", *self._names, "--ab", "delay=40", "--ba", "delay=40"
        )
        self._echo = self._start("ip", "netns", "exec", self._names[1], sys.executable, "-c", ECHO)

    def _start(self, *words: str) -> subprocess.Popen[str]:
        made = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert made.stdout and made.stdout.readline() == "ready\n"
        return made

    def say(self, line: str) -> None:
        assert self._link.stdin
        self._link.stdin.write(line + "\n")
        self._link.stdin.flush()

    def counts(self) -> dict[str, dict[str, float]]:
        """What it counted; all that was said before holds by then."""
        self.say("stats")
        assert self._link.stdout
        return json.loads(self._link.stdout.readline())

    def ask(self, count: int, size: int, patience: float = 5) -> list[float]:
        """Seconds until each echo of a burst."""
        words = ["ip", "netns", "exec", self._names[0], sys.executable, "-c", ASK, str(count), str(size), str(patience)]
        return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)

    def close(self) -> None:
        for process in (self._echo, self._link):
            process.terminate()
            process.communicate()
        for name in self._names:
            ip("netns", "del", name)


@pytest.fixture
def far() -> Iterator[Far]:
    made = Far()
    yield made
    made.close()


def test_the_link_is_as_late_slow_and_lossy_as_is_asked(far: Far) -> None:
    [round_trip] = far.ask(1, 100)
    assert round_trip >= 0.080

    far.say("ab rate=400k,queue=5000")
    far.counts()
    late = far.ask(41, 972)  # of 1,000 B with its headers: 20 ms each
    assert len(late) == 41
    assert late[-1] - late[0] >= 0.7

    far.say("ab loss=100")
    before = far.counts()["ab"]["lost"]
    assert far.ask(5, 100, 0.3) == []
    assert far.counts()["ab"]["lost"] == before + 5
