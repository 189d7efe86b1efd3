"""Reads and insertions that are written down once: compiled once for a database, and run on its driver.

The query compiler, the object mapper and SQLAlchemy's results take longer than a small query itself. What nearly
every request asks goes around them; all else is an ordinary `select`.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Insert, Select, Update, bindparam, insert
from sqlalchemy.types import TypeEngine

from .ids import IdType

_LIST = re.compile(r"__\[POSTCOMPILE_(\w+)\]")
_IN = re.compile(r"\bIN \(__\[POSTCOMPILE_(\w+)\]\)")
_SIZES = 200
"""Lengths of lists whose texts are remembered."""

Convert = Callable[[Any], Any] | None


class Read:
    """A query of columns, with `bindparam`s for what differs from time to time (`among` for lists)."""

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        self._query, self._plans = query, dict[str, tuple[_Asking, _Found]]()

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Its rows as named tuples. KeyError for a value that is missing, or that nothing asks for."""
        dialect = connection.dialect
        asking, found = self._plans.get(dialect.name) or self._plan(dialect)
        return found.rows(_run(connection, *asking.with_values(values)).fetchall())

    def _plan(self, dialect: Dialect) -> "tuple[_Asking, _Found]":
        plan = _asking(self._query, dialect), _found(self._query, dialect)
        return self._plans.setdefault(dialect.name, plan)


class Write:
    """An insertion or update with `bindparam`s; `missing`: values of those that are not given."""

    def __init__(self, statement: Insert | Update, missing: Mapping[str, Any] | None = None) -> None:
        self._statement, self._missing = statement, missing
        self._plans = dict[str, _Asking]()

    @classmethod
    def row(cls, table: Any) -> "Write":
        """An insertion of one row. A column that is not given gets its default, else nothing."""
        columns: Iterable[Column[Any]] = table.__table__.columns
        query = insert(table.__table__).values({one.name: bindparam(one.name, type_=one.type) for one in columns})
        return cls(query, {one.name: _default(one) for one in columns if one.nullable or one.default})

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """How many rows it met. KeyError for a value that is missing, or that nothing asks for."""
        dialect = connection.dialect
        asking = self._plans.get(dialect.name) or self._plan(dialect)
        return _run(connection, *asking.with_values(values)).rowcount

    def run_all(self, connection: Connection, rows: Iterable[Mapping[str, Any]], same: Mapping[str, Any]) -> None:
        """Once for each of many rows, in one call of the driver; `same`: values that are alike in all of them."""
        dialect = connection.dialect
        asking = self._plans.get(dialect.name) or self._plan(dialect)
        if parameters := asking.of_rows(rows, same):
            _run(connection, asking.text, parameters, many=True)

    def _plan(self, dialect: Dialect) -> "_Asking":
        return self._plans.setdefault(dialect.name, _asking(self._statement, dialect, self._missing))


@dataclass(frozen=True, slots=True)
class Part:
    """A query that is written down once, to be put into another, with the values of its parameters."""

    query: Select[Any]
    values: Mapping[str, Any]

    def alone(self) -> Select[Any]:
        """As an ordinary query."""
        return self.query.params(self.values)


def among(name: str) -> Any:
    """The parameter of a list, for `column.in_(among("persons"))`."""
    return bindparam(name, expanding=True)


def _run(connection: Connection, sql: str, parameters: Any, *, many: bool = False) -> Any:
    """The driver's cursor. What goes wrong comes out as if SQLAlchemy had run it: a lost connection is given up."""
    for hear in connection.engine.dispatch.before_cursor_execute:
        hear(connection, None, sql, parameters, None, many)
    driver: Any = connection.connection.driver_connection
    try:
        return driver.cursor().executemany(sql, parameters) if many else driver.execute(sql, parameters)
    except Exception as error:
        connection._handle_dbapi_exception(error, sql, parameters, None, None)
        raise


