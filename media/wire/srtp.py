"""SRTP of one peer over libsrtp (RFC 3711, RFC 7714), working in place on memory that the caller owns.

pylibsrtp's own `protect` takes and makes a `bytes` for each packet and costs twice what the cipher does; here
the same library is called through the same binding on a buffer that is used again and again.
"""

from typing import Any

from pylibsrtp import Error, Policy, Session
from pylibsrtp._binding import ffi, lib

from . import Profile

TRAILER = 148
"""What sealing may add to a packet, at most (the SRTCP index, the longest tag and MKI)."""

_WINDOW = 1024
_PROFILES = {
    "AEAD_AES_128_GCM": (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
    "AEAD_AES_256_GCM": (Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 44),
    "AES128_CM_SHA1_80": (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
}

seal_rtp = lib.srtp_protect
seal_rtcp = lib.srtp_protect_rtcp
open_rtp = lib.srtp_unprotect
open_rtcp = lib.srtp_unprotect_rtcp
"""(context, pointer, pointer to the length) → 0 when done; anything else is a packet to drop."""


def buffer(size: int) -> tuple[Any, memoryview]:
    """Memory as libsrtp wants it, and the same memory as Python sees it."""
    memory = ffi.new("unsigned char[]", size)
    return memory, memoryview(ffi.buffer(memory))


def length_cell() -> Any:
    return ffi.new("int *")


def supported() -> tuple[Profile, ...]:
    """The profiles this libsrtp was built with, the cheapest first."""
    wanted: tuple[Profile, ...] = ("AEAD_AES_128_GCM", "AEAD_AES_256_GCM", "AES128_CM_SHA1_80")
    return tuple(name for name in wanted if _can(name))


class Keys:
    """Both directions of one peer. `opening` and `sealing` are libsrtp contexts for the functions above."""

    __slots__ = ("_sessions", "opening", "sealing")

    def __init__(self, profile: Profile, receive_key: bytes, send_key: bytes) -> None:
        """Raises ValueError for a profile that is not supported or a key of the wrong length."""
        receiving = _session(profile, receive_key, Policy.SSRC_ANY_INBOUND)
        sending = _session(profile, send_key, Policy.SSRC_ANY_OUTBOUND)
        self._sessions = (receiving, sending)  # they own what the handles point to
        self.opening = receiving._srtp[0]
        self.sealing = sending._srtp[0]


def _session(profile: Profile, key: bytes, direction: int) -> Session:
    number, size = _PROFILES[profile]
    if len(key) != size:
        raise ValueError(f"{profile} wants {size} bytes of key and salt")
    try:
        policy = Policy(key=key, ssrc_type=direction, srtp_profile=number)
        policy.allow_repeat_tx = True  # a plain retransmission is the same packet sealed again
        policy.window_size = _WINDOW
        return Session(policy)
    except Error as error:
        raise ValueError(f"{profile}: {error}") from error


def _can(profile: Profile) -> bool:
    try:
        Policy(srtp_profile=_PROFILES[profile][0])
    except Error:
        return False
    return True
