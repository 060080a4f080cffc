"""The change feed: what is new, for the office's own systems; numbered in the order of commits, without holes."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.institution.tables import ChangeRow


async def changes_after(session: AsyncSession, number: int, limit: int) -> Sequence[ChangeRow]:
    """Return the changes after a number, oldest first."""
    query = select(ChangeRow).where(ChangeRow.number > number).order_by(ChangeRow.number).limit(limit)
    return list(await session.scalars(query))
