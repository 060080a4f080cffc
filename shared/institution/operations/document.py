"""The printed decision (*decyzja*): written when the decision is taken, kept with it, and shown as it was then.

Only the Polish text is kept. A translation is made when it is asked for, of the very facts that give that text again;
where they do not any more, there is none.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.explain import Language, explain
from shared.domain.benefit.prospect.telling import Telling
from shared.domain.decision_text import Ruling, decision_text
from shared.domain.errors import Conflict, NotFound
from shared.institution.models.case import DecisionDocument
from shared.institution.node import Node
from shared.institution.operations import books, clients
from shared.institution.operations.beside import Shown, shown_beside
from shared.institution.operations.books import CaseFile
from shared.institution.operations.recomputed import recomputed
from shared.institution.operations.work import Work
from shared.institution.tables import AssessmentRow, ClientRow, DecisionRow


class NoTranslation(Conflict):
    """What the decision was made of has changed since, so it cannot be translated; the Polish text stands."""


async def decision_document(
    session: AsyncSession, node: Node, client_id: str, decision_id: str, language: Language
) -> DecisionDocument:
    """Return a decision of this office as it was printed, or a translation of it.

    :raises NotFound: no such client or decision, or a decision of another office, which prints it.
    :raises NoTranslation: the facts of the decision do not give its text any more.
    """
    client = await clients.get(session, client_id)
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
        language=language,
        translation=language != "pl",
        text=row.document if language == "pl" else await _translated(session, node, client, row, language),
    )


async def write_document(work: Work, client: ClientRow, case: CaseFile, row: DecisionRow) -> str:
    """Return the text of a decision that is being taken; ``case`` is the case before it."""
    return decision_text(await _ruling(work.session, work.node, client, case, row, "pl"))


async def _translated(
    session: AsyncSession, node: Node, client: ClientRow, row: DecisionRow, language: Language
) -> str:
    case = books.before(await books.case_file(session, row.case_id), row)
    if decision_text(await _ruling(session, node, client, case, row, "pl")) != row.document:
        raise NoTranslation()
    return decision_text(await _ruling(session, node, client, case, row, language), language)


async def _ruling(
    session: AsyncSession, node: Node, client: ClientRow, case: CaseFile, row: DecisionRow, language: Language
) -> Ruling:
    known = (one for one in reversed(case.assessments) if one.assessment_id == row.assessment_id)
    assessment = next(known, case.latest)
    own = await recomputed(session, client, assessment)
    told = explain(own.working, language=language) if own else None
    shown = await shown_beside(session, node, client.id, own, Telling(language))
    return Ruling(
        kind="kept" if row.decision == "refused" and case.standing.granted else row.decision,
        authority=_authority(node),
        case_number=client.case_number,
        person=f"{client.given_names} {client.surname}",
        decided_on=row.decided_at.date(),
        reason_code=row.reason_code,
        months=assessment.months,
        total_gr=assessment.total_gr,
        reasons=(*told.months, told.summary) if told else (),
        beside=_beside(assessment, shown),
        result_hash=row.result_hash,
        settings=case_settings(on=row.decided_at.date()),
    )


def _beside(assessment: AssessmentRow, shown: Shown) -> dict[str, str]:
    """Return what stands beside each month; empty where the office cannot recompute the schedule."""
    names = (month["month"] for month in assessment.months)
    return {name: beside.explanation for name, beside in zip(names, shown.months, strict=False)}


def _authority(node: Node) -> str:
    known = node.client.directory.members.get(node.id) if node.client.directory else None
    return known.name if known else node.id
