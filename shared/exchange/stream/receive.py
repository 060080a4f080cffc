"""Taking a delivery: positions, chain and checkpoint decide on it as a whole, before any SET is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange import jose
from shared.exchange.keys import FindsKeys
from shared.exchange.sets import set_hash
from shared.exchange.stream.chain import chains
from shared.exchange.stream.checkpoint import Mark, StreamCheckpoint, check_checkpoint
from shared.exchange.stream.heads import Head, StreamFork, StreamGap, mark_at
from shared.exchange.stream.tables import EntryRow
from shared.runtime.clock import unix


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as it came; ``text`` is ``None`` where the owner has only the hash left.

    ``received_at`` is when the broker received it, in Unix seconds, where the broker says so.
    """

    hash: bytes
    text: str | None
    received_at: int | None = None

    @classmethod
    def of(cls, entry: object, received_at: object = None) -> "Item":
        """Read an entry: a SET, or an object that names the hash of one that was erased.

        :raises StreamCheckpoint: neither of the two.
        """
        if isinstance(entry, str):
            return cls(set_hash(entry), entry, _moment(received_at))
        erased = entry.get("erased") if isinstance(entry, dict) else None
        try:
            digest = jose.decode(erased) if isinstance(erased, str) else b""
        except ValueError:
            digest = b""
        if len(digest) != 32:
            raise StreamCheckpoint("An entry is a SET or the hash of an erased one.")
        return cls(digest, None)


def _moment(text: object) -> int | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        return unix(moment) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        raise StreamCheckpoint("The time of receipt beside an entry is none.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Entries from ``first`` on, with the owner's checkpoint of the last."""

    incarnation: str
    first: int
    items: Sequence[Item]
    checkpoint: str

    @property
    def last(self) -> int:
        """Return the position of the last entry."""
        return self.first + len(self.items) - 1


async def take_delivery(
    session: AsyncSession, head: Head, delivery: Delivery, keys: FindsKeys
) -> tuple[Sequence[Item], Mark]:
    """Check a delivery against a locked head; return the entries that are new, and the mark of the last.

    :raises StreamFork: another incarnation, or other bytes at a position that is held already.
    :raises StreamGap: it begins beyond the next position.
    :raises StreamCheckpoint: the checkpoint is not of this chain.
    """
    if delivery.incarnation != head.incarnation:
        raise StreamFork("The stream has another incarnation here.", expected=head.incarnation)
    if delivery.first > head.position + 1:
        raise StreamGap(expected=head.position + 1, received=delivery.first)
    before = await mark_at(session, head, delivery.first - 1)
    *_, chain = before.chain, *chains(before.chain, (item.hash for item in delivery.items))
    mark = replace(before, position=delivery.last, chain=chain)
    check_checkpoint(delivery.checkpoint, mark, keys)
    overlap = min(head.position, delivery.last) - delivery.first + 1
    await _require_same(session, head, delivery, overlap)
    return delivery.items[overlap:], mark


async def _require_same(session: AsyncSession, head: Head, delivery: Delivery, overlap: int) -> None:
    if overlap <= 0:
        return
    held = await session.scalars(
        select(EntryRow.hash)
        .where(
            EntryRow.stream_id == head.id,
            EntryRow.position.between(delivery.first, delivery.first + overlap - 1),
        )
        .order_by(EntryRow.position)
    )
    if list(held) != [item.hash for item in delivery.items[:overlap]]:
        raise StreamFork(f"Positions {delivery.first} to {delivery.first + overlap - 1} hold other SETs here.")
