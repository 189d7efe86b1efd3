"""Follows docs/install.md on a bare Debian 12: `python3 -m tests.install`, as root. No kind of tests: it takes minutes.

A Debian is made in a temporary folder, in a world of its own of processes and mounts but with this machine's network
and package sources. The guide's blocks are run there in order, as they stand. systemd does not run there, so
tests/deploy/systemctl.py stands in for it; blocks marked `sh outside` are replaced by what `OUTSIDE` names.
"""

import argparse
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "install.md"
NAME, ADMIN, PASSWORD = "school.example", "principal", "a password of tests"
PATIENCE = 240.0
"""Seconds for a start, also where other work goes on."""
PORTS = (80, 443, 5349, 5432, 6379, 8080, 40000)
BLOCK = re.compile(
    r"^## (?P<heading>[^\n]+)$|^```sh(?P<outside> outside)?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


class Machine:
    """A bare Debian below `root`, with processes of its own that all end with `close`."""

    def __init__(self, root: Path, log: Path) -> None:
        self.root, self.log = root, log
        mounts = " && ".join(
            (
                f"mount --rbind /dev {root}/dev",
                f"mount -t proc proc {root}/proc",
                f"mount -t tmpfs tmpfs {root}/run",
                f"mount --rbind /sys {root}/sys",
            )
        )
        apart = ("unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "--propagation", "private")
        wait = "echo ready; while :; do sleep 1000; done"  # bash: it buries whom nobody waits for
        words = [*apart, "bash", "-c", f"{mounts} && {wait}"]
        self._first = subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        assert self._first.stdout
        if self._first.stdout.readline() != b"ready\n":
            raise SystemExit("no world of its own could be made: run this as root")
        children = Path(f"/proc/{self._first.pid}/task/{self._first.pid}/children")
        self._inside = children.read_text().split()[0]

    def run(self, script: str, *, expect: int = 0) -> str:
        """What the script printed. AssertionError when it ends with another code."""
        enter = ["nsenter", "-t", self._inside, "-m", "-p", "-i", "chroot", str(self.root)]
        clean = ["env", "-i", "HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        words = [*enter, *clean, "DEBIAN_FRONTEND=noninteractive", "bash", "-euo", "pipefail", "-c", script]
        with self.log.open("ab") as log:
            log.write(f"\n$ {script}\n".encode())
            log.flush()
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, check=False)
            log.write(done.stdout)
        assert done.returncode == expect, f"{script}\nended with {done.returncode}:\n{self.tail()}"
        return done.stdout.decode()

    def tail(self) -> str:
        return self.log.read_text("utf-8", "replace")[-3000:]

    def unit_log(self, name: str) -> str:
        """Without what asking for health leaves there."""
        return self.run(f"grep -v not_ready /run/sabaq-units/{name}.log || true")

    def close(self) -> None:
        self._first.kill()
        self._first.wait()


class Guide:
    """One walk through the guide."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._outside = {
            "sysctl --system": lambda: None,
            "certbot certonly": self._certificate,
            "systemctl enable --now nftables": lambda: None,
            "journalctl -u sabaq": self._set_up,
        }

    def follow(self) -> None:
        for found in BLOCK.finditer(GUIDE.read_text("utf-8")):
            if found["heading"]:
                say(f"── {found['heading']}")
            elif found["outside"]:
                [stand_in] = [do for words, do in self._outside.items() if found["body"].startswith(words)]
                stand_in()
            else:
                self.machine.run(found["body"])
                if "apt-get install" in found["body"]:  # in a chroot Debian's packages start nothing
                    self.machine.run("for name in postgresql redis-server nginx; do service $name start; done")
                if "systemctl start sabaq sabaq-worker" in found["body"] or "enable --now sabaq" in found["body"]:
                    self.answers()

    def answers(self) -> None:
        """The page over TLS by nginx, and a worker."""
        until = time.monotonic() + PATIENCE
        while self._status("/api/health") != 200:
            assert time.monotonic() < until, f"no answer after {PATIENCE} s:\n{self.machine.unit_log('sabaq')[-2000:]}"
            time.sleep(0.2)
        assert self._status("/") == 200
        assert self._status("/metrics") == self._status("/internal/link") == 404
        while "a worker runs" not in self.machine.unit_log("sabaq-worker").rpartition("unfit")[2]:
            assert time.monotonic() < until, self.machine.unit_log("sabaq-worker")[-2000:]
            time.sleep(0.2)
        say(f"   it answers on https://{NAME}")

    def doctor(self) -> dict[str, str]:
        """State by check; AssertionError for a bad one."""
        ask = "cd /opt/sabaq && runuser -u sabaq -- python3 -m server doctor --json"
        told = json.loads(self.machine.run(ask))
        states = {check["id"]: check["state"] for check in told["checks"]}
        assert told["state"] != "bad", told
        odd = [f"{check['id']}: {check['says']}" for check in told["checks"] if check["state"] != "ok"]
        say("   doctor: " + ("all ok" if not odd else f"{len(states) - len(odd)} ok; " + "; ".join(odd)))
        return states

    def logs_in(self) -> None:
        body = {"login": ADMIN, "password": PASSWORD}
        assert self._call("POST", "/api/log-in", body)[0] == 200
        say("   the administrator logs in")

    # --- What stands in for the outside world

    def _certificate(self) -> None:
        """In place of certbot: an authority that this Debian trusts, and nobody else."""
        live = f"/etc/letsencrypt/live/{NAME}"
        own = f"/usr/local/share/ca-certificates/{NAME}.crt"
        self.machine.run(
            f"mkdir -p {live} && openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj /CN={NAME} "
            f"-addext subjectAltName=DNS:{NAME} -keyout {live}/privkey.pem -out {live}/fullchain.pem && "
            f"cp {live}/fullchain.pem {own} && update-ca-certificates && /usr/local/sbin/sabaq-certificate"
        )

    def _set_up(self) -> None:
        """In place of the browser: the link of the log, and what its page sends."""
        link = re.findall(rf"https://{NAME}/set-up#(\S+)", self.machine.unit_log("sabaq"))[-1]
        admin = {"family": "Ахметова", "given": "Сауле", "login": ADMIN, "password": PASSWORD}
        names = {"kk": "Мектеп", "ru": "Школа", "en": "School"}
        body = {"invitation": link, "kind": "school", "names": names, "admin": admin}
        status, said = self._call("POST", "/api/setup/organisation", body)
        assert status == 200, said
        self.logs_in()

    def _status(self, path: str) -> int:
        try:
            return self._call("GET", path)[0]
        except OSError:
            return 0

    def _call(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """By nginx on port 443, as a browser; the certificate is checked."""
        trust = ssl.create_default_context(cafile=self.machine.root / f"etc/letsencrypt/live/{NAME}/fullchain.pem")
        connection = http.client.HTTPSConnection(NAME, context=trust, timeout=20)
        raw = socket.create_connection(("127.0.0.1", 443), timeout=20)
        connection.sock = trust.wrap_socket(raw, server_hostname=NAME)
        headers = {"Content-Type": "application/json", "X-Sabaq": "1", "Origin": f"https://{NAME}"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        said = answer.status, answer.read().decode("utf-8", "replace")
        connection.close()
        return said


def main() -> None:
    words = argparse.ArgumentParser(prog="python3 -m tests.install", description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--mirror", help="of Debian; default: this machine's own")
    words.add_argument(
        "--bare", type=Path, help="the folder of a Debian that debootstrap made before; it stays as it is"
    )
    words.add_argument("--log", type=Path, default=Path(tempfile.gettempdir()) / "sabaq-install.log")
    given = words.parse_args()
    _check_machine()
    given.log.write_bytes(b"")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sabaq-install-") as folder:
        root = Path(folder) / "debian"
        if given.bare:
            _lay_over(given.bare, root)
        else:
            _debian(root, given.mirror or _sources()[0][0], given.log)
        _prepare(root, Path(folder))
        say(f"── a bare Debian is there after {time.monotonic() - began:.0f} s; the log is {given.log}")
        machine = Machine(root, given.log)
        try:
            guide = Guide(machine)
            guide.follow()
            guide.doctor()
            guide.logs_in()
            _look(machine)
        except BaseException as why:
            say(f"✗ {why}")  # now: taking a Debian away may take a while
            raise
        finally:
            machine.close()
            if given.bare:
                subprocess.run(["umount", "-l", str(root)], check=True)
    print(f"\ninstall: 1 passed, 0 failed, in {time.monotonic() - began:.0f} s", flush=True)


def _look(machine: Machine) -> None:
    """What should be closed is closed, and systemd understands the units."""
    machine.run("systemd-analyze verify --man=no /etc/systemd/system/sabaq*.service")
    owned = machine.run("stat -c '%U %a' /var/lib/sabaq /var/backups/sabaq/*.sabaq /opt/sabaq/sabaq.toml")
    assert owned.split("\n")[:-1] == ["sabaq 700", "sabaq 600", "root 640"], owned
    machine.run("runuser -u sabaq -- test -w /opt/sabaq", expect=1)
    assert machine.run("find /opt/sabaq -user sabaq") == ""


def _check_machine() -> None:
    missing = [p for p in ("debootstrap", "unshare", "nsenter", "git") if not shutil.which(p)]
    if missing:
        sys.exit(f"install these first: {', '.join(missing)}")
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                sys.exit(f"port {port} of this machine is taken, and the guide wants it")


def _sources() -> list[tuple[str, str]]:
    """(mirror, suite) of Debian 12, as this machine's apt has them."""
    found = []
    for file in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]:
        text = file.read_text("utf-8") if file.is_file() else ""
        for options, mirror, suite in re.findall(r"^deb (\[.*?\] )?(\S+) (\S+) ", text, re.MULTILINE):
            found.append((mirror, suite)) if not options else None
        for stanza in re.split(r"\n\s*\n", text):
            fields = dict(re.findall(r"^([\w-]+):[ \t]*(.*)$", stanza, re.MULTILINE))
            found += [(m, s) for m in fields.get("URIs", "").split() for s in fields.get("Suites", "").split()]
    found = [(mirror, suite) for mirror, suite in found if suite.startswith("bookworm")]
    if not found:
        sys.exit("this machine's apt knows no Debian 12: name a mirror by --mirror")
    return sorted(found, key=lambda source: source[1])


def _lay_over(bare: Path, root: Path) -> None:
    """What is written goes beside `bare`."""
    written, work = root.with_name("written"), root.with_name("work")
    for folder in (root, written, work):
        folder.mkdir()
    options = f"lowerdir={bare},upperdir={written},workdir={work}"
    subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", str(root)], check=True)


def _debian(root: Path, mirror: str, log: Path) -> None:
    say("── a bare Debian 12")
    with log.open("ab") as out:
        done = subprocess.run(["debootstrap", "bookworm", str(root), mirror], stdout=out, stderr=out, check=False)
    if done.returncode:
        sys.exit(f"debootstrap failed; see {log}")


def _prepare(root: Path, folder: Path) -> None:
    """What this machine needs to reach packages, our program as the guide's repository, and systemd's stand-in."""
    lines = [f"deb {mirror} {suite} main\n" for mirror, suite in _sources()]
    (root / "etc/apt/sources.list").write_text("".join(lines))
    for source in (*Path("/etc/apt/apt.conf.d").glob("*proxy*"), *Path("/etc/apt/auth.conf.d").glob("*")):
        shutil.copy(source, root / source.relative_to("/"))
    for own in Path("/usr/local/share/ca-certificates").glob("*.crt"):
        (root / "usr/local/share/ca-certificates").mkdir(parents=True, exist_ok=True)
        shutil.copy(own, root / "usr/local/share/ca-certificates")
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.0.1 {NAME}\n")
    (root / "etc/pip.conf").write_text("[global]\n" + "".join(f"{k} = {v}\n" for k, v in dict(_pip_settings()).items()))
    shutil.copytree(_repository(folder), root / "srv/sabaq.git")
    (root / "root/.gitconfig").write_text(
        '[url "file:///srv/sabaq.git"]\n\tinsteadOf = https://git.example/sabaq.git\n[safe]\n\tdirectory = *\n'
    )
    stand_in = root / "usr/local/bin/systemctl"
    shutil.copy(ROOT / "tests/deploy/systemctl.py", stand_in)
    stand_in.chmod(0o755)


def _pip_settings() -> Iterator[tuple[str, str]]:
    """Where this machine's pip finds packages, and whom it trusts."""
    said = subprocess.run(["python3", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    for name, value in re.findall(r"^[\w:]+\.\.?([\w-]+)='(.*)'$", said.stdout, re.MULTILINE):
        if name in ("index-url", "extra-index-url", "trusted-host", "cert", "proxy", "timeout"):
            yield name, value


def _repository(folder: Path) -> Path:
    """The tree as it stands here, committed nowhere but there."""
    tree = folder / "sabaq.git"
    listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    who = ("-c", "user.name=tests", "-c", "user.email=tests@school.example")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), (*who, "commit", "-q", "-m", "as it stands")):
        subprocess.run(("git", *words), cwd=tree, check=True)
    return tree


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
