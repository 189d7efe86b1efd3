"""Rules of the tree."""

from enum import StrEnum

from lms_core.kernel.errors import Refusal

ZONE = "Asia/Almaty"
"""The whole country's since 01.03.2024 (UTC+5); a unit may still say its own."""


class Level(StrEnum):
    REPUBLIC = "republic"
    OBLAST = "oblast"
    CITY = "city"
    DISTRICT = "district"
    ORGANISATION = "organisation"


class Kind(StrEnum):
    SCHOOL = "school"
    COLLEGE = "college"
    UNIVERSITY = "university"


BELOW: dict[Level | None, tuple[Level, ...]] = {
    None: (Level.REPUBLIC,),
    Level.REPUBLIC: (Level.OBLAST, Level.CITY, Level.ORGANISATION),
    Level.OBLAST: (Level.CITY, Level.DISTRICT, Level.ORGANISATION),
    Level.CITY: (Level.DISTRICT, Level.ORGANISATION),
    Level.DISTRICT: (Level.ORGANISATION,),
    Level.ORGANISATION: (),
}
"""What may stand below what: a level may be left out, never turned round. Cities of republican significance
stand beside the oblasts."""


class UnitMisplaced(Refusal):
    """No such level may stand there."""

    code, status = "unit_misplaced", 422


def check_place(above: Level | None, level: Level) -> None:
    if level not in BELOW[above]:
        raise UnitMisplaced(above=above, level=level)


def unit_in(path: str) -> str | None:
    """The id of the lowest unit on a path: `/unit_a/unit_b/group_c/` → `unit_b`."""
    units = [part for part in path.split("/") if part.startswith("unit_")]
    return units[-1] if units else None
