"""This installation's own certificate authority, for a school's network that no public one can name.

It may speak for the names it was made for, for private addresses and for names that exist on local networks
only (name constraints, RFC 5280 §4.2.1.10): whoever trusts it trusts it for nothing else, and a stolen key opens
no bank. Browsers that know these constraints keep to them.
"""

import os
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import cast

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lms_core.kernel.clock import Clock

from . import keys
from .config import SettingsError

LIFE = timedelta(days=3650)
SERVER_LIFE = timedelta(days=396)
"""Browsers refuse more than 398 days of a public authority; some of any."""
RENEW_BEFORE = timedelta(days=30)
CLOCKS_APART = timedelta(days=1)
"""Certificates begin that long ago: clocks of devices are wrong."""
LOOK_EVERY = 3600.0
_HOST = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_HERE = ("localhost", "127.0.0.1", "::1")
_LOCAL_NAMES = ("localhost", "lan", "local", "internal", "home.arpa")
_LOCAL_NETWORKS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Pair:
    cert: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authority:
    """`folder` holds `authority.pem` (key and certificate, made once) and `tls.pem` (the server's own)."""

    def __init__(self, folder: Path, names: tuple[str, ...], clock: Clock) -> None:
        self._folder, self._clock = folder, clock
        self._names = tuple(dict.fromkeys((*map(_checked, names), *_HERE)))
        self.server_file = folder / "tls.pem"
        self.replaced = False
        """A new authority had to be made, since the one before may not speak for a new name."""
        self._own = self._load_or_make()
        self.renew()

    @property
    def pem(self) -> bytes:
        return self._own.cert.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self._own.cert.public_bytes(Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as devices show it: `AB:CD:…`."""
        return _spaced(sha256(self.der).hexdigest())

    async def run(self) -> None:
        """Until cancelled: renews the server's certificate before its end."""
        while True:
            await self._clock.sleep(LOOK_EVERY)
            self.renew()

    def renew(self) -> bool:
        """Make the server's certificate anew if it is missing, ends soon or is for other names; whether it was."""
        if self._fits(_read_pair(self.server_file)):
            return False
        key = ec.generate_private_key(ec.SECP256R1())
        cert = self._server_certificate(key)
        _replace(self.server_file, _pem(key) + cert.public_bytes(Encoding.PEM))
        log.info("certificate_made", names=list(self._names), ends=cert.not_valid_after_utc.isoformat())
        return True

    def _load_or_make(self) -> _Pair:
        file = self._folder / "authority.pem"
        known = _read_pair(file)
        if known and not self._may_speak(known.cert):
            self.replaced = True
            os.replace(file, self._folder / f"authority-until-{self._clock.now():%Y%m%d%H%M%S}.pem")
            known = None
        if known is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            made = self._make()
            keys.write_whole(file, _pem(made.key) + made.cert.public_bytes(Encoding.PEM))
            known = _read_pair(file)
            assert known
            log.info("authority_made", fingerprint=_spaced(sha256(known.cert.public_bytes(Encoding.DER)).hexdigest()))
        return known

    def _make(self) -> _Pair:
        key = ec.generate_private_key(ec.SECP384R1())
        now = self._clock.now()
        title = f"Sabaq {self._names[0][:32]} {now:%Y-%m} {secrets.token_hex(2)}"  # a device may know several
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sabaq"),
                x509.NameAttribute(NameOID.COMMON_NAME, title),
            ]
        )
        builder = (
            _builder(name, name, key, now, LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .add_extension(x509.NameConstraints(_subtrees(self._names), None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        )
        return _Pair(builder.sign(key, hashes.SHA256()), key)

    def _server_certificate(self, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sabaq")])
        issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._own.key.public_key())
        life = min(SERVER_LIFE, self._own.cert.not_valid_after_utc - self._clock.now())
        builder = (
            _builder(subject, self._own.cert.subject, key, self._clock.now(), life)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([_name(n) for n in self._names]), critical=True)
            .add_extension(issued_by, critical=False)
        )
        return builder.sign(self._own.key, hashes.SHA256())

    def _fits(self, shown: _Pair | None) -> bool:
        if shown is None or shown.cert.not_valid_after_utc - self._clock.now() < RENEW_BEFORE:
            return False
        if shown.cert.issuer != self._own.cert.subject:
            return False
        names = shown.cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return list(names) == [_name(n) for n in self._names]

    def _may_speak(self, cert: x509.Certificate) -> bool:
        if cert.not_valid_after_utc - self._clock.now() < RENEW_BEFORE:
            return False
        permitted = cert.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
        return all(any(_covers(tree, name) for tree in permitted) for name in self._names)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_APART)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _subtrees(names: tuple[str, ...]) -> list[x509.GeneralName]:
    """What the authority may speak for: local names and networks, and the given ones beside them."""
    trees: list[x509.GeneralName] = [x509.DNSName(name) for name in _LOCAL_NAMES]
    trees += [x509.IPAddress(ip_network(network)) for network in _LOCAL_NETWORKS]
    for name in names:
        if not any(_covers(tree, name) for tree in trees):
            address = _address(name)
            trees.append(x509.IPAddress(ip_network(address)) if address else x509.DNSName(name.removeprefix("*.")))
    return trees


def _covers(tree: x509.GeneralName, name: str) -> bool:
    address = _address(name)
    if isinstance(tree, x509.IPAddress):
        return address is not None and address in cast(IPv4Network | IPv6Network, tree.value)
    if address is not None:
        return False
    bare = name.removeprefix("*.")
    return bare == tree.value or bare.endswith(f".{tree.value}")


def _checked(name: str) -> str:
    """In the form certificates hold. Raises SettingsError."""
    try:
        plain = name.strip().lower()
        found = str(_address(plain) or plain.encode("idna").decode())
    except UnicodeError:
        found = ""
    if not _address(found) and not _HOST.fullmatch(found):
        raise SettingsError(f"local_tls: {name} is no name or address")
    return found


def _name(text: str) -> x509.GeneralName:
    address = _address(text)
    return x509.IPAddress(address) if address else x509.DNSName(text)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _read_pair(file: Path) -> _Pair | None:
    try:
        pem = file.read_bytes()
        key = load_pem_private_key(pem, None)
        return _Pair(x509.load_pem_x509_certificate(pem), key) if isinstance(key, ec.EllipticCurvePrivateKey) else None
    except (OSError, ValueError, TypeError):
        return None


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _replace(file: Path, content: bytes) -> None:
    """All of it or what was there before."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
    os.replace(draft, file)


def _spaced(digest: str) -> str:
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2)).upper()
