"""Which SETs are held already: a broker that mails again, or was restored, changes nothing."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.stream.tables import EntryRow, SetRow


async def already_held(session: AsyncSession, hashes: Sequence[bytes]) -> set[bytes]:
    """Return the hashes whose SETs were taken before; what lies aside does not count."""
    if not hashes:
        return set()
    stored = list(await session.scalars(select(SetRow.hash).where(SetRow.hash.in_(hashes))))
    if not stored:
        return set()
    taken = select(EntryRow.hash).where(EntryRow.hash.in_(stored), EntryRow.state == "kept")
    return set(await session.scalars(taken))
