"""The printed decision (*decyzja*): written when the decision is taken, kept with it, and shown as it was then.

Only the Polish text is kept. A translation is made when it is asked for, of the very facts that give that text again;
where they do not any more, there is none.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.explain import Language
from shared.domain.decision_text import CAN_BE_APPEALED, NOTES, decision_text
from shared.domain.errors import Conflict, NotFound
from shared.institution.models.case import DecisionDocument
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.operations.benefit import books
from shared.institution.operations.benefit.books import CaseFile
from shared.institution.operations.benefit.ruling import office_name, ruling_of
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, DecisionRow


class NoTranslation(Conflict):
    """What the decision was made of has changed since, so it cannot be translated; the Polish text stands."""


class NoConditionFails(Conflict):
    """By what this office knows no condition fails; see the client's eligibility, or give another reason."""


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
        authority=office_name(node, node.id),
        decided_on=row.decided_at.date(),
        legal_basis=None if row.decision in NOTES else settings.legal_basis,
        appeal_days=settings.appeal_days if row.decision in CAN_BE_APPEALED else None,
        language=language,
        translation=language != "pl",
        text=row.document if language == "pl" else await _translated(session, node, client, row, language),
    )


async def write_document(work: Work, client: ClientRow, case: CaseFile, row: DecisionRow) -> str:
    """Return the text of a decision that is being taken; ``case`` is the case before it.

    :raises NoConditionFails: it refuses for a condition that is not met, and there is none.
    """
    ruling = await ruling_of(work.session, work.node, client, case, row, "pl")
    if (ruling.kind, ruling.reason_code) == ("refused", "conditions_not_met") and not ruling.reasons:
        raise NoConditionFails(field="reason_code")
    return decision_text(ruling)


async def _translated(
    session: AsyncSession, node: Node, client: ClientRow, row: DecisionRow, language: Language
) -> str:
    case = books.before(await books.case_file(session, row.case_id), row)
    if decision_text(await ruling_of(session, node, client, case, row, "pl")) != row.document:
        raise NoTranslation()
    return decision_text(await ruling_of(session, node, client, case, row, language), language)
