"""The DTLS handshake of a transport, by aiortc; out of it come the SRTP keys (RFC 5764), nothing else passes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)
from OpenSSL import SSL

from media.wire import Profile
from media.wire.srtp import supported

MAX_HANDSHAKES = 256
"""Handshakes under way at once; further ones wait, their browsers ask again by themselves."""
MAX_SECONDS = 15.0
MAX_QUEUED = 32

_ALL: dict[Profile, SRTPProtectionProfile] = {
    "AEAD_AES_128_GCM": SRTP_AEAD_AES_128_GCM,
    "AEAD_AES_256_GCM": SRTP_AEAD_AES_256_GCM,
    "AES128_CM_SHA1_80": SRTP_AES128_CM_SHA1_80,
}
_PROFILES: dict[Profile, SRTPProtectionProfile] = {name: _ALL[name] for name in supported()}
"""As preferred: a server picks the first that the client has."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Master key and salt of each direction."""

    profile: Profile
    receive: bytes
    send: bytes


Finish = Callable[[Keys | str], None]
"""Called with the keys when done, with a reason when it failed, and with `closed` when the other side ends."""


class Identity(RTCCertificate):
    """The plane's certificate; its OpenSSL context is made once and shared, that is most of a handshake's cost."""

    _context: SSL.Context | None = None

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        if self._context is None:
            self._context = super()._create_ssl_context(srtp_profiles)
        return self._context

    @cached_property
    def fingerprints(self) -> tuple[tuple[str, str], ...]:
        return tuple((each.algorithm, each.value) for each in self.getFingerprints() if each.algorithm == "sha-256")


class Handshakes:
    """All handshakes of a plane: one identity, and a bound on how many are under way."""

    def __init__(self) -> None:
        self.identity = Identity.generateCertificate()
        self.open = 0

    def new(
        self, role: str, fingerprints: Sequence[tuple[str, str]], send: Callable[[bytes], None], finish: Finish
    ) -> "Handshake":
        return Handshake(self, role, fingerprints, send, finish)

    def done(self, _: object) -> None:
        """One is not under way any more."""
        self.open -= 1


class Handshake:
    """One transport's DTLS: begins with the first datagram (or `begin`), and stays to hear the other's end."""

    role = "controlled"

    def __init__(
        self,
        all_of_them: Handshakes,
        role: str,
        fingerprints: Sequence[tuple[str, str]],
        send: Callable[[bytes], None],
        finish: Finish,
    ) -> None:
        self._all, self._send_datagram, self._finish = all_of_them, send, finish
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(MAX_QUEUED)
        self._dtls = _Dtls(self, all_of_them.identity)  # pyright: ignore[reportArgumentType]
        self._dtls._set_role(role)
        self._expected = RTCDtlsParameters([RTCDtlsFingerprint(*each) for each in fingerprints])
        self._task: asyncio.Task[None] | None = None
        self.leads = role == "client"

    def feed(self, data: bytes) -> None:
        """A DTLS datagram came."""
        self.begin()
        if self._task is not None and not self._queue.full():
            self._queue.put_nowait(data)

    def begin(self) -> None:
        """Start, unless started or too many are under way."""
        if self._task is None and self._all.open < MAX_HANDSHAKES:
            self._all.open += 1
            self._task = asyncio.get_running_loop().create_task(self._run())
            self._task.add_done_callback(self._all.done)  # also of one that was cancelled before it began

    async def close(self) -> None:
        """Tell the other side that it is over, and stop."""
        if self._task is not None:
            self._task.cancel()
            await self._dtls.stop()

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(MAX_SECONDS):
                await self._dtls.start(self._expected)
        except TimeoutError:
            self._finish("handshake_timeout")
            return
        except Exception as error:  # certificates are parsed by two libraries; a stranger must not end the plane
            self._finish(f"handshake_failed: {type(error).__name__}")
            return
        if self._dtls.keys is None:
            self._finish("handshake_failed")
            return
        self._dtls.on("statechange", self._changed)
        self._finish(self._dtls.keys)

    def _changed(self) -> None:
        if self._dtls.state == "closed":
            self._finish("closed")

    async def _recv(self) -> bytes:
        return await self._queue.get()

    async def _send(self, data: bytes) -> None:
        self._send_datagram(data)


class _Dtls(RTCDtlsTransport):
    """aiortc's transport with its SRTP taken away: the keys are exported, and that is all."""

    keys: Keys | None = None

    def __init__(self, transport: Handshake, identity: Identity) -> None:
        super().__init__(transport, [identity])  # pyright: ignore[reportArgumentType]
        self._srtp_profiles = list(_PROFILES.values())

    def _setup_srtp(self) -> None:
        assert self._ssl is not None
        selected = self._ssl.get_selected_srtp_profile()
        found = next((each for each in _PROFILES.items() if each[1].openssl_profile == selected), None)
        if found is None:
            return
        name, profile = found
        size = 2 * (profile.key_length + profile.salt_length)
        material = self._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", size)
        ours = 1 if self._role == "server" else 0
        self.keys = Keys(name, profile.get_key_and_salt(material, 1 - ours), profile.get_key_and_salt(material, ours))
