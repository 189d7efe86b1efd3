"""Identifiers: `kind_` and 26 characters that hold 48 bits of time and 80 random ones.

In the database the same 128 bits are 16 bytes (PostgreSQL `uuid`, SQLite blob); the kind is the
column's own, so no row repeats it. A `NewType` for each kind lets the checker object when one is
given where another belongs.
"""

import re
import secrets
from collections.abc import Callable
from functools import cache, lru_cache, partial
from threading import Lock
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import LargeBinary, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from .errors import NotFound

PersonId = NewType("PersonId", str)
UnitId = NewType("UnitId", str)
RoleId = NewType("RoleId", str)
GroupId = NewType("GroupId", str)
EnrolmentId = NewType("EnrolmentId", str)
CourseId = NewType("CourseId", str)
LessonId = NewType("LessonId", str)
VisitId = NewType("VisitId", str)
RoomId = NewType("RoomId", str)
MessageId = NewType("MessageId", str)
BoardId = NewType("BoardId", str)
LoginId = NewType("LoginId", str)
DeviceId = NewType("DeviceId", str)
FactorId = NewType("FactorId", str)
AuditId = NewType("AuditId", str)
EventId = NewType("EventId", str)
JobId = NewType("JobId", str)
LetterId = NewType("LetterId", str)
RecordingId = NewType("RecordingId", str)
TrackId = NewType("TrackId", str)
MomentId = NewType("MomentId", str)
FileId = NewType("FileId", str)
PollId = NewType("PollId", str)
VoteId = NewType("VoteId", str)
ScaleId = NewType("ScaleId", str)
PushId = NewType("PushId", str)
BankId = NewType("BankId", str)
ItemId = NewType("ItemId", str)
ExamId = NewType("ExamId", str)
SittingId = NewType("SittingId", str)
AppealId = NewType("AppealId", str)
RegradeId = NewType("RegradeId", str)

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [one + other for one in ALPHABET for other in ALPHABET]
_TO_BASE_32 = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_REMEMBERED = 1 << 14
_TAIL = r"[0-7][0-9a-hjkmnp-tv-z]{25}"
_STEP_BITS = 40


def kind_of(id_type: Any) -> str | None:
    """`"lesson"` for LessonId; None for what is no id type."""
    name = getattr(id_type, "__name__", "")
    is_id = isinstance(id_type, NewType) and name.endswith("Id")
    return name[:-2].lower() if is_id else None


def pattern_of(kind: str) -> str:
    return f"^{kind}_{_TAIL}$"


class Ids:
    """Makes ids that grow: later ones of this maker sort behind earlier ones, even within a millisecond.

    Commands on several threads share one.
    """

    def __init__(self) -> None:
        self._last = 0
        self._lock = Lock()

    def new(self, kind: str, millis: int) -> str:
        with self._lock:
            value = (millis << 80) | secrets.randbits(80)
            if value >> 80 <= self._last >> 80:
                value = self._last + 1 + secrets.randbits(_STEP_BITS)
            self._last = value
        return id_from_int(kind, value)


def new_id(kind: str, millis: int) -> str:
    return id_from_int(kind, (millis << 80) | secrets.randbits(80))


def id_from_int(kind: str, value: int) -> str:
    pairs = "".join([_PAIRS[value >> shift & 1023] for shift in range(120, -1, -10)])
    return f"{kind}_{pairs}"


def id_to_int(kind: str, text: str) -> int:
    """The 128 bits. Raises NotFound for what is no id of this kind: such a thing cannot exist."""
    if not _whole(kind).fullmatch(text):
        raise NotFound(kind=kind)
    return int(text[len(kind) + 1 :].translate(_TO_BASE_32), 32)


@cache
def _whole(kind: str) -> re.Pattern[str]:
    return re.compile(f"{kind}_{_TAIL}")


class IdType(TypeDecorator[str]):
    """An id of one kind as 128 bits."""

    impl = LargeBinary(16)
    cache_ok = True

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else LargeBinary(16))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return self.bind(dialect)(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return _as_text(self.kind, value)

    def bind(self, dialect: Dialect) -> Callable[[Any], Any]:
        """How the driver is given an id; without SQLAlchemy's layers, for `reads`."""
        return partial(_as_uuid if dialect.name == "postgresql" else _as_bytes, self.kind)

    def result(self) -> Callable[[Any], Any]:
        """The id of what the driver gives."""
        return partial(_as_text, self.kind)


# Rows repeat a few ids (their organisation, their teacher) many times.
@lru_cache(_REMEMBERED)
def _as_text(kind: str, value: UUID | bytes | None) -> str | None:
    if value is None:
        return None
    return id_from_int(kind, value.int if isinstance(value, UUID) else int.from_bytes(value, "big"))


@lru_cache(_REMEMBERED)
def _as_uuid(kind: str, text: str | None) -> UUID | None:
    return None if text is None else UUID(int=id_to_int(kind, text))


@lru_cache(_REMEMBERED)
def _as_bytes(kind: str, text: str | None) -> bytes | None:
    return None if text is None else id_to_int(kind, text).to_bytes(16, "big")


def id_column(kind: str, *args: Any, **options: Any) -> MappedColumn[Any]:
    """A mapped column that holds an id of `kind`."""
    return mapped_column(IdType(kind), *args, **options)
