"""One purge: what is over its term is counted, and unless it is only to be shown, erased, each in its own transaction.

A legal hold, or a case whose term is not over, keeps what would be due; it is counted apart. The log says how much of
which category went, and names nobody.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.erasure import term
from shared.domain.errors import Conflict, NotFound
from shared.exchange.history.forget import forget_author
from shared.exchange.stream.erase import erase_sets
from shared.exchange.stream.tables import SetRow
from shared.institution.models.protection import PurgeAnswer, Purged
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.operations.access.access_log import office_day
from shared.institution.operations.erasing.client import CLIENT, erase_client
from shared.institution.operations.erasing.record import erase_record
from shared.institution.operations.erasing.refusing import require_free
from shared.institution.operations.leaving import forget_duplicates
from shared.institution.operations.purging.due import Due, due_clients, due_copies, due_records
from shared.institution.operations.work import Work
from shared.institution.tables import AccessPersonRow, AccessRow, PurgeRow

ACCESS_LOG = "access_log"
MAX_AT_ONCE = 500
"""How much one purge erases at most; what is left waits for the next."""

_GROUND = "retention_over"
_WARSAW = ZoneInfo("Europe/Warsaw")


async def purge(node: Node, *, dry_run: bool, by: str) -> PurgeAnswer:
    """Erase what is over its term, or only say how much that is."""
    today = office_day(node.now)
    done: Counter[str] = Counter()
    held: Counter[str] = Counter()
    async for due in _all_due(node, today):
        if not dry_run and done.total() >= MAX_AT_ONCE:
            break
        try:
            await _one(node, due, today, dry_run=dry_run, by=by)
            done[due.category] += 1
        except Conflict:
            held[due.category] += 1
        except NotFound:
            continue  # it went meanwhile, with what it belonged to
    if reads := await _access_log(node, today, dry_run=dry_run):
        done[ACCESS_LOG] = reads
    categories = sorted({*done, *held})
    purged = [Purged(category=name, count=done[name], held=held[name]) for name in categories]
    if not dry_run:
        await _log(node, purged, by)
    return PurgeAnswer(dry_run=dry_run, purged=purged)


async def purges(session: AsyncSession, after: str, limit: int) -> Sequence[PurgeRow]:
    """Return the log of purges, oldest first."""
    query = select(PurgeRow).where(PurgeRow.id > after).order_by(PurgeRow.id).limit(limit)
    return list(await session.scalars(query))


async def _all_due(node: Node, today: date) -> AsyncIterator[Due]:
    for source in (due_copies, due_clients, due_records):
        async for due in source(node, today):
            yield due


async def _one(node: Node, due: Due, today: date, *, dry_run: bool, by: str) -> None:
    """Erase one thing, or find that it could be.

    :raises UnderLegalHold, CaseHolds, TermNotOver: it has to stay.
    :raises NotFound: it has gone meanwhile.
    """
    if dry_run:
        async with node.db.read() as session:
            await require_free(session, await clients.get(session, due.client_id), today)
        return
    async with node.db.write() as session:
        work = Work(node, session, node.ids.uuid7(), node.now)
        await _erase(work, due, today, by)
        await work.finish()


async def _erase(work: Work, due: Due, today: date, by: str) -> None:
    if due.category == CLIENT:
        await erase_client(work, due.client_id, _GROUND, by)
        return
    client = (await clients.locked(work.session, [due.client_id])).get(due.client_id)
    if client is None:
        raise NotFound()
    if due.copy is None:
        await erase_record(work, client, due.kind, due.record_id, _GROUND, by)
        return
    await require_free(work.session, client, today)
    sets = select(SetRow.hash).where(SetRow.token == due.copy.token, SetRow.iss == due.copy.iss)
    await erase_sets(work.session, due.copy.iss, list(await work.session.scalars(sets)), state="purged")
    await forget_author(work.session, due.copy.token, due.copy.iss, count_too=True)
    await forget_duplicates(work.session, due.copy.token)
    work.changed("frozen_copy", due.copy.iss, client.id, "purged")


async def _access_log(node: Node, today: date, *, dry_run: bool) -> int:
    """Delete reads over their term, or return how many there are."""
    oldest = datetime.combine(term(ACCESS_LOG, today).began(today), time(), _WARSAW).astimezone(UTC)
    old = AccessRow.at < oldest
    if dry_run:
        async with node.db.read() as session:
            return await session.scalar(select(func.count()).select_from(AccessRow).where(old)) or 0
    async with node.db.write() as session:
        ids = list(await session.scalars(select(AccessRow.id).where(old).order_by(AccessRow.at).limit(MAX_AT_ONCE)))
        await session.execute(delete(AccessPersonRow).where(AccessPersonRow.access_id.in_(ids)))
        await session.execute(delete(AccessRow).where(AccessRow.id.in_(ids)))
    return len(ids)


async def _log(node: Node, purged: Sequence[Purged], by: str) -> None:
    async with node.db.write() as session:
        for one in purged:
            if one.count:
                session.add(PurgeRow(id=node.ids.uuid7(), at=node.now, asked_by=by, **one.model_dump()))
