"""Whether a client may have the degressive benefit, by what this office knows, and why not."""

from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.span import plus_months
from shared.domain.conditions import conditions
from shared.domain.institutions import kind_of
from shared.institution.models.case import Condition, Eligibility
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.operations.books import newest
from shared.institution.operations.decisions import arm_of
from shared.institution.operations.merged import told
from shared.institution.operations.recomputed import recomputed
from shared.institution.tables import ClientRow


async def eligibility(session: AsyncSession, node: Node, client_id: str) -> Eligibility:
    """Return the conditions of the client's case or, after the end of one, of the next.

    :raises NotFound: no such client.
    """
    client = await clients.get(session, client_id)
    found = conditions(
        members=client.members,
        arm=await arm_of(session, node, client_id),
        lead=next((name for name in client.members if kind_of(name) == "pup"), node.id),
        told=await told(session, client),
        not_before=await _free_from(session, client, node.now.date()),
    )
    return Eligibility(
        client_id=client_id,
        eligible=all(one.met for one in found),
        conditions=[Condition.model_validate(one) for one in found],
    )


async def _free_from(session: AsyncSession, client: ClientRow, today: date) -> date | None:
    """Return the first day after the lock of a case that has ended, or ``None`` where none has."""
    latest = await newest(session, client.id)
    own = await recomputed(session, client, latest) if latest else None
    ends_on = own.assembled.ends_on(today) if own else None
    if own is None or own.assembled.first_start is None or ends_on is None or ends_on >= today:
        return None
    return plus_months(ends_on, case_settings(on=own.assembled.first_start).lock_months) + timedelta(days=1)
