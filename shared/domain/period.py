"""A period (*okres*) of days: ``from`` and ``until`` are both days in force; an open end is ``None``.

>>> Period(date(2026, 3, 1), date(2026, 3, 31)).days
31
>>> Period(date(2026, 3, 2), date(2026, 3, 1))
Traceback (most recent call last):
PeriodReversed: The period ends before it starts.
"""

from dataclasses import dataclass
from datetime import date

from shared.domain.errors import Invalid


class PeriodReversed(Invalid):
    """The period ends before it starts."""

    problem = "period-reversed"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` until ``end``, both included.

    :raises PeriodReversed: when it ends before it starts.
    """

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise PeriodReversed(
                field="until", expected=f"{self.start.isoformat()} or later", received=self.end.isoformat()
            )

    @property
    def days(self) -> int | None:
        """Return how many days the period has; ``None`` while its end is open."""
        return None if self.end is None else (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)

    def overlap(self, other: "Period") -> "Period | None":
        """Return the days that both have, or ``None``."""
        start = max(self.start, other.start)
        ends = [end for end in (self.end, other.end) if end is not None]
        end = min(ends) if ends else None
        return None if end is not None and end < start else Period(start, end)
