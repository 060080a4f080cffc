"""Target groups (*grupa docelowa*) of active inclusion: until when a mark holds, by its own dates and the person's age.

The groups and their limits stand in ``target_groups.csv``. A limit in months runs through the same day so many months
later; both ends of an age count, so that who is 25 is still of the youth. Source: seed 002, the project of a welfare
centre under 7.1.1; that the last of the limits is included, and which day counts as over 50, is ours.

>>> born = date(1980, 6, 15)
>>> Mark("after_prison", since=date(2026, 1, 10)).holds(born)
Period(start=datetime.date(2026, 1, 10), end=datetime.date(2027, 1, 10))
>>> Mark("addiction", since=date(2026, 1, 10), ended_on=date(2026, 4, 30)).holds(born)
Period(start=datetime.date(2026, 1, 10), end=datetime.date(2027, 4, 30))
>>> Mark("youth_at_risk", since=date(2026, 1, 10)).holds(born) is None
True
>>> Mark("over_50", since=date(2026, 1, 10)).holds(born)
Period(start=datetime.date(2030, 6, 15), end=None)
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from shared.domain.benefit.span import plus_months
from shared.domain.period import Period

_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroup:
    """A target group: how many months a mark of it holds, counted from its beginning or its end, and for which ages."""

    name: str
    name_pl: str
    name_en: str
    months: int | None
    counted_from: str
    age_from: int | None
    age_until: int | None
    verified: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark: ``since`` is the day on which what it says began, ``ended_on`` the last day of it, if it has ended.

    Of ``after_prison`` it began with the day of leaving; of ``addiction``, with the treatment.
    """

    group: str
    since: date
    ended_on: date | None = None

    def holds(self, born: date) -> Period | None:
        """Return from when until when the person, born on a day, is of the group; ``None``: on no day."""
        return _within(self._by_dates(), _ages(groups()[self.group], born))

    def _by_dates(self) -> Period:
        group, last = groups()[self.group], self.ended_on
        if group.months is None:
            return Period(self.since, last)
        if group.counted_from == "end":
            return Period(self.since, plus_months(last, group.months) if last else None)
        limit = plus_months(self.since, group.months)
        return Period(self.since, min(last, limit) if last else limit)


def _within(days: Period, ages: Period | None) -> Period | None:
    return days if ages is None else days.overlap(ages)


def _ages(group: TargetGroup, born: date) -> Period | None:
    if group.age_from is None:
        return None
    birthday_after = None if group.age_until is None else plus_months(born, (group.age_until + 1) * _YEAR)
    last = birthday_after - timedelta(days=1) if birthday_after else None
    return Period(plus_months(born, group.age_from * _YEAR), last)


@cache
def groups() -> Mapping[str, TargetGroup]:
    """Return every target group by its name, in the order of the file."""
    lines = files(__package__).joinpath("target_groups.csv").read_text("utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter=";")
    return MappingProxyType({row["group"]: _group(row) for row in rows})


def _group(row: dict[str, str]) -> TargetGroup:
    return TargetGroup(
        name=row["group"],
        name_pl=row["name_pl"],
        name_en=row["name_en"],
        months=int(row["months"]) if row["months"] else None,
        counted_from=row["counted_from"],
        age_from=int(row["age_from"]) if row["age_from"] else None,
        age_until=int(row["age_until"]) if row["age_until"] else None,
        verified=row["status"] == "found",
    )
