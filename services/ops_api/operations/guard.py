"""What a welfare centre asks of a record before it is stored, besides its own rules."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.ops_api.operations.household import require_one_loss_once
from services.ops_api.operations.references import CHECKED, require_what_is_named
from services.ops_api.tables import HouseholdRow
from shared.institution.kinds import Proposed
from shared.institution.node import Guard, Node
from shared.institution.tables import BenefitRow, RecordRow

GUARDS: Final[Mapping[type[RecordRow], Guard]] = MappingProxyType(
    dict.fromkeys(CHECKED, require_what_is_named) | dict.fromkeys((BenefitRow, HouseholdRow), require_one_loss_once)
)


async def guard(node: Node, session: AsyncSession, proposed: Proposed) -> None:
    """Refuse a record that other records of the office do not allow.

    :raises DomainError: it names what does not fit, or a household would be paid the same twice.
    """
    if asked := GUARDS.get(proposed.row):
        await asked(node, session, proposed)
