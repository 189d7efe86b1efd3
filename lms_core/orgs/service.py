"""The tree: making it, finding organisations in it, naming the places of a path."""

from collections import namedtuple
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, bindparam, delete, false, func, or_, select

from lms_core.access import policy
from lms_core.access.policy import Permission, Scope
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound, check_version
from lms_core.kernel.ids import UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.reads import Read, among
from lms_core.kernel.tables import position_of

from . import core
from .core import Kind, Level
from .events import OrganisationAdded, OrganisationChanged, ZoneChanged
from .model import Unit

__all__ = ["Kind", "Level", "Organisation"]

PAGE = 100


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
    school_year: int | None = None


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """A unit as who looks after it sees it. `school_year`: the one worked in, by the year in which it began;
    None: today's. `may`: what the actor may do there."""

    id: UnitId
    parent_id: UnitId | None
    level: Level
    kind: Kind | None
    names: Names
    zone: str
    school_year: int | None
    version: int
    may: list[Permission]


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
    return _view(await _read(tx, unit_id))


def today(tx: Tx, organisation: Organisation) -> date:
    """The day it is there."""
    return tx.now.astimezone(ZoneInfo(organisation.zone)).date()


async def organisation_for(tx: Tx, unit_id: UnitId, permission: Permission) -> Organisation:
    """A unit, for who may do something to all of it. Raises NotFound, Forbidden (may only know of it).

    It does not read the stream's position: a command that reads that and writes a fact clashes with each stamping.
    """
    row = await _read(tx, unit_id)
    _check(tx, row.path, permission)
    return _view(row)


async def stream_for(tx: Tx, unit_id: UnitId, permission: Permission) -> tuple[int, Organisation]:
    """The same, with the position of its stream: read it before the data of a snapshot. Raises NotFound, Forbidden."""
    row = await _read(tx, unit_id, _UNIT_IN_STREAM)
    _check(tx, row.path, permission)
    return row.position or 0, _view(row)


async def looked_after(tx: Tx, after: UnitId | None) -> tuple[list[OrganisationView], UnitId | None]:
    """The organisations that the actor looks after or may look into, the oldest first; behind `after`."""
    paths = policy.paths_permitting(tx.actor, Permission.PLAN_READ)
    if not paths:
        return [], None
    below = or_(*(Unit.path.startswith(path, autoescape=True) for path in set(paths)))
    query = select(Unit).where(Unit.level == Level.ORGANISATION, below).order_by(Unit.id).limit(PAGE + 1)
    rows = await tx.all(query.where(Unit.id > after) if after else query)
    shown = [_seen(tx, row) for row in rows[:PAGE]]
    return shown, shown[-1].id if len(rows) > PAGE else None


async def places_to_add(tx: Tx) -> list[OrganisationView]:
    """The units below which the actor may add: those of their roles and what lies below, and for the
    administrator of the installation's first organisation those above it. The nearest to the root first."""
    rows = await tx.all(
        select(Unit)
        .where(Unit.level != Level.ORGANISATION, or_(*await _may_add_below(tx)))
        .order_by(func.length(Unit.path), Unit.id)
        .limit(PAGE)
    )
    return [_seen(tx, row) for row in rows]


async def read_for(tx: Tx, unit_id: UnitId) -> OrganisationView:
    """Raises NotFound, Forbidden."""
    return _seen(tx, await _row_for(tx, unit_id, Permission.PLAN_READ))


async def add_for(
    tx: Tx, above: UnitId, level: Level, names: Names, kind: Kind | None, zone: str | None
) -> OrganisationView:
    """A new unit below one where the actor may add; `zone` is by default that of above.

    Raises NotFound, UnitMisplaced, KindMisplaced, ZoneUnknown, Malformed.
    """
    parent = await tx.one(select(Unit).where(Unit.id == above, or_(*await _may_add_below(tx))))
    if parent is None:
        raise NotFound(kind="unit")
    core.check_kind(level, kind)
    zone = core.check_zone(zone or parent.zone)
    made = await add_unit(tx, above, level, core.clean_names(names), kind=kind, zone=zone)
    await tx.flush()
    tx.emit(OrganisationAdded(organisation_id=above, unit_id=made.id))
    return _seen(tx, await _row(tx, made.id))


async def added_by(tx: Tx, unit_id: UnitId) -> Organisation:
    """An organisation below a unit where the actor may add. Raises NotFound."""
    row = await _row(tx, unit_id)
    if row.level != Level.ORGANISATION or row.parent_id is None:
        raise NotFound(kind="unit")
    if await tx.one(select(Unit.id).where(Unit.id == row.parent_id, or_(*await _may_add_below(tx)))) is None:
        raise NotFound(kind="unit")
    return _view(row)


async def change_for(
    tx: Tx, unit_id: UnitId, version: int, *, names: Names, kind: Kind | None, zone: str, school_year: int | None
) -> OrganisationView:
    """Raises NotFound, Forbidden, Stale, KindMisplaced, ZoneUnknown, Malformed."""
    row = await _row_for(tx, unit_id, Permission.ORGANISATION_CHANGE)
    check_version(row.version, version)
    core.check_kind(Level(row.level), kind)
    names, was = core.clean_names(names), row.zone
    row.name_kk, row.name_ru, row.name_en = names.kk, names.ru, names.en
    row.kind, row.zone, row.school_year = kind, core.check_zone(zone), core.check_year(school_year)
    row.version += 1
    tx.emit(OrganisationChanged(organisation_id=row.id))
    if was != row.zone:
        tx.emit(ZoneChanged(organisation_id=row.id, was=was, now=row.zone))
    return _seen(tx, row)


