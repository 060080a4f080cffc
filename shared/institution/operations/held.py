"""Which SETs are held already: a broker that mails again, or was restored, changes nothing."""

from collections.abc import Sequence

from sqlalchemy import Table, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.stream.heads import ENTRIES
from shared.exchange.stream.tables import SetRow
from shared.runtime.database.engine import connection_of

_SETS: Table = SetRow.__table__  # type: ignore[assignment]
_STORED = select(_SETS.c.hash).where(_SETS.c.hash.in_(bindparam("hashes", expanding=True)))
_TAKEN = select(ENTRIES.c.hash).where(
    ENTRIES.c.hash.in_(bindparam("hashes", expanding=True)), ENTRIES.c.state == "kept"
)


async def already_held(session: AsyncSession, hashes: Sequence[bytes]) -> set[bytes]:
    """Return the hashes whose SETs were taken before; what lies aside does not count."""
    if not hashes:
        return set()
    connection = await connection_of(session)
    stored = (await connection.execute(_STORED, {"hashes": list(hashes)})).scalars().all()
    if not stored:
        return set()
    return set((await connection.execute(_TAKEN, {"hashes": stored})).scalars())
