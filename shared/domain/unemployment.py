"""A person's standing as unemployed (*bezrobotny*) on a day: registered or not, long-term or not, and since when.

Long-term (*długotrwale bezrobotny*) is who was registered over 365 days in the 24 months before the day, days of a
work placement (*staż*) and of adult apprenticeship (*przygotowanie zawodowe dorosłych*) left out. It is the rule of
``shared.domain.benefit.eligibility``, told with the days behind it.

>>> registered = [Period(date(2024, 10, 1))]
>>> placement = Placement("PUP-STA", "a", Period(date(2025, 2, 1), date(2025, 4, 30)))
>>> found = unemployment(on=date(2026, 3, 1), registered=registered, placements=[placement])
>>> found.is_registered, found.registered_days, found.taken_off[0].days, found.counted_days
(True, 516, 89, 427)
>>> found.is_long_term, found.long_term_since
(True, datetime.date(2025, 12, 30))
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.domain.benefit.eligibility import DAYS_NEEDED, days_within, window_before
from shared.domain.period import Period


@dataclass(frozen=True, slots=True)
class Placement:
    """A form of support whose days do not count as unemployed."""

    code: str
    record: str
    period: Period


@dataclass(frozen=True, slots=True)
class TakenOff:
    """A placement, and how many registered days of the 24 months it takes off; a day is taken off once."""

    code: str
    record: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unemployment:
    """What was found for a day; ``window`` are the 24 months before it."""

    on: date
    window: Period
    is_registered: bool
    registered_days: int
    taken_off: tuple[TakenOff, ...]
    counted_days: int
    long_term_since: date | None

    @property
    def is_long_term(self) -> bool:
        """Tell whether the rule of long-term unemployment is met on the day."""
        return self.counted_days > DAYS_NEEDED


def unemployment(*, on: date, registered: Sequence[Period], placements: Iterable[Placement]) -> Unemployment:
    """Return how a person stands on a day; ``long_term_since`` is the first day of the unbroken stretch up to it."""
    placed = sorted(placements, key=lambda one: (one.period.start, one.record))
    window = window_before(on)
    days = days_within(registered, window)
    taken_off, left = [], set(days)
    for one in placed:
        off = days_within([one.period], window) & left
        left -= off
        if off:
            taken_off.append(TakenOff(one.code, one.record, len(off)))
    return Unemployment(
        on=on,
        window=window,
        is_registered=any(on in period for period in registered),
        registered_days=len(days),
        taken_off=tuple(taken_off),
        counted_days=len(left),
        long_term_since=_since(on, registered, [one.period for one in placed]) if len(left) > DAYS_NEEDED else None,
    )


def _since(on: date, registered: Sequence[Period], placements: Sequence[Period]) -> date:
    """Return the first day from which on, up to ``on``, the rule was met on every day."""
    ever = Period(min(period.start for period in registered), on - timedelta(days=1))
    days = sorted(days_within(registered, ever) - days_within(placements, ever))
    since = on
    while _counted(days, since - timedelta(days=1)) > DAYS_NEEDED:
        since -= timedelta(days=1)
    return since


def _counted(days: Sequence[int], on: date) -> int:
    return bisect_left(days, on.toordinal()) - bisect_left(days, window_before(on).start.toordinal())
