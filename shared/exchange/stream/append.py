"""Writing to one's own stream: positions are given under the lock of its head, in the domain write's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.sets import SignedSet
from shared.exchange.stream.chain import chains
from shared.exchange.stream.heads import ENTRIES, Head, save_head
from shared.exchange.stream.tables import SetRow
from shared.runtime.database.bulk import insert_many, table_of


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry to be stored; ``state``: kept, refused or erased."""

    iss: str
    hash: bytes
    state: str = "kept"


async def store_sets(session: AsyncSession, sets: Sequence[SignedSet], at: datetime) -> None:
    """Store SET bytes; what is there already stays as it is."""
    rows = [
        {
            "iss": one.iss,
            "hash": one.hash,
            "jti": one.jti,
            "token": one.token,
            "n": one.n,
            "text": one.text,
            "stored_at": at,
            "received_at": one.received_at,
        }
        for one in sets
    ]
    await insert_many(session, table_of(SetRow), rows, conflict="ON CONFLICT DO NOTHING")


async def append_entries(session: AsyncSession, head: Head, entries: Sequence[Entry], at: datetime) -> None:
    """Append entries to a stream whose head is locked, and move the head."""
    if not entries:
        return
    rows = [
        {
            "stream_id": head.id,
            "position": head.position + offset,
            "iss": entry.iss,
            "hash": entry.hash,
            "chain": chain,
            "at": at,
            "state": entry.state,
        }
        for offset, (entry, chain) in enumerate(
            zip(entries, chains(head.chain, (entry.hash for entry in entries)), strict=True), 1
        )
    ]
    await insert_many(session, ENTRIES, rows)
    head.position += len(rows)
    head.chain = rows[-1]["chain"]  # type: ignore[assignment]
    head.moved_at = at
    await save_head(session, head)


async def append_sets(session: AsyncSession, head: Head, sets: Sequence[SignedSet], at: datetime) -> None:
    """Store signed SETs and append them to a stream whose head is locked."""
    await store_sets(session, sets, at)
    await append_entries(session, head, [Entry(one.iss, one.hash) for one in sets], at)
