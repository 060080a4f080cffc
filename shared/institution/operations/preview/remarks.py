"""What a caseworker must know beside the figures of one job: conditions that are not met, and what was not known."""

from collections.abc import Iterator

from shared.domain.before_job import works_on
from shared.domain.benefit.eligibility import DAYS_NEEDED
from shared.domain.benefit.prospect.look_ahead import Ahead
from shared.domain.benefit.prospect.remark import Remark
from shared.institution.models.previewed import PreviewedWage
from shared.institution.operations.preview.known import Known


def eligible(facts: Known, days: int) -> bool | None:
    """Tell whether the benefit could be had with this job; ``None`` where only the labour office could know."""
    if not facts.joint or days <= DAYS_NEEDED or (facts.knows_arm and facts.arm != "recipient"):
        return False
    return True if facts.knows_arm else None


def remarks(facts: Known, ahead: Ahead, wage: PreviewedWage, days: int) -> list[Remark]:
    """Return the remarks of one job, those on conditions first."""
    return [*_conditions(facts, ahead, days), *_wage(wage), *ahead.remarks, *_figures(ahead, wage)]


def _conditions(facts: Known, ahead: Ahead, days: int) -> Iterator[Remark]:
    if not facts.joint:
        yield Remark("not_joint")
    if not facts.knows_arm:
        yield Remark("arm_unknown")
    elif facts.arm is None:
        yield Remark("not_in_programme")
    elif facts.arm != "recipient":
        yield Remark("comparison_arm")
    if days <= DAYS_NEEDED:
        yield Remark("not_long_term_unemployed", number=days)
    waiting = tuple(member.id for member in facts.members if not member.complete)
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
