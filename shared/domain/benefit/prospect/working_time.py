"""Working time (*wymiar czasu pracy*) in basis points of full time, and the minimum wage for it.

Full time is 40 hours a week (Labour Code, art. 129 § 1); a month of it is taken as 52/12 weeks, 173 1/3 hours.

>>> of_hours_a_week(2000), of_hours_a_month(8667), of_hours_a_week(1650)
(5000, 5000, 4125)
>>> of_hours_a_week(4001)
Traceback (most recent call last):
NotWorkingTime: Working time is more than nothing and at most full time.
"""

from typing import Final

from shared.domain.benefit.curves import WHOLE_BP
from shared.domain.benefit.prospect.figures import Figures
from shared.domain.errors import Invalid
from shared.domain.money import half_up

WEEK_HOURS: Final = 40
_WEEKS, _MONTHS = 52, 12
_HUNDREDTHS: Final = 100


class NotWorkingTime(Invalid):
    """Working time is more than nothing and at most full time."""


def of_hours_a_week(hundredths: int, *, field: str = "hours_week") -> int:
    """Return working time for hours a week, given in hundredths of an hour; to the nearest basis point, half up.

    :raises NotWorkingTime: nothing, or more than 40 hours.
    """
    full = WEEK_HOURS * _HUNDREDTHS
    return _share(hundredths, full, field=field, most=f"{WEEK_HOURS} hours")


def of_hours_a_month(hundredths: int, *, field: str = "hours_month") -> int:
    """Return working time for hours a month, given in hundredths of an hour; to the nearest basis point, half up.

    :raises NotWorkingTime: nothing, or more than 173.33 hours.
    """
    full = WEEK_HOURS * _WEEKS * _HUNDREDTHS // _MONTHS
    return _share(hundredths, full, field=field, most="173.33 hours")


def minimum_gross(*, working_time_bp: int, law: Figures) -> int:
    """Return the lowest gross wage that the law allows for this working time, in grosze, rounded up.

    >>> from datetime import date
    >>> minimum_gross(working_time_bp=5000, law=Figures(date(2026, 3, 1)))
    240300
    """
    return -(-law.grosze("MIN_WAGE") * working_time_bp // WHOLE_BP)


def _share(hundredths: int, full: int, *, field: str, most: str) -> int:
    share = half_up(hundredths * WHOLE_BP, full)
    if hundredths > full or share <= 0:
        raise NotWorkingTime(field=field, expected=f"more than 0, at most {most}")
    return share
