"""The degressive benefit as an official sees it: the newest assessment, explained from the office's own records.

The office runs the same rule on what it holds: where that gives the hash that the broker published, the explanation
is told from it; where it does not, the view says so and no explanation is invented.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.assemble import Told, assemble
from shared.domain.benefit.explain import Explanation, Language, explain
from shared.domain.benefit.result import result_hash
from shared.domain.benefit.rule import Working, work_out
from shared.domain.errors import DomainError, NotFound
from shared.domain.institutions import kind_of
from shared.institution.models.benefit import Decision, DegressiveBenefit, ExplainedMonth
from shared.institution.operations import clients
from shared.institution.operations.decisions import decisions_of, newest
from shared.institution.operations.merged import told
from shared.institution.tables import AssessmentRow, ClientRow, DecisionRow

COUNTS_AS_INCOME = "no (unverified: whether the degressive benefit counts as income is not settled in law)"


async def degressive_benefit(session: AsyncSession, client_id: str, language: Language) -> DegressiveBenefit:
    """Return the newest assessment of a client with its explanation and its decisions.

    :raises NotFound: no such client, or no assessment of the client.
    """
    client = await clients.get(session, client_id)
    assessment = await newest(session, client_id)
    if assessment is None:
        raise NotFound("There is no assessment of this client.")
    working = await _recomputed(session, client, assessment)
    explanation = explain(working, language=language) if working else None
    decisions = await decisions_of(session, client_id)
    return DegressiveBenefit(
        client_id=client_id,
        case_id=assessment.case_id,
        assessment_id=assessment.assessment_id,
        result_hash=assessment.result_hash,
        state=_state(assessment, decisions),
        complete=assessment.complete,
        open_discrepancies=assessment.open_discrepancies,
        recomputed=working is not None,
        months=_months(assessment.months, explanation),
        total_gr=assessment.total_gr,
        gap_gr=assessment.gap_gr,
        summary=explanation.summary if explanation else None,
        counts_as_income=COUNTS_AS_INCOME,
        versions=assessment.versions,
        inputs=assessment.inputs,
        received_at=assessment.received_at,
        decisions=[Decision.model_validate(decision) for decision in decisions],
    )


async def _recomputed(session: AsyncSession, client: ClientRow, assessment: AssessmentRow) -> Working | None:
    """Return the office's own working of the rule, if it gives the very result that was published."""
    known = await told(session, client)
    workings = (_worked_out(assessment, lead, known) for lead in client.members if kind_of(lead) == "pup")
    return next((one for one in workings if one and result_hash(one.result) == assessment.result_hash), None)


def _worked_out(assessment: AssessmentRow, lead: str, known: Sequence[Told]) -> Working | None:
    try:
        assembled = assemble(case_id=assessment.case_id, lead=lead, told=known, known=True)
        return work_out(assembled.case) if assembled.case else None
    except DomainError:
        return None


def _months(months: Sequence[Mapping[str, Any]], explanation: Explanation | None) -> list[ExplainedMonth]:
    texts: Sequence[str | None] = explanation.months if explanation else [None] * len(months)
    return [ExplainedMonth(**month, explanation=text) for month, text in zip(months, texts, strict=True)]


def _state(assessment: AssessmentRow, decisions: Sequence[DecisionRow]) -> str:
    standing = next((row for row in reversed(decisions) if row.state == "taken"), None)
    if standing is None:
        return "proposed" if assessment.complete and not assessment.open_discrepancies else "provisional"
    return standing.decision if standing.result_hash == assessment.result_hash else "corrected"
