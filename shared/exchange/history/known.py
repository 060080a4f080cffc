"""What is known of an author and a person, as it is read from the database in as few statements as can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, Table, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.exchange.history.tables import AuthorRow, HoleRow, RestatedPartRow, SharedRecordRow
from shared.runtime.database.bulk import table_of

Pair = tuple[str, str]
AUTHORS = table_of(AuthorRow)
HOLES = table_of(HoleRow)
PARTS = table_of(RestatedPartRow)
RECORDS = table_of(SharedRecordRow)
_OF_PAIR = {
    table.name: select(table).where(table.c.token == bindparam("of_token"), table.c.iss == bindparam("of_iss"))
    for table in (AUTHORS, PARTS, HOLES)
}


@dataclass(slots=True)
class Author:
    """How far an author has come with a person; see ``AuthorRow``."""

    token: str
    iss: str
    n: int
    hash: bytes
    baseline_n: int | None = None
    baseline_generation: int | None = None
    baseline_hashes: Any | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a restatement; see ``RestatedPartRow``."""

    token: str
    iss: str
    restatement_id: str
    part: int
    parts: int
    generation: int
    n: int
    hash: bytes
    records: Any


async def of_pairs(connection: AsyncConnection, table: Table, wanted: Sequence[Pair]) -> CursorResult[*tuple[Any, ...]]:
    """Return the rows of pairs of a token and an author."""
    if len(wanted) == 1:
        return await connection.execute(_OF_PAIR[table.name], {"of_token": wanted[0][0], "of_iss": wanted[0][1]})
    return await connection.execute(select(table).where(tuple_(table.c.token, table.c.iss).in_(wanted)))
