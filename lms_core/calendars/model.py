from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import PersonId, UnitId, id_column
from lms_core.kernel.personal import Gone, Personal
from lms_core.kernel.tables import Table


class CalendarLink(Table):
    """The secret address of a person's calendar, as its SHA-256: whoever knows it reads when they have lessons.

    pii: that a person's calendar is read elsewhere, keep: until they end it
    """

    __tablename__ = "calendar_links"
    personal = Personal(("person_id",), Gone(), frozenset({"token_hash"}))
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    made: Mapped[datetime]
