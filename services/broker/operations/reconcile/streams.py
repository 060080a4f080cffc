"""Streams of a member: one exchange says whether both ends stand alike, and what the broker has damaged there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from shared.domain.errors import NotFound
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.judge import judge_all
from shared.exchange.lease import MayGoOn
from shared.exchange.reconciliation.discrepancies import Book, damaged
from shared.exchange.reconciliation.mending import Back, Mended, mend
from shared.exchange.reconciliation.scrubbing import scrub
from shared.exchange.reconciliation.tables import DiscrepancyRow
from shared.exchange.stream.checkpoint import sign_checkpoint, sign_receipt
from shared.exchange.stream.damage import Damage
from shared.exchange.stream.heads import Head, both_heads, find_head, lock_head, mark_at, mark_of
from shared.exchange.stream.receive import Item


@dataclass(frozen=True, slots=True)
class Stood:
    """How far a member has a stream, and its chain there."""

    incarnation: str
    position: int
    chain: bytes


async def compare(broker: Broker, session: AsyncSession, owner: str, peer: str, stood: Stood) -> dict[str, Any]:
    """Say how a stream stands at the broker: where both reach, under its signature, and what is damaged in it."""
    head = await find_head(session, owner, peer)
    if head is None:
        return {"incarnation": None, "position": 0, "chain": None, "word": None, "damaged": [], "in_step": False}
    reached = min(stood.position, head.position) if stood.incarnation == head.incarnation else head.position
    positions = await damaged(session, head)
    mark = mark_of(head) if reached in positions else await mark_at(session, head, reached)
    word = sign_checkpoint if owner == BROKER else sign_receipt
    same = (mark.incarnation, mark.position, mark.chain) == (stood.incarnation, stood.position, stood.chain)
    return {
        "incarnation": mark.incarnation,
        "position": mark.position,
        "chain": jose.encode(mark.chain),
        "word": word(broker.key, mark),
        "damaged": positions,
        "in_step": same and head.position == stood.position,
    }


async def scrub_all(broker: Broker, institution: str, run: str, may_go_on: MayGoOn) -> None:
    """Scrub the broker's end of both streams of an institution and note what is damaged.

    :raises TurnLost: another replica does it now.
    """
    async with broker.db.read() as session:
        heads = await both_heads(session, institution)
    for head in heads:
        damage = await scrub(broker.db, head, may_go_on)
        async with broker.db.write() as session:
            await Book(session, run, broker.ids, broker.now).note_damage(head, damage)


async def take_back(broker: Broker, owner: str, peer: str, given: Mapping[int, Item]) -> Mended:
    """Take entries from a member for positions that the broker has damaged.

    :raises NotFound: there is no such stream.
    """
    texts = [item.text for item in given.values() if item.text]
    verdicts = await judge_all(texts, broker.identity.federation, broker.directory, threads=broker.threads)
    judged = {verdict.hash: verdict for verdict in verdicts}
    async with broker.db.write() as session:
        head = await lock_head(session, owner, peer)
        if head is None:
            raise NotFound()
        still = set(await damaged(session, head, limit=10_000))
        wanted = {position: item for position, item in given.items() if position in still}
        outcome = await mend(session, head, Back(wanted, judged, still), broker.now)
        book = Book(session, await _run_of(session, head), broker.ids, broker.now)
        await book.settle(head, outcome.positions, "mended")
        await book.settle(head, outcome.otherwise, "unmended")
        if fresh := sorted(set(outcome.besides) - still):
            await book.note_damage(
                head, Damage(altered=sorted({*still, *outcome.otherwise, *fresh} - {*outcome.positions}))
            )
    return outcome


async def _run_of(session: AsyncSession, head: Head) -> str | None:
    """Return the run that found what is damaged in a stream last."""
    query = select(DiscrepancyRow.run).where(DiscrepancyRow.owner == head.owner, DiscrepancyRow.peer == head.peer)
    run: str | None = await session.scalar(query.order_by(DiscrepancyRow.id.desc()).limit(1))
    return run
