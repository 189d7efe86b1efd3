"""Rules of log-ins and passwords: plain values in, plain values out."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from hmac import compare_digest
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pyotp.totp import TOTP

from lms_core.kernel.errors import Refusal

LOGIN_LIFE = timedelta(days=30)
KEEP_ENDED = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=1)
FAILURES_OF_LOGIN = "10/5minute"
FAILURES_OF_ADDRESS = "500/5minute"
FAILURES_OF_DEVICE = "10/5minute"
FAILURES_OF_STRANGERS = "100/15minute"
FAILURES_OF_SECOND = "20/15minute"
OFFERS_OF_ADDRESS = "600/5minute"
TICKET_LIFE = timedelta(minutes=5)
TICKET_TRIES = 5
CODE_LIFE = timedelta(hours=24)
MAILED_CODE_LIFE = timedelta(hours=1)
INVITATION_LIFE = timedelta(days=7)
MAIL_CODE_LIFE = timedelta(hours=1)
LETTERS_ASKED = "5/hour"
RECOVERIES_OF_ADDRESS = "60/15minute"
RECOVERIES_OF_LOGIN = "3/hour"
DEVICE_LIFE = timedelta(days=90)
TRUST = timedelta(days=30)
RECOVERY_CODES = 10
TOTP_STEP = 30
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


class PasswordCommon(Refusal):
    """Among the first that anybody would guess, or the log-in name itself."""

    code, status = "password_common", 422


class PasswordSame(Refusal):
    """The old one again."""

    code, status = "password_same", 422


class SecondFactorNeeded(Refusal):
    """The password is right. `ticket`: for the next step, within five minutes; `ways`: by what it may be taken
    (`totp`, `code`; or instead of it all a `passkey`)."""

    code, status = "second_factor_needed", 401


class WrongCode(Refusal):
    """Not this code, or one that was used before."""

    code, status = "wrong_code", 403


class PasskeyRefused(Refusal):
    """No proof of a passkey that is known here; or, for a new one, not made here and now."""

    code, status = "passkey_refused", 401


class TooManyFactors(Refusal):
    """A person has at most `most` passkeys."""

    code, status = "too_many_factors", 409


class MailAddressUnfit(Refusal):
    """Not one plain mail address."""

    code, status = "mail_address_unfit", 422


class TicketInvalid(Refusal):
    """The step ran out, was taken, or was tried too often: begin again."""

    code, status = "ticket_invalid", 403


class SecondFactorNotOffered(Refusal):
    """The organisation's accounts have none (the demo school's)."""

    code, status = "second_factor_not_offered", 403


class SecondFactorRequired(Refusal):
    """The organisation asks for one: the last cannot be removed."""

    code, status = "second_factor_required", 409


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


def check_new_password(password: str, login: str) -> None:
    """Raises PasswordUnfit, PasswordCommon."""
    check_password(password)
    plain = unicodedata.normalize("NFKC", password).casefold()
    if plain in _common() or plain == login or len(set(plain)) < 3:
        raise PasswordCommon


def totp_step(secret: str, code: str, seconds: float, newest: int) -> int | None:
    """The time step (RFC 6238) that a code belongs to: now, or one before or after, and newer than the newest
    that was used; None for a wrong or used code."""
    typed = "".join(code.split())
    now = int(seconds) // TOTP_STEP
    known = TOTP(secret)
    for step in (now - 1, now, now + 1):
        if step > newest and compare_digest(known.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def normal_code(code: str) -> str:
    """A code as it was made, however it was typed: letters that look like digits are these."""
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    return plain.translate(str.maketrans("oilu", "011v"))


def held_up(must_change: bool, second_factor: bool, rule: str | None, roles: Collection[str]) -> str | None:
    """What a person must do before anything else, by the organisation's rule for who holds these roles."""
    if must_change:
        return "password_change_needed"
    return "second_factor_setup_needed" if not second_factor and requires(rule, roles) else None


def requires(rule: str | None, roles: Collection[str]) -> bool:
    """Whether who holds these roles must have a second factor. Learners and parents never must."""
    if rule == "administrators":
        return "administrator" in roles
    return rule == "staff" and not set(roles) <= {"learner", "parent"}


@cache
def _common() -> frozenset[str]:
    return frozenset(files("lms_core.access").joinpath("common_passwords.txt").read_text("utf-8").split())


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
