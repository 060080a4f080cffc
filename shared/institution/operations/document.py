"""The printed decision (*decyzja*): written when the decision is taken, kept with it, and shown as it was then."""

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.explain import explain
from shared.domain.benefit.prospect.telling import Telling
from shared.domain.decision_text import Ruling, decision_text
from shared.domain.errors import NotFound
from shared.institution.models.case import DecisionDocument
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.operations.beside import Shown, shown_beside
from shared.institution.operations.books import CaseFile
from shared.institution.operations.recomputed import recomputed
from shared.institution.operations.work import Work
from shared.institution.tables import AssessmentRow, ClientRow, DecisionRow


async def decision_document(session: AsyncSession, node: Node, client_id: str, decision_id: str) -> DecisionDocument:
    """Return a decision of this office as it was printed.

    :raises NotFound: no such client or decision, or a decision of another office, which prints it.
    """
    await clients.get(session, client_id)
    row = await session.get(DecisionRow, decision_id)
    if row is None or row.client_id != client_id or row.document is None:
        raise NotFound("This office printed no such decision.")
    settings = case_settings(on=row.decided_at.date())
    return DecisionDocument(
        decision_id=row.id,
        authority=_authority(node),
        decided_on=row.decided_at.date(),
        legal_basis=settings.legal_basis,
        appeal_days=settings.appeal_days,
        text=row.document,
    )


async def write_document(work: Work, client: ClientRow, case: CaseFile, row: DecisionRow) -> str:
    """Return the text of a decision that is being taken; ``case`` is the case before it."""
    known = (one for one in reversed(case.assessments) if one.assessment_id == row.assessment_id)
    assessment = next(known, case.latest)
    own = await recomputed(work.session, client, assessment)
    told = explain(own.working) if own else None
    shown = await shown_beside(work.session, work.node, client.id, own, Telling("pl"))
    ruling = Ruling(
        kind="kept" if row.decision == "refused" and case.standing.granted else row.decision,
        authority=_authority(work.node),
        case_number=client.case_number,
        person=f"{client.given_names} {client.surname}",
        decided_on=work.now.date(),
        reason_code=row.reason_code,
        months=assessment.months,
        total_gr=assessment.total_gr,
        reasons=(*told.months, told.summary) if told else (),
        beside=_beside(assessment, shown),
        result_hash=row.result_hash,
        settings=case_settings(on=work.now.date()),
    )
    return decision_text(ruling)


def _beside(assessment: AssessmentRow, shown: Shown) -> dict[str, str]:
    """Return what stands beside each month; empty where the office cannot recompute the schedule."""
    names = (month["month"] for month in assessment.months)
    return {name: beside.explanation for name, beside in zip(names, shown.months, strict=False)}


def _authority(node: Node) -> str:
    known = node.client.directory.members.get(node.id) if node.client.directory else None
    return known.name if known else node.id
