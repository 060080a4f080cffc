"""How long a benefit is kept whose record has an end: money that the office's record says has ended is paid no more.

The rule knows whole months of the clock. What would be kept for good, and ends while the clock runs, is kept through as
many of them as it lasts, to the nearest; a half is left out, in favour of the person. Source: docs/decisions/0024.

>>> works = [EmploymentEvent("start", date(2026, 3, 2), 180000)]
>>> months_kept(date(2026, 4, 30), works), months_kept(date(2027, 5, 31), works), months_kept(None, works)
(2, None, None)
"""

from collections.abc import Sequence
from datetime import date, timedelta

from shared.domain.benefit.clock import MONTH_TICKS, work_months
from shared.domain.benefit.curves import MONTHS
from shared.domain.benefit.employment import EmploymentEvent


def months_kept(end: date | None, employment: Sequence[EmploymentEvent]) -> int | None:
    """Return through how many clock months a benefit is kept that ends on a day; ``None`` if the clock ends before."""
    if end is None:
        return None
    until_then = [event for event in employment if event.effective <= end]
    stop = EmploymentEvent("stop", end + timedelta(days=1), None, recorded=len(employment) + 1)
    stretches = (stretch for _, _, month in work_months([*until_then, stop]) for stretch in month)
    ticks = sum(ticks for _, _, ticks in stretches)
    return None if ticks >= MONTHS * MONTH_TICKS else (2 * ticks + MONTH_TICKS - 1) // (2 * MONTH_TICKS)
