"""Records that only a welfare centre keeps."""

from services.ops_api.records.allowances import ALLOWANCE_DECISIONS
from services.ops_api.records.care_costs import CARE_COSTS
from services.ops_api.records.contract_papers import REVIEWS, SIGNATURES
from services.ops_api.records.contract_parts import ACTIONS, GOALS
from services.ops_api.records.contracts import CONTRACTS
from services.ops_api.records.households import HOUSEHOLD_MEMBERS, HOUSEHOLDS
from services.ops_api.records.interviews import INTERVIEWS
from services.ops_api.records.programmes import PROGRAMMES
from services.ops_api.records.target_groups import TARGET_GROUPS

KINDS = (
    CONTRACTS,
    GOALS,
    ACTIONS,
    REVIEWS,
    SIGNATURES,
    HOUSEHOLDS,
    HOUSEHOLD_MEMBERS,
    INTERVIEWS,
    PROGRAMMES,
    ALLOWANCE_DECISIONS,
    CARE_COSTS,
    TARGET_GROUPS,
)
