"""Rules of log-ins and passwords: plain values in, plain values out."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lms_core.kernel.errors import Refusal

LOGIN_LIFE = timedelta(days=30)
KEEP_ENDED = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=1)
FAILURES_OF_LOGIN = "10/5minute"
FAILURES_OF_ADDRESS = "500/5minute"
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 256
LONGEST_LOGIN = 100
_LOGIN = re.compile(rf"[\w.@+-]{{2,{LONGEST_LOGIN}}}")


class WrongCredentials(Refusal):
    """No such log-in, or not this password: which of the two is not said."""

    code, status = "wrong_credentials", 401


class LoginTaken(Refusal):
    code, status = "login_taken", 409


class LoginInvalid(Refusal):
    """Letters, digits and . @ + - _ only, at least two."""

    code, status = "login_invalid", 422


class PasswordUnfit(Refusal):
    """Shorter than `least` or longer than `most` characters."""

    code, status = "password_unfit", 422


class InvitationInvalid(Refusal):
    """Mistyped, used before, or replaced by a newer one."""

    code, status = "invitation_invalid", 403


@dataclass(frozen=True, slots=True)
class Hashing:
    """argon2id parameters: the least that OWASP's Password Storage Cheat Sheet advises for it (2023)."""

    memory_kib: int = 19456
    passes: int = 2
    lanes: int = 1


HASHING = Hashing()


def normal_login(login: str) -> str:
    """The same for all ways to type it: case and width do not matter."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login).casefold()).strip()


def check_login(login: str) -> str:
    """The normal form of a new log-in name."""
    normal = normal_login(login)
    if not _LOGIN.fullmatch(normal):
        raise LoginInvalid(most=LONGEST_LOGIN)
    return normal


def check_password(password: str) -> None:
    """Length alone makes a new password fit (NIST SP 800-63B §5.1.1.2)."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise PasswordUnfit(least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)


def password_hash(password: str, salt: bytes) -> str:
    """argon2id in its encoded form; takes tens of milliseconds, so call it in a thread."""
    return _hasher().hash(_bytes(password), salt=salt)


def matches(known: str | None, password: str) -> bool:
    """Whether a password is the one of a hash. Without a hash: no, after the same time."""
    try:
        _hasher().verify(known or _nobodys(), _bytes(password[:LONGEST_PASSWORD]))
    except (VerificationError, InvalidHashError):
        return False
    return known is not None and len(password) <= LONGEST_PASSWORD


def outdated(known: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(known)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(HASHING.passes, HASHING.memory_kib, HASHING.lanes)


@cache
def _nobodys() -> str:
    return password_hash("nobody's", bytes(16))


def _bytes(password: str) -> bytes:
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
