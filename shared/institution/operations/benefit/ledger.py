"""The books of a client's newest case as they are shown: entries, what each institution owes, what this office paid."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import NotFound
from shared.exchange.ledger.book import entries_of
from shared.institution.models.case import BookedEntry, CaseBooks, Payment
from shared.institution.operations import clients
from shared.institution.operations.benefit.books import newest
from shared.institution.tables import PaymentRow


async def books_of(session: AsyncSession, client_id: str) -> CaseBooks:
    """Return the books of the newest case of a client.

    :raises NotFound: no such client, or no assessment of the client.
    """
    await clients.get(session, client_id)
    latest = await newest(session, client_id)
    if latest is None:
        raise NotFound("There is no assessment of this client.")
    entries = await entries_of(session, latest.case_id)
    due: dict[str, int] = {}
    for entry in entries:
        due[entry.institution] = due.get(entry.institution, 0) + entry.amount_gr
    paid = select(PaymentRow).where(PaymentRow.case_id == latest.case_id)
    payments = await session.scalars(paid.order_by(PaymentRow.booked_at, PaymentRow.id))
    return CaseBooks(
        client_id=client_id,
        case_id=latest.case_id,
        entries=[BookedEntry.model_validate(entry) for entry in entries],
        due_gr=due,
        payments=[Payment.model_validate(row) for row in payments],
    )
