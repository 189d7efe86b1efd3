"""What two processes say to each other, sealed: each proves that it has the installation's key, then AES-GCM.

The side that was called says first only a random number, and nothing more to who cannot answer it: a stranger
learns that somebody listens. Both numbers go into the keys of the two directions, so nothing can be played again
(RFC 5869, RFC 2104, NIST SP 800-38D: a counter as nonce, a fresh key for each link and direction).
"""

import hashlib
import hmac
import json
import os
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE: Final = 32
_MAC: Final = 32
_ID: Final = 64


class Untrue(Exception):
    """The other side is not of this installation, or what came was not what it sent."""


class Handshake:
    """`hello` → `greet` → `welcome`, and `accept`; each side then has a Seal. Ids are those of processes."""

    def __init__(self, key: bytes, me: str) -> None:
        self._key, self._me = key, me
        self._ours = os.urandom(NONCE)
        self._theirs = b""
        self.peer = ""

    # ---- who is called

    def hello(self) -> bytes:
        return self._ours

    def welcome(self, greeting: bytes) -> bytes:
        """The answer to a greeting that proves the key. Raises Untrue."""
        self._theirs, mac, name = greeting[:NONCE], greeting[NONCE : NONCE + _MAC], greeting[NONCE + _MAC :]
        if len(greeting) > NONCE + _MAC + _ID or not hmac.compare_digest(mac, self._mac(b"call", name)):
            raise Untrue("greeting")
        self.peer = name.decode()
        return self._mac(b"called", self._me.encode()) + self._me.encode()

    # ---- who calls

    def greet(self, hello: bytes) -> bytes:
        if len(hello) != NONCE:
            raise Untrue("hello")
        self._theirs = hello
        return self._ours + self._mac(b"call", self._me.encode(), calling=True) + self._me.encode()

    def accept(self, welcome: bytes) -> None:
        """Raises Untrue."""
        mac, name = welcome[:_MAC], welcome[_MAC:]
        if len(welcome) > _MAC + _ID or not hmac.compare_digest(mac, self._mac(b"called", name, calling=True)):
            raise Untrue("welcome")
        self.peer = name.decode()

    # ---- then

    def seal(self, *, calling: bool) -> "Seal":
        made = HKDF(SHA256(), 64, salt=self._both(calling), info=b"sabaq link").derive(self._key)
        return Seal(made[:32], made[32:]) if calling else Seal(made[32:], made[:32])

    def _mac(self, what: bytes, name: bytes, *, calling: bool = False) -> bytes:
        return hmac.digest(self._key, b"sabaq link " + what + b"\0" + self._both(calling) + name, "sha256")

    def _both(self, calling: bool) -> bytes:
        """The caller's number, then the other's."""
        return self._ours + self._theirs if calling else self._theirs + self._ours


class Seal:
    """Seals and opens frames, in order: a frame that is missing, doubled or changed is Untrue."""

    def __init__(self, sending: bytes, receiving: bytes) -> None:
        self._sending, self._receiving = AESGCM(sending), AESGCM(receiving)
        self._sent = self._received = 0

    def close(self, messages: list[Any]) -> bytes:
        self._sent += 1
        return self._sending.encrypt(self._sent.to_bytes(12, "big"), json.dumps(messages).encode(), None)

    def open(self, frame: bytes) -> list[Any]:
        self._received += 1
        try:
            return json.loads(self._receiving.decrypt(self._received.to_bytes(12, "big"), frame, None))
        except InvalidTag:
            raise Untrue("frame") from None


def fingerprint(*keys: bytes) -> str:
    """Tells whether two processes have the same keys, and nothing else of them."""
    return hashlib.sha256(b"sabaq keys" + b"".join(hashlib.sha256(key).digest() for key in keys)).hexdigest()[:32]