@dataclass(slots=True)
class _Asking:
    """A statement for the driver. `converts`: what that takes, by parameter. `order`: of the parameters, for a driver
    that knows no names; there a list has a place for each of its values. `given`: by the query itself."""

    text: str
    order: Sequence[str] | None
    lists: frozenset[str]
    converts: Mapping[str, Convert]
    given: Mapping[str, Any]
    texts: dict[tuple[int, ...], str] = field(default_factory=dict)

    def with_values(self, values: Mapping[str, Any]) -> tuple[str, Any]:
        """Its text, and the parameters as the driver wants them."""
        given = {**self.given, **values}
        if len(given) != len(self.converts):
            raise KeyError(*(given.keys() ^ self.converts.keys()))
        if not self.lists:
            found = {name: convert(given[name]) if convert else given[name] for name, convert in self.converts.items()}
            return self.text, found if self.order is None else [found[name] for name in self.order]
        found = {name: self._converted(name, convert, given[name]) for name, convert in self.converts.items()}
        if self.order is None:
            return self.text, found
        flat: list[Any] = []
        for name in self.order:
            flat.extend(found[name]) if name in self.lists else flat.append(found[name])
        return self._sized(found), flat

    def of_rows(self, rows: Iterable[Mapping[str, Any]], same: Mapping[str, Any]) -> list[Any]:
        """The parameters of each row, as the driver wants them; the statement has no lists."""
        assert not self.lists
        shared = self._all_converted({**self.given, **same})
        found = [shared | self._all_converted(row) for row in rows]
        for one in found:
            if len(one) != len(self.converts):
                raise KeyError(*(self.converts.keys() - one.keys()))
        return found if self.order is None else [[one[name] for name in self.order] for one in found]

    def _all_converted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        converts = self.converts
        return {name: convert(value) if (convert := converts[name]) else value for name, value in values.items()}

    def _converted(self, name: str, convert: Convert, value: Any) -> Any:
        if name in self.lists:
            return [convert(one) for one in value] if convert else list(value)
        return convert(value) if convert else value

    def _sized(self, found: Mapping[str, Any]) -> str:
        """The text with a place for each value of each list. Nothing is in an empty list."""
        sizes = tuple(len(found[name]) for name in self.lists)
        if len(self.texts) > _SIZES:
            self.texts.clear()
        if sizes not in self.texts:
            self.texts[sizes] = _LIST.sub(lambda name: ", ".join("?" * len(found[name[1]])) or "NULL", self.text)
        return self.texts[sizes]


@dataclass(slots=True)
class _Found:
    """What becomes of the driver's rows: `converts` of some columns, by their place."""

    converts: Sequence[tuple[int, Callable[[Any], Any]]]
    row: Callable[[Iterable[Any]], Any]

    def rows(self, found: Sequence[Any]) -> list[Any]:
        if found and self.converts:
            columns: list[Iterable[Any]] = list(zip(*found, strict=True))
            for at, convert in self.converts:
                columns[at] = map(convert, columns[at])
            found = list(zip(*columns, strict=True))
        return list(map(self.row, found))


def _asking(
    query: Select[Any] | Insert | Update, dialect: Dialect, missing: Mapping[str, Any] | None = None
) -> _Asking:
    compiled: Any = query.compile(dialect=dialect)
    order = compiled.positiontup
    text = str(compiled) if order is not None else _IN.sub(r"= ANY(%(\1)s)", str(compiled))
    return _Asking(
        text=text,
        order=order,
        lists=frozenset(one.key for one in compiled.post_compile_params),
        converts={name: _taken(one.type, dialect) for name, one in compiled.binds.items()},
        given=missing or {name: one.effective_value for name, one in compiled.binds.items() if not one.required},
    )


def _found(query: Select[Any], dialect: Dialect) -> _Found:
    columns = list(query.selected_columns)
    made = [_given(one.type, dialect) for one in columns]
    row = namedtuple("Found", [f"{one.key}" for one in columns], rename=True)
    return _Found([(at, convert) for at, convert in enumerate(made) if convert], partial(tuple.__new__, row))


def _taken(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.bind(dialect) if isinstance(kind, IdType) else kind.dialect_impl(dialect).bind_processor(dialect)


def _given(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return kind.result() if isinstance(kind, IdType) else kind.dialect_impl(dialect).result_processor(dialect, None)


def _default(column: Column[Any]) -> Any:
    return getattr(column.default, "arg", None)
