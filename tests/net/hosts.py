"""A host of its own for one server: a network namespace with two cables to where the tests, PostgreSQL and Redis are.

Browsers come by the one, all that servers have among themselves goes by the other, and that one can be cut.
"""

import os
import shutil
import subprocess
from pathlib import Path

from tests.net.namespaces import ip
from tests.support.postgres import Postgres
from tests.support.redis import Redis
from tests.support.running import Running

STREET, RACK = "10.77.1", "10.77.2"
"""Networks: `.1` is where the tests are, `.2` the host."""
CUT = """
table inet cut {
    chain input { type filter hook input priority filter; iifname "rack" drop; }
    chain output { type filter hook output priority filter; oifname "rack" drop; }
}
"""


class Host:
    """Needs root. `cut`: nothing passes any more and nobody is told, as when a cable is pulled far away."""

    def __init__(self) -> None:
        self.name = f"sabaq{os.getpid()}-host"
        self._cables: list[str] = []
        ip("netns", "add", self.name)
        try:
            self.run("ip", "link", "set", "lo", "up")
            self._join("street", STREET)
            self._join("rack", RACK)
        except BaseException:
            self.close()
            raise

    def run(self, *words: str, text: str | None = None) -> None:
        subprocess.run(self.inside(*words), input=text, check=True, capture_output=True, text=True)

    def inside(self, *words: str) -> list[str]:
        return ["ip", "netns", "exec", self.name, *words]

    def cut(self) -> None:
        self.run("nft", "-f", "-", text=CUT)

    def mend(self) -> None:
        self.run("nft", "delete", "table", "inet", "cut")

    def close(self) -> None:
        for here in self._cables:  # with the namespace alone they would go later, and their names be taken
            ip("link", "del", here)
        ip("netns", "del", self.name)
        shutil.rmtree(Path("/etc/netns") / self.name, ignore_errors=True)

    def _join(self, cable: str, network: str) -> None:
        here = f"{cable}{os.getpid()}"
        ip("link", "add", here, "type", "veth", "peer", "name", cable, "netns", self.name)
        self._cables.append(here)
        ip("address", "add", f"{network}.1/24", "dev", here)
        ip("link", "set", here, "up")
        self.run("ip", "address", "add", f"{network}.2/24", "dev", cable)
        self.run("ip", "link", "set", cable, "up")


class Away(Running):
    """A server on that host, which browsers reach by the street."""

    host: Host

    @property
    def url(self) -> str:
        return f"http://{STREET}.2:{self.port}"

    def verb(self, *words: str) -> list[str]:
        return self.host.inside(*super().verb(*words))


def listen_on_rack(database: Postgres, redis: Redis) -> None:
    """Before the database starts: both are reached from the host too."""
    with (database.folder / "data" / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {RACK}.0/24 trust\n")
    redis.ask("CONFIG", "SET", "protected-mode", "no")
    redis.ask("CONFIG", "SET", "bind", f"127.0.0.1 {RACK}.1")


def by_rack(url: str) -> str:
    """Of PostgreSQL or Redis, as servers reach it."""
    return url.replace("127.0.0.1", f"{RACK}.1")
