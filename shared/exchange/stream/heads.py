"""Heads of streams: found, made and locked; always in the order of their ids, so that no two workers wait in a ring."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, Untrusted
from shared.domain.institutions import BROKER
from shared.exchange.stream.chain import chain_next, chain_start
from shared.exchange.stream.checkpoint import Mark
from shared.exchange.stream.tables import EntryRow, StreamRow
from shared.runtime.clock import unix
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.database.engine import connection_of

STREAMS = table_of(StreamRow)
ENTRIES = table_of(EntryRow)

# Statements of the hot paths are built once: building one takes longer than running it.
_LATEST = (
    select(STREAMS)
    .where(STREAMS.c.owner == bindparam("owner"), STREAMS.c.peer == bindparam("peer"))
    .order_by(STREAMS.c.id.desc())
    .limit(1)
)
_INCARNATION = select(STREAMS).where(
    STREAMS.c.owner == bindparam("owner"),
    STREAMS.c.peer == bindparam("peer"),
    STREAMS.c.incarnation == bindparam("of_incarnation"),
)
_BEFORE = (
    select(STREAMS.c.incarnation)
    .where(STREAMS.c.owner == bindparam("owner"), STREAMS.c.peer == bindparam("peer"))
    .where(STREAMS.c.id < bindparam("stream_id"))
    .order_by(STREAMS.c.id.desc())
    .limit(1)
)
_LATEST_LOCKED = _LATEST.with_for_update()
_OF_PEERS_LOCKED = (
    select(STREAMS)
    .where(STREAMS.c.owner == bindparam("owner"), STREAMS.c.peer.in_(bindparam("peers", expanding=True)))
    .order_by(STREAMS.c.id)
    .with_for_update()
)
_BY_ID = select(STREAMS).where(STREAMS.c.id == bindparam("stream_id"))
_ENTRY = select(ENTRIES.c.hash, ENTRIES.c.chain, ENTRIES.c.at).where(
    ENTRIES.c.stream_id == bindparam("stream_id"), ENTRIES.c.position == bindparam("at_position")
)
_SAVE = (
    update(STREAMS)
    .where(STREAMS.c.id == bindparam("stream_id"))
    .values({name: bindparam(f"new_{name}") for name in ("position", "chain", "moved_at", "peer_checkpoint")})
)


class StreamGap(Conflict):
    """The delivery begins beyond the next position; begin at the position expected."""

    problem = "stream-gap"


class StreamFork(Untrusted):
    """The two ends hold different pasts of one stream; no retry mends that."""

    problem = "stream-fork"


@dataclass(slots=True)
class Head:
    """The head of a stream as it was read; see ``StreamRow``."""

    id: int
    owner: str
    peer: str
    incarnation: str
    position: int
    chain: bytes
    moved_at: datetime
    peer_checkpoint: str | None


async def find_head(session: AsyncSession, owner: str, peer: str) -> Head | None:
    """Return the head of the stream, or ``None`` if there is none yet."""
    return await _one(session, _LATEST, owner=owner, peer=peer)


async def both_heads(session: AsyncSession, institution: str) -> list[Head]:
    """Return the heads of the two streams between an institution and the broker, the institution's own first."""
    heads = [await find_head(session, institution, BROKER), await find_head(session, BROKER, institution)]
    return [head for head in heads if head is not None]


async def head_by_id(session: AsyncSession, stream_id: int) -> Head | None:
    """Return the head of a stream by its number here."""
    return await _one(session, _BY_ID, stream_id=stream_id)


async def find_incarnation(session: AsyncSession, owner: str, peer: str, incarnation: str) -> Head | None:
    """Return the head of a stream in one of its incarnations, also one that was given up."""
    return await _one(session, _INCARNATION, owner=owner, peer=peer, of_incarnation=incarnation)


async def incarnation_before(session: AsyncSession, head: Head) -> str | None:
    """Return the incarnation of a stream that was given up for this one."""
    connection = await connection_of(session)
    found: str | None = await connection.scalar(_BEFORE, {"owner": head.owner, "peer": head.peer, "stream_id": head.id})
    return found


