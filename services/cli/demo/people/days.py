"""The days of the pilot, and the arithmetic of months that records need.

>>> months_after(date(2026, 1, 31), 1), month_end(date(2026, 2, 10)), month_end_before(date(2026, 3, 16))
(datetime.date(2026, 2, 1), datetime.date(2026, 2, 28), datetime.date(2026, 2, 28))
>>> [(str(first), str(last), worth) for first, last, worth in stretches(
...     first=date(2026, 5, 20), last=date(2026, 7, 5), worth=lambda day: day.month >= 6)]
[('2026-05-20', '2026-05-31', False), ('2026-06-01', '2026-07-05', True)]
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, TypeVar

T = TypeVar("T")

FIRST_DAY: Final = date(2024, 9, 1)
LAST_DAY: Final = date(2026, 8, 31)
"""Histories lie between these two days, 24 months."""
REFERENCE_DAY: Final = date(2026, 3, 1)
"""The day on which people without a job are looked at as if they took one."""
FIRST_START: Final = date(2026, 2, 1)
LAST_START: Final = date(2026, 8, 15)
AGE_DAY: Final = date(2026, 9, 1)
"""Ages are counted on this day."""


def days_after(day: date, count: int) -> date:
    """Return the day ``count`` days later; earlier where it is negative."""
    return day + timedelta(days=count)


def months_after(day: date, count: int) -> date:
    """Return the first day of the month ``count`` months later; earlier where it is negative."""
    months = day.year * 12 + day.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def month_end(day: date) -> date:
    """Return the last day of the month of a day."""
    return days_after(months_after(day, 1), -1)


def month_end_before(day: date) -> date:
    """Return the last day of the month before the month of a day: benefits in force on it count."""
    return days_after(day.replace(day=1), -1)


def stretches(*, first: date, last: date, worth: Callable[[date], T]) -> list[tuple[date, date, T]]:
    """Cut a period at the firsts of months on which its worth changes; each part with its worth."""
    parts: list[tuple[date, date, T]] = []
    begin = first
    while begin <= last:
        end, value = min(month_end(begin), last), worth(begin)
        if parts and parts[-1][2] == value:
            parts[-1] = (parts[-1][0], end, value)
        else:
            parts.append((begin, end, value))
        begin = days_after(end, 1)
    return parts
