"""From the records of single jobs to the one list of employment events that a case has.

Per job the latest ``recorded`` of a day wins, wages of jobs held at once add up, a stop ends its own job alone, and a
``wage`` of a job not held starts it. The outcome depends neither on the order of the records nor on how often each
came. Source: BENEFIT.md, "Inputs".

>>> first, second = date(2026, 3, 1), date(2026, 4, 1)
>>> records = [JobRecord("a", "start", first, 200000, 1), JobRecord("b", "start", second, 100000, 2)]
>>> [(event.kind, event.net_wage_gr) for event in employment_events(records)]
[('start', 200000), ('wage', 300000)]
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.domain.benefit.employment import EmploymentEvent, EventKind
from shared.domain.money import amount


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One record of one job; ``recorded`` is the issuer's own counter, ``net_wage_gr`` is ``None`` for a stop."""

    employment_id: str
    kind: EventKind
    effective: date
    net_wage_gr: int | None
    recorded: int


def employment_events(records: Iterable[JobRecord]) -> tuple[EmploymentEvent, ...]:
    """Return the case's events, one for each day on which the whole wage changes, counted from 1.

    Empty where every record of work is outweighed. Two records of a job and day with one counter should not be; the
    greater content then wins, so that the order of arrival still decides nothing.

    :raises AmountOutOfRange: the wages held at once add up to too much.
    """
    by_day: dict[date, list[JobRecord]] = {}
    for record in _latest(records):
        by_day.setdefault(record.effective, []).append(record)
    held: dict[str, int] = {}
    events: list[EmploymentEvent] = []
    before: int | None = None
    for day in sorted(by_day):
        for record in by_day[day]:
            if record.net_wage_gr is None:
                held.pop(record.employment_id, None)
            else:
                held[record.employment_id] = record.net_wage_gr
        wage = amount(sum(held.values()), field="employment") if held else None
        if wage != before:
            kind: EventKind = "stop" if wage is None else "start" if before is None else "wage"
            events.append(EmploymentEvent(kind, day, wage, recorded=len(events) + 1))
        before = wage
    return tuple(events)


def _latest(records: Iterable[JobRecord]) -> Iterable[JobRecord]:
    """Return, for each job and day, the record with the highest counter."""
    latest: dict[tuple[str, date], JobRecord] = {}
    for record in records:
        key = (record.employment_id, record.effective)
        latest[key] = max(latest.get(key, record), record, key=_weight)
    return latest.values()


def _weight(record: JobRecord) -> tuple[int, str, int]:
    return (record.recorded, record.kind, record.net_wage_gr or 0)
