"""Booking: whatever is due and not yet in the books is appended; booking twice adds nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.benefit.ledger import Entry, Sums, corrections, sums
from shared.exchange.ledger.tables import LedgerRow
from shared.runtime.database.bulk import insert_many, table_of


async def book(session: AsyncSession, case_id: str, assessment_id: str, due: Sums, at: datetime) -> Sequence[Entry]:
    """Append what brings the books of a case to what is due; return the entries that took.

    The caller holds the lock under which everything about the case is decided.
    """
    entries = await entries_of(session, case_id)
    first = entries[-1].number + 1 if entries else 1
    missing = corrections(due=due, booked=sums(Entry(one.month, one.institution, one.amount_gr) for one in entries))
    rows = [
        {
            "case_id": case_id,
            "number": number,
            "month": entry.month,
            "institution": entry.institution,
            "assessment_id": assessment_id,
            "amount_gr": entry.amount_gr,
            "booked_at": at,
        }
        for number, entry in enumerate(missing, first)
    ]
    table = table_of(LedgerRow)
    await insert_many(session, table, rows)
    return missing


async def entries_of(session: AsyncSession, case_id: str) -> Sequence[LedgerRow]:
    """Return the entries of a case in their order."""
    query = select(LedgerRow).where(LedgerRow.case_id == case_id).order_by(LedgerRow.number)
    return list(await session.scalars(query))
