"""What a database's error means: run the command again, refuse it, or a bug.

The numbers are SQLSTATE (PostgreSQL, appendix A of its manual) and SQLite's result codes.
"""

from enum import Enum, auto

from sqlalchemy.exc import DBAPIError, StatementError

from .errors import Malformed, NoSpace, Refusal

TRIES = 12
"""With the pauses between them a second or two: better late than refused."""
TRIES_OF_RACES = 3


class DatabaseUnavailable(Refusal):
    """The database cannot be reached, or cannot write; ask again after `retry_after` seconds."""

    code, status = "database_unavailable", 503


class DatabaseGone(DatabaseUnavailable):
    """There is no connection at all."""


class Busy(Refusal):
    """Too much is asked at once, or of the same rows; ask again after `retry_after` seconds."""

    code, status = "busy", 503


class AlreadyThere(Refusal):
    """Somebody made the same at the same moment."""

    code, status = "already_there", 409


class Failure(Enum):
    GONE = auto()  # no connection
    UNABLE = auto()  # a connection, but it cannot do its work: starting, ending, read-only
    FULL = auto()  # its disk is full
    CLASH = auto()  # with another command: this one may succeed when run again
    TAKEN = auto()  # a unique value is another row's
    DANGLING = auto()  # what it points to is not there
    SLOW = auto()  # it took longer than it may
    UNFIT = auto()  # a value that this kind of column cannot hold
    BUG = auto()


_CLASHES = {"40001", "40P01", "55P03"}
_UNIQUE = {"23505", "23P01"}
_DANGLING = "23503"
_SLOW = {"57014", "25P03", "25P04"}
_FULL = "53100"
_UNABLE = ("08", "53", "57P", "58", "28", "3D000", "25006")
_UNFIT = ("22",)

_SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_CONSTRAINT_UNIQUE, _SQLITE_CONSTRAINT_PRIMARY_KEY = 5, 6, 2067, 1555
_SQLITE_FULL = 13
_SQLITE_UNABLE = {8, 10, 14}  # read-only, I/O error, cannot open


def failure(error: Exception) -> Failure:
    """What an exception that left a command means."""
    if isinstance(error, UnicodeEncodeError | OverflowError):  # the driver's own, before it asks the database
        return Failure.UNFIT
    if not isinstance(error, StatementError):
        return Failure.BUG
    if not isinstance(error, DBAPIError):
        return failure(error.orig) if isinstance(error.orig, UnicodeEncodeError | OverflowError) else Failure.BUG
    number = getattr(error.orig, "sqlite_errorcode", None)
    return _of_postgres(error) if number is None else _of_sqlite(number)


def refusal(found: Failure) -> Refusal | None:
    """How a failure is answered; None: it is a bug."""
    match found:
        case Failure.GONE:
            return DatabaseGone(retry_after=5)
        case Failure.UNABLE:
            return DatabaseUnavailable(retry_after=5)
        case Failure.FULL:
            return NoSpace()
        case Failure.CLASH | Failure.SLOW:
            return Busy(retry_after=1)
        case Failure.TAKEN:
            return AlreadyThere()
        case Failure.UNFIT:
            return Malformed(fields=[{"at": "", "why": "unfit"}])
        case Failure.DANGLING | Failure.BUG:
            return None


def runs_again(error: Exception, found: Failure, turn: int, ending: bool) -> bool:
    """Whether a command that failed in its `turn` may be run again: nothing of it can have been kept.

    A connection that was lost is replaced once; lost while the command was `ending`, it may have been kept.
    Who was first in a race over a unique value is seen by the next run: the service then finds its row.
    """
    match found:
        case Failure.CLASH:
            return turn < TRIES
        case Failure.TAKEN | Failure.DANGLING:
            return turn < TRIES_OF_RACES
        case Failure.GONE:
            return turn == 1 and not ending and isinstance(error, DBAPIError) and error.connection_invalidated
        case _:
            return False


def _of_postgres(error: DBAPIError) -> Failure:
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is None:
        # What psycopg says by itself: a lost, refused or unanswered connection, or a character that no text may hold.
        kinds = {kind.__name__ for kind in type(error.orig).__mro__}
        if "OperationalError" in kinds:
            return Failure.GONE
        return Failure.UNFIT if "DataError" in kinds else Failure.BUG
    if state in _CLASHES:
        return Failure.CLASH
    if state in _UNIQUE:
        return Failure.TAKEN
    if state == _DANGLING:
        return Failure.DANGLING
    if state in _SLOW:
        return Failure.SLOW
    if state.startswith(_UNFIT):
        return Failure.UNFIT
    if error.connection_invalidated:
        return Failure.GONE
    if state == _FULL:
        return Failure.FULL
    return Failure.UNABLE if state.startswith(_UNABLE) else Failure.BUG


def _of_sqlite(number: int) -> Failure:
    if number in (_SQLITE_CONSTRAINT_UNIQUE, _SQLITE_CONSTRAINT_PRIMARY_KEY):
        return Failure.TAKEN
    if number & 0xFF in (_SQLITE_BUSY, _SQLITE_LOCKED):
        return Failure.CLASH
    if number & 0xFF == _SQLITE_FULL:
        return Failure.FULL
    return Failure.UNABLE if number & 0xFF in _SQLITE_UNABLE else Failure.BUG
