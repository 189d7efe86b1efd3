"""Sealing and opening in place, against pylibsrtp's own way of doing it."""

import os

import pytest
from pylibsrtp import Policy, Session

from media.wire import Profile, srtp
from tests.wire.rig import KEY_SIZES, Sealer, packet

NUMBERS = {
    "AEAD_AES_128_GCM": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "AEAD_AES_256_GCM": Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    "AES128_CM_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}


def test_all_three_profiles_are_there_and_the_cheapest_comes_first() -> None:
    assert srtp.supported() == ("AEAD_AES_128_GCM", "AEAD_AES_256_GCM", "AES128_CM_SHA1_80")


@pytest.mark.parametrize("profile", srtp.supported())
def test_the_other_end_may_be_any_libsrtp(profile: Profile) -> None:
    size = KEY_SIZES[profile]
    ours, theirs = os.urandom(size), os.urandom(size)
    sealer = Sealer(profile, theirs, ours)
    receiving = Session(Policy(ours, Policy.SSRC_ANY_INBOUND, srtp_profile=NUMBERS[profile]))
    sending = Session(Policy(theirs, Policy.SSRC_ANY_OUTBOUND, srtp_profile=NUMBERS[profile]))
    data = packet(96, 1, 2, 3, bytes(range(256)) * 4)
    report = bytes.fromhex("80c9000100000001")
    assert receiving.unprotect(sealer.seal(data)) == data
    assert receiving.unprotect_rtcp(sealer.seal_rtcp(report)) == report
    assert sealer.open(sending.protect(data)) == data
    assert sealer.open_rtcp(sending.protect_rtcp(report)) == report


def test_a_replay_and_a_forgery_are_not_opened() -> None:
    key = os.urandom(28)
    sealer = Sealer("AEAD_AES_128_GCM", key, key)
    sealed = sealer.seal(packet(96, 1, 2, 3))
    assert sealer.open(sealed) == packet(96, 1, 2, 3)
    with pytest.raises(ValueError, match="libsrtp"):
        sealer.open(sealed)
    forged = bytearray(sealer.seal(packet(96, 2, 2, 3)))
    forged[-1] ^= 1
    with pytest.raises(ValueError, match="libsrtp"):
        sealer.open(bytes(forged))


@pytest.mark.parametrize("profile", srtp.supported())
def test_keys_have_one_length_each(profile: Profile) -> None:
    right = bytes(KEY_SIZES[profile])
    for wrong in (right[:-1], right + b"x", b""):
        with pytest.raises(ValueError, match="bytes of key and salt"):
            srtp.Keys(profile, wrong, right)
        with pytest.raises(ValueError, match="bytes of key and salt"):
            srtp.Keys(profile, right, wrong)
