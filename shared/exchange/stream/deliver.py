"""Reading a stream out: what comes after a position, within the bounds of one delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange import jose
from shared.exchange.stream.checkpoint import Mark
from shared.exchange.stream.heads import Head, mark_at
from shared.exchange.stream.tables import EntryRow, SetRow

MAX_SETS = 500
MAX_BYTES = 1_000_000
"""Bytes of SETs in one delivery: the rest of the 1 MiB is left for the envelope."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One entry on its way; ``text`` is ``None`` when only the hash is left of it."""

    hash: bytes
    text: str | None
    stored_at: datetime | None

    def to_json(self) -> str | dict[str, str]:
        """Return the entry as the wire has it."""
        return self.text if self.text is not None else {"erased": jose.encode(self.hash)}


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries after a position, the mark of the last one, and whether more follow."""

    first: int
    entries: Sequence[Outgoing]
    mark: Mark
    more: bool


async def batch_after(session: AsyncSession, head: Head, after: int, limit: int = MAX_SETS) -> Batch:
    """Return what follows ``after``, at most ``limit`` entries and 1 MB.

    :raises StreamFork: ``after`` lies beyond the head.
    """
    mark = await mark_at(session, head, after)
    rows = (await session.execute(_entries(head.id, after, limit))).all() if after < head.position else []
    entries = _within_bytes(rows)
    if entries:
        mark = await mark_at(session, head, after + len(entries))
    return Batch(after + 1, entries, mark, after + len(entries) < head.position)


async def entries_at(session: AsyncSession, head: Head, positions: Sequence[int]) -> dict[int, Outgoing]:
    """Return the entries of the positions asked for, as many as one answer holds."""
    query = _select().where(EntryRow.stream_id == head.id, EntryRow.position.in_(positions))
    rows = (await session.execute(query.order_by(EntryRow.position).limit(MAX_SETS))).all()
    return {row.position: entry for row, entry in zip(rows, _within_bytes(rows), strict=False)}


async def lag_of(session: AsyncSession, head: Head, acknowledged: int) -> tuple[int, datetime | None]:
    """Return how many entries wait, and since when the oldest does."""
    if acknowledged >= head.position:
        return 0, None
    oldest = await session.scalar(
        select(func.min(EntryRow.at)).where(EntryRow.stream_id == head.id, EntryRow.position == acknowledged + 1)
    )
    return head.position - acknowledged, oldest


def _entries(stream_id: int, after: int, limit: int) -> Select[*tuple[Any, ...]]:
    query = _select().where(EntryRow.stream_id == stream_id, EntryRow.position > after)
    return query.order_by(EntryRow.position).limit(min(limit, MAX_SETS))


def _select() -> Select[*tuple[Any, ...]]:
    held = and_(SetRow.iss == EntryRow.iss, SetRow.hash == EntryRow.hash, EntryRow.state.in_(("kept", "again")))
    return select(EntryRow.position, EntryRow.hash, SetRow.text, SetRow.stored_at).outerjoin(SetRow, held)


def _within_bytes(rows: Sequence[Row[Any]]) -> list[Outgoing]:
    entries: list[Outgoing] = []
    size = 0
    for row in rows:
        size += len(row.text or "")
        if size > MAX_BYTES and entries:
            break
        entries.append(Outgoing(row.hash, row.text, row.stored_at))
    return entries
