"""Reading a stream out: what comes after a position, within the bounds of one delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange import jose
from shared.exchange.stream.checkpoint import Mark
from shared.exchange.stream.heads import ENTRIES, Head, StreamFork, mark_at
from shared.exchange.stream.tables import EntryRow, SetRow
from shared.runtime.database.bulk import table_of
from shared.runtime.database.engine import connection_of

MAX_SETS = 500
MAX_BYTES = 1_000_000
"""Bytes of SETs in one delivery: the rest of the 1 MiB is left for the envelope."""

_SETS = table_of(SetRow)
_HELD = and_(_SETS.c.iss == ENTRIES.c.iss, _SETS.c.hash == ENTRIES.c.hash, ENTRIES.c.state.in_(("kept", "again")))
_OF_STREAM = (
    select(ENTRIES.c.position, ENTRIES.c.hash, ENTRIES.c.state, _SETS.c.text, _SETS.c.stored_at)
    .outerjoin(_SETS, _HELD)
    .where(ENTRIES.c.stream_id == bindparam("stream_id"))
    .order_by(ENTRIES.c.position)
    .limit(bindparam("at_most"))
)
_AFTER = _OF_STREAM.where(ENTRIES.c.position > bindparam("after"))
_AT = _OF_STREAM.where(ENTRIES.c.position.in_(bindparam("positions", expanding=True)))


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One entry on its way; ``text`` is ``None`` when only the hash is left of it, ``purged`` if because of its age."""

    hash: bytes
    text: str | None
    stored_at: datetime | None
    purged: bool = False

    def to_json(self) -> str | dict[str, str]:
        """Return the entry as the wire has it."""
        if self.text is not None:
            return self.text
        return {"erased": jose.encode(self.hash)} | ({"by": "retention"} if self.purged else {})


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries after a position, the mark of the last one, and whether more follow."""

    first: int
    entries: Sequence[Outgoing]
    mark: Mark
    more: bool


async def batch_after(session: AsyncSession, head: Head, after: int, limit: int = MAX_SETS) -> Batch:
    """Return what follows ``after``, at most ``limit`` entries and 1 MB.

    A lost row ends the delivery before it, so that nothing is delivered in another's place.

    :raises StreamFork: ``after`` lies beyond the head, or the next row is lost.
    """
    entries: list[Outgoing] = []
    if after < head.position:
        connection = await connection_of(session)
        bounds = {"stream_id": head.id, "after": after, "at_most": min(limit, MAX_SETS)}
        rows = (await connection.execute(_AFTER, bounds)).all()
        entries = _within_bytes([row for at, row in enumerate(rows, after + 1) if row.position == at])
        if not entries:
            raise StreamFork(f"Position {after + 1} is missing here.", received=head.position)
    mark = await mark_at(session, head, after + len(entries))
    return Batch(after + 1, entries, mark, after + len(entries) < head.position)


async def entries_at(session: AsyncSession, head: Head, positions: Sequence[int]) -> dict[int, Outgoing]:
    """Return the entries of the positions asked for, as many as one answer holds."""
    connection = await connection_of(session)
    bounds = {"stream_id": head.id, "positions": list(positions), "at_most": MAX_SETS}
    rows = (await connection.execute(_AT, bounds)).all()
    return {row.position: entry for row, entry in zip(rows, _within_bytes(rows), strict=False)}


async def lag_of(session: AsyncSession, head: Head, acknowledged: int) -> tuple[int, datetime | None]:
    """Return how many entries wait, and since when the oldest does."""
    if acknowledged >= head.position:
        return 0, None
    oldest = await session.scalar(
        select(func.min(EntryRow.at)).where(EntryRow.stream_id == head.id, EntryRow.position == acknowledged + 1)
    )
    return head.position - acknowledged, oldest


def _within_bytes(rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Outgoing]:
    entries: list[Outgoing] = []
    size = 0
    for row in rows:
        size += len(row.text or "")
        if size > MAX_BYTES and entries:
            break
        entries.append(Outgoing(row.hash, row.text, row.stored_at, row.state == "purged"))
    return entries
