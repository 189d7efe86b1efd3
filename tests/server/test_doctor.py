"""`doctor` finds what is wrong, and says what to do."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from lms_core.kernel.clock import ManualClock, SystemClock
from lms_core.kernel.db import postgres_engine, sqlite_engine
from server import migrate
from server.config import Settings, Smtp, Turn
from server.doctor import Finding, examine
from tests.support.postgres import a_database
from tests.support.redis import a_redis
from tests.support.running import ROOT, Running, free_port
from tests.support.versions import lay

CHECKS = [
    *("python", "native", "wire", "pages", "data", "disk", "open_files", "ports", "udp", "tls"),
    *("database", "redis", "blobs", "mail", "relay"),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


def _settings(data: Path, **more: Any) -> Settings:
    given: dict[str, Any] = {
        "port": free_port(),
        "udp_port": free_port(socket.SOCK_DGRAM),
        "planes": 1,
        "least_free_mb": 1,
    }
    return Settings(data=data, **(given | more))


def _find(name: str, settings: Settings, clock: Any = None) -> Finding:
    found = {finding.id: finding for finding in examine(settings, clock or SystemClock())}
    assert list(found) == CHECKS
    return found[name]


def _is(finding: Finding, state: str, part: str) -> None:
    assert (finding.state, part in finding.says) == (state, True), finding
    assert "\n" not in finding.says


@pytest.mark.req("S234-5.3")
def test_it_says_json_and_nothing_else(data: Path) -> None:
    lay("0.1.0", data)
    ports = ("SABAQ_PORT", "SABAQ_UDP_PORT", "SABAQ_PLANES")
    environ = os.environ | dict(zip(ports, (str(free_port()), str(free_port(socket.SOCK_DGRAM)), "1"), strict=True))
    words = [sys.executable, "-m", "server", "doctor", "--json", "--data", str(data)]
    done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert [check["id"] for check in told["checks"]] == CHECKS
    assert (done.returncode, told["state"]) == (0, "warn"), done.stderr
    words[-1] = str(data / "nowhere")
    assert subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, check=False).returncode == 1


def test_a_data_folder_is_ours_alone(data: Path) -> None:
    _is(_find("data", _settings(data)), "ok", "ours alone")
    _is(_find("data", _settings(data / "nowhere")), "bad", "not there")
    (data / migrate.MARK).touch()
    _is(_find("data", _settings(data)), "bad", "repeat it with --replace")
    data.chmod(0o755)
    _is(_find("data", _settings(data)), "warn", "chmod 700")


def test_a_full_disk_is_seen_before_it_hurts(data: Path) -> None:
    _is(_find("disk", _settings(data)), "ok", "MB free")
    _is(_find("disk", _settings(data, least_free_mb=10**9)), "bad", "make room")


def _quiet_port() -> int:
    """Free for UDP and TCP, and below those that the system gives to connections of others."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("0.0.0.0", port))
                udp.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_of_another_program_is_named(data: Path, kind: socket.SocketKind) -> None:
    port = _quiet_port()
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("0.0.0.0", port))
        if kind == socket.SOCK_STREAM:
            other.listen()
        _is(_find("ports", _settings(data, udp_port=port)), "bad", str(port))
    _is(_find("ports", _settings(data, udp_port=port)), "ok", "free")


def test_our_own_server_may_have_the_ports(data: Path) -> None:
    """With PostgreSQL nothing locks the data folder, so the doctor asks who is there."""
    with a_database() as url:
        server = Running(data, planes=1, environ={"SABAQ_DATABASE_URL": url})
        server.start()
        try:
            ours = _settings(data, port=server.port, udp_port=server.udp_port, database_url=url)
            _is(_find("ports", ours), "ok", "of ours")
            _is(_find("ports", replace(ours, port=free_port())), "bad", str(server.udp_port))
        finally:
            server.kill()


