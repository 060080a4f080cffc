"""The span of a case (*sprawa*): a short break of work resumes the clock, a long one ends the case, and then a lock.

A break of up to 6 months resumes the clock; no new case begins for 24 months after one ends (BENEFIT.md, "Time,
corrections, decisions"; both are dated settings). A case ends on the last day that counts on its clock: the day on
which the clock reaches 12, or the last day worked before a break that is too long.

>>> works = EmploymentEvent("start", date(2026, 3, 1), 360000)
>>> last_day([works])
datetime.date(2027, 2, 28)
>>> plus_months(date(2026, 8, 31), 6)
datetime.date(2027, 2, 28)
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from shared.domain.benefit.clock import MONTH_TICKS, days_in
from shared.domain.benefit.curves import MONTHS
from shared.domain.benefit.employment import EmploymentEvent, standing

_YEAR: Final = 12


def plus_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of that month where it has no such day."""
    index = day.year * _YEAR + day.month - 1 + months
    year, month = divmod(index, _YEAR)
    return date(year, month + 1, min(day.day, days_in(year=year, month=month + 1)))


def without_long_breaks(events: Sequence[EmploymentEvent], *, break_months: int) -> tuple[EmploymentEvent, ...]:
    """Return the events up to the first break that is too long to be resumed; they are in order of days."""
    stopped: date | None = None
    for index, event in enumerate(events):
        if event.kind == "stop":
            stopped = stopped or event.effective
        elif stopped is not None:
            if event.effective > plus_months(stopped, break_months):
                return tuple(events[:index])
            stopped = None
    return tuple(events)


def last_day(events: Sequence[EmploymentEvent]) -> date | None:
    """Return the last day that counts on the clock; ``None`` where there is none.

    While the last job goes on it is the day on which the clock will reach 12.
    """
    return _walked(events)[1]


def ends_on(events: Sequence[EmploymentEvent], *, today: date, break_months: int) -> date | None:
    """Return the day on which a case ended, or will if nothing happens; ``None`` while a break may be resumed."""
    room, last = _walked(events)
    if not room or last is None:
        return last
    return last if today > plus_months(last + timedelta(days=1), break_months) else None


def _walked(events: Sequence[EmploymentEvent]) -> tuple[int, date | None]:
    """Let the clock run over all work; return the ticks left to 12 months, and the last day counted."""
    days = standing(events)
    room, last = MONTHS * MONTH_TICKS, None
    for index, (start, wage) in enumerate(days):
        if wage is not None and room:
            end = days[index + 1][0] if index + 1 < len(days) else None
            room, last = _walk(start, end, room)
    return room, last


def _walk(start: date, end: date | None, room: int) -> tuple[int, date]:
    """Let the clock run from ``start`` to the day before ``end``; return the room left and the last day counted."""
    day = start
    while room and (end is None or day < end):
        length = days_in(year=day.year, month=day.month)
        a_day = MONTH_TICKS // length
        month_end = day.replace(day=length) + timedelta(days=1)
        stop = month_end if end is None else min(month_end, end)
        needed = -(-room // a_day)
        worked = min((stop - day).days, needed)
        room = max(0, room - worked * a_day)
        day += timedelta(days=worked)
    return room, day - timedelta(days=1)
