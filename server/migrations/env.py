"""Alembic's entry: uses the connection it is given, so that the caller decides where and when."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON

from lms_core.kernel.ids import IdType
from lms_core.kernel.tables import Table, UtcDateTime


def _render(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Our column types in a migration's own words, without importing a feature."""
    if kind == "type" and isinstance(item, IdType):
        autogen.imports.add("from lms_core.kernel.ids import IdType")
        return f"IdType({item.kind!r})"
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from lms_core.kernel.tables import UtcDateTime")
        return "UtcDateTime()"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from lms_core.kernel.tables import JSON_TYPE")
        return "JSON_TYPE"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_item=_render,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
