"""Runs the migrations on the connection that `tcm.store.migrate` hands over."""

from typing import Any

from alembic import context
from sqlalchemy.types import TypeDecorator

from tcm.store.mapping import metadata


def _is_ours(name: str | None, kind: str, parents: Any) -> bool:
    # DBOS keeps its own tables in the same SQLite file; they are not ours to migrate.
    return kind != "table" or name in metadata.tables


def _render(kind: str, item: Any, autogen_context: Any) -> str | bool:
    # A migration must not change when a type of ours does: write what the database sees.
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=_is_ours,
    render_item=_render,
    render_as_batch=True,
    compare_type=True,
    # All or nothing on SQLite too: a step that refuses takes back those before it.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
