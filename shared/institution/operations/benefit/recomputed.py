"""What the broker published, worked out anew by the office from what it holds: the same rule on the same records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.assemble import Assembled, Told, assemble, jobs_of
from shared.domain.benefit.case import Case
from shared.domain.benefit.result import result_hash
from shared.domain.benefit.rule import Working, work_out
from shared.domain.errors import DomainError
from shared.institution.node import Node
from shared.institution.operations.membership import labour_offices
from shared.institution.operations.merged import told
from shared.institution.tables import AssessmentRow, ClientRow


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The office's own working of an assessment: the case as its records make it, and the schedule.

    ``lead`` is the leading labour office by whose word of the job it is so, ``told`` is what all members told.
    """

    assembled: Assembled
    case: Case
    working: Working
    lead: str
    told: Sequence[Told]


async def recomputed(
    session: AsyncSession, node: Node, client: ClientRow, assessment: AssessmentRow
) -> Recomputed | None:
    """Return the office's own working of the rule, if it gives the very result that was published.

    Where two labour offices say the same of the job, it is by the word of the one that leads.
    """
    known = await told(session, client)
    leads = await labour_offices(session, node, client, known)
    tried = (
        _worked_out(assessment, lead, known, not_before)
        for lead in leads
        for not_before in _starts(assessment, lead, known)
    )
    return next((one for one in tried if one and result_hash(one.working.result) == assessment.result_hash), None)


def _starts(assessment: AssessmentRow, lead: str, known: Sequence[Told]) -> list[date | None]:
    """Return the days from which the case may have been made: any, or a start of its first month, for a later case."""
    first = assessment.months[0]["month"] if assessment.months else ""
    try:
        starts = [event.effective for event in jobs_of(known, lead) if event.kind == "start"]
    except DomainError:
        return []
    return [None, *(on for on in starts if on.isoformat().startswith(first))] if first else [None]


def _worked_out(
    assessment: AssessmentRow, lead: str, known: Sequence[Told], not_before: date | None
) -> Recomputed | None:
    try:
        assembled = assemble(case_id=assessment.case_id, lead=lead, told=known, known=True, not_before=not_before)
        if assembled.case is None:
            return None
        return Recomputed(assembled, assembled.case, work_out(assembled.case), lead, known)
    except DomainError:
        return None
