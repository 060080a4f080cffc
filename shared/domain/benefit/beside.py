"""What is printed beside the schedule: income before and after, and how much of the wage does not add to it.

For each calendar month, W, R and B are the wage, the benefits paid while working and the benefits before, each times
the fraction of the month that counts on the clock; C is the amount of the schedule. Amounts are rounded half up to the
grosz, each by itself; ``support_gr`` and ``after_gr`` are sums of rounded parts. Rates are worked out on the exact
fractions and rounded half up to a basis point, once::

    participation = 1 - (W + R + C - B) / gross wage                        (OECD)
    marginal      = 1 - (what the next 100 zł gross add to W + R + C) / 100 zł

Costs, deductions and the income of others at home count by the days on which they are in force (``entered``). Other
income of a household is the same before and after: it cancels out of both rates, which are the household's too.
Source: BENEFIT.md, "Printed beside the schedule".

>>> from shared.domain.benefit.case import parse_case
>>> from shared.domain.benefit.rule import work_out
>>> case = parse_case({"case_id": "1", "benefits": [{"kind": "PUP-ZAS", "owner": "pup-2478", "amount_gr": 130520}],
...     "employment": [{"kind": "start", "effective": "2026-01-01", "net_wage_gr": 360585}]})
>>> first, *_ = beside(work_out(case), gross_of={360585: 480600})
>>> first.before_gr, first.after_gr, first.participation_bp
(130520, 491105, 2497)
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from shared.domain.benefit.clock import MONTH_TICKS
from shared.domain.benefit.curves import WHOLE_BP
from shared.domain.benefit.entered import Entered, days_worked, in_month
from shared.domain.benefit.result import Month
from shared.domain.benefit.rule import Part, Working
from shared.domain.money import half_up

STEP_GR: Final = 10_000
"""The next 100 zł gross, of which the marginal rate is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One month beside the schedule, in grosze and basis points; rates are ``None`` where the gross wage is not known.

    ``after_gr`` is wage and support (R + C); ``in_hand_gr`` is what costs of work (*koszt podjęcia pracy*) and
    deductions from the wage (*potrącenie z wynagrodzenia*) leave of it, and may be below zero. The household's figures
    are ``None`` where nobody said what its other members earn.
    """

    month: str
    before_gr: int
    wage_gr: int
    support_gr: int
    after_gr: int
    costs_gr: int
    deductions_gr: int
    in_hand_gr: int
    household_before_gr: int | None
    household_after_gr: int | None
    household_in_hand_gr: int | None
    participation_bp: int | None
    marginal_bp: int | None


def beside(
    working: Working,
    *,
    gross_of: Mapping[int, int],
    entered: Entered | None = None,
    raised: Working | None = None,
    raised_of: Container[int] | None = None,
) -> tuple[Beside, ...]:
    """Return what stands beside each month of a schedule, in its order.

    ``gross_of`` gives the gross wage of each net wage, ``raised`` the working of the same case at ``STEP_GR`` more
    gross; the days of work are the same, so its months are too. ``raised_of`` holds the net wages that are raised in
    it, where not all are: months at another have no marginal rate.
    """
    entered = entered or Entered()
    incomes = _incomes(working)
    better: Sequence[int | None] = _incomes(raised) if raised else [None] * len(incomes)
    if raised_of is not None:
        better = [
            then if all(rates.wage_gr in raised_of for rates, *_ in parts) else None
            for then, parts in zip(better, working.parts, strict=True)
        ]
    return tuple(
        _month(month, parts, gross_of, income, then, _stands(entered, working, month.month, parts))
        for month, parts, income, then in zip(working.result.months, working.parts, incomes, better, strict=True)
    )


class _Stands(NamedTuple):
    """What was entered, as it comes to in one month."""

    costs_gr: int
    deductions_gr: int
    other_gr: int | None


def _stands(entered: Entered, working: Working, name: str, parts: Sequence[Part]) -> _Stands:
    days, ticks = days_worked(working.employment, name=name), sum(ticks for *_, ticks in parts)
    costs, deductions = (in_month(one, days=days, ticks=ticks) for one in (entered.costs, entered.deductions))
    other = entered.other_income
    return _Stands(costs, deductions, None if other is None else in_month(other, days=days, ticks=ticks))


def _month(
    month: Month,
    parts: Sequence[Part],
    gross_of: Mapping[int, int],
    income: int,
    then: int | None,
    stands: _Stands,
) -> Beside:
    ticks = sum(ticks for *_, ticks in parts)
    before = sum(rates.holdings[first].before_gr * ticks for rates, first, _, ticks in parts)
    wage_gr = _grosze(rates.wage_gr * ticks for rates, _, _, ticks in parts)
    support_gr = _grosze(rates.holdings[first].kept_gr * ticks for rates, first, _, ticks in parts) + month.amount_gr
    before_gr, after_gr = _grosze([before]), wage_gr + support_gr
    in_hand_gr = after_gr - stands.costs_gr - stands.deductions_gr
    known = all(rates.wage_gr in gross_of for rates, *_ in parts)
    gross = sum(gross_of[rates.wage_gr] * ticks for rates, _, _, ticks in parts) if known else 0
    return Beside(
        month=month.month,
        before_gr=before_gr,
        wage_gr=wage_gr,
        support_gr=support_gr,
        after_gr=after_gr,
        costs_gr=stands.costs_gr,
        deductions_gr=stands.deductions_gr,
        in_hand_gr=in_hand_gr,
        household_before_gr=_at_home(before_gr, stands),
        household_after_gr=_at_home(after_gr, stands),
        household_in_hand_gr=_at_home(in_hand_gr, stands),
        participation_bp=_rate(income - before, gross),
        marginal_bp=None if then is None else _rate(then - income, STEP_GR * ticks),
    )


def _at_home(own_gr: int, stands: _Stands) -> int | None:
    return None if stands.other_gr is None else own_gr + stands.other_gr


def _incomes(working: Working) -> list[int]:
    """Return W + R + C of each month, in grosze x ticks."""
    return [
        sum((rates.wage_gr + rates.holdings[first].kept_gr) * ticks for rates, first, _, ticks in parts)
        + month.amount_gr * MONTH_TICKS
        for month, parts in zip(working.result.months, working.parts, strict=True)
    ]


def _rate(gained: int, paid: int) -> int | None:
    """Return, in basis points, the part of what is paid that is not gained; ``None`` of nothing."""
    return half_up(WHOLE_BP * (paid - gained), paid) if paid else None


def _grosze(amounts: Iterable[int]) -> int:
    """Return amounts in grosze x ticks, together, as grosze."""
    return half_up(sum(amounts), MONTH_TICKS)
