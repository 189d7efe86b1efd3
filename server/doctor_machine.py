"""What `doctor` looks at on this machine."""

import fcntl
import json
import os
import platform
import resource
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import pairwise
from pathlib import Path

from cryptography import x509

from lms_core.kernel.clock import Clock

from . import migrate, pages, tls
from .config import Settings
from .disk import guards
from .doctor import Check, bad, warn
from .setup_env import PYTHON_FROM

BUFFER = 1024 * 1024
"""Bytes a media socket wants to wait in; a burst of a class's cameras is lost in less."""
FILES = 4096
PATIENCE = 2.0
_MB = 1024 * 1024


def python(_: Settings, __: Clock) -> str:
    if sys.version_info[:2] < PYTHON_FROM:
        raise bad(f"Python {platform.python_version()} is too old: install 3.11 or newer")
    return f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"


def client(_: Settings, __: Clock) -> str:
    if not (pages.CLIENT / "index.html").exists():
        raise warn("the pages are not built, so only the API runs: install Node 22.12 or newer and start once")
    return "the pages are built"


def data_folder(settings: Settings, _: Clock) -> str:
    folder = settings.data.absolute()
    if not folder.is_dir():
        raise bad(f"{folder} is not there: start once, restore a backup, or name another by --data")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise bad(f"{folder} cannot be written by this account: chown it to the server's own")
    if folder.stat().st_uid != os.geteuid():
        raise warn(f"{folder} belongs to another account: run the doctor as the server does")
    if folder.stat().st_mode & 0o077:
        raise warn(f"{folder} can be read by others: chmod 700 {folder}")
    if (folder / migrate.MARK).exists():
        raise bad("a restore was cut off here: repeat it with --replace")
    return f"{folder} is ours alone"


def disk(settings: Settings, clock: Clock) -> str:
    said = []
    for name, guard in guards(settings, clock).items():
        state = guard.state()
        free, least = state.free // _MB, settings.least_free_mb
        if state.low:
            raise bad(f"{name}: only {free} MB free, and files are refused below {least}: make room")
        if free < 2 * least:
            raise warn(f"{name}: {free} MB free; files are refused below {least}: make room soon")
        said.append(f"{name}: {free} MB free")
    return ", ".join(said)


def open_files(_: Settings, __: Clock) -> str:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most != resource.RLIM_INFINITY and most < FILES:
        raise warn(f"only {most} files may be open at once: set LimitNOFILE=65536 in the unit")
    return f"{'any number of' if most == resource.RLIM_INFINITY else most} files may be open"


def ports(settings: Settings, _: Clock) -> str:
    wanted = [(socket.SOCK_STREAM, port) for port in (settings.port, settings.http_port) if port]
    for number in range(settings.udp_port, settings.udp_port + settings.plane_count):
        wanted += [(socket.SOCK_DGRAM, number), (socket.SOCK_STREAM, number)]
    taken = [f"{'TCP' if kind == socket.SOCK_STREAM else 'UDP'} {port}" for kind, port in wanted if _taken(kind, port)]
    if not taken:
        return f"port {settings.port} and the media ports from {settings.udp_port} on are free"
    if _is_running(settings.data) or _answers(settings):
        return "a server of ours runs on its ports"
    raise bad(f"taken by another program: {', '.join(taken)}; choose other ports or end it")


def udp(_: Settings, __: Clock) -> str:
    with _udp() as one, _udp() as other:
        one.sendto(b"sabaq", other.getsockname())
        other.settimeout(1.0)
        try:
            other.recv(16)
        except TimeoutError:
            raise bad("a UDP packet to this machine itself does not arrive: look at its firewall") from None
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        given = one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2  # Linux counts its own needs too
        many = _sends_many(one)
    if given < BUFFER:
        raise warn(f"sockets may hold only {given // 1024} KB: sysctl -w net.core.rmem_max={4 * BUFFER}")
    return f"packets pass; buffers are large enough; {'many' if many else 'one'} sent at a time"


