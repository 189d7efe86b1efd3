"""Refusals: expected answers to requests that cannot be met. Anything else that is raised is a bug."""

from typing import ClassVar


class Refusal(Exception):
    """An expected "no": a stable `code`, an HTTP status, and named values that say why.

    Rendered once by each shell: RFC 9457 problem over HTTP, `{"problem": …}` over a socket.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, **params: object) -> None:
        super().__init__(self.code)
        self.params = params


class Malformed(Refusal):
    """What was sent does not have the described shape."""

    code, status = "malformed", 422


class NotLoggedIn(Refusal):
    code, status = "not_logged_in", 401


class Forbidden(Refusal):
    code, status = "forbidden", 403


class NotFound(Refusal):
    """It does not exist, or the asker may not know that it does."""

    code, status = "not_found", 404


class Stale(Refusal):
    """Somebody changed it meanwhile; `version` is the newest."""

    code, status = "stale", 409


class TooMany(Refusal):
    """Asked too often; `retry_after` in seconds."""

    code, status = "too_many_attempts", 429


class NoSpace(Refusal):
    """The disk is nearly full: what would grow is refused, so that what is there stays whole."""

    code, status = "no_space", 507


def check_version(newest: int, given: int) -> None:
    """Whoever changes a row says which version they saw. Raises Stale."""
    if newest != given:
        raise Stale(version=newest)
