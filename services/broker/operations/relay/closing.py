"""Closing a run: the broker signs what was found, over the hash of the institution's answer."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from services.broker.operations.relay.batch import Batch
from services.broker.tables import MembershipRow
from shared.domain.errors import Conflict
from shared.domain.events import schema
from shared.domain.events.payloads.reconciliation import ReconciliationAnswered, ReconciliationClosed, SharedDigest
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.reconciliation.discrepancies import counts_of
from shared.exchange.reconciliation.tables import ReconciliationRow
from shared.exchange.sets import NotShared, SecurityEvent
from shared.exchange.stream.heads import both_heads
from shared.runtime.clock import unix


class NoSuchRun(Conflict):
    """The answer is to a request that was not made, or was closed already."""


async def answered(batch: Batch, event: SecurityEvent) -> None:
    """Take the answer of an institution and close the run; a late answer to one that was given up is taken too.

    :raises NoSuchRun: it answers nothing that was asked of this institution.
    """
    payload: ReconciliationAnswered = event.payload
    run = await batch.session.get(ReconciliationRow, payload.reconciliation_id, with_for_update=True)
    if run is None or run.institution != event.iss or run.request != payload.request or run.state == "closed":
        raise NoSuchRun()
    found = await counts_of(batch.session, run.id)
    figures = {
        "missing": payload.missing + found.get("missing", 0),
        "altered": payload.altered + found.get("altered", 0) + found.get("record", 0),
        "restated": payload.restated,
        "unmended": payload.unmended + found["unmended"],
    }
    run.answer, run.state = jose.encode(event.hash), "closed"
    run.figures = await _say_closed(batch, run, figures) | {"behind": payload.behind, "waiting": payload.waiting}


async def give_up(broker: Broker, run_id: str) -> None:
    """Close a run that the institution did not answer; the statement names it and what the broker found alone."""
    async with broker.db.write() as session:
        run = await session.get_one(ReconciliationRow, run_id, with_for_update=True)
        if run.state != "requested":
            return
        batch = Batch(broker, session, broker.now)
        found = await counts_of(session, run.id)
        figures = {name: found.get(name, 0) for name in ("missing", "altered", "restated", "unmended")}
        run.state = "unanswered"
        run.figures = await _say_closed(batch, run, figures)
        await batch.flush()
    broker.bells.ring(run.institution)


async def pass_digest(batch: Batch, event: SecurityEvent) -> None:
    """Relay a digest to the one peer that it is for.

    :raises NotShared: author and peer share nobody.
    """
    payload: SharedDigest = event.payload
    if payload.peer == event.iss or not await _share_anybody(batch.session, event.iss, payload.peer):
        raise NotShared()
    batch.relay(event.iss, event.hash, [payload.peer])


async def _say_closed(batch: Batch, run: ReconciliationRow, found: dict[str, int]) -> dict[str, Any]:
    figures: dict[str, Any] = dict(found)
    for head in await both_heads(batch.session, run.institution):
        name = "mailbox" if head.owner == BROKER else "own"
        if head.position:
            figures |= {f"{name}_position": head.position, f"{name}_chain": jose.encode(head.chain)}
    payload = ReconciliationClosed(
        reconciliation_id=run.id,
        from_=unix(run.started_at),
        until=unix(batch.now),
        answer=run.answer,
        **figures,
    )
    signed = batch.say("reconciliation.closed.v1", run.id, payload, [run.institution])
    run.statement, run.closed_at = jose.encode(signed.hash), batch.now
    return schema.write(payload)


async def _share_anybody(session: AsyncSession, one: str, other: str) -> bool:
    mine = select(MembershipRow.token).where(MembershipRow.institution == one, MembershipRow.present.is_(True))
    theirs = (MembershipRow.institution == other, MembershipRow.present.is_(True), MembershipRow.token.in_(mine))
    return await session.scalar(select(MembershipRow.token).where(*theirs).limit(1)) is not None
