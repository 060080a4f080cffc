"""Forks that the broker meets: what a member signed is kept beside what the broker signed (WIRE.md, section 6)."""

from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from shared.domain.institutions import BROKER
from shared.exchange.stream.checkpoint import StreamCheckpoint, open_checkpoint, sign_checkpoint, sign_receipt
from shared.exchange.stream.forks import keep_evidence
from shared.exchange.stream.heads import Head, StreamFork, agrees_at, find_incarnation, lock_head, mark_at
from shared.exchange.stream.receive import Delivery


async def keep_push(broker: Broker, owner: str, delivery: Delivery) -> None:
    """Keep a member's checkpoint of another past beside the broker's receipt."""
    await keep_checkpoint(broker, owner, delivery.checkpoint)


async def keep_checkpoint(broker: Broker, owner: str, checkpoint: str) -> None:
    """Keep what a member signed beside the broker's receipt; what the member did not sign is no evidence."""
    try:
        claims = open_checkpoint(checkpoint, owner, broker.directory)
    except StreamCheckpoint:
        return
    position = claims.get("position")
    async with broker.db.write() as session:
        head = await lock_head(session, owner, BROKER)
        if head is not None and type(position) is int and position >= 0:
            mark = await mark_at(session, head, min(position, head.position))
            await _keep(session, broker, head, position, sign_receipt(broker.key, mark), checkpoint)


async def keep_poll(broker: Broker, peer: str, incarnation: str, acknowledged: tuple[int, bytes], proof: str) -> None:
    """Keep the proof of a poll that acknowledges another past beside the broker's checkpoint.

    A member that has not followed into a mailbox begun anew contradicts nothing, if it holds what was in the old one.
    """
    after, chain = acknowledged
    async with broker.db.write() as session:
        head = await find_incarnation(session, BROKER, peer, incarnation) or await lock_head(session, BROKER, peer)
        with suppress(StreamFork):
            if head is not None and await agrees_at(session, head, after, chain):
                return
        if head is not None:
            mark = await mark_at(session, head, min(after, head.position))
            await _keep(session, broker, head, after, sign_checkpoint(broker.key, mark), proof)


async def _keep(session: AsyncSession, broker: Broker, head: Head, position: int, ours: str, theirs: str) -> None:
    new = await keep_evidence(session, head, position=position, ours=ours, theirs=theirs, ids=broker.ids, at=broker.now)
    if new:
        broker.metrics.forks.labels(head.owner, head.peer).inc()
