"""From a job that is offered to all that would follow: benefits, schedule, and the same at 100 zł more gross.

>>> from datetime import date
>>> paid = Held(benefit_id="1", owner="pup-2478", code="PUP-ZAS", amount_gr=130520)
>>> job = Job.of_gross(480600, start=date(2026, 3, 1))
>>> ahead = look_ahead([paid], job=job, household=None, parameters=SchemeParameters())
>>> ahead.working.result.total_gr, ahead.outcomes[0].becomes
(978900, 'lost')
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from shared.domain.benefit.beside import STEP_GR
from shared.domain.benefit.case import Benefit, Case, case_json, parse_case
from shared.domain.benefit.clock import MONTH_TICKS
from shared.domain.benefit.dated import Table
from shared.domain.benefit.employment import EmploymentEvent
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.benefit.prospect.held import Held, Job, Outcome
from shared.domain.benefit.prospect.household import Household
from shared.domain.benefit.prospect.outcomes import outcomes
from shared.domain.benefit.prospect.remark import Remark
from shared.domain.benefit.prospect.supplement import supplement
from shared.domain.benefit.rates import rates_at
from shared.domain.benefit.rule import Working, rounded_up, work_out
from shared.domain.benefit.shares import holdings_by_month

_CASE: Final = "preview"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What would follow: ``raised`` is the working at ``STEP_GR`` more gross, where the gross wage is known."""

    job: Job
    outcomes: tuple[Outcome, ...]
    remarks: tuple[Remark, ...]
    working: Working
    raised: Working | None


def look_ahead(
    held: Sequence[Held],
    *,
    job: Job,
    household: Household | None,
    parameters: SchemeParameters,
    counts_as_income: bool = False,
    law: Table | None = None,
) -> Ahead:
    """Return what would follow from a job; ``law`` is a reform's table, by which the job's wage was worked out too.

    ``counts_as_income``: the degressive benefit is income of the allowances that depend on income. They are then tested
    once more with what the first full month of the first schedule would pay, and the schedule is worked out on the
    outcome: once, before it, and never in a circle.

    :raises NoValue: a figure is not known for the first day.
    :raises AmountOutOfRange: wage or benefits are beyond what a case may hold.
    """
    asked = _Asked(held, household, parameters, counts_as_income, law)
    found, remark = _outcomes(asked, job)
    raised = None
    if job.wage is not None:
        better = Job.of_gross(job.wage.gross_gr + STEP_GR, start=job.start, is_referred=job.is_referred, law=law)
        then, _ = _outcomes(asked, better)
        raised = _worked_out(then, better, parameters)
    return Ahead(
        job=job,
        outcomes=found,
        remarks=(remark,) if remark else (),
        working=_worked_out(found, job, parameters),
        raised=raised,
    )


class _Asked(NamedTuple):
    """What stays the same at every wage."""

    held: Sequence[Held]
    household: Household | None
    parameters: SchemeParameters
    counts_as_income: bool
    law: Table | None


def _outcomes(asked: _Asked, job: Job) -> tuple[tuple[Outcome, ...], Remark | None]:
    gained, remark = supplement(asked.held, job=job, law=asked.law)
    beside = (gained,) if gained else ()
    tested = partial(outcomes, asked.held, job=job, household=asked.household, beside=beside, law=asked.law)
    found = (*tested(), *beside)
    if asked.counts_as_income:
        found = (*tested(extra_income_gr=_first_month(found, job, asked.parameters)), *beside)
    return tuple(one.with_end(job) for one in found), remark


def _first_month(found: Sequence[Outcome], job: Job, parameters: SchemeParameters) -> int:
    """Return what a full first month would pay, in grosze."""
    holdings = holdings_by_month(_rows(found))
    missing = rates_at(wage_gr=job.net_gr, holdings=holdings, parameters=parameters).missing_e4[0]
    amount = rounded_up(missing * MONTH_TICKS, quantum_gr=parameters.quantum_gr)
    return amount if parameters.cap_gr is None else min(amount, parameters.cap_gr)


def _worked_out(found: Sequence[Outcome], job: Job, parameters: SchemeParameters) -> Working:
    start = EmploymentEvent("start", job.start, job.net_gr, 1)
    case = Case(case_id=_CASE, parameters=parameters, benefits=_rows(found), employment=(start,))
    return work_out(parse_case(case_json(case)))


def _rows(found: Sequence[Outcome]) -> tuple[Benefit, ...]:
    return tuple(row for outcome in found for row in outcome.rows)