def _certificate(folder: Path, begins: datetime, ends: datetime) -> dict[str, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "school.example")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begins, ends)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("school.example")]), critical=False)
    (folder / "cert.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(plain)
    return {"tls_cert": folder / "cert.pem", "tls_key": folder / "key.pem"}


def test_a_certificate_is_read_before_browsers_refuse_it(data: Path) -> None:
    now, day = datetime.now(UTC), timedelta(days=1)
    _is(_find("tls", _settings(data)), "warn", "cameras")
    _is(_find("tls", _settings(data, public_url="https://school.example")), "ok", "proxy")
    files = _certificate(data, now - day, now + 90 * day)
    _is(_find("tls", _settings(data, **files)), "ok", "school.example")
    _is(_find("tls", _settings(data, **files), ManualClock(now + 80 * day)), "warn", "ends in 10 days")
    _is(_find("tls", _settings(data, **files), ManualClock(now + 95 * day)), "bad", "ended 5 days ago")
    _is(_find("tls", _settings(data, **files), ManualClock(now - 9 * day)), "bad", "look at the clock")
    other = data / "other"
    other.mkdir()
    wrong = files | {"tls_key": _certificate(other, now - day, now + day)["tls_key"]}
    _is(_find("tls", _settings(data, **wrong)), "bad", "is not the key of")


def test_sqlite_is_whole_and_of_a_known_schema(data: Path) -> None:
    _is(_find("database", _settings(data)), "warn", "first start")
    file = lay("0.1.0", data)
    _is(_find("database", _settings(data)), "warn", "upgraded at the next start")
    engine = sqlite_engine(file)
    migrate.upgrade(engine)
    _is(_find("database", _settings(data)), "ok", "newest schema")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'fffffffff999'"))
    _is(_find("database", _settings(data)), "bad", "newer Sabaq")
    engine.dispose()
    file.write_bytes(file.read_bytes()[:8192] + b"x" * 100_000)
    _is(_find("database", _settings(data)), "bad", "")


def test_postgresql_is_reached_and_fit(data: Path) -> None:
    with a_database() as url:
        _is(_find("database", _settings(data, database_url=url)), "warn", "")
        engine = postgres_engine(url)
        migrate.upgrade(engine)
        found = _find("database", _settings(data, database_url=url))
        assert found.state == "ok" or "ICU" in found.says
        with engine.connect() as connection:
            there = connection.scalar(text("SELECT count(*) FROM pg_collation WHERE collname = 'kk-x-icu'"))
        engine.dispose()
        late = ManualClock(datetime.now(UTC) - timedelta(minutes=1))
        if there:
            _is(_find("database", _settings(data, database_url=url), late), "warn", "NTP")
    _is(_find("database", _settings(data, database_url=url)), "bad", "does not answer")


def test_redis_answers_and_forgets_nothing(data: Path) -> None:
    with a_redis() as redis:
        _is(_find("redis", _settings(data, redis_url=redis.url)), "ok", "answers")
        redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        _is(_find("redis", _settings(data, redis_url=redis.url)), "warn", "noeviction")
        redis.kill()
        _is(_find("redis", _settings(data, redis_url=redis.url)), "bad", "does not answer")


def test_files_can_be_kept(data: Path) -> None:
    _is(_find("blobs", _settings(data)), "ok", "removed")
    assert not list((data / "blobs" / "doctor").iterdir())
    (data / "file").touch()
    _is(_find("blobs", _settings(data, blob_url=str(data / "file"))), "bad", "blob_url")


@contextmanager
def _answering(kind: socket.SocketKind, *answers: bytes) -> Iterator[int]:
    """A server of one guest: it says the first answer by itself, and one more after each thing it hears."""
    with socket.socket(socket.AF_INET, kind) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(20)

        def stream() -> None:
            door.listen()
            with door.accept()[0] as guest:
                for answer in answers:
                    guest.sendall(answer)
                    guest.recv(1500)

        def datagram() -> None:
            request, guest = door.recvfrom(1500)
            door.sendto(b"\x01\x01\x00\x00" + request[4:20], guest)

        thread = Thread(target=stream if kind == socket.SOCK_STREAM else datagram)
        thread.start()
        yield door.getsockname()[1]
        thread.join()


def test_mail_is_taken(data: Path) -> None:
    smtp = Smtp("127.0.0.1", "sabaq@school.example", free_port(), security="none")
    _is(_find("mail", _settings(data, smtp=smtp)), "bad", "takes no mail")
    with _answering(socket.SOCK_STREAM, b"220 hello\r\n", b"250 hello\r\n", b"221 bye\r\n") as port:
        smtp = Smtp("127.0.0.1", "sabaq@school.example", port, security="none")
        _is(_find("mail", _settings(data, smtp=smtp)), "ok", "takes mail")


def test_a_relay_answers(data: Path) -> None:
    with _answering(socket.SOCK_DGRAM) as port:
        turn = Turn((f"turn:127.0.0.1:{port}",), "secret")
        _is(_find("relay", _settings(data, turn=turn)), "ok", "1 addresses")
    silent = Turn((f"turn:127.0.0.1:{free_port()}?transport=tcp",), "secret")
    found = _find("relay", _settings(data, turn=silent))
    _is(found, "bad", "coturn")
    assert "secret" not in found.says
