"""What this office keeps with a client to be shown beside a schedule; none of it ever leaves the office."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.benefit.entered import COSTS, DEDUCTIONS, Entered, Monthly
from shared.domain.period import Period
from shared.institution.kinds import HOUSEHOLD_INCOMES, WORK_COSTS
from shared.institution.operations import records


async def kept_beside(session: AsyncSession, client_id: str) -> Entered:
    """Return costs, deductions and household income of a client as recorded; no income recorded is income not known."""
    costs: Sequence[Any] = await records.of_client(session, WORK_COSTS, client_id)
    incomes: Sequence[Any] = await records.of_client(session, HOUSEHOLD_INCOMES, client_id)
    return Entered(
        costs=_monthly((row.monthly_gr, row) for row in costs if row.kind in COSTS),
        deductions=_monthly((row.monthly_gr, row) for row in costs if row.kind in DEDUCTIONS),
        other_income=_monthly((row.monthly_net_gr, row) for row in incomes) or None,
    )


def _monthly(amounts: Iterable[tuple[int, Any]]) -> tuple[Monthly, ...]:
    return tuple(Monthly(amount_gr=amount_gr, period=Period(row.from_, row.until)) for amount_gr, row in amounts)
