"""Wakes browsers by web push (RFC 8030), each through the push service of its maker, signed as VAPID (RFC 8292).

A message has no content at all: nothing is told to the push service but that this browser has news, so nothing need
be encrypted (RFC 8291). The browser's worker then asks our own server what there is. The key is made of the
installation's sealing key, so it is in every backup and the same on all its machines. The leading process sends.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from aiohttp.abc import ResolveResult
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64encode

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database
from lms_core.reminders import pushes
from lms_core.reminders.pushes import Waiting

from .config import Settings

PAUSE = 5.0
PATIENCE = aiohttp.ClientTimeout(total=10, connect=5)
AT_ONCE = 20
SIGNED_FOR = timedelta(hours=12)
"""A push service refuses more than 24 h (RFC 8292 §2)."""
_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

log = structlog.get_logger(__name__)


class Vapid:
    """Who asks: `public` is the key that browsers are given, an uncompressed point in base64url."""

    def __init__(self, secret: bytes, contact: str) -> None:
        made = HKDF(hashes.SHA256(), 48, None, b"sabaq web push").derive(secret)
        key = ec.derive_private_key(int.from_bytes(made, "big") % (_P256 - 1) + 1, ec.SECP256R1())
        encoding, form = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        self.public = urlsafe_b64encode(key.public_key().public_bytes(encoding, form)).decode()
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._key, self._contact = ECKey.import_key(pem), contact

    def header(self, origin: str, now: float) -> str:
        """`Authorization` for a push service; `now`: seconds since 1970."""
        claims = {"aud": origin, "exp": int(now + SIGNED_FOR.total_seconds()), "sub": self._contact}
        token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, self._key)
        return f"vapid t={token}, k={self.public}"


class Outside(aiohttp.ThreadedResolver):
    """A name that leads into our own network is no push service's, whoever answers for it."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        if any(not ip_address(one["host"].partition("%")[0]).is_global for one in found):
            raise OSError("a push service's name leads inside")
        return found


class Pusher:
    """`leads`: whether this process is the one that sends."""

    def __init__(
        self, settings: Settings, db: Database, clock: Clock, secret: bytes, leads: Callable[[], bool] = lambda: True
    ) -> None:
        self._db, self._clock, self._leads = db, clock, leads
        self._own = frozenset(service for service in settings.push_services if "://" in service)
        self._vapid = Vapid(secret, settings.public_url)

    @property
    def public_key(self) -> str:
        return self._vapid.public

    async def run(self) -> None:
        """Until cancelled. Nothing leaves while nobody asked to be woken."""
        while True:
            if not self._leads() or not await self.drain():
                await self._clock.sleep(PAUSE)

    async def drain(self) -> int:
        """Wake what is due; how many browsers were taken."""
        waiting = await self._db.run(SYSTEM, pushes.take)
        if not waiting:
            return 0
        at_once = asyncio.Semaphore(AT_ONCE)
        async with self._client(Outside()) as safe, self._client(None) as own:

            async def send(one: Waiting) -> tuple[int, int | None]:
                async with at_once:
                    return await self._send(own if _origin(one.endpoint) in self._own else safe, one)

            answers = await asyncio.gather(*(send(one) for one in waiting))
        await self._sort(list(zip(waiting, answers, strict=True)))
        return len(waiting)

    def _client(self, resolver: Outside | None) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(resolver=resolver) if resolver else aiohttp.TCPConnector()
        jar = aiohttp.DummyCookieJar()
        return aiohttp.ClientSession(connector=connector, timeout=PATIENCE, trust_env=False, cookie_jar=jar)

    async def _send(self, http: aiohttp.ClientSession, one: Waiting) -> tuple[int, int | None]:
        """The status, 0 for none, and the seconds that the service asks us to wait."""
        now = self._clock.now()
        headers = {
            "Authorization": self._vapid.header(_origin(one.endpoint), now.timestamp()),
            "TTL": str(max(0, int((one.until - now).total_seconds()))),
            "Urgency": "high",
            "Content-Length": "0",
        }
        try:
            async with http.post(one.endpoint, headers=headers, allow_redirects=False) as answer:
                after = answer.headers.get("Retry-After", "")
                return answer.status, int(after) if after.isascii() and after.isdigit() and len(after) < 6 else None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as no:
            log.warning("push_unreachable", push=one.id, why=type(no).__name__)
            return 0, None

    async def _sort(self, answers: list[tuple[Waiting, tuple[int, int | None]]]) -> None:
        """By what a status says (RFC 8030 §5 and §7.3): a browser that is gone is forgotten, a service that is busy
        is asked again, and what it will never take is let go."""
        gone = [one.id for one, (status, _) in answers if status in (404, 410)]
        busy = [(one, after) for one, (status, after) in answers if status in (0, 408, 429) or status >= 500]
        kept = {*gone, *(one.id for one, _ in busy)}
        left = [one for one, _ in answers if one.id not in kept]
        for one, (status, _) in answers:
            if one in left and not 200 <= status < 300:
                log.warning("push_refused", push=one.id, status=status)
        if gone:
            await self._db.run(SYSTEM, partial(pushes.gone, ids=gone))
        if left:
            await self._db.run(SYSTEM, partial(pushes.done, waiting=left))
        for one, after in busy:
            await self._db.run(SYSTEM, partial(pushes.later, one=one, asked=after))
        log.info("pushed", woken=len(left), gone=len(gone), later=len(busy))


def _origin(endpoint: str) -> str:
    at = urlsplit(endpoint)
    return f"{at.scheme}://{at.netloc}"
