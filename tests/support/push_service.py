"""A real push service (RFC 8030) for one test: takes messages, and believes only who signs as VAPID (RFC 8292)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64decode


@dataclass
class PushService:
    """`keys`: of a browser's path, the key that it subscribed with. `says`: statuses to answer with, the first of a
    path first; else 201."""

    origin: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    says: dict[str, list[tuple[int, Mapping[str, str]]]] = field(default_factory=dict)
    taken: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)

    def subscribe(self, name: str, key: str) -> str:
        """A browser's endpoint."""
        self.keys[name] = key
        return f"{self.origin}/p/{name}"

    @property
    def woken(self) -> list[str]:
        return [name for name, _, _ in self.taken]

    async def take(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.claims.append(self._believe(request.headers["Authorization"], self.keys[name]))
        self.taken.append((name, dict(request.headers), await request.read()))
        status, headers = self.says[name].pop(0) if self.says.get(name) else (201, {})
        return web.Response(status=status, headers=dict(headers))

    def _believe(self, authorization: str, key: str) -> dict[str, Any]:
        """Raises what joserfc does for a signature that is not the key's, which is a 500 to the sender."""
        scheme, _, said = authorization.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in said.split(","))
        assert (scheme, parts["k"]) == ("vapid", key)
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), urlsafe_b64decode(key.encode()))
        pem = point.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return jwt.decode(parts["t"], ECKey.import_key(pem), algorithms=["ES256"]).claims


@asynccontextmanager
async def a_push_service() -> AsyncIterator[PushService]:
    service = PushService()
    app = web.Application()
    app.router.add_post("/p/{name}", service.take)
    async with TestServer(app) as server:
        service.origin = f"http://127.0.0.1:{server.port}"
        yield service
