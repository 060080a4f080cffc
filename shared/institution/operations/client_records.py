"""The records of one client, read: what the merged view shows, a case knows and a restatement tells."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import BindParameter, CompoundSelect, bindparam, exists, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from shared.institution.kinds import RecordKind
from shared.institution.tables import RecordRow


async def all_of_client(
    session: AsyncSession, kinds: Sequence[RecordKind], client_id: str
) -> list[tuple[RecordKind, RecordRow]]:
    """Return the records of a client that were not voided, kind by kind, each with its kind.

    Most clients have few kinds: one question asks of which there are any, and only those are read.
    """
    await session.flush()  # what was opened in this very transaction counts
    some = set(await session.scalars(_tables_with(tuple(kind.row for kind in kinds)), {"client": client_id}))
    found = [kind for kind in kinds if kind.row.__tablename__ in some]
    return [(kind, row) for kind in found for row in await of_client(session, kind, client_id)]


@lru_cache(maxsize=16)
def _tables_with(rows: tuple[type[RecordRow], ...]) -> CompoundSelect[str]:
    """Return the question which of these tables have a row of a client; it is built once."""
    client: BindParameter[str] = bindparam("client")
    return union_all(
        *(select(literal(row.__tablename__)).where(exists().where(row.client_id == client)) for row in rows)
    )


async def of_client(session: AsyncSession, kind: RecordKind, client_id: str) -> Sequence[RecordRow]:
    """Return the records of a client that were not voided, oldest first."""
    query = select(kind.row).where(kind.row.client_id == client_id, kind.row.state != "voided").order_by(kind.row.id)
    return list(await session.scalars(query))
