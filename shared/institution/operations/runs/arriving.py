"""What arrives about a reconciliation: a request is noted for the worker, a statement kept, a digest compared."""

from collections.abc import Mapping

from shared.domain.events import schema
from shared.domain.events.payloads.reconciliation import ReconciliationClosed, ReconciliationRequested, SharedDigest
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.history.known import Author, Pair
from shared.exchange.reconciliation.tables import ReconciliationRow
from shared.exchange.sets import SecurityEvent
from shared.institution.node import RECONCILE
from shared.institution.operations.runs import peers
from shared.institution.operations.work import Work
from shared.runtime.database.engine import after_commit


async def arrived(work: Work, event: SecurityEvent, authors: Mapping[Pair, Author]) -> None:
    """Take what is said of a run; said twice it changes nothing. ``authors`` is news of the same transaction."""
    if isinstance(event.payload, SharedDigest):
        await peers.compare(work, event, event.payload, authors)
    elif event.iss == BROKER and isinstance(event.payload, ReconciliationRequested):
        await _requested(work, event, event.payload)
    elif event.iss == BROKER and isinstance(event.payload, ReconciliationClosed):
        await _closed(work, event, event.payload)


async def _requested(work: Work, event: SecurityEvent, payload: ReconciliationRequested) -> None:
    run = payload.reconciliation_id
    if await work.session.get(ReconciliationRow, run) is not None:
        return
    work.session.add(
        ReconciliationRow(
            id=run,
            institution=work.node.id,
            key=run,
            state="requested",
            position=payload.position or 0,
            figures={},
            request=jose.encode(event.hash),
            started_at=work.now,
        )
    )
    after_commit(work.session, lambda: work.node.bells.ring(RECONCILE))


async def _closed(work: Work, event: SecurityEvent, payload: ReconciliationClosed) -> None:
    row = await work.session.get(ReconciliationRow, payload.reconciliation_id)
    if row is None:
        return
    row.statement, row.closed_at = jose.encode(event.hash), work.now
    row.figures = schema.write(payload)
    row.state = "closed" if payload.answer else row.state
