"""A local certificate authority of a test, and certificates by it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Pair:
    """Files: a certificate, its key, and both in one as haproxy wants it."""

    cert: Path
    key: Path
    both: Path


def make(folder: Path, *names: str) -> tuple[Path, Pair]:
    """An authority's certificate, and a pair for host names by it."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name("Sabaq test authority")
    root = _builder(issuer, issuer, root_key).add_extension(x509.BasicConstraints(True, 0), critical=True)
    hosts = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    leaf = _builder(_name(names[0]), issuer, key).add_extension(hosts, critical=False)
    signed = leaf.sign(root_key, hashes.SHA256()).public_bytes(Encoding.PEM)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    authority, pair = folder / "authority.pem", Pair(folder / "cert.pem", folder / "key.pem", folder / "both.pem")
    authority.write_bytes(root.sign(root_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    pair.cert.write_bytes(signed)
    pair.key.write_bytes(private)
    pair.both.write_bytes(signed + private)
    return authority, pair


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
    )
