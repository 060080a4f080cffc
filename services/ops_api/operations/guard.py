"""What a welfare centre asks of a record before it is stored, besides its own rules."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.ops_api.operations.household import require_one_loss_once
from services.ops_api.operations.references import CHECKED, require_referral_that_came, require_what_is_named
from services.ops_api.tables import ContractRow, HouseholdRow
from shared.institution.node import Guard
from shared.institution.operations.between.guards import BETWEEN_GUARDS
from shared.institution.tables import BenefitRow, RecordRow

GUARDS: Final[Mapping[type[RecordRow], Guard]] = MappingProxyType(
    dict(BETWEEN_GUARDS)
    | {ContractRow: require_referral_that_came}
    | dict.fromkeys(CHECKED, require_what_is_named)
    | dict.fromkeys((BenefitRow, HouseholdRow), require_one_loss_once)
)
