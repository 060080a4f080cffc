"""Contested clients (*klient sporny*): two labour offices have an open registration of one person; one of them leads.

The broker says who leads. Who shares the client goes on as before, with those whom the list names. A labour office that
does not lead gets nothing more and tells its registrations to the broker alone, so that the contest can end.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict
from shared.domain.institutions import kind_of
from shared.institution.models.contests import Contest, Place
from shared.institution.operations.shared_client import Shared
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, SuspicionRow

REGISTRATION = "registration"


class AnotherLeads(Conflict):
    """Another labour office has a later open registration of this client; decide once that is settled."""


def place_in_contest(row: Shared, own_id: str) -> Place | None:
    """Return whether the office shares a contested client or waits; ``None`` where nobody contests."""
    if row.state != "active" or row.contested_since is None:
        return None
    return "shares" if own_id in row.members else "waits"


def states(row: Shared, own_id: str) -> bool:
    """Tell whether the office tells its registrations to the broker alone, because another labour office leads."""
    waits = place_in_contest(row, own_id) == "waits"
    return waits and row.restricted_on is None and kind_of(own_id) == "pup"


def require_lead(row: Shared, own_id: str) -> None:
    """Refuse what a labour office may not do while another one leads.

    :raises AnotherLeads: it does.
    """
    if place_in_contest(row, own_id) == "waits":
        raise AnotherLeads()


async def contests(session: AsyncSession, own_id: str, after: str, limit: int) -> Sequence[Contest]:
    """Return the contested clients of the office in the order of their ids, each with the questions that wait."""
    query = select(ClientRow).where(
        ClientRow.contested_since.is_not(None), ClientRow.state == "active", ClientRow.id > after
    )
    rows = list(await session.scalars(query.order_by(ClientRow.id).limit(limit)))
    asked = select(SuspicionRow.client_id, SuspicionRow.id).where(
        SuspicionRow.client_id.in_([row.id for row in rows]), SuspicionRow.contest, SuspicionRow.state == "open"
    )
    open_ = list(await session.execute(asked.order_by(SuspicionRow.id)))
    return [
        Contest(
            client_id=row.id,
            place="shares" if own_id in row.members else "waits",
            since=row.contested_since,
            suspicions=[one.id for one in open_ if one.client_id == row.id],
        )
        for row in rows
        if row.contested_since is not None
    ]


def begin(work: Work, client: ClientRow) -> None:
    """Note that a client is contested from now on."""
    client.contested_since = client.contested_since or work.now
