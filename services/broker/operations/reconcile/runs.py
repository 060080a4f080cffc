"""Runs: opened once a night for each institution or on demand, one step at a time, by one replica at a time.

The lease only saves work; that a run is one rests on its key. What a crash left half done is done from its last state.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from services.broker.operations.reconcile.requesting import request
from services.broker.operations.reconcile.schedule import due_day
from services.broker.operations.reconcile.streams import scrub_all
from services.broker.operations.relay.closing import give_up
from services.broker.tables import InstitutionRow
from shared.domain.errors import NotFound
from shared.domain.institutions import BROKER
from shared.exchange.lease import MayGoOn, TurnLost
from shared.exchange.reconciliation.discrepancies import Book
from shared.exchange.reconciliation.records import mend_records
from shared.exchange.reconciliation.tables import ReconciliationRow
from shared.runtime.database.bulk import insert_many, table_of

LEASE = "reconcile"
_RUNS = table_of(ReconciliationRow)


async def reconcile_once(broker: Broker, may_go_on: MayGoOn) -> bool:
    """Open what is due, take every open run a step on, give up those that nobody answers; return whether any moved.

    ``may_go_on`` is asked before each step and each page of it: whether it is this replica's turn still.
    """
    if not await may_go_on():
        return False
    async with broker.db.write() as session:
        await _open_due(session, broker)
    async with broker.db.read() as session:
        going = select(ReconciliationRow).where(ReconciliationRow.state.in_(("open", "requested")))
        runs = list(await session.scalars(going.order_by(ReconciliationRow.id)))
    moved = False
    waits = timedelta(seconds=broker.settings.reconcile_wait_s)
    for run in runs:
        if run.state == "open":
            try:
                await _begin(broker, run, may_go_on)
            except TurnLost:
                return moved
        elif run.started_at + waits < broker.now:
            await give_up(broker, run.id)
        else:
            continue
        moved = True
        if not await may_go_on():
            return moved
    return moved


async def open_runs(session: AsyncSession, broker: Broker, institution: str | None) -> list[str]:
    """Open a run of one institution, or of all, on demand; one that goes on already is that run. Return their ids.

    :raises NotFound: there is no such active institution.
    """
    wanted = [name for name in await _active(session) if institution in (None, name)]
    if not wanted:
        raise NotFound()
    going = select(ReconciliationRow.institution, ReconciliationRow.id).where(
        ReconciliationRow.institution.in_(wanted), ReconciliationRow.state.in_(("open", "requested"))
    )
    found = {row.institution: row.id for row in await session.execute(going)}
    for name in wanted:
        if name not in found:
            found[name] = broker.ids.uuid7()
            await _open(session, broker, name, found[name], found[name])
    return [found[name] for name in wanted]


async def _open_due(session: AsyncSession, broker: Broker) -> None:
    due = {name: day.isoformat() for name in await _active(session) if (day := due_day(broker.now, name))}
    if not due:
        return
    opened = select(ReconciliationRow.institution).where(ReconciliationRow.key.in_(set(due.values())))
    for name in sorted(due.keys() - set(await session.scalars(opened))):
        await _open(session, broker, name, broker.ids.uuid7(), due[name])


async def _open(session: AsyncSession, broker: Broker, institution: str, run: str, key: str) -> None:
    row = {
        "id": run,
        "institution": institution,
        "key": key,
        "state": "open",
        "position": 0,
        "figures": {},
        "started_at": broker.now,
    }
    await insert_many(session, _RUNS, [row], conflict="ON CONFLICT DO NOTHING")


async def _begin(broker: Broker, run: ReconciliationRow, may_go_on: MayGoOn) -> None:
    """Scrub what the broker holds of an institution, then ask; done again after a crash it finds the same."""
    await scrub_all(broker, run.institution, run.id, may_go_on)
    wrong = await mend_records(broker.db, run.institution, broker.identity.federation, may_go_on)
    if wrong:
        async with broker.db.write() as session:
            book = Book(session, run.id, broker.ids, broker.now)
            await book.note("record", run.institution, BROKER, wrong, "mended")
    await request(broker, run)


async def _active(session: AsyncSession) -> Sequence[str]:
    query = select(InstitutionRow.id).where(InstitutionRow.state == "active", InstitutionRow.id != BROKER)
    return list(await session.scalars(query.order_by(InstitutionRow.id)))
