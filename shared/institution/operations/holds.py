"""Legal holds (*wstrzymanie usunięcia*): an official says that a client's data must be kept, and when no longer."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, NotFound
from shared.institution.models.protection import Hold
from shared.institution.operations import clients
from shared.institution.operations.work import Work
from shared.institution.tables import LegalHoldRow

MAX_HOLDS = 20


class HoldLifted(Conflict):
    """The hold was lifted before."""


class TooManyHolds(Conflict):
    """The client has as many holds as one may have at once; one of them is enough to keep the data."""


async def set_hold(work: Work, client_id: str, reason_code: str, by: str) -> Hold:
    """Hold all data of a client, be it withdrawn or not.

    :raises NotFound: the office has no such client.
    :raises TooManyHolds: it has twenty that last.
    """
    await _lock(work, client_id)
    if sum(one.lifted_at is None for one in await of_client(work.session, client_id)) >= MAX_HOLDS:
        raise TooManyHolds(expected=f"at most {MAX_HOLDS}")
    row = LegalHoldRow(
        id=work.node.ids.uuid7(), client_id=client_id, reason_code=reason_code, set_by=by, set_at=work.now
    )
    work.session.add(row)
    work.changed("legal_hold", row.id, client_id, "set")
    await work.session.flush()
    return Hold.model_validate(row)


async def lift(work: Work, client_id: str, hold_id: str, reason_code: str, by: str) -> Hold:
    """Lift a hold.

    :raises NotFound: the client has no such hold.
    :raises HoldLifted: it was lifted before.
    """
    await _lock(work, client_id)
    row = await work.session.get(LegalHoldRow, hold_id, with_for_update=True)
    if row is None or row.client_id != client_id:
        raise NotFound()
    if row.lifted_at is not None:
        raise HoldLifted()
    row.lifted_reason, row.lifted_by, row.lifted_at = reason_code, by, work.now
    work.changed("legal_hold", row.id, client_id, "lifted")
    return Hold.model_validate(row)


async def of_client(session: AsyncSession, client_id: str) -> Sequence[Hold]:
    """Return the holds of a client, oldest first.

    :raises NotFound: the office has no such client.
    """
    await clients.get(session, client_id)
    query = select(LegalHoldRow).where(LegalHoldRow.client_id == client_id).order_by(LegalHoldRow.id)
    return [Hold.model_validate(row) for row in await session.scalars(query)]


async def _lock(work: Work, client_id: str) -> None:
    if client_id not in await clients.locked(work.session, [client_id]):
        raise NotFound("This office has no client of that id.")
