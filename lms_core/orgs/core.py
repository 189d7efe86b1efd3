"""Rules of the tree."""

from enum import StrEnum
from functools import cache
from importlib.resources import files

from lms_core.kernel.errors import Malformed, Refusal
from lms_core.kernel.names import Names
from lms_core.kernel.text import clean

ZONE = "Asia/Almaty"
"""The whole country's since 01.03.2024 (UTC+5); a unit may still say its own."""
LONGEST_NAME = 200
_YEARS = range(2000, 2200)


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


class ZoneUnknown(Refusal):
    """No name of the IANA time zone database."""

    code, status = "zone_unknown", 422


class KindMisplaced(Refusal):
    """An organisation has a kind, and nothing else has."""

    code, status = "kind_misplaced", 422


@cache
def zones() -> frozenset[str]:
    """The names of the locked tzdata, whatever the system's own may know."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def check_zone(zone: str) -> str:
    if zone not in zones():
        raise ZoneUnknown
    return zone


def check_kind(level: Level, kind: Kind | None) -> None:
    if (level is Level.ORGANISATION) != (kind is not None):
        raise KindMisplaced


def check_year(year: int | None) -> int | None:
    if year is not None and year not in _YEARS:
        raise Malformed(fields=[{"at": "school_year", "why": "out_of_range"}])
    return year


def clean_names(names: Names) -> Names:
    """Raises Malformed for a name that is empty or longer than LONGEST_NAME."""
    cleaned = {language: clean(getattr(names, language)) for language in ("kk", "ru", "en")}
    unfit = [language for language, name in cleaned.items() if not 1 <= len(name) <= LONGEST_NAME]
    if unfit:
        raise Malformed(fields=[{"at": f"names.{language}", "why": "length"} for language in unfit])
    return Names(**cleaned)


def check_place(above: Level | None, level: Level) -> None:
    if level not in BELOW[above]:
        raise UnitMisplaced(above=above, level=level)


def unit_in(path: str) -> str | None:
    """The id of the lowest unit on a path: `/unit_a/unit_b/group_c/` → `unit_b`."""
    units = [part for part in path.split("/") if part.startswith("unit_")]
    return units[-1] if units else None
