"""The mailbox of a member: what the broker has for it, read by a long poll that holds no database session."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from services.broker.operations import forks
from services.broker.operations.standing import acknowledged
from shared.domain.errors import NotFound
from shared.domain.institutions import BROKER
from shared.exchange.stream.checkpoint import sign_checkpoint
from shared.exchange.stream.dead_letters import note_errors
from shared.exchange.stream.deliver import Batch, batch_after
from shared.exchange.stream.heads import Head, StreamFork, agrees_at, find_head
from shared.exchange.stream.tables import AcknowledgementRow
from shared.runtime.database.bulk import insert_many, table_of

LOOK_AGAIN_S = 5
"""A waiting poll looks this often whether its caller is still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What a member asks: everything after a position, which it thereby acknowledges.

    ``own``: incarnation and position of its own stream when it asked.
    """

    peer: str
    incarnation: str
    after: int
    chain: bytes
    limit: int
    wait_s: float
    set_errors: Sequence[Mapping[str, Any]]
    proof: str
    own: tuple[str, int] | None = None


async def poll(broker: Broker, ask: Poll, is_gone: Callable[[], Awaitable[bool]]) -> tuple[Batch, str]:
    """Return what comes after a position, and the checkpoint of the last entry; wait a while if there is nothing.

    :raises NotFound: the member has no mailbox.
    :raises StreamFork: the two ends hold different pasts.
    """
    try:
        await _acknowledge(broker, ask)
    except StreamFork:
        await forks.keep_poll(broker, ask.peer, ask.incarnation, (ask.after, ask.chain), ask.proof)
        raise
    ends = broker.clock.monotonic() + ask.wait_s
    while True:
        seen = broker.bells.generation(ask.peer)
        async with broker.db.read() as session:
            batch = await batch_after(session, await _mailbox(session, ask), ask.after, ask.limit)
        left = ends - broker.clock.monotonic()
        if batch.entries or left <= 0 or broker.bells.closing:
            return batch, sign_checkpoint(broker.key, batch.mark)
        await broker.bells.wait(ask.peer, seen, min(left, LOOK_AGAIN_S))
        if broker.bells.closing or await is_gone():
            return batch, sign_checkpoint(broker.key, batch.mark)


async def _acknowledge(broker: Broker, ask: Poll) -> None:
    """Check that both ends hold the same up to ``after``, and keep the proof of the poll as proof of delivery."""
    async with broker.db.read() as session:
        mailbox = await _mailbox(session, ask)
        if not await agrees_at(session, mailbox, ask.after, ask.chain):
            raise StreamFork(f"The chains differ at position {ask.after}.")
        known = await acknowledged(session, ask.peer)
    if ask.after <= known and not ask.set_errors:
        return
    async with broker.db.write() as session:
        if ask.after > known:
            row = {"stream_id": mailbox.id, "position": ask.after, "proof": ask.proof, "at": broker.now}
            row["own_incarnation"], row["own_position"] = ask.own or (None, None)
            table = table_of(AcknowledgementRow)
            await insert_many(session, table, [row], conflict="ON CONFLICT DO NOTHING")
        await note_errors(session, mailbox, ask.set_errors, ids=broker.ids, at=broker.now)


async def _mailbox(session: AsyncSession, ask: Poll) -> Head:
    head = await find_head(session, BROKER, ask.peer)
    if head is None:
        raise NotFound("There is no mailbox of this institution yet.")
    if head.incarnation != ask.incarnation:
        raise StreamFork("The mailbox has another incarnation here.", expected=head.incarnation)
    return head
