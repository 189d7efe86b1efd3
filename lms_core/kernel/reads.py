"""Reads that are written down once: compiled once for a database, and run on its driver.

The query compiler and the object mapper take longer than a small query itself. What nearly every request asks goes
around them; all else is an ordinary `select`.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Dialect, Select, bindparam

_LIST = re.compile(r"__\[POSTCOMPILE_(\w+)\]")

Convert = Callable[[Any], Any] | None


class Read:
    """A query of columns, with `bindparam`s for what differs from time to time (`among` for lists)."""

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        self._query, self._plans = query, dict[str, _Plan]()

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Its rows as named tuples. KeyError for a value that is missing, or that nothing asks for."""
        dialect = connection.dialect
        plan = self._plans.get(dialect.name) or self._plans.setdefault(dialect.name, _plan(self._query, dialect))
        return plan.run(connection, values)


def among(name: str) -> Any:
    """The parameter of a list, for `column.in_(among("persons"))`."""
    return bindparam(name, expanding=True)


@dataclass(slots=True)
class _Plan:
    """`order`: of the parameters, where they have no names. `converts`: what the driver takes and gives, by
    parameter and by column. `fixed`: parameters that the query itself gives."""

    text: str
    order: Sequence[str] | None
    lists: Sequence[str]
    converts: Mapping[str, Convert]
    columns: Sequence[tuple[int, Callable[[Any], Any]]]
    fixed: Mapping[str, Any]
    row: Any
    texts: dict[tuple[int, ...], str] = field(default_factory=dict)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        given = {name: self._converted(name, value) for name, value in values.items()}
        sizes = tuple(len(given[name]) for name in self.lists)
        sql = self.texts.get(sizes) or self._sized(sizes)
        result = connection.exec_driver_sql(sql, self._parameters({**self.fixed, **given}))
        assert result.cursor
        rows = [list(row) for row in result.cursor.fetchall()]
        result.close()
        for at, convert in self.columns:
            for row in rows:
                row[at] = convert(row[at])
        return [self.row(*row) for row in rows]

    def _converted(self, name: str, value: Any) -> Any:
        convert = self.converts[name]
        if name in self.lists:
            return [convert(one) for one in value] if convert else list(value)
        return convert(value) if convert else value

    def _sized(self, sizes: tuple[int, ...]) -> str:
        """The text with a place for each value of each list. Nothing is in an empty list."""
        counts = dict(zip(self.lists, sizes, strict=True))

        def places(match: re.Match[str]) -> str:
            name = match[1]
            marks = (("?" if self.order is not None else f"%({name}_{at})s") for at in range(counts[name]))
            return ", ".join(marks) or "NULL"

        if len(self.texts) > _SIZES:
            self.texts.clear()
        return self.texts.setdefault(sizes, _LIST.sub(places, self.text))

    def _parameters(self, given: Mapping[str, Any]) -> Any:
        if self.order is None:
            found = {name: value for name, value in given.items() if name not in self.lists}
            found |= {f"{name}_{at}": value for name in self.lists for at, value in enumerate(given[name])}
            return found
        flat: list[Any] = []
        for name in self.order:
            flat.extend(given[name]) if name in self.lists else flat.append(given[name])
        return tuple(flat)


_SIZES = 200
"""Lengths of lists whose texts are remembered."""


def _plan(query: Select[*tuple[Any, ...]], dialect: Dialect) -> _Plan:
    compiled = query.compile(dialect=dialect)
    converts = {name: one.type.dialect_impl(dialect).bind_processor(dialect) for name, one in compiled.binds.items()}
    fixed = {
        name: convert(one.effective_value) if (convert := converts[name]) else one.effective_value
        for name, one in compiled.binds.items()
        if not one.required
    }
    columns = list(query.selected_columns)
    made = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    return _Plan(
        text=str(compiled),
        order=compiled.positiontup,
        lists=[one.key for one in compiled.post_compile_params],
        converts=converts,
        columns=[(at, convert) for at, convert in enumerate(made) if convert],
        fixed=fixed,
        row=namedtuple("Found", [f"{column.key}" for column in columns], rename=True),
    )
