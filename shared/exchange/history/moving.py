"""Moving what is known of a person to another token of the same person: counts, chains and records go on under it.

What lies in streams is not touched: each SET keeps the bytes that its author signed, and is found by the new token.
"""

from collections.abc import Collection

from sqlalchemy import Column, ColumnElement, Table, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.exchange.history.known import AUTHORS, HOLES, PARTS, RECORDS
from shared.exchange.stream.tables import DeadLetterRow, SetRow
from shared.runtime.database.bulk import table_of
from shared.runtime.database.engine import connection_of

_SETS = table_of(SetRow)
_LETTERS = table_of(DeadLetterRow)


async def move_history(session: AsyncSession, old: str, new: str, issuers: Collection[str]) -> None:
    """Move what some authors said of a person from one token to another; the rest stays where it is."""
    connection = await connection_of(session)
    for table in (AUTHORS, RECORDS, PARTS, HOLES):
        others = [column for column in table.primary_key.columns if column.name != "token"]
        await move_rows(connection, table, others, old, new, table.c.iss.in_(issuers))
    for table in (_SETS, _LETTERS):
        said = (table.c.token == old, table.c.iss.in_(issuers))
        await connection.execute(update(table).where(*said).values(token=new))


async def move_rows(
    connection: AsyncConnection,
    table: Table,
    others: Collection[Column[object]],
    old: str,
    new: str,
    *which: ColumnElement[bool],
) -> None:
    """Move rows to another token; where a row of the same other key columns stands there, it gives way."""
    moved = select(*others).where(table.c.token == old, *which)
    await connection.execute(delete(table).where(table.c.token == new, tuple_(*others).in_(moved)))
    await connection.execute(update(table).where(table.c.token == old, *which).values(token=new))