async def name_anew(tx: Tx, unit_id: UnitId, names: Names, kind: Kind | None) -> Organisation:
    """For who sets an organisation up that was there before. Raises NotFound."""
    row = await _row(tx, unit_id)
    row.name_kk, row.name_ru, row.name_en, row.kind = names.kk, names.ru, names.en, kind
    row.version += 1
    return _view(row)


def clean_names(names: Names) -> Names:
    """What is kept of a directory entry's names. Raises Malformed for one that is empty or too long."""
    return core.clean_names(names)


def zones() -> list[str]:
    """The names of time zones that may be chosen."""
    return sorted(core.zones())


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
    return {row.id: _view(row) for path in _units_of(paths) for row in await tx.read(_BELOW, path=path)}


def is_within_reach(organisation: Organisation, paths: Collection[str]) -> bool:
    """Whether `within_reach` of these paths has it."""
    return organisation.level == Level.ORGANISATION and organisation.path.startswith(tuple(_units_of(paths)))


def beside(query: Select[*tuple[Any, ...]], unit: Any) -> Select[*tuple[Any, ...]]:
    """A query that also asks for the unit whose id is in a column of it; `found_beside` tells it."""
    columns = [column.label(f"unit_{column.key}") for column in Unit.__table__.columns]
    return query.add_columns(*columns).join(Unit, Unit.id == unit)


def found_beside(row: Any) -> Organisation:
    return _view(_Beside(*row[-len(_Beside._fields) :]))


async def name_places(
    tx: Tx, paths: Collection[str], *, known: Organisation | None = None
) -> dict[str, tuple[UnitId, Names, Names]]:
    """Path → its lowest unit, that unit's names, and the names of the very place (a class, a course). What is
    `known` is not asked for."""
    lowest = {path: path.rstrip("/").rpartition("/")[2] for path in paths}
    wanted: dict[str, set[str]] = {"unit": {found for path in paths if (found := core.unit_in(path))}}
    for place in lowest.values():
        wanted.setdefault(place.partition("_")[0], set()).add(place)
    names: dict[str, Names] = {known.id: known.names} if known else {}
    for kind, ids in wanted.items():
        ids -= names.keys()
        if ids and kind in _NAMERS:
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
    return {row.id: Names.of(row) for row in await tx.read(_UNITS, units=ids)}


_UNIT = Read(select(Unit.__table__).where(Unit.id == bindparam("unit")))
_UNIT_IN_STREAM = Read(
    select(Unit.__table__, position_of(Unit.id).label("position")).where(Unit.id == bindparam("unit"))
)
_Beside = namedtuple("_Beside", [column.key for column in Unit.__table__.columns])
_BELOW = Read(
    select(Unit.__table__).where(
        Unit.level == Level.ORGANISATION, func.substr(Unit.path, 1, func.length(bindparam("path"))) == bindparam("path")
    )
)
_UNITS = Read(select(Unit.__table__).where(Unit.id.in_(among("units"))))


def _units_of(paths: Collection[str]) -> set[str]:
    """The paths of the lowest units in these."""
    return {path[: path.index(found) + len(found) + 1] for path in paths if (found := core.unit_in(path))}


async def _read(tx: Tx, unit_id: UnitId, query: Read = _UNIT) -> Any:
    """The columns of a unit. Raises NotFound."""
    if found := await tx.read(query, unit=unit_id):
        return found[0]
    raise NotFound(kind="unit")


async def _row(tx: Tx, unit_id: UnitId) -> Unit:
    row = await tx.get(Unit, unit_id)
    if row is None:
        raise NotFound(kind="unit")
    return row


async def _row_for(tx: Tx, unit_id: UnitId, permission: Permission) -> Unit:
    row = await _row(tx, unit_id)
    _check(tx, row.path, permission)
    return row


def _check(tx: Tx, path: str, permission: Permission) -> None:
    if policy.allows(tx.actor, permission, [Scope(path)]):
        return
    if policy.allows(tx.actor, Permission.ORGANISATION_READ, [Scope(path, anybody=True)]):
        raise Forbidden(needs=permission)
    raise NotFound(kind="unit")


async def _may_add_below(tx: Tx) -> list[ColumnElement[bool]]:
    """Conditions on units. The first organisation's administrator set the installation up: who else should
    add the second? They are given no right in what they add."""
    paths = policy.paths_permitting(tx.actor, Permission.ORGANISATION_ADD)
    found: list[ColumnElement[bool]] = [Unit.path.startswith(path, autoescape=True) for path in set(paths)]
    first = await first_organisation(tx)
    if first and policy.allows(tx.actor, Permission.ORGANISATION_ADD, [Scope(first.path)]):
        found.append(Unit.id.in_([UnitId(part) for part in first.path.split("/") if part]))
    return found or [false()]


def _seen(tx: Tx, row: Unit) -> OrganisationView:
    kind = Kind(row.kind) if row.kind else None
    may = policy.permissions_at(tx.actor, row.path)
    return OrganisationView(
        row.id, row.parent_id, Level(row.level), kind, Names.of(row), row.zone, row.school_year, row.version, may
    )


def _view(row: Any) -> Organisation:
    kind = Kind(row.kind) if row.kind else None
    return Organisation(row.id, row.path, Names.of(row), Level(row.level), kind, row.zone, row.demo, row.school_year)
