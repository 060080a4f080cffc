"""How far erasures are: who got the author's word, and who has followed it by acknowledging its mailbox beyond it.

A holder applies its mail in the transaction that stores it, and the signed proof of its next poll says how far that is;
one that could not read the word says so in the same poll and has not erased (docs/decisions/0028).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.tables import ErasureMailRow
from shared.exchange.stream.letters import WAITING
from shared.exchange.stream.tables import AcknowledgementRow, DeadLetterRow


@dataclass(frozen=True, slots=True)
class Followed:
    """A holder of what an erasure names, and whether it has erased."""

    id: str
    erased: bool


async def standing(session: AsyncSession, iss: str, words: Sequence[bytes]) -> dict[bytes, list[Followed]]:
    """Return the holders of each of an author's words; none where the broker itself has not read the word yet."""
    query = select(ErasureMailRow).where(ErasureMailRow.iss == iss, ErasureMailRow.hash.in_(words))
    rows = list(await session.scalars(query.order_by(ErasureMailRow.hash, ErasureMailRow.institution)))
    streams = {row.stream_id for row in rows}
    acknowledged = await _acknowledged(session, streams)
    refused = await _not_taken(session, rows)
    found: dict[bytes, list[Followed]] = {word: [] for word in words}
    for row in rows:
        at = (row.stream_id, row.position)
        erased = row.position <= acknowledged.get(row.stream_id, 0) and at not in refused
        found[row.hash].append(Followed(row.institution, erased))
    return found


async def _acknowledged(session: AsyncSession, streams: set[int]) -> dict[int, int]:
    query: Any = select(AcknowledgementRow.stream_id, func.max(AcknowledgementRow.position))
    query = query.where(AcknowledgementRow.stream_id.in_(streams)).group_by(AcknowledgementRow.stream_id)
    return {row[0]: row[1] for row in await session.execute(query)}


async def _not_taken(session: AsyncSession, rows: Sequence[ErasureMailRow]) -> set[tuple[int, int]]:
    query = select(DeadLetterRow.stream_id, DeadLetterRow.position).where(
        DeadLetterRow.stream_id.in_({row.stream_id for row in rows}),
        DeadLetterRow.position.in_({row.position for row in rows}),
        DeadLetterRow.state.in_((*WAITING, "discarded")),
    )
    return {(row.stream_id, row.position) for row in await session.execute(query)}
