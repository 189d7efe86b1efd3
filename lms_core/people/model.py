from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import PersonId, UnitId, id_column
from lms_core.kernel.personal import Blanked, Personal
from lms_core.kernel.tables import Table

NOBODY = {"family": "", "given": "—", "patronymic": None, "iin": None, "search": "", "sort": ""}
"""Who was erased: a line in a class list that leads to nobody."""


class Person(Table):
    """Somebody the organisation knows. Many have no IIN: children of foreigners have none.

    Who belongs to two organisations is a person of each: neither learns of the other. `search` and `sort` are
    made of the names.

    pii: family, given, patronymic, iin, search, sort, keep: until the person is erased
    """

    __tablename__ = "persons"
    personal = Personal(("id",), Blanked(NOBODY), frozenset({"search", "sort"}))
    id: Mapped[PersonId] = id_column("person", primary_key=True)
    organisation_id: Mapped[UnitId] = id_column("unit")
    family: Mapped[str]
    given: Mapped[str]
    patronymic: Mapped[str | None]
    iin: Mapped[str | None]
    language: Mapped[str]
    active: Mapped[bool]
    search: Mapped[str] = mapped_column(server_default="")
    sort: Mapped[str] = mapped_column(server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    __table_args__ = (
        Index("ix_persons_organisation_sort", "organisation_id", "sort"),
        Index("ix_persons_organisation_iin", "organisation_id", "iin", unique=True),
    )
