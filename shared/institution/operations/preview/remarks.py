"""What a caseworker must know beside the figures of one job: conditions that are not met, and what was not known."""

from collections.abc import Iterator
from datetime import date

from shared.domain.before_job import works_on
from shared.domain.benefit.eligibility import DAYS_NEEDED
from shared.domain.benefit.prospect.look_ahead import Ahead
from shared.domain.benefit.prospect.remark import Remark
from shared.institution.models.previewed import PreviewedWage
from shared.institution.operations.benefit.known import Known
from shared.institution.operations.preview.conditions import JobConditions


def remarks(knows: Known, ahead: Ahead, wage: PreviewedWage, met: JobConditions) -> list[Remark]:
    """Return the remarks of one job, those on conditions first."""
    return [
        *_last_case(knows, ahead.job.start, met),
        *_conditions(knows, ahead, met.counted_days),
        *_wage(wage),
        *ahead.remarks,
        *_figures(ahead, wage),
    ]


def _last_case(knows: Known, start: date, met: JobConditions) -> Iterator[Remark]:
    """Yield what the last case of the client means for a job: who is locked out and until when, first of all."""
    if knows.last is None:
        return
    if met.locked_until is not None:
        yield Remark("locked", ended=knows.last.ends_on(start), until=met.locked_until)
        if not knows.last.is_exact:
            yield Remark("end_by_month")
    elif knows.last.goes_on(start):
        yield Remark("case_goes_on")


def _conditions(knows: Known, ahead: Ahead, days: int | None) -> Iterator[Remark]:
    facts = knows.facts
    if not knows.joint:
        yield Remark("not_joint")
    if not facts.knows_arm:
        yield Remark("arm_unknown")
    elif facts.arm is None:
        yield Remark("not_in_programme")
    elif facts.arm != "recipient":
        yield Remark("comparison_arm")
    if days is None:
        yield Remark("days_unknown")
    elif days <= DAYS_NEEDED:
        yield Remark("not_long_term_unemployed", number=days)
    waiting = tuple(member.id for member in knows.members if not member.complete)
    if waiting:
        yield Remark("member_incomplete", names=waiting)
    if works_on(facts.told, ahead.job.start):
        yield Remark("works_already")
    if not any(row for outcome in ahead.outcomes for row in outcome.rows):
        yield Remark("no_benefits")


def _wage(wage: PreviewedWage) -> Iterator[Remark]:
    if wage.gross_gr is None:
        yield Remark("gross_unknown")
    elif wage.minimum_gross_gr is None:
        yield Remark("working_time_unknown")
    elif wage.gross_gr < wage.minimum_gross_gr:
        yield Remark("below_minimum_wage", amount_gr=wage.gross_gr, other_gr=wage.minimum_gross_gr)


def _figures(ahead: Ahead, wage: PreviewedWage) -> Iterator[Remark]:
    yield Remark("law_of_first_day")
    unverified = {figure.param for figure in wage.figures if not figure.verified}
    for outcome in ahead.outcomes:
        unverified |= {figure.param for figure in outcome.figures if not figure.verified}
    if unverified:
        yield Remark("figures_unverified", names=tuple(sorted(unverified)))
    if any(outcome.income_gr is not None for outcome in ahead.outcomes):
        yield Remark("income_simplified")
