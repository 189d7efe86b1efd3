"""Talking to one OpenID Connect provider: discovery, the code's exchange, its keys, and what it says of a person.

All that comes from there is bounded in time and size, no redirect is followed, and an ID token is believed only
after its signature, issuer, audience, times and nonce were checked (OpenID Connect Core §3.1.3.7).
"""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from lms_core.access.links import LONGEST_SUBJECT
from lms_core.kernel.clock import Clock
from lms_core.kernel.errors import Refusal

from .config import Oidc

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "RS384", "RS512", "PS384", "PS512", "ES512")
LEEWAY = 60
"""Seconds by which clocks may be apart."""
PATIENCE = aiohttp.ClientTimeout(total=10, connect=5)
MAX_ANSWER = 256 * 1024
KEEP = 3600.0
"""Seconds for which what a provider says of itself is believed."""
KEYS_AGAIN = 30.0
"""Seconds between two looks for a key that is not known: strangers may name any."""
SCOPE = "openid profile email"

log = structlog.get_logger(__name__)


class OidcFailed(Refusal):
    """The provider cannot be reached, or what came from it cannot be believed."""

    code, status = "oidc_failed", 502


@dataclass(frozen=True, slots=True)
class Claims:
    """`login`: the configured claim, None where there is none."""

    subject: str
    login: str | None


class Provider:
    def __init__(self, settings: Oidc, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock
        self._about: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def address(self, back: str, state: str, nonce: str, verifier: str, *, anew: bool) -> str:
        """Where the browser is sent to log in; `anew`: it must, though it has done so before."""
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": back,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        if anew:
            query["prompt"] = "login"
        endpoint = (await self._discover())["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def claims(self, back: str, code: str, nonce: str, verifier: str) -> Claims:
        """Exchange a code for what the provider says of the person. Raises OidcFailed."""
        about = await self._discover()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers = self._authenticate(about, form)
        token = await self._ask("POST", about["token_endpoint"], headers=headers, data=form)
        claims = await self._believe(str(token.get("id_token", "")), nonce)
        said = dict(claims)
        if self.settings.claim not in said and about.get("userinfo_endpoint") and token.get("access_token"):
            bearer = {"Authorization": f"Bearer {token['access_token']}"}
            more = await self._ask("GET", about["userinfo_endpoint"], headers=bearer)
            if more.get("sub") == claims["sub"]:
                said = more
        return Claims(claims["sub"], self._login(said))

    def _login(self, said: Mapping[str, Any]) -> str | None:
        name = said.get(self.settings.claim)
        if not self.settings.trust_claim or not isinstance(name, str) or not 0 < len(name) <= 100:
            return None
        if self.settings.claim == "email" and said.get("email_verified") is not True:
            return None
        return name

    def _authenticate(self, about: Mapping[str, Any], form: dict[str, str]) -> dict[str, str]:
        """By the client's secret, in the way the provider takes; a client without one only names itself."""
        own = self.settings
        ways = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if own.client_secret and "client_secret_basic" in ways:
            pair = f"{quote_plus(own.client_id)}:{quote_plus(own.client_secret)}"
            return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        form["client_id"] = own.client_id
        if own.client_secret:
            form["client_secret"] = own.client_secret
        return {}

    async def _discover(self) -> dict[str, Any]:
        now = self._clock.monotonic()
        if self._about and now - self._about[0] < KEEP:
            return self._about[1]
        issuer = self.settings.issuer
        about = await self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if about.get("issuer") != issuer:
            raise self._failed("it calls itself otherwise")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            self._check_address(about.get(name))
        if about.get("userinfo_endpoint"):
            self._check_address(about["userinfo_endpoint"])
        self._about = (now, about)
        return about

    def _check_address(self, address: Any) -> None:
        """https, or as the issuer itself on this machine (tests)."""
        scheme = urlsplit(address).scheme if isinstance(address, str) else ""
        if scheme != "https" and scheme != urlsplit(self.settings.issuer).scheme:
            raise self._failed("an address of it is not https")

    async def _believe(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            claims = await self._decode(token)
            self._check(claims, nonce)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as no:
            raise self._failed(f"its ID token is not believed: {type(no).__name__}") from None
        return claims

    async def _decode(self, token: str) -> dict[str, Any]:
        try:
            return jwt.decode(token, await self._key_set(), algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError):
            if not await self._keys_anew():
                raise
        return jwt.decode(token, await self._key_set(), algorithms=list(ALGORITHMS)).claims

    def _check(self, claims: Mapping[str, Any], nonce: str) -> None:
        own, now = self.settings, int(self._clock.now().timestamp())
        audience = [claims["aud"]] if isinstance(claims["aud"], str) else list(claims["aud"])
        jwt.JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY,
            iss={"essential": True, "value": own.issuer},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(dict(claims))
        if own.client_id not in audience or (len(audience) > 1 and claims.get("azp") != own.client_id):
            raise ValueError("aud")
        if claims.get("azp", own.client_id) != own.client_id:
            raise ValueError("azp")
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise ValueError("sub")

    async def _key_set(self) -> KeySet:
        if self._keys is None or self._clock.monotonic() - self._keys[0] > KEEP:
            found = await self._ask("GET", (await self._discover())["jwks_uri"])
            keys = [key for key in found.get("keys", []) if isinstance(key, dict) and key.get("kty") != "oct"]
            self._keys = (self._clock.monotonic(), KeySet.import_key_set({"keys": [_usable(key) for key in keys]}))
        return self._keys[1]

    async def _keys_anew(self) -> bool:
        """The provider may have changed its keys; whether they were asked for again."""
        if self._keys is None or self._clock.monotonic() - self._keys[0] < KEYS_AGAIN:
            return False
        self._keys = None
        return True

    async def _ask(self, method: str, address: str, **options: Any) -> dict[str, Any]:
        try:
            async with (
                aiohttp.ClientSession(timeout=PATIENCE, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as http,
                http.request(method, address, allow_redirects=False, **options) as answer,
            ):
                body = await answer.content.read(MAX_ANSWER + 1)
                while len(body) <= MAX_ANSWER and (more := await answer.content.read(MAX_ANSWER + 1 - len(body))):
                    body += more
                if answer.status != 200 or len(body) > MAX_ANSWER:
                    raise self._failed(f"{urlsplit(address).path[:80]} answered {answer.status}")
                said = json.loads(body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError) as no:
            raise self._failed(type(no).__name__) from None
        if not isinstance(said, dict):
            raise self._failed("it answered no object")
        return said

    def _failed(self, why: str) -> OidcFailed:
        log.warning("oidc_failed", provider=self.settings.id, why=why)
        return OidcFailed(provider=self.settings.id)


def _usable(key: dict[str, Any]) -> Any:
    """Without what some providers add and the library would refuse."""
    return {name: value for name, value in key.items() if name not in ("x5c", "x5t", "x5t#S256", "x5u")}
