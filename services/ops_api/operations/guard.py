"""What a welfare centre asks of a record before it is stored, besides its own rules."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.ops_api.operations.household import require_one_loss_once
from services.ops_api.operations.references import require_what_is_named
from shared.institution.kinds import Proposed
from shared.institution.node import Node


async def guard(node: Node, session: AsyncSession, proposed: Proposed) -> None:
    """Refuse a record that other records of the office do not allow.

    :raises DomainError: it names what does not fit, or a household would be paid the same twice.
    """
    await require_what_is_named(session, proposed)
    await require_one_loss_once(node, session, proposed)
