"""Budgets (*plan wydatków*): what the office may spend on its shares of the degressive benefit, by months.

The books are the reservation: a grant enters all its months at once, and with them reserves the money. What late news
raise is entered even where the budget does not hold it, for a running schedule is never cut; it then shows as short.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, NotFound
from shared.domain.period import PeriodReversed
from shared.exchange.ledger.tables import LedgerRow
from shared.institution.operations.versions import require_version
from shared.institution.operations.work import Work
from shared.institution.tables import BudgetRow


class BudgetExhausted(Conflict):
    """The budget does not hold what would be granted."""


class NoBudget(Conflict):
    """The office has no budget for the first month of what would be granted; set one first."""


class BudgetOverlaps(Conflict):
    """There is a budget for some of these months already."""


class Standing(NamedTuple):
    """A budget and how much of it is reserved by the books, in grosze."""

    row: BudgetRow
    reserved_gr: int


async def all_budgets(session: AsyncSession, own: str) -> Sequence[Standing]:
    """Return all budgets with what the books reserve of each, by months."""
    rows = await session.scalars(select(BudgetRow).order_by(BudgetRow.from_month))
    return [Standing(row, await _reserved(session, own, row)) for row in list(rows)]


async def set_budget(work: Work, from_month: str, until_month: str, amount_gr: int) -> Standing:
    """Set a budget for months that have none.

    :raises PeriodReversed: it ends before it begins.
    :raises BudgetOverlaps: some of the months have a budget.
    """
    if until_month < from_month:
        raise PeriodReversed(field="until_month", expected=f"{from_month} or later", received=until_month)
    overlapping = select(BudgetRow.id).where(BudgetRow.from_month <= until_month, BudgetRow.until_month >= from_month)
    if await work.session.scalar(overlapping.limit(1)) is not None:
        raise BudgetOverlaps(field="from_month")
    row = BudgetRow(
        id=work.node.ids.uuid7(),
        from_month=from_month,
        until_month=until_month,
        amount_gr=amount_gr,
        version=1,
        updated_at=work.now,
    )
    work.session.add(row)
    work.changed("budget", row.id, None, "set")
    return Standing(row, await _reserved(work.session, work.node.id, row))


async def change_budget(work: Work, budget_id: str, amount_gr: int, version: int | None) -> Standing:
    """Change the amount of a budget; it may fall below what is reserved, and then shows as short.

    :raises NotFound: there is none of that id.
    :raises PreconditionFailed: it was changed meanwhile.
    """
    row = await work.session.scalar(select(BudgetRow).where(BudgetRow.id == budget_id).with_for_update())
    if row is None:
        raise NotFound()
    require_version(row.version, version)
    row.amount_gr, row.version, row.updated_at = amount_gr, row.version + 1, work.now
    work.changed("budget", row.id, None, "changed")
    return Standing(row, await _reserved(work.session, work.node.id, row))


async def require_budget(session: AsyncSession, own: str, case_id: str) -> None:
    """Refuse a grant, just entered into the books, that the budgets do not hold.

    Months after the last budget are obligations of years to come, and need none yet.

    :raises NoBudget: the first month that the office owes has no budget.
    :raises BudgetExhausted: the office's shares are more than is left.
    """
    query = select(LedgerRow.month).where(LedgerRow.case_id == case_id, LedgerRow.institution == own)
    months = sorted(
        set(await session.scalars(query.group_by(LedgerRow.month).having(func.sum(LedgerRow.amount_gr) > 0)))
    )
    if not months:
        return
    locked = select(BudgetRow).where(BudgetRow.until_month >= months[0], BudgetRow.from_month <= months[-1])
    budgets = list(await session.scalars(locked.order_by(BudgetRow.from_month).with_for_update()))
    if not budgets or budgets[0].from_month > months[0]:
        raise NoBudget(expected=f"a budget that begins in {months[0]} or before")
    for row in budgets:
        left = row.amount_gr - await _reserved(session, own, row)
        if left < 0:
            raise BudgetExhausted(expected=f"{-left} grosze more from {row.from_month} to {row.until_month}")


async def _reserved(session: AsyncSession, own: str, row: BudgetRow) -> int:
    query = select(func.coalesce(func.sum(LedgerRow.amount_gr), 0)).where(
        LedgerRow.institution == own, LedgerRow.month >= row.from_month, LedgerRow.month <= row.until_month
    )
    return int(await session.scalar(query) or 0)
