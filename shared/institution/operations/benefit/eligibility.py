"""Whether a client may have the degressive benefit, by what this office knows, and why not."""

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.benefit.explain import Language
from shared.domain.conditions import conditions, starts_of, verdict
from shared.institution.models.case import Condition, Eligibility
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.operations.benefit.known import known


async def eligibility(session: AsyncSession, node: Node, client_id: str, language: Language) -> Eligibility:
    """Return the conditions of the client's case or, where a job began after it, of the next.

    :raises NotFound: no such client.
    """
    knows = await known(session, node, await clients.get(session, client_id))
    today = node.now.date()
    free = knows.last.free_for(starts_of(knows.facts), today) if knows.last else None
    found = conditions(knows.facts, today=today, not_before=free, language=language)
    return Eligibility(
        client_id=client_id,
        joint=knows.joint,
        based_on=knows.based_on,
        eligible=verdict(found),
        conditions=[Condition.model_validate(one) for one in found],
    )
