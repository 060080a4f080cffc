"""What a labour office pays by the figures of law; grosze a month, rounded half up.

>>> unemployment_benefit(since=date(2025, 6, 10), level="UB_LEVEL_STD", law=Figures(date(2025, 7, 1)))
156693
>>> [stipend("STIPEND_STAZ", law=Figures(day)) for day in (date(2025, 5, 31), date(2025, 6, 1))]
[181490, 250709]
>>> activation_supplement(gross_gr=240300, law=Figures(date(2026, 9, 1)))
89195
"""

from datetime import date
from typing import Final

from shared.domain.benefit.prospect.figures import Figures, part

BETTER_PAID_DAYS: Final = 90
"""UB_BASE_90 is paid for the first 90 days."""
MOST_USEFUL_HOURS: Final = 40
"""Hours of socially useful works in a month: the unit of PSU_HOURLY_MIN says so."""
MONTH_DAYS: Final = 30
"""Days of benefit that make a month of it."""


def unemployment_benefit(*, since: date, level: str, law: Figures) -> int:
    """Return the unemployment benefit (*zasiłek dla bezrobotnych*) in hand.

    ``since`` is its first day, ``level`` the parameter of its level.
    """
    return in_hand(gross_unemployment_benefit(since=since, level=level, law=law, granted=law), law=law)


def gross_unemployment_benefit(*, since: date, level: str, law: Figures, granted: Figures) -> int:
    """Return the unemployment benefit before contributions, at the level that the law had when it was granted."""
    better = (law.on - since).days < BETTER_PAID_DAYS
    base = law.grosze("UB_BASE_90" if better else "UB_BASE_AFTER")
    return part(base, granted.basis_points(level))


def stipend(param: str, *, law: Figures) -> int:
    """Return a stipend in hand: a part of UB_BASE_90."""
    return in_hand(gross_stipend(param, law=law, granted=law), law=law)


def gross_stipend(param: str, *, law: Figures, granted: Figures) -> int:
    """Return a stipend before contributions, of the part that the law had when it was granted."""
    return part(law.grosze("UB_BASE_90"), granted.basis_points(param))


def in_hand(gross_gr: int, *, law: Figures) -> int:
    """Return what is left of a benefit or a stipend after contributions and tax."""
    return part(gross_gr, law.basis_points("UB_NET_FACTOR"))


def useful_works(*, law: Figures) -> int:
    """Return what the most hours of socially useful works in a month pay; nothing is taken off."""
    return MOST_USEFUL_HOURS * law.grosze("PSU_HOURLY_MIN")


def activation_supplement(*, gross_gr: int, law: Figures) -> int:
    """Return the activation supplement (*dodatek aktywizacyjny*) to a job on referral below the minimum wage.

    It fills up to the minimum wage, at most a part of UB_BASE_90. Nothing is taken off: the table has no figure.
    """
    most = most_activation_supplement(law=law)
    return max(0, min(law.grosze("MIN_WAGE") - gross_gr, most))


def most_activation_supplement(*, law: Figures) -> int:
    """Return the most that an activation supplement may be."""
    return part(law.grosze("UB_BASE_90"), law.basis_points("ACTIV_SUPP_MAX"))
