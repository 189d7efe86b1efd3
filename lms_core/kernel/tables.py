"""The base of all tables, and the kernel's own."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Index, MetaData, ScalarSelect, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from .ids import EventId, JobId, UnitId, id_column

JSON_TYPE = JSON().with_variant(JSONB(), "postgresql")


class Spelled(str):
    """JSON as text, for a column of JSON: it is written as it is."""

    __slots__ = ()


def spell(value: Any) -> str:
    """What a column of JSON is given, as text."""
    return value if isinstance(value, Spelled) else json.dumps(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Table(DeclarativeBase):
    """Every table. One with personal data says which and how long in its docstring: `pii: name, keep: 1y`."""

    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON_TYPE}  # noqa: RUF012
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


class Outbox(Table):
    """Facts, written with their data; the relay stamps `position` and clears `waiting` when all is told.

    pii: names and words that facts tell of, keep: 7d after they were told
    """

    __tablename__ = "outbox"
    stream: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[EventId] = id_column("event", primary_key=True)
    position: Mapped[int | None]
    topic: Mapped[str | None]
    name: Mapped[str]
    at: Mapped[datetime]
    body: Mapped[dict[str, Any]]
    waiting: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (
        Index("ix_outbox_stream_position", "stream", "position", unique=True),
        Index("ix_outbox_waiting", "id", sqlite_where=text("waiting"), postgresql_where=text("waiting")),
        Index("ix_outbox_at", "at"),
    )


class StreamPosition(Table):
    """The newest position stamped in each stream, and the newest that was pruned away."""

    __tablename__ = "stream_positions"
    stream: Mapped[UnitId] = id_column("unit", primary_key=True)
    position: Mapped[int]
    pruned: Mapped[int] = mapped_column(default=0)


def position_of(stream: Any) -> ScalarSelect[int]:
    """The newest stamped position of a stream, as a column of a query; NULL where nothing was stamped yet."""
    return select(StreamPosition.position).where(StreamPosition.stream == stream).scalar_subquery()


class ReactionDone(Table):
    """A reaction that has run for an event, written in the reaction's own transaction."""

    __tablename__ = "reactions_done"
    stream: Mapped[UnitId] = id_column("unit", primary_key=True)
    event_id: Mapped[EventId] = id_column("event", primary_key=True)
    reaction: Mapped[str] = mapped_column(primary_key=True)


class JobRow(Table):
    """A job that is not done yet."""

    __tablename__ = "jobs"
    id: Mapped[JobId] = id_column("job", primary_key=True)
    name: Mapped[str]
    args: Mapped[dict[str, Any]]
    due: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int]
