"""The newest case (*sprawa*) of a person before another job: whether it takes that job in, and the lock after its end.

Only a case that ran locks: one in which an official granted something. One that was never decided makes room for the
next on the day after its end, a refused one also for a job that begins after the refusal, once the work that was
refused has stopped; while a refusal is under appeal nothing new begins (docs/decisions/0023).

An office knows the end where its own records give the schedule that was published. Where they do not, as after the
client was parted, the last month of that schedule is taken whole: the end is then that day at the latest.

>>> last = LastCase(months=["2026-03", "2026-05"])
>>> last.ends_on(date(2026, 8, 1)), last.free_from(date(2026, 8, 1))
(datetime.date(2026, 5, 31), datetime.date(2028, 6, 1))
>>> last.goes_on(date(2026, 5, 31)), last.free_from(date(2026, 5, 31))
(True, None)
>>> LastCase(months=["2026-03"], course=Course()).free_from(date(2026, 11, 20))
datetime.date(2026, 4, 1)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.domain.assemble import Assembled
from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.clock import days_in
from shared.domain.benefit.span import plus_months
from shared.domain.decision import Decision, standing_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What officials made of a case, as far as the next one depends on it.

    ``has_run``: something was granted. ``is_appealed``: a refusal is under appeal. ``refused_on``: the day of the
    refusal, where that stands.
    """

    has_run: bool = False
    is_appealed: bool = False
    refused_on: date | None = None


def course_of(decisions: Sequence[tuple[Decision, date]], totals: Mapping[str, int]) -> Course:
    """Return the course of a case; ``decisions`` with their days, ``totals`` in grosze by assessment.

    >>> from shared.domain.decision import Seen
    >>> refused = Decision("refused", Seen("A", "a"))
    >>> course_of([(refused, date(2026, 4, 10))], {"A": 100}).refused_on
    datetime.date(2026, 4, 10)
    """
    stands = standing_of(decision for decision, _ in decisions)
    granted = (decision for decision, _ in decisions if decision.kind in ("approved", "changed"))
    refused = [day for decision, day in decisions if decision.kind == "refused"]
    return Course(
        has_run=any(totals.get(decision.on.assessment_id, 0) for decision in granted),
        is_appealed=stands.granted is None and stands.state == "appealed",
        refused_on=refused[-1] if stands.granted is None and stands.state in ("refused", "upheld") else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCase:
    """``months`` are those of the schedule as published; ``assembled`` is the office's own, if it gives the same."""

    months: Sequence[str]
    assembled: Assembled | None = None
    course: Course = Course(has_run=True)

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

    def has_ended(self, today: date) -> bool:
        """Tell whether no work can enter the case any more; where its end is not exact, after the longest break."""
        ends_on = self.ends_on(today)
        if ends_on is None:
            return not self.months
        if not self.is_exact:
            break_months = case_settings(on=self._first_day()).break_months
            return today > plus_months(ends_on + timedelta(days=1), break_months)
        return ends_on < today

    def goes_on(self, start: date) -> bool:
        """Tell whether a job that starts on a day belongs to the case, so that no new one begins."""
        if self.course.has_run:
            ends_on = self.ends_on(start)
            return bool(self.months) if ends_on is None else start <= ends_on
        first = self.not_before(start)
        return bool(self.months) if first is None else start < first

    def free_from(self, start: date) -> date | None:
        """Return the first day on which a job may begin a case, as it is for one that starts on a day.

        ``None`` where the case goes on then, so that there is no lock yet.
        """
        return None if self.goes_on(start) else self.not_before(start)

    def free_for(self, starts: Iterable[date], today: date) -> date | None:
        """Return the first day on which the next case may begin, where one of some jobs does not belong to this one."""
        first, ends_on = self.not_before(today), self.ends_on(today)
        after = ends_on if self.course.has_run else first and first - timedelta(days=1)
        return first if after and any(start > after for start in starts) else None

    def not_before(self, day: date) -> date | None:
        """Return the first day on which the next case may begin, as of a day; ``None`` while nothing new can begin."""
        ends_on, course = self.ends_on(day), self.course
        if course.has_run:
            return case_settings(on=self._first_day()).locked_until(ends_on) + timedelta(days=1) if ends_on else None
        if course.is_appealed:
            return None
        days = [ends_on + timedelta(days=1)] if ends_on else []
        if course.refused_on and (stopped := self._stopped()):
            days.append(max(course.refused_on + timedelta(days=1), stopped))
        return min(days, default=None)

    def _stopped(self) -> date | None:
        """Return the first day on which the work of the case stood still."""
        events = self.assembled.case.employment if self.assembled and self.assembled.case else ()
        return next((event.effective for event in events if event.kind == "stop"), None)

    def _first_day(self) -> date:
        own = self.assembled.first_start if self.assembled else None
        return own or date.fromisoformat(f"{self.months[0]}-01")
