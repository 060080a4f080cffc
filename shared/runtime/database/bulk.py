"""Many rows in one statement: ``unnest`` of arrays on PostgreSQL, ``executemany`` on SQLite.

``insert().values([...])`` and ``add_all`` are six and four times slower on PostgreSQL (HOUSE.md), so the hot paths
come here.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    Text,
    any_,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from shared.runtime.database.engine import connection_of

_ARRAYS: Mapping[type, str] = {
    BigInteger: "bigint[]",
    Integer: "integer[]",
    LargeBinary: "bytea[]",
    Boolean: "boolean[]",
    DateTime: "timestamptz[]",
    Date: "date[]",
}


_NOTHING = text("SELECT 1")


@dataclass(frozen=True, slots=True)
class _Plan:
    """How rows of some columns are inserted into a table of one database."""

    sql: str
    writers: Sequence[tuple[str, Callable[[Any], Any] | None]]


def table_of(row: type[DeclarativeBase]) -> Table:
    """Return the table of a row; SQLAlchemy declares it as anything that can be selected from."""
    table = row.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{row.__name__} is not the row of a table.")
    return table


def among(column: Any, texts: Collection[str], *, sqlite: bool) -> ColumnElement[bool]:
    """Return the condition that a text is one of many: one parameter for all, which ``IN`` would make hundreds of."""
    wanted = sorted(texts)
    if sqlite:
        listed = func.json_each(json.dumps(wanted)).table_valued("value")
        return column.in_(select(listed.c.value))  # type: ignore[no-any-return]
    return column == any_(literal(wanted, ARRAY(Text)))  # type: ignore[no-any-return]


async def insert_many(
    session: AsyncSession, table: Table, rows: Sequence[Mapping[str, Any]], *, conflict: str = ""
) -> None:
    """Insert rows that all name the same columns; ``conflict`` is an ``ON CONFLICT`` clause, the same on both."""
    if not rows:
        return
    connection = await connection_of(session)
    plan = _plan(table, tuple(rows[0]), conflict, connection.dialect)
    raw: Any = (await connection.get_raw_connection()).driver_connection
    if connection.dialect.name == "sqlite":
        cursor = raw.cursor()
        await cursor.executemany(
            plan.sql, [tuple(write(row[key]) if write else row[key] for key, write in plan.writers) for row in rows]
        )
        await cursor.close()
        return
    columns = [[write(row[key]) if write else row[key] for row in rows] for key, write in plan.writers]
    if not raw.is_in_transaction():
        await connection.execute(_NOTHING)  # a raw statement alone would commit itself
    await raw.execute(plan.sql, *columns)


@lru_cache(maxsize=512)
def _plan(table: Table, keys: tuple[str, ...], conflict: str, dialect: Dialect) -> _Plan:
    columns = [table.c[key] for key in keys]
    names = ", ".join(f'"{column.name}"' for column in columns)
    if dialect.name == "sqlite":
        marks = ", ".join("?" for _ in columns)
        sql = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks}) {conflict}'  # noqa: S608  # our own names
    else:
        arrays = ", ".join(f"${at}::{_array_type(column.type, dialect)}" for at, column in enumerate(columns, 1))
        sql = f'INSERT INTO "{table.name}" ({names}) SELECT * FROM unnest({arrays}) {conflict}'  # noqa: S608
    writers = [
        (key, column.type.dialect_impl(dialect).bind_processor(dialect))
        for key, column in zip(keys, columns, strict=True)
    ]
    return _Plan(sql, writers)


def _array_type(column_type: Any, dialect: Dialect) -> str:
    native = column_type.dialect_impl(dialect)
    native = getattr(native, "impl_instance", native)
    return next((array for kind, array in _ARRAYS.items() if isinstance(native, kind)), "text[]")
