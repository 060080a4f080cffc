"""What is known of an author and a person, as it is read and written in as few statements as can be."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, Table, bindparam, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.exchange.history.tables import AuthorRow, HoleRow, RestatedPartRow, SharedRecordRow
from shared.exchange.stream.tables import SetRow
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.database.engine import connection_of

Pair = tuple[str, str]
Count = tuple[str, str, int]
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

    @property
    def pair(self) -> Pair:
        """Return the token and the author."""
        return self.token, self.iss


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


async def nothing_held_under(connection: AsyncConnection, counts: Iterable[Count]) -> set[Count]:
    """Return those counts of an author about a person under which this node holds no SET."""
    wanted = set(counts)
    if not wanted:
        return wanted
    held = tuple_(SetRow.token, SetRow.iss, SetRow.n)
    rows = await connection.execute(select(SetRow.token, SetRow.iss, SetRow.n).where(held.in_(sorted(wanted))))
    return wanted - {(token, iss, n) for token, iss, n in rows}


async def write_holes(session: AsyncSession, before: Mapping[Pair, Set[int]], present: Mapping[Pair, Set[int]]) -> None:
    """Write which counts of authors are missing now, where it was ``before``."""
    connection, opened = await connection_of(session), []
    for (token, iss), holes in present.items():
        known = before.get((token, iss), frozenset())
        opened += [{"token": token, "iss": iss, "n": n, "asked": False} for n in sorted(holes - known)]
        if gone := known - holes:
            at = (HOLES.c.token == token, HOLES.c.iss == iss, HOLES.c.n.in_(sorted(gone)))
            await connection.execute(delete(HOLES).where(*at))
    await insert_many(session, HOLES, opened)
