from datetime import date, datetime
from typing import Any, NewType

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import RoomId, id_column
from lms_core.kernel.personal import Kept, Personal
from lms_core.kernel.tables import Table

ProcessId = NewType("ProcessId", str)


class Process(Table):
    """A process that lives, or did a moment ago. `beat` grows while it does; `seen` is for records alone."""

    __tablename__ = "processes"
    id: Mapped[ProcessId] = id_column("process", primary_key=True)
    kind: Mapped[str]
    internal_url: Mapped[str]
    beat: Mapped[int] = mapped_column(BigInteger)
    started: Mapped[datetime]
    seen: Mapped[datetime]
    draining: Mapped[bool]
    load: Mapped[int]
    version: Mapped[str]


LIVE = Kept("who is in a room now", "1d", "house rule", date(2026, 11, 1))


class RoomOwner(Table):
    """Which process holds a live room, for the how manieth time it changed hands, and what the room is restored from.

    pii: names of who is in a room now, keep: 1d
    """

    __tablename__ = "room_owners"
    personal = Personal((), LIVE)
    room_id: Mapped[RoomId] = id_column("room", primary_key=True)
    owner: Mapped[ProcessId | None] = id_column("process")
    epoch: Mapped[int] = mapped_column(BigInteger)
    snapshot: Mapped[dict[str, Any]]
    written: Mapped[datetime]
    seen: Mapped[datetime | None]
    """When its last owner was last seen alive, if that is dead."""
    __table_args__ = (Index("ix_room_owners_owner", "owner"), Index("ix_room_owners_written", "written"))


class Lease(Table):
    """What one process at a time does for all, such as stamping the outbox."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[ProcessId] = id_column("process")


class Common(Table):
    """What all processes must agree on: `keys`, a fingerprint of the installation's keys."""

    __tablename__ = "common"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
