"""What is entered beside a schedule: costs of work, deductions from the wage, and what others at home earn.

Each is an amount of a full month with the days on which it is in force. It counts for the days worked on which it is
in force: of a month of which part counts on the clock, in proportion to those days. Source: BENEFIT.md, "Printed beside
the schedule".

>>> works = [EmploymentEvent("start", date(2026, 3, 16), 360000)]
>>> fare = Monthly(amount_gr=31000, period=Period(date(2026, 3, 24)))
>>> in_month([fare], days=days_worked(works, name="2026-03"), ticks=16 * MONTH_TICKS // 31)
8000
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from shared.domain.benefit.clock import MONTH_TICKS, days_in
from shared.domain.benefit.employment import EmploymentEvent, standing
from shared.domain.benefit.span import last_day
from shared.domain.money import half_up
from shared.domain.period import Period

COSTS: Final = ("care", "travel", "other_cost")
"""Kinds of costs of work (*koszt podjęcia pracy*): care of a child or dependant, the way to work, any other."""
DEDUCTIONS: Final = ("bailiff", "alimony", "other_deduction")
"""Kinds of deductions from the wage (*potrącenie z wynagrodzenia*)."""
ALWAYS: Final = Period(date.min)


@dataclass(frozen=True, slots=True, kw_only=True)
class Monthly:
    """An amount of a full month in grosze, and the days on which it is in force."""

    amount_gr: int
    period: Period = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What stands beside a schedule without changing it.

    ``other_income`` is the net income of the other members of the household, the same before the job and with it;
    ``None`` where nobody said what it is.
    """

    costs: tuple[Monthly, ...] = ()
    deductions: tuple[Monthly, ...] = ()
    other_income: tuple[Monthly, ...] | None = None


def days_worked(events: Sequence[EmploymentEvent], *, name: str) -> list[Period]:
    """Return the days of a month (``2026-03``) that are worked and count on the clock."""
    last = last_day(events)
    if last is None:
        return []
    first = date.fromisoformat(f"{name}-01")
    month = Period(first, min(last, first.replace(day=days_in(year=first.year, month=first.month))))
    days = standing(events)
    ends = [*(on - timedelta(days=1) for on, _ in days[1:]), None]
    spells = (Period(on, end) for (on, wage), end in zip(days, ends, strict=True) if wage is not None)
    return [part for spell in spells if (part := spell.overlap(month)) is not None]


def in_month(amounts: Iterable[Monthly], *, days: Sequence[Period], ticks: int) -> int:
    """Return what amounts come to in a month of which ``ticks`` count on the clock, half up to the grosz, once."""
    worked = _length(days)
    counted = sum(one.amount_gr * _length(_overlaps(one.period, days)) for one in amounts)
    return half_up(counted * ticks, worked * MONTH_TICKS) if worked else 0


def in_force(amounts: Iterable[Monthly], *, on: date) -> int:
    """Return what amounts of a full month come to on a day, in grosze."""
    return sum(one.amount_gr for one in amounts if on in one.period)


def _overlaps(period: Period, days: Iterable[Period]) -> list[Period]:
    return [part for one in days if (part := one.overlap(period)) is not None]


def _length(days: Iterable[Period]) -> int:
    return sum(one.days or 0 for one in days)
