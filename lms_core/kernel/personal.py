"""Personal data: what each table keeps about a person, shown to them, and erased by rule.

A table says it itself, as `personal = Personal(…)` beside its `pii:` line; who reads a person's data or erases them
goes through all tables that do. Rows that others need outlive an erasure with an id that leads to nobody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from sqlalchemy import LargeBinary, Text, cast, delete, or_, select, update

from .db import Tx
from .ids import PersonId, UnitId
from .plain import to_plain
from .tables import Outbox, Table


@dataclass(frozen=True, slots=True)
class Gone:
    """Erasure removes the rows."""


@dataclass(frozen=True, slots=True)
class Blanked:
    """Erasure writes these values over what names the person."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows outlive an erasure: `why`, for how long, and the act (or the house's rule) it rests on since a day.
    They name the person by an id alone, which leads to nobody then."""

    why: str
    until: str
    source: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class Personal:
    """`of`: the columns that hold the person's id; empty: rows that no id leads to. `hides`: columns that are not
    shown, for they are secrets or say nothing; columns of bytes never are."""

    of: tuple[str, ...]
    erased: Gone | Blanked | Kept
    hides: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class TableData:
    """What one table keeps about a person. `erased`: what an erasure does to it: `gone`, `blanked`, `kept`; `why`
    and `until`: of what is kept."""

    table: str
    erased: Literal["gone", "blanked", "kept"]
    why: str
    until: str
    rows: list[dict[str, Any]]


def tables() -> Iterator[tuple[type[Table], Personal]]:
    """Those that hold personal data, others' rows before those that they lean on."""
    known = {mapper.local_table: mapper.class_ for mapper in Table.registry.mappers}
    for table in reversed(Table.metadata.sorted_tables):
        says = getattr(known.get(table), "personal", None)
        if says is not None:
            yield known[table], says


async def read(tx: Tx, person: PersonId) -> list[TableData]:
    """Everything that is kept about a person, table by table, but empty ones."""
    found = []
    for table, says in tables():
        if not says.of:
            continue
        shown = [c for c in table.__table__.columns if c.name not in says.hides and not isinstance(c.type, LargeBinary)]
        rows = await tx.rows(select(*shown).where(_about(table, says, person)))
        plain = [{c.name: _plain(value) for c, value in zip(shown, row, strict=True)} for row in rows]
        if plain:
            found.append(_said(table, says, plain))
    return sorted(found, key=lambda one: one.table)


async def erase(tx: Tx, person: PersonId) -> None:
    """Do to each table what it says."""
    for table, says in tables():
        if isinstance(says.erased, Gone):
            await tx.execute(delete(table).where(_about(table, says, person)))
        elif isinstance(says.erased, Blanked):
            await tx.execute(update(table).where(_about(table, says, person)).values(dict(says.erased.values)))


async def forget_told(tx: Tx, stream: UnitId, person: PersonId, name: str) -> None:
    """In the facts of a stream that are still kept, `name` stands for that of the person. A fact says it beside the
    id: `author_name` beside `author_id`, or `name` beside `id`."""
    query = select(Outbox).where(Outbox.stream == stream, cast(Outbox.body, Text).contains(person))
    for row in await tx.all(query):
        row.body = _renamed(row.body, person, name)


def _renamed(body: Any, person: PersonId, name: str) -> Any:
    if isinstance(body, list):
        return [_renamed(item, person, name) for item in body]
    if not isinstance(body, dict):
        return body
    beside = {key[:-2] + "name" for key, value in body.items() if value == person and key.endswith("id")}
    return {key: name if key in beside else _renamed(value, person, name) for key, value in body.items()}


def _about(table: type[Table], says: Personal, person: PersonId) -> Any:
    return or_(*(table.__table__.columns[name] == person for name in says.of))


def _said(table: type[Table], says: Personal, rows: list[dict[str, Any]]) -> TableData:
    name, erased = table.__table__.name, says.erased  # type: ignore[attr-defined]
    if isinstance(erased, Kept):
        return TableData(name, "kept", erased.why, erased.until, rows)
    return TableData(name, "gone" if isinstance(erased, Gone) else "blanked", "", "", rows)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | bool | dict | list) else to_plain(value)
