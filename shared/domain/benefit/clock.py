"""The clock of the scheme: full-month equivalents of work, from 0 to 12, standing still without work.

A calendar month of n days with d worked adds d/n; clock month m is the stretch [m-1, m). Time is counted in ticks,
377 580 to the month: the least number that 28, 29, 30 and 31 all divide, so each day is a whole number of ticks and
nothing is rounded. Source: BENEFIT.md, "The clock".

>>> march, april, *_ = work_months([EmploymentEvent("start", date(2026, 3, 16), 360000)])
>>> april
(2026, 4, [(1, 360000, 182700), (2, 360000, 194880)])
>>> 182700 * 31 == 15 * MONTH_TICKS
True
"""

from collections.abc import Iterator, Sequence
from datetime import date
from math import lcm
from typing import Final

from shared.domain.benefit.curves import MONTHS
from shared.domain.benefit.employment import EmploymentEvent, standing

MONTH_TICKS: Final = lcm(28, 29, 30, 31)

Stretch = tuple[int, int, int]
"""Clock month (1 to 12), net wage in grosze, ticks: a part of a calendar month inside one clock month at one wage."""

WorkMonth = tuple[int, int, list[Stretch]]
"""Year, month, stretches: a calendar month with work that counts on the clock."""

_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY: Final = 2
_DAY_TICKS: Final = {length: MONTH_TICKS // length for length in (28, 29, 30, 31)}


def days_in(*, year: int, month: int) -> int:
    """Return the days of a month.

    >>> days_in(year=2028, month=2), days_in(year=2100, month=2)
    (29, 28)
    """
    if month != _FEBRUARY or year % 4 or (year % 100 == 0 and year % 400):
        return _DAYS[month - 1]
    return 29


def work_months(events: Sequence[EmploymentEvent]) -> list[WorkMonth]:
    """Return the calendar months with work, until the clock reaches 12; months without a day of work are left out."""
    found: list[WorkMonth] = []
    stretches: list[Stretch] = []
    now_year: int | None = None
    now_month: int | None = None
    clock_month, room = 1, MONTH_TICKS
    for year, month, worked, wage in _spells(standing(events)):
        if worked == MONTH_TICKS and clock_month < MONTHS:
            # A whole month ends a clock month and leaves the next one as much room as this one had.
            stretches = [(clock_month, wage, room)]
            clock_month += 1
            if room < MONTH_TICKS:
                stretches.append((clock_month, wage, MONTH_TICKS - room))
            found.append((year, month, stretches))
            continue
        left = worked
        if month != now_month or year != now_year:
            now_year, now_month, stretches = year, month, []
            found.append((year, month, stretches))
        elif stretches[-1][:2] == (clock_month, wage):
            # A day that changes nothing must not split the stretch.
            room += stretches[-1][2]
            left += stretches.pop()[2]
        while left >= room:
            stretches.append((clock_month, wage, room))
            if clock_month == MONTHS:
                return found
            left -= room
            clock_month, room = clock_month + 1, MONTH_TICKS
        if left:
            stretches.append((clock_month, wage, left))
            room -= left
    return found


def _spells(days: list[tuple[date, int | None]]) -> Iterator[tuple[int, int, int, int]]:
    """Yield (year, month, ticks worked, wage) in order; after the last event, without end."""
    for index, (start, wage) in enumerate(days, start=1):
        if wage is None:
            continue
        end = days[index][0] if index < len(days) else None
        year, month, day = start.year, start.month, start.day
        while end is None or year < end.year or (year == end.year and month < end.month):
            if day == 1:
                yield year, month, MONTH_TICKS, wage
            else:
                length = days_in(year=year, month=month)
                yield year, month, (length - day + 1) * _DAY_TICKS[length], wage
                day = 1
            year, month = (year, month + 1) if month < MONTHS else (year + 1, 1)
        if end.day > day:
            yield year, month, (end.day - day) * _DAY_TICKS[days_in(year=year, month=month)], wage
