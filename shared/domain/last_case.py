"""The newest case (*sprawa*) of a client before another job: whether it takes that job in, and the lock after its end.

An office knows the end where its own records give the schedule that was published. Where they do not, as after the
client was parted, the last month of that schedule is taken whole: the end is then that day at the latest.

>>> last = LastCase(months=["2026-03", "2026-05"])
>>> last.ends_on(date(2026, 8, 1)), last.free_from(date(2026, 8, 1))
(datetime.date(2026, 5, 31), datetime.date(2028, 6, 1))
>>> last.goes_on(date(2026, 5, 31)), last.free_from(date(2026, 5, 31))
(True, None)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.domain.assemble import Assembled
from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.clock import days_in


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCase:
    """``months`` are those of the schedule as published; ``assembled`` is the office's own, if it gives the same."""

    months: Sequence[str]
    assembled: Assembled | None = None

    @property
    def is_exact(self) -> bool:
        """Tell whether the day of the end is known, and not the month alone."""
        return self.assembled is not None

    def ends_on(self, day: date) -> date | None:
        """Return the end of the case as of a day; ``None`` where a break may be resumed, or nothing is due."""
        if self.assembled is not None:
            return self.assembled.ends_on(day)
        if not self.months:
            return None
        first = date.fromisoformat(f"{self.months[-1]}-01")
        return first.replace(day=days_in(year=first.year, month=first.month))

    def goes_on(self, start: date) -> bool:
        """Tell whether a job that starts on a day belongs to the case, so that no new one begins."""
        ends_on = self.ends_on(start)
        return bool(self.months) if ends_on is None else start <= ends_on

    def free_from(self, start: date) -> date | None:
        """Return the first day on which a job may begin a case, as it is for one that starts on a day.

        ``None`` where the case goes on then, so that there is no lock yet.
        """
        ends_on = self.ends_on(start)
        if ends_on is None or start <= ends_on:
            return None
        return case_settings(on=self._first_day()).locked_until(ends_on) + timedelta(days=1)

    def _first_day(self) -> date:
        own = self.assembled.first_start if self.assembled else None
        return own or date.fromisoformat(f"{self.months[0]}-01")
