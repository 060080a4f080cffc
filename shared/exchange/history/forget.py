"""Forgetting what authors said: records whose last event was erased, and parts that still waited for others."""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.history.known import AUTHORS, HOLES, PARTS, RECORDS
from shared.runtime.database.engine import connection_of


async def forget_events(session: AsyncSession, token: str, iss: str, hashes: Collection[bytes]) -> int:
    """Forget what rests on these events of an author about a person; return how many records that were."""
    connection = await connection_of(session)
    wanted, forgotten = set(hashes), 0
    for table in (RECORDS, PARTS):
        held = select(table.c.hash).where(table.c.token == token, table.c.iss == iss).distinct()
        gone = sorted(wanted & set((await connection.execute(held)).scalars()))
        at = (table.c.token == token, table.c.iss == iss, table.c.hash.in_(gone))
        removed = await connection.execute(delete(table).where(*at))
        forgotten += removed.rowcount if table is RECORDS else 0
    return forgotten


async def forget_records(session: AsyncSession, token: str, iss: str, ids: Collection[str]) -> None:
    """Forget how these records of an author stand, whatever said it; a job's news stand each under the job's id."""
    connection = await connection_of(session)
    at = (RECORDS.c.token == token, RECORDS.c.iss == iss)
    held = (await connection.execute(select(RECORDS.c.key).where(*at))).scalars()
    gone = [key for key in held if key.partition(":")[0] in ids]
    await connection.execute(delete(RECORDS).where(*at, RECORDS.c.key.in_(gone)))


async def forget_author(session: AsyncSession, token: str, iss: str, *, count_too: bool) -> None:
    """Forget all that an author said of a person; ``count_too``: and how far its count had come.

    An author's own count is never forgotten at home: it goes on where it stopped, or two events would share a number.
    """
    connection = await connection_of(session)
    for table in (RECORDS, PARTS, HOLES, *((AUTHORS,) if count_too else ())):
        await connection.execute(delete(table).where(table.c.token == token, table.c.iss == iss))
