from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import AuditId, PersonId, UnitId, id_column
from lms_core.kernel.personal import Kept, Personal
from lms_core.kernel.tables import JSON_TYPE, Table

LOGGED = Kept("who did what to whose account", "3y", "Decree 832 of 20.12.2016: event logs", date(2016, 12, 20))


class Entry(Table):
    """One line of the audit log: ids and codes, never a name or a secret. `times`: what one line sums up.

    Triggers of the database refuse to change it, and to remove it before `keep_until`.

    pii: address, keep: 3y
    """

    __tablename__ = "audit"
    personal = Personal(("actor_id", "subject_id"), LOGGED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[AuditId] = id_column("audit", primary_key=True)
    at: Mapped[datetime]
    what: Mapped[str]
    op: Mapped[str]
    code: Mapped[str]
    actor_id: Mapped[PersonId | None] = id_column("person")
    subject_id: Mapped[PersonId | None] = id_column("person")
    address: Mapped[str]
    times: Mapped[int]
    details: Mapped[dict[str, Any]] = mapped_column(JSON_TYPE)
    keep_until: Mapped[datetime]
    __table_args__ = (
        Index("ix_audit_subject", "organisation_id", "subject_id"),
        Index("ix_audit_keep_until", "keep_until"),
    )
