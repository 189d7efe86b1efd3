"""Rules of the roll: passwords for slips, and what nobody may do to themselves."""

from collections.abc import Callable

from lms_core.kernel.errors import Refusal

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another on paper: i, l, o, 0, 1."""
LENGTH = 10
MOST_SLIPS = 100
PAGE = 100


class NotOneself(Refusal):
    """Nobody removes themselves or ends their own role: somebody must stay who keeps the roll."""

    code, status = "not_oneself", 409


class AdministeredAlready(Refusal):
    """The organisation has an administrator, who gives further roles."""

    code, status = "administered_already", 409


class PersonErased(Refusal):
    """Who was erased is nobody any more: who comes again is added anew."""

    code, status = "person_erased", 409


class TooManySlips(Refusal):
    """More than `most` at once, or none."""

    code, status = "too_many_slips", 422


class RoleMisplaced(Refusal):
    """That role is not given there: a parent's is given for a child, a tutor's may be given for a class."""

    code, status = "role_misplaced", 422


def password(choose: Callable[[str], str]) -> str:
    """Ten letters that are easy to read and type, 49 bits; `choose` picks one at random."""
    return "".join(choose(LETTERS) for _ in range(LENGTH))
