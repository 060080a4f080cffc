"""What stands beside a schedule (BENEFIT.md, "Printed beside the schedule"), and what is kept with a client for it.

What is kept never leaves the office: another office may show other costs beside the same schedule.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.benefit.beside import Beside, beside
from shared.domain.benefit.entered import COSTS, DEDUCTIONS, Entered, Monthly
from shared.domain.benefit.prospect import remark as told
from shared.domain.benefit.prospect.telling import Telling
from shared.domain.gross_wages import gross_wages, work_out_raised
from shared.domain.period import Period
from shared.institution.kinds import HOUSEHOLD_INCOMES, WORK_COSTS
from shared.institution.models.beside import BesideMonth, Remark
from shared.institution.node import Node
from shared.institution.operations import client_records
from shared.institution.operations.benefit.recomputed import Recomputed


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What stands beside each month, and what is not known of it; no months where the schedule was not recomputed."""

    months: Sequence[BesideMonth]
    remarks: Sequence[Remark]


async def shown_beside(
    session: AsyncSession, node: Node, client_id: str, own: Recomputed | None, telling: Telling
) -> Shown:
    """Return what stands beside a schedule that the office has recomputed, by the wages told and what it keeps."""
    if own is None:
        return Shown(months=[], remarks=[_remark("not_recomputed", telling)])
    kept = await kept_beside(session, node, client_id)
    wages = gross_wages(own.case, lead=own.lead, told=own.told)
    months = beside(
        own.working,
        gross_of=wages.of,
        entered=kept,
        raised=work_out_raised(own.case, wages.raised),
        raised_of=wages.raised,
    )
    return Shown(
        months=[BesideMonth.model_validate(month_beside(month, telling)) for month in months],
        remarks=[_remark(code, telling) for code in _not_known(months)],
    )


def month_beside(month: Beside, telling: Telling) -> dict[str, Any]:
    """Return the members of a month's view, told in one language."""
    names = [name for name in BesideMonth.model_fields if name != "explanation"]
    return {**{name: getattr(month, name) for name in names}, "explanation": telling.beside(month)}


async def kept_beside(session: AsyncSession, node: Node, client_id: str) -> Entered:
    """Return costs, deductions and household income of a client as recorded.

    No income recorded is income not known, unless the office keeps a household in which the client is alone.
    """
    costs: Sequence[Any] = await client_records.of_client(session, WORK_COSTS, client_id)
    incomes: Sequence[Any] = await client_records.of_client(session, HOUSEHOLD_INCOMES, client_id)
    others = _monthly((row.monthly_net_gr, row) for row in incomes)
    return Entered(
        costs=_monthly((row.monthly_gr, row) for row in costs if row.kind in COSTS),
        deductions=_monthly((row.monthly_gr, row) for row in costs if row.kind in DEDUCTIONS),
        other_income=others if others or await _lives_alone(session, node, client_id) else None,
    )


async def _lives_alone(session: AsyncSession, node: Node, client_id: str) -> bool:
    kind = next((kind for kind in node.institution.kinds if kind.name == "household"), None)
    homes: Sequence[Any] = await client_records.of_client(session, kind, client_id) if kind else []
    return any(home.state == "open" and home.members == 1 for home in homes)


def _not_known(months: Sequence[Beside]) -> Iterator[str]:
    paid = [month for month in months if month.wage_gr]
    if any(month.participation_bp is None for month in paid):
        yield "gross_not_recorded"
    if any(month.participation_bp is not None and month.marginal_bp is None for month in paid):
        yield "rise_unknown"
    if any(month.household_after_gr is None for month in months):
        yield "household_income_unknown"


def _remark(code: str, telling: Telling) -> Remark:
    return Remark(code=code, text=telling.remark(told.Remark(code)))


def _monthly(amounts: Iterable[tuple[int, Any]]) -> tuple[Monthly, ...]:
    return tuple(Monthly(amount_gr=amount_gr, period=Period(row.from_, row.until)) for amount_gr, row in amounts)
