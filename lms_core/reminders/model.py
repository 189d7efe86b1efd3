from datetime import datetime

from sqlalchemy import Index, LargeBinary, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import LessonId, LoginId, PersonId, PushId, UnitId, id_column
from lms_core.kernel.personal import Gone, Personal
from lms_core.kernel.tables import Table

_DUE = text("due IS NOT NULL")


class ReminderRule(Table):
    """`push`: whether people of an organisation may be reminded through the push services of browsers' makers."""

    __tablename__ = "reminder_rules"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    push: Mapped[bool] = mapped_column(default=False, server_default=false())


class ReminderWish(Table):
    """How a person is reminded, and `minutes` before a lesson; without a row: in the page alone. `quiet_from` and
    `quiet_to` (`22:00`, `07:00`, or both empty) are times on the organisation's wall.

    pii: how and when a person is reminded, keep: until they change it, or are erased
    """

    __tablename__ = "reminder_wishes"
    personal = Personal(("person_id",), Gone())
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    page: Mapped[bool] = mapped_column(default=True, server_default=true())
    letter: Mapped[bool] = mapped_column(default=False, server_default=false())
    minutes: Mapped[int]
    quiet_from: Mapped[str]
    quiet_to: Mapped[str]


class PushSubscription(Table):
    """A browser that may be woken, as long as the log-in stands in which that was asked for. `endpoint`: its address
    at its maker's push service, a secret; `due`: when it is to be woken (None: not now), at the latest `until`.

    pii: that a person's browser is woken, keep: until they end it or log out
    """

    __tablename__ = "push_subscriptions"
    personal = Personal(("person_id",), Gone(), frozenset({"endpoint"}))
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[PushId] = id_column("push", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person")
    login_id: Mapped[LoginId] = id_column("login")
    endpoint: Mapped[str]
    endpoint_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created: Mapped[datetime]
    due: Mapped[datetime | None]
    until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    __table_args__ = (
        Index("ix_push_subscriptions_person", "person_id"),
        Index("ix_push_subscriptions_due", "due", sqlite_where=_DUE, postgresql_where=_DUE),
    )


class Notice(Table):
    """What a person was reminded of by letter or push; `starts_at`: of the lesson, as it was then.

    pii: when a person had which lesson, keep: 1d
    """

    __tablename__ = "notices"
    personal = Personal(("person_id",), Gone())
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    lesson_id: Mapped[LessonId] = id_column("lesson", primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    made: Mapped[datetime]
    __table_args__ = (Index("ix_notices_made", "made"), Index("ix_notices_lesson", "organisation_id", "lesson_id"))
