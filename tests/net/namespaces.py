"""A small internet of network namespaces: a client, a router with rules of its own, and servers behind it."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CLIENT, SERVER = "10.1.0.2", "10.2.0.2"
RELAY = "10.2.0.3"
"""A second address of the server's."""
OUTSIDE = "10.1.0.1"
"""The router's address on the client's side."""

RULES = """
table inet wall {{
    chain forward {{
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        {allowed}
    }}
}}
"""
NAT = """
table ip nat {{
    chain inward {{
        type nat hook prerouting priority dstnat;
        iifname "client" meta l4proto {{ tcp, udp }} dnat to {server}
    }}
    chain outward {{
        type nat hook postrouting priority srcnat;
        oifname "client" masquerade
    }}
}}
"""


class Net:
    """`run` and `start` act in one of its namespaces: `client`, `router` or `server`.

    `names` are host names as the client and the server know them. Needs root.
    """

    def __init__(self, folder: Path, names: Mapping[str, str]) -> None:
        self.folder = folder
        self._tag = f"sabaq{os.getpid()}"
        self._processes: list[subprocess.Popen[bytes]] = []
        for place in ("client", "router", "server"):
            ip("netns", "add", self.name(place))
            self.run(place, "ip", "link", "set", "lo", "up")
        self._join("client", CLIENT, OUTSIDE)
        self._join("server", SERVER, "10.2.0.1")
        self.run("server", "ip", "address", "add", f"{RELAY}/24", "dev", "eth0")
        self.run("router", "sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
        for place in ("client", "server"):
            etc = self._etc(place)
            etc.mkdir(parents=True)
            hosts = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in names.items())]
            (etc / "hosts").write_text("\n".join(hosts) + "\n")

    def name(self, place: str) -> str:
        return f"{self._tag}-{place}"

    def run(self, place: str, *words: str, text: str | None = None) -> str:
        """Run to the end in a namespace; what it said."""
        done = subprocess.run(self.inside(place, words), input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
        return done.stdout

    def start(self, place: str, words: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start in a namespace; it is ended with the net. What it says goes to a log in the folder."""
        with (self.folder / f"{Path(words[0]).name}.log").open("ab") as log:
            made = subprocess.Popen[bytes](
                self.inside(place, words), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options
            )
        self._processes.append(made)
        return made

    def inside(self, place: str, words: Sequence[str]) -> list[str]:
        return ["ip", "netns", "exec", self.name(place), *words]

    def allow(self, *rules: str) -> None:
        """From now on the router lets through what these nft rules name, answers to it, and nothing else."""
        self._rules(RULES.format(allowed="\n        ".join(rules)), "inet wall")

    def translate(self) -> None:
        """The router hides the server behind its own outer address, and the client has no other way in."""
        self._rules(NAT.format(server=SERVER), "ip nat")

    def close(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for place in ("client", "router", "server"):
            ip("netns", "del", self.name(place))
            shutil.rmtree(self._etc(place), ignore_errors=True)

    def _rules(self, text: str, table: str) -> None:
        self.run("router", "nft", "-f", "-", text=f"table {table}\ndelete table {table}\n{text}")

    def _join(self, place: str, address: str, gateway: str) -> None:
        near, far = self.name(place), self.name("router")
        ip("link", "add", "eth0", "netns", near, "type", "veth", "peer", "name", place, "netns", far)
        self.run(place, "ip", "address", "add", f"{address}/24", "dev", "eth0")
        self.run(place, "ip", "link", "set", "eth0", "up")
        self.run("router", "ip", "address", "add", f"{gateway}/24", "dev", place)
        self.run("router", "ip", "link", "set", place, "up")
        self.run(place, "ip", "route", "add", "default", "via", gateway)

    def _etc(self, place: str) -> Path:
        return Path("/etc/netns") / self.name(place)


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
