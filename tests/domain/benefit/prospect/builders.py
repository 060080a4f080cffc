"""Benefits in force, jobs and households for tests of a job in prospect."""

from datetime import date
from typing import Any

from shared.domain.benefit.prospect.held import Held, Job, Outcome
from shared.domain.benefit.prospect.household import Household
from shared.domain.benefit.prospect.outcomes import outcomes

PUP, OPS = "pup-2478", "ops-2478011"
START = date(2026, 3, 2)
FULL_TIME = Job.of_gross(480600, start=START)
HALF_TIME = Job.of_gross(240300, start=START)


def held(code: str, amount_gr: int, **changes: Any) -> Held:
    """Return a benefit in force, paid by the office that would."""
    facts = {"benefit_id": code, "owner": PUP if code.startswith("PUP") else OPS, "code": code, "amount_gr": amount_gr}
    return Held(**facts | changes)


def becomes(*some: Held, job: Job = HALF_TIME, household: Household | None = None, extra_gr: int = 0) -> list[Outcome]:
    """Return what becomes of some benefits."""
    return list(outcomes(some, job=job, household=household, extra_income_gr=extra_gr))
