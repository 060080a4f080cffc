"""Suspected matches: an official of each side confirms or refuses; until then nothing is disclosed."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, NotFound
from shared.domain.events.payloads.people import MatchVerdict
from shared.institution.operations.clients import lock_active
from shared.institution.operations.work import Work
from shared.institution.tables import SuspicionRow


async def waiting(session: AsyncSession, state: str, after: str, limit: int) -> Sequence[SuspicionRow]:
    """Return suspicions in a state, in the order of their ids."""
    query = select(SuspicionRow).where(SuspicionRow.state == state, SuspicionRow.id > after)
    return list(await session.scalars(query.order_by(SuspicionRow.id).limit(limit)))


async def answer(work: Work, suspicion_id: str, *, confirmed: bool, reason_code: str, by: str) -> SuspicionRow:
    """Tell the broker what an official found.

    :raises NotFound: there is no such suspicion here.
    :raises Conflict: it was answered already.
    """
    found = await work.session.get(SuspicionRow, suspicion_id)
    if found is None:
        raise NotFound()
    client = await lock_active(work.session, found.client_id)
    row = await work.session.get_one(SuspicionRow, suspicion_id, with_for_update=True, populate_existing=True)
    if row.state != "open":
        raise Conflict("The suspicion was answered already.", received=row.state)
    row.state, row.answered_by = ("confirmed" if confirmed else "refused"), by
    name = "match.confirmed.v1" if confirmed else "match.refused.v1"
    work.tell(name, client.token, MatchVerdict(suspicion_id=suspicion_id, reason_code=reason_code))
    work.changed("suspicion", suspicion_id, client.id, row.state)
    return row
