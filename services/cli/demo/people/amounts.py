"""Monthly amounts by the figures of law in force on a day; grosze, rounded half up with whole numbers.

What the table does not know is never guessed: ``law_value`` refuses, and no such benefit is planned for that day.

>>> unemployment_benefit(on=date(2025, 7, 1), since=date(2025, 6, 10), level="UB_LEVEL_STD")
156693
>>> stipend("STIPEND_STAZ", on=date(2025, 5, 31)), stipend("STIPEND_STAZ", on=date(2025, 6, 1))
(181490, 250709)
>>> activation_supplement(gross_gr=240300, on=date(2026, 9, 1))
89195
"""

from datetime import date
from typing import Final

from services.cli.demo.people.home import Home, age
from shared.domain.benefit.curves import WHOLE_BP
from shared.domain.benefit.law import law_value

BETTER_PAID_DAYS: Final = 90
"""UB_BASE_90 is paid for the first 90 days."""
_MOST_PSU_HOURS: Final = 40
"""Hours of socially useful works in a month: the unit of PSU_HOURLY_MIN says so."""
_LEAST_FAMILY_GR: Final = 2_000
"""Family allowance below 20 zł is not paid: the unit of FA_TAPER says so."""
_LARGE_FAMILY_FROM: Final = 3


def unemployment_benefit(*, on: date, since: date, level: str) -> int:
    """Return the unemployment benefit in hand; ``since`` is its first day, ``level`` a parameter of law."""
    better = (on - since).days < BETTER_PAID_DAYS
    base = _grosze("UB_BASE_90" if better else "UB_BASE_AFTER", on)
    return _in_hand(_part(base, _bp(level, on)), on)


def stipend(param: str, *, on: date) -> int:
    """Return a stipend in hand: a part of UB_BASE_90."""
    return _in_hand(_part(_grosze("UB_BASE_90", on), _bp(param, on)), on)


def useful_works(*, on: date) -> int:
    """Return what the most hours of socially useful works in a month pay; nothing is taken off."""
    return _MOST_PSU_HOURS * _grosze("PSU_HOURLY_MIN", on)


def activation_supplement(*, gross_gr: int, on: date) -> int:
    """Return the in-work supplement of a part-time job: up to the minimum wage, at most a part of UB_BASE_90."""
    most = _part(_grosze("UB_BASE_90", on), _bp("ACTIV_SUPP_MAX", on))
    return max(0, min(_grosze("MIN_WAGE", on) - gross_gr, most))


def temporary_allowance(*, home: Home, income_gr: int, on: date) -> int:
    """Return the temporary allowance: the centre's share, at least the law's, of criterion minus income."""
    gap = _criterion(home, on) - income_gr
    share = max(home.paid_share_bp, _bp("SA_OKRESOWY_FLOOR", on))
    return max(_part(gap, share), _grosze("SA_OKRESOWY_MIN", on)) if gap > 0 else 0


def permanent_allowance(*, home: Home, income_gr: int, on: date) -> int:
    """Return the permanent allowance of a person who cannot work: a factor of the criterion minus income, bounded."""
    due = (_part(_criterion(home, on), _bp("SA_STALY_FORMULA_FACTOR", on)) - income_gr) // home.members
    return max(_grosze("SA_STALY_MIN", on), min(due, _grosze("SA_STALY_MAX", on))) if due > 0 else 0


def family_allowance(*, home: Home, income_gr: int, on: date) -> int:
    """Return the family allowance with the supplement of a large family, less what income is above the criterion."""
    due = sum(_grosze(_child_param(age(born=born, on=on)), on) for born in home.children)
    due += max(0, len(home.children) - _LARGE_FAMILY_FROM + 1) * _grosze("FA_SUPP_LARGE_FAMILY", on)
    above = max(0, income_gr - home.members * _grosze("FA_CRITERION", on))
    due -= _part(above, _bp("FA_TAPER", on))
    return due if due >= _LEAST_FAMILY_GR else 0


def housing_left(*, home: Home, income_gr: int, on: date) -> int:
    """Return what is left of the housing allowance at an income."""
    limit = "HB_INCOME_LIMIT_1" if home.members == 1 else "HB_INCOME_LIMIT_N"
    above = max(0, income_gr - home.members * _grosze(limit, on))
    return max(0, home.housing_gr - _part(above, _bp("HB_TAPER", on)))


def _criterion(home: Home, on: date) -> int:
    return _grosze("SA_CRITERION_SINGLE" if home.members == 1 else "SA_CRITERION_FAMILY", on) * home.members


def _child_param(years: int) -> str:
    return "FA_CHILD_0_5" if years < 5 else "FA_CHILD_5_18" if years < 18 else "FA_CHILD_18_24"


def _in_hand(gross_gr: int, on: date) -> int:
    return _part(gross_gr, _bp("UB_NET_FACTOR", on))


def _part(amount_gr: int, rate_bp: int) -> int:
    return (2 * amount_gr * rate_bp + WHOLE_BP) // (2 * WHOLE_BP)


def _grosze(param: str, on: date) -> int:
    return law_value(param=param, on=on).grosze()


def _bp(param: str, on: date) -> int:
    return law_value(param=param, on=on).basis_points()
