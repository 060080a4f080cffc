"""The ledger (*księga*): what each institution owes for each month, only ever appended to.

An entry is the new entitlement minus what was booked before; so late news adds entries and edits none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.tables import LedgerRow
from shared.runtime.database.bulk import insert_many

Month = tuple[str, str]


async def book(
    session: AsyncSession, case_id: str, assessment_id: str, months: Sequence[Mapping[str, Any]], at: datetime
) -> None:
    """Book the differences between an entitlement and the ledger; booking twice adds nothing.

    What lowers a month is only proposed: the old amount is paid until an official has decided (BENEFIT.md).
    """
    booked: dict[Month, int] = defaultdict(int)
    query = select(LedgerRow).where(LedgerRow.case_id == case_id, LedgerRow.state == "booked")
    for row in await session.scalars(query):
        booked[row.month, row.institution] += row.amount_gr
    owed = {(month["month"], owner): share for month in months for owner, share in month["shares_gr"].items()}
    change: dict[str, int] = defaultdict(int)
    for key in owed.keys() | booked.keys():
        change[key[0]] += owed.get(key, 0) - booked.get(key, 0)
    rows = [
        {
            "case_id": case_id,
            "month": month,
            "institution": owner,
            "assessment_id": assessment_id,
            "amount_gr": owed.get((month, owner), 0) - booked.get((month, owner), 0),
            "state": "proposed" if change[month] < 0 else "booked",
            "booked_at": at,
        }
        for month, owner in sorted(owed.keys() | booked.keys())
        if owed.get((month, owner), 0) != booked.get((month, owner), 0)
    ]
    ledger: Table = LedgerRow.__table__  # type: ignore[assignment]
    await insert_many(session, ledger, rows)
