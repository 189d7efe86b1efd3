"""Certificates: shown, exchanged while running, made by the authority of one's own."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509

from lms_core.kernel.clock import ManualClock, SystemClock
from server import trust
from server.authority import Authority
from server.config import SettingsError
from server.listen import Door
from server.tls import PairUnfit, Shown, context_of

NOW = datetime(2026, 10, 22, tzinfo=UTC)


def authority(folder: Path, *names: str, clock: Any = None) -> Authority:
    return Authority(folder, names or ("school.lan", "192.168.1.5"), clock or SystemClock())


def names_in(file: Path) -> list[str]:
    cert = x509.load_pem_x509_certificate(file.read_bytes())
    return [str(n.value) for n in cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value]


def serial(file: Path) -> int:
    return x509.load_pem_x509_certificate(file.read_bytes()).serial_number


def test_an_authority_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = authority(tmp_path / "keys")
    again = authority(tmp_path / "keys")
    assert first.fingerprint == again.fingerprint
    assert not again.replaced
    assert len(first.fingerprint) == 32 * 3 - 1
    for file in (tmp_path / "keys").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
    assert names_in(first.server_file) == ["school.lan", "192.168.1.5", "localhost", "127.0.0.1", "::1"]


def test_it_may_speak_for_local_names_and_the_given_ones_alone(tmp_path: Path) -> None:
    made = authority(tmp_path, "school.example", "203.0.113.9")
    cert = x509.load_pem_x509_certificate(made.pem)
    limits = cert.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    permitted = {str(tree.value) for tree in limits.value.permitted_subtrees or []}
    assert {"lan", "school.example", "203.0.113.9/32", "192.168.0.0/16"} <= permitted
    assert not permitted & {"example", "com", "0.0.0.0/0"}
    assert cert.not_valid_after_utc - cert.not_valid_before_utc > timedelta(days=3650)


def test_the_servers_certificate_is_renewed_before_its_end_and_for_new_names(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    made = authority(tmp_path, clock=clock)
    cert = x509.load_pem_x509_certificate(made.server_file.read_bytes())
    assert cert.not_valid_after_utc - cert.not_valid_before_utc <= timedelta(days=397)
    first = serial(made.server_file)
    clock._passed += timedelta(days=365).total_seconds()
    assert not made.renew()
    clock._passed += timedelta(days=3).total_seconds()
    assert made.renew()
    assert serial(made.server_file) != first
    other = authority(tmp_path, "school.lan", "10.1.2.3", clock=clock)
    assert (other.fingerprint, other.replaced) == (made.fingerprint, False)
    assert "10.1.2.3" in names_in(other.server_file)


def test_a_name_it_may_not_speak_for_makes_a_new_one(tmp_path: Path) -> None:
    old = authority(tmp_path)
    new = authority(tmp_path, "school.lan", "other.example")
    assert new.replaced
    assert new.fingerprint != old.fingerprint
    assert len(list(tmp_path.glob("authority-until-*.pem"))) == 1


@pytest.mark.parametrize("name", ["", ".", "a" * 64 + ".lan", "a b.lan", "school..lan"])
def test_what_is_no_name_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="local_tls"):
        authority(tmp_path, name)


def test_a_pair_that_cannot_be_served_says_why_in_a_line(tmp_path: Path) -> None:
    one, two = authority(tmp_path / "1").server_file, authority(tmp_path / "2").server_file
    empty, missing = tmp_path / "empty", tmp_path / "missing"
    empty.write_bytes(b"")
    for cert, key, why in (
        (missing, one, "cannot be read"),
        (empty, one, "holds no certificate"),
        (one, empty, "holds no private key"),
        (one, two, "is not the key of"),
    ):
        with pytest.raises(PairUnfit, match=why) as no:
            context_of(cert, key)
        assert "\n" not in str(no.value)


@asynccontextmanager
async def serving(shown: Shown) -> AsyncIterator[int]:
    door = Door(SystemClock())
    app = web.Application()
    app.router.add_get("/", _answer)
    runner = door.runner(app)
    await runner.setup()
    try:
        yield await door.open(runner, "127.0.0.1", 0, shown.context)
    finally:
        await runner.cleanup()


async def _answer(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def shown_to(port: int, believed: Authority, *, most: ssl.TLSVersion | None = None) -> tuple[int, str | None]:
    """The serial of what a client that trusts `believed` alone is shown, and the TLS version."""
    context = ssl.create_default_context(cadata=believed.pem.decode())
    context.set_alpn_protocols(["h2", "http/1.1"])
    if most:
        context.maximum_version = most
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    session = writer.get_extra_info("ssl_object")
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).endswith(b"ok")
    writer.close()
    assert session.selected_alpn_protocol() == "http/1.1"
    return x509.load_der_x509_certificate(session.getpeercert(True)).serial_number, session.version()


async def test_new_files_are_shown_without_a_restart(tmp_path: Path) -> None:
    made = authority(tmp_path / "keys")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    for file in (cert, key):
        file.write_bytes(made.server_file.read_bytes())
    shown = Shown(cert, key, SystemClock())
    async with serving(shown) as port:
        assert await shown_to(port, made) == (serial(cert), "TLSv1.3")
        assert (await shown_to(port, made, most=ssl.TLSVersion.TLSv1_2))[1] == "TLSv1.2"
        first = serial(cert)
        made.server_file.unlink()
        made.renew()
        cert.write_bytes(made.server_file.read_bytes())
        assert not shown.look()  # only half of the pair is there
        assert (await shown_to(port, made))[0] == first
        key.write_bytes(made.server_file.read_bytes())
        assert shown.look()
        assert (await shown_to(port, made))[0] == serial(cert) != first


async def test_who_does_not_trust_the_authority_is_warned(tmp_path: Path) -> None:
    made = authority(tmp_path / "keys")
    async with serving(Shown(made.server_file, made.server_file, SystemClock())) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            await shown_to(port, authority(tmp_path / "other"))


@asynccontextmanager
async def plain_port(made: Authority | None, folder: Path, public_url: str = "") -> AsyncIterator[str]:
    door = Door(SystemClock())
    runner = door.runner(trust.plain_app(made, 8443, folder, public_url))
    await runner.setup()
    try:
        yield f"http://127.0.0.1:{await door.open(runner, '127.0.0.1', 0)}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("language", "word"), [("kk", "Сертификатты жүктеп алу"), ("ru", "Скачать сертификат"), ("en", "Download the cert")]
)
async def test_the_page_that_tells_how_to_trust_is_read_without_tls(tmp_path: Path, language: str, word: str) -> None:
    made = authority(tmp_path / "keys")
    async with plain_port(made, tmp_path) as address, aiohttp.ClientSession() as http:
        async with http.get(f"{address}/trust", headers={"Accept-Language": f"{language}-KZ,en;q=0.5"}) as answer:
            text = await answer.text()
            policy = answer.headers["Content-Security-Policy"]
        assert f'<html lang="{language}">' in text
        assert word in text
        assert made.fingerprint in text
        assert "https://127.0.0.1:8443" in text
        assert "default-src 'none'" in policy
        assert "<script" not in text
        async with http.get(f"{address}/trust?lang=en") as answer:
            assert "Download the certificate" in await answer.text()
        for kind, body in (("crt", made.pem), ("cer", made.der)):
            async with http.get(f"{address}/trust/sabaq-authority.{kind}") as answer:
                assert (await answer.read(), answer.content_type) == (body, "application/x-x509-ca-cert")


async def test_the_plain_port_leads_to_tls_and_answers_acme(tmp_path: Path) -> None:
    folder = tmp_path / ".well-known" / "acme-challenge"
    folder.mkdir(parents=True)
    (folder / "a_token-1").write_text("answer")
    (tmp_path / "secret").write_text("secret")
    async with plain_port(None, tmp_path) as address, aiohttp.ClientSession() as http:
        async with http.get(f"{address}/lessons/x?a=1%20b", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (308, "https://127.0.0.1:8443/lessons/x?a=1%20b")
        async with http.get(f"{address}//evil.example/", allow_redirects=False) as answer:
            assert answer.headers["Location"].startswith("https://127.0.0.1:8443/")
        async with http.get(f"{address}/.well-known/acme-challenge/a_token-1") as answer:
            assert await answer.text() == "answer"
        for path in ("..%2f..%2fsecret", "%2e%2e", "none"):
            async with http.get(f"{address}/.well-known/acme-challenge/{path}", allow_redirects=False) as answer:
                assert answer.status in (404, 308)
                assert "secret" not in await answer.text()
    async with plain_port(None, tmp_path, "https://school.example") as address, aiohttp.ClientSession() as http:
        headers = {"Host": "evil.example"}
        async with http.get(f"{address}/x", allow_redirects=False, headers=headers) as answer:
            assert answer.headers["Location"] == "https://school.example/x"
