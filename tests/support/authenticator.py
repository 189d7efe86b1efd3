"""A device that keeps passkeys, in software: ES256 keys, no attestation (WebAuthn Level 2 §6)."""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

Json = dict[str, Any]
PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """`counts`: says how often it signed; many say 0 always. `verifies`: asked for a finger or a PIN."""

    origin: str
    counts: bool = True
    verifies: bool = True
    id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    counter: int = 0
    owner: str = ""
    rp: str = ""

    def makes(self, options: Mapping[str, Any]) -> Json:
        """What `navigator.credentials.create` gives."""
        self.rp, self.owner = options["rp"]["id"], options["user"]["id"]
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self._cose()
        data = self._data(HAS_KEY) + credential
        attestation = _map((_text("fmt"), _text("none")), (_text("attStmt"), _map()), (_text("authData"), _bytes(data)))
        return self._answer({"attestationObject": b64(attestation)}, "webauthn.create", options["challenge"])

    def shows(self, options: Mapping[str, Any], **instead: Any) -> Json:
        """What `navigator.credentials.get` gives. `instead`: parts of the client's data that are not so."""
        self.rp = options.get("rpId", self.rp)
        data = self._data()
        answer = self._answer({}, "webauthn.get", options["challenge"], **instead)
        signed = data + sha256(unb64(answer["response"]["clientDataJSON"])).digest()
        signature = self.key.sign(signed, ec.ECDSA(SHA256()))
        said = {"authenticatorData": b64(data), "signature": b64(signature), "userHandle": self.owner}
        answer["response"] |= said
        return answer

    def _answer(self, response: Json, kind: str, challenge: str, /, **instead: Any) -> Json:
        client = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False} | instead
        response = response | {"clientDataJSON": b64(json.dumps(client).encode())}
        shown = b64(self.id)
        return {"id": shown, "rawId": shown, "type": "public-key", "response": response, "clientExtensionResults": {}}

    def _data(self, flags: int = 0) -> bytes:
        self.counter += self.counts
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return sha256(self.rp.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _cose(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = (_bytes(n.to_bytes(32, "big")) for n in (point.x, point.y))
        return _map((_int(1), _int(2)), (_int(3), _int(-7)), (_int(-1), _int(1)), (_int(-2), x), (_int(-3), y))


def b64(plain: bytes) -> str:
    return urlsafe_b64encode(plain).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _head(major: int, length: int) -> bytes:
    """CBOR (RFC 8949 §3), as short as it can be said."""
    if length < 24:
        return bytes([major << 5 | length])
    size = 1 if length < 1 << 8 else 2
    return bytes([major << 5 | (23 + size)]) + length.to_bytes(size, "big")


def _int(value: int) -> bytes:
    return _head(0, value) if value >= 0 else _head(1, -1 - value)


def _bytes(value: bytes) -> bytes:
    return _head(2, len(value)) + value


def _text(value: str) -> bytes:
    return _head(3, len(value.encode())) + value.encode()


def _map(*pairs: tuple[bytes, bytes]) -> bytes:
    return _head(5, len(pairs)) + b"".join(key + value for key, value in pairs)
