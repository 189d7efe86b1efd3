from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, false
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import DeviceId, FactorId, LetterId, LoginId, PersonId, RoleId, UnitId, id_column
from lms_core.kernel.personal import Gone, Personal
from lms_core.kernel.tables import JSON_TYPE, Table


class Account(Table):
    """How a person logs in.

    `cut_at`: the newest moment at which all log-ins were ended; grants issued before it stand no more.

    pii: login, keep: until the person is erased
    """

    __tablename__ = "accounts"
    personal = Personal(("person_id",), Gone(), frozenset({"password_hash"}))
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    organisation_id: Mapped[UnitId] = id_column("unit", index=True)
    login: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    active: Mapped[bool]
    must_change: Mapped[bool] = mapped_column(default=False, server_default=false())
    second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())
    cut_at: Mapped[datetime | None]


class Login(Table):
    """One log-in of a person on one device; the token itself is known to the device alone.

    pii: when a person was active, keep: 30d after its end
    """

    __tablename__ = "logins"
    personal = Personal(("person_id",), Gone())
    id: Mapped[LoginId] = id_column("login", primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[PersonId] = id_column("person", ForeignKey("accounts.person_id"), index=True)
    kind: Mapped[str]
    browser: Mapped[str] = mapped_column(default="", server_default="")
    created: Mapped[datetime]
    last_seen: Mapped[datetime]
    expires: Mapped[datetime]
    ended: Mapped[datetime | None]


class Assignment(Table):
    """A role held at a place from one moment to another; with `subject_id`, for that person only.

    pii: who is whose parent, keep: until the person is erased
    """

    __tablename__ = "role_assignments"
    personal = Personal(("person_id", "subject_id"), Gone())
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


class AccessRules(Table):
    """Who of an organisation must have a second factor: `none`, `staff`, `administrators`; `never`: nobody may
    (the demo school's, whose log-ins are everybody's)."""

    __tablename__ = "access_rules"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    second_factor: Mapped[str]


class Factor(Table):
    """Something a person has beside the password. `totp`: `secret` is sealed, `counter` the newest step used.
    `code`: `handle` is the hash of a recovery code; it goes when it was used. `passkey`: `handle` is its id,
    `secret` its public key, `counter` what it said of how often it signed.

    pii: name, keep: until its owner removes it, or the person is erased
    """

    __tablename__ = "factors"
    personal = Personal(("person_id",), Gone())
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[FactorId] = id_column("factor", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person")
    kind: Mapped[str]
    name: Mapped[str]
    handle: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    counter: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[datetime]
    used: Mapped[datetime | None]
    __table_args__ = (Index("ix_factors_person", "person_id"),)


class Device(Table):
    """A browser a person logged in with; its secret is known to it alone. Guesses from elsewhere never shut it
    out. `trusted_until`: no second factor is asked there before.

    pii: browser, keep: 90d after it was last used
    """

    __tablename__ = "devices"
    personal = Personal(("person_id",), Gone())
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[DeviceId] = id_column("device", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    browser: Mapped[str]
    created: Mapped[datetime]
    last_seen: Mapped[datetime]
    trusted_until: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_devices_person", "person_id", "token_hash", unique=True),
        Index("ix_devices_last_seen", "last_seen"),
    )


class Ticket(Table):
    """A right to one next step, good once and for a short time; who holds its secret has it.

    pii: who was about to log in, keep: until a day after it ran out
    """

    __tablename__ = "tickets"
    personal = Personal(("person_id",), Gone(), frozenset({"data"}))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    kind: Mapped[str]
    person_id: Mapped[PersonId | None] = id_column("person", index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON_TYPE)
    tries: Mapped[int]
    expires: Mapped[datetime] = mapped_column(index=True)


class OidcLink(Table):
    """A person's account at a provider elsewhere (OpenID Connect): `subject` is its id there.

    pii: who a person is elsewhere, keep: until its owner removes it, or the person is erased
    """

    __tablename__ = "oidc_links"
    personal = Personal(("person_id",), Gone())
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    created: Mapped[datetime]
    __table_args__ = (Index("ix_oidc_links_subject", "issuer", "subject", unique=True),)


class MailAddress(Table):
    """Where letters about a person's locks go, once `confirmed`.

    pii: address, keep: until its owner removes it, or the person is erased
    """

    __tablename__ = "mail_addresses"
    personal = Personal(("person_id",), Gone())
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    address: Mapped[str]
    confirmed: Mapped[datetime | None]
    created: Mapped[datetime]
    __table_args__ = (Index("ix_mail_addresses_person", "person_id"),)


class Letter(Table):
    """A letter that waits to be sent; it goes when it is, and at the latest `until`.

    pii: address, login, data, keep: until it is sent, at most 3d
    """

    __tablename__ = "letters"
    personal = Personal(("person_id",), Gone(), frozenset({"data"}))
    id: Mapped[LetterId] = id_column("letter", primary_key=True)
    kind: Mapped[str]
    person_id: Mapped[PersonId | None] = id_column("person", index=True)
    login: Mapped[str]
    address: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSON_TYPE)
    due: Mapped[datetime] = mapped_column(index=True)
    until: Mapped[datetime]
    attempts: Mapped[int]
