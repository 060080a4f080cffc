"""Who may have the benefit: long-term unemployed (*długotrwale bezrobotny*) before the job starts.

Over 365 days registered in the 24 months before the start; days of a work placement (*staż*) and of adult
apprenticeship (*przygotowanie zawodowe dorosłych*) do not count. Source: BENEFIT.md, "Time, corrections, decisions".

>>> registered = [Period(date(2024, 9, 1), date(2025, 12, 31))]
>>> counted_days(start=date(2026, 3, 1), registered=registered, placements=[])
487
>>> placements = [Period(date(2025, 1, 1), date(2025, 6, 30))]
>>> is_long_term(start=date(2026, 3, 1), registered=registered, placements=placements)
False
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from shared.domain.benefit.span import plus_months
from shared.domain.period import Period

DAYS_NEEDED = 365
MONTHS_LOOKED_AT = 24
NOT_COUNTED = frozenset({"PUP-STA", "PUP-PZD"})


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Days of the 24 months before a start: those registered, and how many of them were spent on placements."""

    registered: int
    placements: int

    @property
    def counted(self) -> int:
        """Return the days that count."""
        return self.registered - self.placements


def is_long_term(*, start: date, registered: Iterable[Period], placements: Iterable[Period]) -> bool:
    """Tell whether a person was long-term unemployed when the job started."""
    return counted_days(start=start, registered=registered, placements=placements) > DAYS_NEEDED


def counted_days(*, start: date, registered: Iterable[Period], placements: Iterable[Period]) -> int:
    """Return the days registered in the 24 months before ``start``, placements left out."""
    return looked_at(start=start, registered=registered, placements=placements).counted


def looked_at(*, start: date, registered: Iterable[Period], placements: Iterable[Period]) -> LookedAt:
    """Return the days registered in the 24 months before ``start``, and those among them that placements take off."""
    window = window_before(start)
    days = days_within(registered, window)
    return LookedAt(len(days), len(days & days_within(placements, window)))


def window_before(start: date) -> Period:
    """Return the 24 months before a day; before 29 February they begin on the 28th."""
    return Period(plus_months(start, -MONTHS_LOOKED_AT), start - timedelta(days=1))


def days_within(periods: Iterable[Period], window: Period) -> set[int]:
    """Return the days of some periods within one that has an end, each once, as ordinals."""
    days: set[int] = set()
    for period in periods:
        within = period.overlap(window)
        if within is not None and within.end is not None:
            days.update(range(within.start.toordinal(), within.end.toordinal() + 1))
    return days
