"""The answer to one job that was asked about: wage, benefits, months and remarks, told in one language."""

from collections.abc import Iterable

from shared.domain.benefit.beside import beside
from shared.domain.benefit.entered import Entered
from shared.domain.benefit.explain import explain
from shared.domain.benefit.law import LawValue
from shared.domain.benefit.parameters import parameters_json
from shared.domain.benefit.prospect.figures import Figures
from shared.domain.benefit.prospect.held import Outcome
from shared.domain.benefit.prospect.look_ahead import Ahead
from shared.domain.benefit.prospect.telling import Telling
from shared.domain.benefit.prospect.working_time import minimum_gross
from shared.domain.benefit.result import month_json
from shared.institution.models.beside import Remark
from shared.institution.models.preview import AskedVariant
from shared.institution.models.previewed import (
    Figure,
    PreviewedBenefit,
    PreviewedMonth,
    PreviewedVariant,
    PreviewedWage,
)
from shared.institution.operations.benefit.beside import month_beside
from shared.institution.operations.benefit.known import Known
from shared.institution.operations.preview.conditions import job_conditions
from shared.institution.operations.preview.remarks import remarks


def variant_view(
    knows: Known, entered: Entered, offer: AskedVariant, ahead: Ahead, telling: Telling
) -> PreviewedVariant:
    """Return the answer to one job; ``entered`` is what stands beside its months.

    :raises NoValue: the minimum wage of the first day is not known.
    """
    wage = _wage(ahead, offer)
    met = job_conditions(knows, ahead.job.start)
    result = ahead.working.result
    return PreviewedVariant(
        start=ahead.job.start,
        wage=wage,
        parameters=parameters_json(ahead.working.parameters),
        eligible=met.eligible,
        locked_until=met.locked_until,
        counted_days=met.counted_days,
        benefits=[_benefit(outcome, telling) for outcome in ahead.outcomes],
        months=_months(entered, ahead, telling),
        total_gr=result.total_gr,
        gap_gr=result.gap_gr,
        referral=result.gap_gr > 0,
        summary=explain(ahead.working, language=telling.language).summary,
        remarks=[Remark(code=remark.code, text=telling.remark(remark)) for remark in remarks(knows, ahead, wage, met)],
    )


def _wage(ahead: Ahead, offer: AskedVariant) -> PreviewedWage:
    """Return the wage taken apart and, for the working time, the least that the law allows."""
    wage, law = ahead.job.wage, Figures(ahead.job.start)
    share = offer.working_time.share_bp() if offer.working_time else None
    least = minimum_gross(working_time_bp=share, law=law) if share is not None else None
    used = (*(wage.figures if wage else ()), *law.used)
    return PreviewedWage(
        gross_gr=wage.gross_gr if wage else None,
        social_gr=wage.social_gr if wage else None,
        health_gr=wage.health_gr if wage else None,
        tax_gr=wage.tax_gr if wage else None,
        net_gr=ahead.job.net_gr,
        working_time_bp=share,
        minimum_gross_gr=least,
        verified=all(figure.verified for figure in used) if used else None,
        figures=_figures(used),
    )


def _benefit(one: Outcome, telling: Telling) -> PreviewedBenefit:
    return PreviewedBenefit(
        iss=one.held.owner,
        benefit_id=one.held.benefit_id or None,
        code=one.held.code,
        name=telling.name(one.held),
        amount_gr=one.held.amount_gr,
        becomes=one.becomes,
        why=one.why,
        kept_months=one.kept_months,
        remaining_gr=one.remaining_gr,
        income_gr=one.income_gr,
        limit_gr=one.limit_gr,
        notes=list(one.notes),
        explanation=telling.outcome(one),
        verified=one.verified,
        figures=_figures(one.figures),
    )


def _months(entered: Entered, ahead: Ahead, telling: Telling) -> list[PreviewedMonth]:
    gross_of = {ahead.job.net_gr: ahead.job.wage.gross_gr} if ahead.job.wage else {}
    texts = explain(ahead.working, language=telling.language).months
    stands = beside(ahead.working, gross_of=gross_of, entered=entered, raised=ahead.raised)
    return [
        PreviewedMonth.model_validate({**month_json(month), "explanation": text, "beside": month_beside(one, telling)})
        for month, text, one in zip(ahead.working.result.months, texts, stands, strict=True)
    ]


def _figures(used: Iterable[LawValue]) -> list[Figure]:
    return [Figure.model_validate(row) for row in used]
