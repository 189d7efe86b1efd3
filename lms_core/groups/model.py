from datetime import date

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import EnrolmentId, GroupId, PersonId, UnitId, id_column
from lms_core.kernel.personal import Kept, Personal
from lms_core.kernel.tables import Table


class Group(Table):
    """A class of a school (`11 «А»`, grade 1 to 12) or a group of a college or university, in one year."""

    __tablename__ = "groups"
    id: Mapped[GroupId] = id_column("group", primary_key=True)
    organisation_id: Mapped[UnitId] = id_column("unit", index=True)
    path: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    grade: Mapped[int]
    year: Mapped[int]
    closed: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1, server_default="1")


LEARNED = Kept(
    "how many learned in which class: reports of the school", "as the class itself", "house rule", date(2026, 11, 1)
)


class Enrolment(Table):
    """A person learns in a group from a day up to and without another; the order it rests on, where known.

    pii: who learned where, keep: as the class itself
    """

    __tablename__ = "enrolments"
    personal = Personal(("person_id",), LEARNED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[EnrolmentId] = id_column("enrolment", primary_key=True)
    group_id: Mapped[GroupId] = id_column("group", ForeignKey("groups.id"))
    person_id: Mapped[PersonId] = id_column("person")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    order: Mapped[str | None] = mapped_column("order_number")
    __table_args__ = (
        Index("ix_enrolments_group", "organisation_id", "group_id"),
        Index("ix_enrolments_person", "organisation_id", "person_id"),
    )
