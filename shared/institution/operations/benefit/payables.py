"""Payable lists (*listy wypłat*): what the office pays for whom in a month, and what it marked as booked.

A list is worked out from the books and from what was paid before, so asking twice gives the same, and booking twice
changes nothing. What is booked for a month stays; what comes up later stands on the list of a later month.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.payments import Payable, Payment, payable
from shared.domain.errors import Conflict, Invalid
from shared.exchange.ledger.tables import LedgerRow
from shared.institution.operations import clients
from shared.institution.operations.work import Work
from shared.institution.tables import AssessmentRow, PaymentRow

_WARSAW = ZoneInfo("Europe/Warsaw")


class NotPayable(Conflict):
    """The list says another amount for this case now, or nothing; read the list again and book what it says."""


class TooEarly(Conflict):
    """The month has not begun; it can be listed, not booked."""


class TwiceListed(Invalid):
    """A case stands twice in the request."""


@dataclass(slots=True)
class Account:
    """A case as the office's own account has it: what the books say is due, and what was paid; grosze by month."""

    case_id: str
    client_id: str
    due: dict[str, int] = field(default_factory=dict)
    payments: list[PaymentRow] = field(default_factory=list)

    def open_in(self, month: str) -> Payable:
        """Return what is payable in a month after all that was paid."""
        limit = case_settings(on=date.fromisoformat(f"{month}-01")).deduction_limit_bp
        paid = [Payment(row.covers, row.held_back_gr) for row in self.payments]
        return payable(month, due=self.due, payments=paid, limit_bp=limit)

    def booked_in(self, month: str) -> PaymentRow | None:
        """Return what was booked for a month."""
        return next((row for row in self.payments if row.month == month), None)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list; ``booked_at`` is empty while it is open."""

    account: Account
    payable: Payable
    booked_at: datetime | None


def month_of(moment: datetime) -> str:
    """Return the month that it is in Warsaw, ``YYYY-MM``.

    >>> month_of(datetime.fromisoformat("2026-10-31T23:30:00+00:00"))
    '2026-11'
    """
    return f"{moment.astimezone(_WARSAW):%Y-%m}"


def day_of(moment: datetime) -> date:
    """Return the day that it is in Warsaw.

    >>> day_of(datetime.fromisoformat("2026-10-31T23:30:00+00:00"))
    datetime.date(2026, 11, 1)
    """
    return moment.astimezone(_WARSAW).date()


async def accounts(session: AsyncSession, own: str, case_ids: Sequence[str] | None = None) -> dict[str, Account]:
    """Return the accounts of the office, or those of some cases, by case."""
    sums = select(LedgerRow.case_id, LedgerRow.month, func.sum(LedgerRow.amount_gr)).where(LedgerRow.institution == own)
    seen = select(AssessmentRow.case_id, func.min(AssessmentRow.client_id)).group_by(AssessmentRow.case_id)
    payments = select(PaymentRow).order_by(PaymentRow.booked_at, PaymentRow.id)
    if case_ids is not None:
        sums = sums.where(LedgerRow.case_id.in_(case_ids))
        seen = seen.where(AssessmentRow.case_id.in_(case_ids))
        payments = payments.where(PaymentRow.case_id.in_(case_ids))
    owners: Mapping[str, str] = {row[0]: row[1] for row in await session.execute(seen)}
    found: dict[str, Account] = {}
    for case_id, month, amount in await session.execute(sums.group_by(LedgerRow.case_id, LedgerRow.month)):
        account = found.setdefault(case_id, Account(case_id, owners[case_id]))
        account.due[month] = int(amount)
    for row in await session.scalars(payments):
        if row.case_id in found:
            found[row.case_id].payments.append(row)
    return found


async def listed(session: AsyncSession, own: str, month: str) -> Sequence[Line]:
    """Return the list of a month: what is open and what is booked, by client."""
    found = await accounts(session, own)
    lines = (_line(account, month) for account in found.values())
    return sorted((line for line in lines if line), key=lambda line: (line.account.client_id, line.account.case_id))


async def mark_booked(work: Work, month: str, amounts: Sequence[tuple[str, int]], by: str) -> Sequence[Line]:
    """Mark lines as booked (*zaksięgowane*), each by its case and the amount paid out; all or none.

    What is booked already with this amount stays as it is.

    :raises TooEarly: the month has not begun in Warsaw.
    :raises TwiceListed: a case is named twice.
    :raises NotPayable: the list says otherwise; ``field`` names the item.
    """
    if month > month_of(work.now):
        raise TooEarly(field="month", received=month)
    found = await locked_accounts(work, [case_id for case_id, _ in amounts])
    lines: dict[str, Line] = {}
    for index, (case_id, amount) in enumerate(amounts):
        if case_id in lines:
            raise TwiceListed(field=f"items[{index}].case_id")
        line = _line(found[case_id], month) if case_id in found else None
        if line is None or line.payable.payable_gr != amount:
            expected = line.payable.payable_gr if line else "nothing"
            raise NotPayable(field=f"items[{index}].payable_gr", expected=expected, received=amount)
        lines[case_id] = line if line.booked_at else _book(work, line, month, by)
    return list(lines.values())


def _book(work: Work, line: Line, month: str, by: str) -> Line:
    row = PaymentRow(
        id=work.node.ids.uuid7(),
        case_id=line.account.case_id,
        month=month,
        kind="paid",
        covers=line.payable.covers,
        held_back_gr=line.payable.held_back_gr,
        reason_code=None,
        booked_by=by,
        booked_at=work.now,
    )
    work.session.add(row)
    work.changed("payment", row.id, line.account.client_id, "booked")
    return Line(line.account, line.payable, work.now)


def _line(account: Account, month: str) -> Line | None:
    """Return the line of a case in a month: as booked, or as it is open; ``None`` where there is nothing to pay."""
    booked = account.booked_in(month)
    still = account.open_in(month)
    if booked is not None:
        return Line(account, Payable(dict(booked.covers), booked.held_back_gr, still.overpaid_gr), booked.booked_at)
    return Line(account, still, None) if still.covers or still.held_back_gr else None


async def locked_accounts(work: Work, case_ids: Sequence[str]) -> dict[str, Account]:
    """Return accounts under the lock of their clients: two bookings at once would pay the same arrears twice."""
    query = select(AssessmentRow.client_id).where(AssessmentRow.case_id.in_(case_ids)).distinct()
    await clients.locked(work.session, await work.session.scalars(query))
    return await accounts(work.session, work.node.id, case_ids)
