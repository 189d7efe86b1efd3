from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import UnitId, id_column
from lms_core.kernel.tables import Table


class Unit(Table):
    """A place in the tree of management, which is not the tree of territories (KATO).

    `school_year`: the one worked in, where it is not today's: that of the year in which it began.
    `path` is the ids from the root down to here, `/unit_…/unit_…/`; roles and rows are compared by it.
    """

    __tablename__ = "units"
    id: Mapped[UnitId] = id_column("unit", primary_key=True)
    parent_id: Mapped[UnitId | None] = id_column("unit", ForeignKey("units.id"), index=True)
    path: Mapped[str] = mapped_column(unique=True)
    level: Mapped[str]
    kind: Mapped[str | None]
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    name_en: Mapped[str]
    zone: Mapped[str]
    demo: Mapped[bool]
    school_year: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
