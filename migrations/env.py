"""Alembic's environment for all three sections; the engine is the services' own, so types mean the same."""

import asyncio
import os
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, inspect

from migrations.owners import SECTIONS, owner_of
from shared.runtime.database.columns import Encrypted, EncryptedBytes, JsonText, UtcTime
from shared.runtime.database.engine import Database

config = context.config
section = config.config_ini_section
owner = owner_of(section)


def _is_owned(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    table = name if kind == "table" else getattr(getattr(item, "table", None), "name", None)
    return table in owner.tables


def _render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    if kind == "type" and isinstance(item, UtcTime | JsonText | Encrypted | EncryptedBytes):
        autogen.imports.add("from shared.runtime.database import columns")
        argument = repr(item.context) if isinstance(item, Encrypted | EncryptedBytes) else ""
        return f"columns.{type(item).__name__}({argument})"
    return False


def _same_type(ctx: Any, inspected: Any, column: Any, inspected_type: Any, metadata_type: Any) -> bool | None:
    """Say that our own types are what they were made as; alembic compares the rest."""
    return False if isinstance(metadata_type, UtcTime | JsonText | Encrypted | EncryptedBytes) else None


def _require_own(connection: Connection) -> None:
    """Refuse a database of another service: revisions have the same names there, and mean other tables.

    :raises ValueError: it holds tables that only another service has.
    """
    foreign = frozenset[str]().union(*(owner_of(other).tables for other in SECTIONS)) - owner.tables
    if found := foreign.intersection(inspect(connection).get_table_names()):
        raise ValueError(f"it is the database of another service: it holds the table {min(found)}")


def _run(connection: Connection) -> None:
    _require_own(connection)
    context.configure(
        connection=connection,
        target_metadata=list(owner.metadata),
        include_object=_is_owned,
        render_item=_render,
        compare_type=_same_type,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


async def _migrate() -> None:
    url = config.attributes.get("url") or os.environ[f"{section.upper()}_DATABASE_URL"]
    database = Database(url)
    async with database.connection() as connection:
        await connection.run_sync(_run)
    await database.close()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; name it by the service's DATABASE_URL.")
asyncio.run(_migrate())
