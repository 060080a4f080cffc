"""What a person's records at all offices hang on: the home, the day the job starts, and the wage."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.cli.demo.people.days import days_after, month_end_before
from services.cli.demo.people.home import Home
from shared.domain.benefit.law import law_value
from shared.domain.benefit.net_wage import net_wage

FULL_TIME_BP: Final = 10_000
HALF_TIME_BP: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wage:
    """A wage of a full month, in grosze, and the working time in basis points."""

    gross_gr: int
    net_gr: int
    working_time_bp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A person's circumstances; without a job ``wage`` is ``None`` and ``start`` the day one is looked at."""

    born: date
    home: Home
    start: date
    wage: Wage | None

    @property
    def eve(self) -> date:
        """Return the day on which benefits in force count: the last of the month before the start."""
        return month_end_before(self.start)

    @property
    def last_idle(self) -> date | None:
        """Return the last day without work, if a job follows."""
        return days_after(self.start, -1) if self.wage else None

    @property
    def net_gr(self) -> int:
        """Return the net wage; without a job, that of a full-time job at the minimum wage, which one might take."""
        return (self.wage or minimum_wage(percent=100, working_time_bp=FULL_TIME_BP, on=self.start)).net_gr


def minimum_wage(*, percent: int, working_time_bp: int, on: date) -> Wage:
    """Return a wage of so many percent of the minimum wage of a day.

    >>> minimum_wage(percent=50, working_time_bp=5000, on=date(2026, 3, 1))
    Wage(gross_gr=240300, net_gr=188693, working_time_bp=5000)
    """
    gross_gr = law_value(param="MIN_WAGE", on=on).grosze() * percent // 100
    return Wage(gross_gr=gross_gr, net_gr=net_wage(gross_gr, on=on).net_gr, working_time_bp=working_time_bp)