async def all_heads(session: AsyncSession) -> list[Head]:
    """Return the heads of all streams of this node, each in its present incarnation."""
    connection = await connection_of(session)
    rows = await connection.execute(select(STREAMS).order_by(STREAMS.c.owner, STREAMS.c.peer, STREAMS.c.id))
    return list({(row.owner, row.peer): Head(*row) for row in rows}.values())


async def lock_head(session: AsyncSession, owner: str, peer: str) -> Head | None:
    """Lock the head of a stream until the transaction ends."""
    return await _one(session, _LATEST_LOCKED, owner=owner, peer=peer)


async def lock_heads(session: AsyncSession, owner: str, peers: Iterable[str]) -> dict[str, Head]:
    """Lock the heads of an owner's streams to several peers in one sorted order."""
    connection = await connection_of(session)
    found = await connection.execute(_OF_PEERS_LOCKED, {"owner": owner, "peers": sorted(peers)})
    return {row.peer: Head(*row) for row in found}


async def create_head(session: AsyncSession, owner: str, peer: str, incarnation: str, now: datetime) -> Head:
    """Make the head of an empty stream; whoever made it at the same moment was first, and theirs is returned."""
    values = {
        "owner": owner,
        "peer": peer,
        "incarnation": incarnation,
        "position": 0,
        "chain": chain_start(owner, peer, incarnation),
        "moved_at": now,
    }
    await insert_many(session, STREAMS, [values], conflict="ON CONFLICT DO NOTHING")
    head = await lock_head(session, owner, peer)
    if head is None:
        raise LookupError("The stream that was just made is not there.")
    return head


async def save_head(session: AsyncSession, head: Head) -> None:
    """Write a moved head back; it must be locked."""
    connection = await connection_of(session)
    moved = {
        "stream_id": head.id,
        "new_position": head.position,
        "new_chain": head.chain,
        "new_moved_at": head.moved_at,
        "new_peer_checkpoint": head.peer_checkpoint,
    }
    await connection.execute(_SAVE, moved)


async def mark_at(session: AsyncSession, head: Head, position: int) -> Mark:
    """Return the mark of a position of a stream.

    :raises StreamFork: the stream does not reach so far here.
    """
    if position == head.position:
        return mark_of(head)
    if position == 0:
        return _mark(head, 0, chain_start(head.owner, head.peer, head.incarnation), 0)
    connection = await connection_of(session)
    entry = (await connection.execute(_ENTRY, {"stream_id": head.id, "at_position": position})).first()
    if entry is None:
        raise StreamFork(expected=f"a position up to {head.position}", received=position)
    return _mark(head, position, entry.chain, unix(entry.at))


async def agrees_at(session: AsyncSession, head: Head, position: int, chain: bytes) -> bool:
    """Tell whether a chain is that of a position here; where that row is damaged, the next one proves it.

    :raises StreamFork: the stream does not reach so far here, or neither row is whole.
    """
    connection = await connection_of(session)
    behind = {"stream_id": head.id, "at_position": position + 1}
    entry = (await connection.execute(_ENTRY, behind)).first() if position < head.position else None
    if entry is not None and chain_next(chain, entry.hash) == entry.chain:
        return True
    return (await mark_at(session, head, position)).chain == chain


def mark_of(head: Head) -> Mark:
    """Return the mark of a stream's last entry."""
    return _mark(head, head.position, head.chain, unix(head.moved_at))


def _mark(head: Head, position: int, chain: bytes, at: int) -> Mark:
    return Mark(owner=head.owner, peer=head.peer, incarnation=head.incarnation, position=position, chain=chain, at=at)


async def _one(session: AsyncSession, query: Select[*tuple[Any, ...]], **values: Any) -> Head | None:
    connection = await connection_of(session)
    row = (await connection.execute(query, values)).first()
    return Head(*row) if row is not None else None
