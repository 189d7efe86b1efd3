"""Grants: signed, short-lived permission to enter one room.

A grant says who may enter, what may be published, heard and moderated, and until when. It travels as
a compact JWT (RFC 7519, HS256); what is signed is believed, so the room asks nobody else.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OctKey

from lms_core.kernel.errors import Refusal

Role = Literal["lead", "join", "see"]
Source = Literal["microphone", "camera", "screen", "screen_sound"]

ROLES: Final[frozenset[str]] = frozenset({"lead", "join", "see"})
SOURCES: Final[Mapping[str, str]] = {
    "microphone": "audio",
    "camera": "video",
    "screen": "video",
    "screen_sound": "audio",
}
"""Each source and the kind of its track."""

LONGEST_LIFE: Final = 24 * 3600
"""Seconds; no grant is valid for longer, so nothing about one needs to be remembered for longer."""


class GrantInvalid(Refusal):
    """Not a grant, or not one of ours."""

    code, status = "grant_invalid", 401


class GrantExpired(Refusal):
    code, status = "grant_expired", 401


class GrantForOtherRoom(Refusal):
    code, status = "grant_for_other_room", 403


@dataclass(frozen=True, slots=True)
class Grant:
    """Who (`participant` of `person`), where (`room`), what, and when (epoch seconds).

    `publish` names sources; `hear` allows to receive; `moderate` allows to mute others; `resources` is
    how many WHIP and WHEP resources may be open at once; `record`: who enters agreed to be recorded.
    """

    participant: str
    room: str
    person: str
    name: str
    role: Role
    publish: frozenset[str]
    hear: bool
    moderate: bool
    issued_at: float
    expires_at: float
    resources: int = 16
    record: bool = False


class Grants:
    """Signs with the first key and believes all of them, so that keys can be changed while grants are out."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) < 32 for key in keys):
            raise ValueError("grants need at least one key, each of 32 bytes or more")
        self._keys = {_kid(key): OctKey.import_key(key) for key in keys}
        self._first = _kid(keys[0])

    def sign(self, grant: Grant) -> str:
        """The grant as a compact JWT. ValueError for one that could never be read."""
        if not 0 < grant.expires_at - grant.issued_at <= LONGEST_LIFE:
            raise ValueError("a grant ends after its start and within a day")
        header = {"alg": "HS256", "typ": _TYPE, "kid": self._first}
        token = jwt.encode(header, to_claims(grant), self._keys[self._first], algorithms=["HS256"])
        if len(token) > _LONGEST_TOKEN:
            raise ValueError("a grant is too long")
        return token

    def read(self, token: str, now: float, *, room: str | None = None) -> Grant:
        """The grant in `token` at `now` (epoch seconds), which must be for `room` where one is named.

        Refusals: GrantInvalid, GrantExpired, GrantForOtherRoom.
        """
        grant = self._believe(token)
        if now >= grant.expires_at:
            raise GrantExpired()
        if room is not None and grant.room != room:
            raise GrantForOtherRoom()
        return grant

    def _believe(self, token: str) -> Grant:
        if len(token) > _LONGEST_TOKEN:
            raise GrantInvalid()
        try:
            read = jwt.decode(token, self._key, algorithms=["HS256"])
            if read.header.get("typ") != _TYPE:
                raise GrantInvalid()
            return from_claims(read.claims)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise GrantInvalid() from None

    def _key(self, token: GuestProtocol) -> OctKey:
        return self._keys[token.headers()["kid"]]


_TYPE = "grant+jwt"
"""RFC 8725 §3.11: no other token of ours can be taken for a grant, even under the same key."""
_LONGEST_TOKEN = 4096


def _kid(key: bytes) -> str:
    return hashlib.sha256(b"sabaq grant key" + key).hexdigest()[:16]


def to_claims(grant: Grant) -> dict[str, Any]:
    """A grant as plain JSON, by the names of its JWT."""
    return {
        "sub": grant.participant,
        "room": grant.room,
        "person": grant.person,
        "name": grant.name,
        "role": grant.role,
        "publish": sorted(grant.publish),
        "hear": grant.hear,
        "moderate": grant.moderate,
        "iat": grant.issued_at,
        "exp": grant.expires_at,
        "resources": grant.resources,
        "record": grant.record,
    }


def from_claims(claims: Mapping[str, Any]) -> Grant:
    """The grant that `to_claims` was given. Raises KeyError, TypeError."""
    return Grant(
        participant=claims["sub"],
        room=claims["room"],
        person=claims["person"],
        name=claims["name"],
        role=claims["role"],
        publish=frozenset(claims["publish"]),
        hear=claims["hear"],
        moderate=claims["moderate"],
        issued_at=claims["iat"],
        expires_at=claims["exp"],
        resources=claims["resources"],
        record=claims.get("record", False),
    )
