from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import LoginId, PersonId, RoleId, UnitId, id_column
from lms_core.kernel.tables import Table


class Account(Table):
    """How a person logs in.

    `cut_at`: the newest moment at which all log-ins were ended; grants issued before it stand no more.

    pii: login, keep: until the person is erased
    """

    __tablename__ = "accounts"
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    organisation_id: Mapped[UnitId] = id_column("unit", index=True)
    login: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    active: Mapped[bool]
    cut_at: Mapped[datetime | None]


class Login(Table):
    """One log-in of a person on one device; the token itself is known to the device alone.

    pii: when a person was active, keep: 30d after its end
    """

    __tablename__ = "logins"
    id: Mapped[LoginId] = id_column("login", primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[PersonId] = id_column("person", ForeignKey("accounts.person_id"), index=True)
    kind: Mapped[str]
    created: Mapped[datetime]
    last_seen: Mapped[datetime]
    expires: Mapped[datetime]
    ended: Mapped[datetime | None]


class Assignment(Table):
    """A role held at a place from one moment to another; with `subject_id`, for that person only.

    pii: who is whose parent, keep: until the person is erased
    """

    __tablename__ = "role_assignments"
    id: Mapped[RoleId] = id_column("role", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", index=True)
    role: Mapped[str]
    path: Mapped[str] = mapped_column(index=True)
    subject_id: Mapped[PersonId | None] = id_column("person", index=True)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class Invitation(Table):
    """The one code that may set up this installation's first organisation, as its SHA-256."""

    __tablename__ = "invitations"
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    made_at: Mapped[datetime]
