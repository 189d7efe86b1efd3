from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import PersonId, UnitId, id_column
from lms_core.kernel.tables import Table


class Person(Table):
    """Somebody the organisation knows. Many have no IIN: children of foreigners have none.

    pii: family, given, patronymic, iin, keep: until the person is erased
    """

    __tablename__ = "persons"
    id: Mapped[PersonId] = id_column("person", primary_key=True)
    organisation_id: Mapped[UnitId] = id_column("unit", index=True)
    family: Mapped[str]
    given: Mapped[str]
    patronymic: Mapped[str | None]
    iin: Mapped[str | None] = mapped_column(unique=True)
    language: Mapped[str]
    active: Mapped[bool]
