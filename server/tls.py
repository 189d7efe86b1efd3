"""The certificate this server shows, exchanged without a restart when its files change."""

import hashlib
import ssl
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from lms_core.kernel.clock import Clock

from .config import SettingsError

LOOK_EVERY = 5.0
SOON = 14
"""Days before its end at which a certificate is warned of."""

log = structlog.get_logger(__name__)


class PairUnfit(SettingsError):
    """A certificate and key that cannot be served; the message says why in one line."""


@dataclass(slots=True)
class Shown:
    """One pair of files and the TLS context that shows them.

    New handshakes get what the files hold since the last look. A pair that became unfit is said once, and the
    one before it is shown on.
    """

    cert: Path
    key: Path
    clock: Clock
    context: ssl.SSLContext = field(init=False)
    _now: ssl.SSLContext = field(init=False)
    _seen: str = field(init=False)

    def __post_init__(self) -> None:
        self._seen = self._stamp()
        self._now = self.context = context_of(self.cert, self.key)
        self.context.sni_callback = self._choose

    async def run(self) -> None:
        """Until cancelled."""
        warned = ""
        while True:
            self.look()
            warned = self._warn(warned)
            await self.clock.sleep(LOOK_EVERY)

    def look(self) -> bool:
        """Take up the files if they changed; whether they were."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            self._now = context_of(self.cert, self.key)
        except PairUnfit as no:
            log.error("certificate_unfit", why=str(no))
            return False
        log.info("certificate_taken_up", ends=self.ends())
        return True

    def ends(self) -> str:
        """Its last moment, ISO 8601."""
        try:
            return x509.load_pem_x509_certificate(self.cert.read_bytes()).not_valid_after_utc.isoformat()
        except (OSError, ValueError):
            return ""

    def _warn(self, warned: str) -> str:
        """Once for each certificate that nears its end."""
        ends = self.ends()
        if ends and ends != warned and days_left(self.cert, self.clock) < SOON:
            log.warning("certificate_ends", ends=ends)
            return ends
        return warned

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = self._now

    def _stamp(self) -> str:
        """Changes with the content of the files, even when they change within one tick of a clock."""
        marks = hashlib.sha256()
        for file in (self.cert, self.key):
            try:
                marks.update(file.read_bytes())
            except OSError as no:
                marks.update(str(no.errno).encode())
        return marks.hexdigest()


def context_of(cert: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer, HTTP/1.1. Raises PairUnfit."""
    _check_pair(cert, key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as no:
        raise PairUnfit(f"{cert}: cannot be served: {getattr(no, 'reason', None) or no}") from None
    return context


def days_left(cert: Path, clock: Clock) -> float:
    """Days until a certificate ends; raises OSError and ValueError for what is none."""
    ends = x509.load_pem_x509_certificate(cert.read_bytes()).not_valid_after_utc
    return (ends - clock.now()).total_seconds() / 86400


def _check_pair(cert: Path, key: Path) -> None:
    public, secret = _read(cert), _read(key)
    try:
        chain = x509.load_pem_x509_certificates(public)
    except ValueError:
        raise PairUnfit(f"{cert}: holds no certificate (PEM)") from None
    try:
        private = load_pem_private_key(secret, None)
    except TypeError:
        raise PairUnfit(f"{key}: is locked by a password; store it without one") from None
    except ValueError:
        raise PairUnfit(f"{key}: holds no private key (PEM)") from None
    shape = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*shape) != chain[0].public_key().public_bytes(*shape):
        raise PairUnfit(f"{key}: is not the key of {cert}")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as no:
        raise PairUnfit(f"{file}: cannot be read: {no.strerror}") from None