def certificate(settings: Settings, clock: Clock) -> str:
    if settings.local_tls:
        return "by this installation's own authority"
    if not (settings.tls_cert and settings.tls_key):
        if settings.public_url.startswith("https://"):
            return "made by the proxy before us"
        raise warn("no TLS: cameras work on this machine alone; set tls_cert and tls_key, or put a proxy before it")
    try:
        tls.context_of(settings.tls_cert, settings.tls_key)
    except tls.PairUnfit as no:
        raise bad(str(no)) from None
    chain = x509.load_pem_x509_certificates(settings.tls_cert.read_bytes())
    if chain[0].not_valid_before_utc > clock.now():
        raise bad(f"the certificate is valid from {chain[0].not_valid_before_utc:%Y-%m-%d} on: look at the clock")
    left = tls.days_left(settings.tls_cert, clock)
    if left < 0:
        raise bad(f"the certificate ended {-left:.0f} days ago: renew it")
    if left < tls.SOON:
        raise warn(f"the certificate ends in {left:.0f} days: renew it")
    _check_chain(chain)
    return f"valid for {left:.0f} more days, for {', '.join(_names(chain[0])) or 'no name'}"


def native(_: Settings, __: Clock) -> str:
    """Packages with compiled parts, which break when Python is exchanged under them."""
    import argon2.low_level

    import media.wire.python  # noqa: F401 - loads libsrtp

    argon2.low_level.hash_secret(b"x", b"saltsalt", 1, 8, 1, 16, argon2.low_level.Type.ID)
    return "argon2 and libsrtp work"


def wire(settings: Settings, _: Clock) -> str:
    """What will move the packets of calls, and why that."""
    from media.wire.choose import NoSuchWire, choose

    try:
        chosen = choose(settings.wire)
    except NoSuchWire as no:
        raise bad(str(no)) from None
    return f"the {chosen.name} wire moves packets, {chosen.why}"


CHECKS: dict[str, Check] = {
    "python": python,
    "native": native,
    "wire": wire,
    "pages": client,
    "data": data_folder,
    "disk": disk,
    "open_files": open_files,
    "ports": ports,
    "udp": udp,
    "tls": certificate,
}


def _taken(kind: socket.SocketKind, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except PermissionError:
            raise bad(f"port {port} needs a right: AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit") from None
        except OSError:
            return True
    return False


def _is_running(data: Path) -> bool:
    """Somebody holds the folder's lock."""
    try:
        with (data / "lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _answers(settings: Settings) -> bool:
    """A Sabaq is at our port: with PostgreSQL several may share a data folder, and none of them locks it."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104
    nobody = ssl.create_default_context()
    nobody.check_hostname, nobody.verify_mode = False, ssl.CERT_NONE  # nothing is told, and little believed
    with closing(
        HTTPSConnection(host, settings.port, timeout=PATIENCE, context=nobody)
        if settings.tls
        else HTTPConnection(host, settings.port, timeout=PATIENCE)
    ) as asked:
        try:
            asked.request("GET", "/api/health")
            return json.loads(asked.getresponse().read(1024)).get("version") is not None
        except (OSError, HTTPException, ValueError, AttributeError):
            return False


@contextmanager
def _udp() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        yield made


def _sends_many(made: socket.socket) -> bool:
    """Generic segmentation offload: the kernel cuts one buffer into many packets."""
    try:
        made.setsockopt(17, getattr(socket, "UDP_SEGMENT", 103), 0)
    except OSError:
        return False
    return True


def _check_chain(chain: list[x509.Certificate]) -> None:
    for one, above in pairwise(chain):
        if one.issuer != above.subject:
            raise bad(
                "the certificates in the file do not follow each other: put the server's first, then its issuer's"
            )
    if len(chain) == 1 and chain[0].issuer != chain[0].subject:
        raise warn("the file holds only the server's certificate: append its issuer's (the full chain)")


def _names(cert: x509.Certificate) -> list[str]:
    try:
        found = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in found]
