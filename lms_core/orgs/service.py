"""The tree: making it, finding organisations in it, naming the places of a path."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, or_, select

from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import UnitId
from lms_core.kernel.names import Names

from . import core
from .core import Kind, Level
from .model import Unit

__all__ = ["Kind", "Level", "Organisation"]


@dataclass(frozen=True, slots=True)
class Organisation:
    """A unit as other features see it."""

    id: UnitId
    path: str
    names: Names
    level: Level
    kind: Kind | None
    zone: str
    demo: bool


Namer = Callable[[Tx, Collection[Any]], Awaitable[Mapping[Any, Names]]]
_NAMERS: dict[str, Namer] = {}


def names_places(kind: str) -> Callable[[Namer], Namer]:
    """Declare who names the places of a kind: features above register theirs (`group`, `course`)."""

    def register(namer: Namer) -> Namer:
        _NAMERS[kind] = namer
        return namer

    return register


async def add_unit(
    tx: Tx,
    above: UnitId | None,
    level: Level,
    names: Names,
    *,
    kind: Kind | None = None,
    zone: str = core.ZONE,
    demo: bool = False,
) -> Organisation:
    """A new place below another. Raises UnitMisplaced, NotFound."""
    parent = await tx.get(Unit, above) if above else None
    if above and parent is None:
        raise NotFound(kind="unit")
    core.check_place(Level(parent.level) if parent else None, level)
    unit = UnitId(tx.new_id("unit"))
    row = Unit(
        id=unit,
        parent_id=above,
        path=f"{parent.path if parent else '/'}{unit}/",
        level=level,
        kind=kind,
        name_kk=names.kk,
        name_ru=names.ru,
        name_en=names.en,
        zone=zone,
        demo=demo,
    )
    tx.add(row)
    return _view(row)


async def unit(tx: Tx, unit_id: UnitId) -> Organisation:
    """Raises NotFound."""
    row = await tx.get(Unit, unit_id)
    if row is None:
        raise NotFound(kind="unit")
    return _view(row)


async def first_organisation(tx: Tx) -> Organisation | None:
    """The oldest organisation that is no demo."""
    query = select(Unit).where(Unit.level == Level.ORGANISATION, ~Unit.demo).order_by(Unit.id)
    row = await tx.one(query)
    return row and _view(row)


async def demo_units(tx: Tx) -> list[Organisation]:
    """The units of the school filled to try out, the root first."""
    return [_view(row) for row in await tx.all(select(Unit).where(Unit.demo).order_by(Unit.id))]


async def within_reach(tx: Tx, paths: Collection[str]) -> dict[UnitId, Organisation]:
    """The organisations at or below the units of these paths (those of an actor's roles)."""
    units = [path[: path.index(found) + len(found) + 1] for path in paths if (found := core.unit_in(path))]
    if not units:
        return {}
    below = or_(*(Unit.path.startswith(path, autoescape=True) for path in set(units)))
    query = select(Unit).where(Unit.level == Level.ORGANISATION, below)
    return {row.id: _view(row) for row in await tx.all(query)}


async def name_places(tx: Tx, paths: Collection[str]) -> dict[str, tuple[UnitId, Names, Names]]:
    """Path → its lowest unit, that unit's names, and the names of the very place (a class, a course)."""
    lowest = {path: path.rstrip("/").rpartition("/")[2] for path in paths}
    wanted: dict[str, set[str]] = {"unit": {found for path in paths if (found := core.unit_in(path))}}
    for place in lowest.values():
        wanted.setdefault(place.partition("_")[0], set()).add(place)
    names: dict[str, Names] = {}
    for kind, ids in wanted.items():
        if kind in _NAMERS:
            names.update(await _NAMERS[kind](tx, ids))
    return {
        path: (UnitId(unit), names[unit], names.get(place, names[unit]))
        for path, place in lowest.items()
        if (unit := core.unit_in(path)) in names
    }


async def forget(tx: Tx, units: Collection[UnitId]) -> None:
    """Remove units; their features must have forgotten them before."""
    await tx.execute(delete(Unit).where(Unit.id.in_(units)))


@names_places("unit")
async def _unit_names(tx: Tx, ids: Collection[UnitId]) -> dict[UnitId, Names]:
    return {row.id: Names.of(row) for row in await tx.all(select(Unit).where(Unit.id.in_(ids)))}


def _view(row: Unit) -> Organisation:
    kind = Kind(row.kind) if row.kind else None
    return Organisation(row.id, row.path, Names.of(row), Level(row.level), kind, row.zone, row.demo)
