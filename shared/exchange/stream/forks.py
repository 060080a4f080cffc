"""Forks: two signed words about one stream that cannot both be true, kept as evidence at both ends.

Nothing is mended here: the lane stands still, an alarm names both words, and people decide (WIRE.md, section 6).
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.stream.heads import Head
from shared.exchange.stream.tables import ForkRow, StreamRow
from shared.runtime.ids import Ids


class ForkView(BaseModel):
    """A fork: ``ours`` and ``theirs`` are signed words about ``position`` and the chain there."""

    id: str
    owner: str
    peer: str
    position: int
    ours: str
    theirs: str
    at: datetime


async def keep_evidence(
    session: AsyncSession, head: Head, *, position: int, ours: str, theirs: str, ids: Ids, at: datetime
) -> bool:
    """Keep two words on one stream and raise the alarm; return whether this pair is new."""
    same = (ForkRow.stream_id == head.id, ForkRow.ours == ours, ForkRow.theirs == theirs)
    if await session.scalar(select(ForkRow.id).where(*same)) is not None:
        return False
    row = ForkRow(id=ids.uuid7(), stream_id=head.id, position=position, ours=ours, theirs=theirs, at=at)
    session.add(row)
    log = structlog.get_logger()
    log.error("stream fork", owner=head.owner, peer=head.peer, position=position, ours=ours, theirs=theirs)
    return True


async def all_forks(session: AsyncSession, after: str, limit: int) -> Sequence[ForkView]:
    """Return the evidence that is kept, in the order of its ids."""
    query = (
        select(ForkRow, StreamRow.owner, StreamRow.peer)
        .join(StreamRow, StreamRow.id == ForkRow.stream_id)
        .where(ForkRow.id > after)
        .order_by(ForkRow.id)
        .limit(limit)
    )
    names = ("id", "position", "ours", "theirs", "at")
    return [
        ForkView(owner=row.owner, peer=row.peer, **{name: getattr(row.ForkRow, name) for name in names})
        for row in await session.execute(query)
    ]
