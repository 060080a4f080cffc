"""Employment (*zatrudnienie*) as dated events, and the wage that stands from each day on.

The latest recorded event of a day gives the state from that day; ``start`` and ``wage`` both mean "works at this
wage". Events are never removed: a wrong one is outweighed by a later record of the same day. Source: BENEFIT.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from shared.domain.benefit.members import MissingMember, OutOfBounds, day, malformed, members, money, rows, whole
from shared.domain.errors import Invalid

MOST_EVENTS = 2_000
MOST_RECORDED = 9_999_999_999

EventKind = Literal["start", "wage", "stop"]
_KINDS = ("start", "wage", "stop")
_NAMES = ("kind", "effective", "net_wage_gr", "recorded")


class StopBeforeStart(Invalid):
    """The work stops before it starts."""

    problem = "period-reversed"


class CounterTwice(Invalid):
    """Two different records have one counter, so that nothing says which came later; ``other`` names the first."""


@dataclass(frozen=True, slots=True)
class EmploymentEvent:
    """Works at ``net_wage_gr`` for a full month from ``effective`` on; for a stop, the first day that is not worked.

    ``recorded`` is the issuer's own counter, another for each record; ``None`` means the place in the list, from 1.
    """

    kind: EventKind
    effective: date
    net_wage_gr: int | None = None
    recorded: int | None = None


def standing(events: Sequence[EmploymentEvent]) -> list[tuple[date, int | None]]:
    """Return, in order of days, the wage in grosze that stands from each day on; ``None`` while not working.

    >>> on = date(2026, 3, 1)
    >>> standing([EmploymentEvent("wage", on, 200), EmploymentEvent("start", on, 100)])
    [(datetime.date(2026, 3, 1), 100)]
    """
    latest: dict[date, tuple[int, EmploymentEvent]] = {}
    for place, event in enumerate(events, start=1):
        recorded = place if event.recorded is None else event.recorded
        known = latest.get(event.effective)
        if known is None or recorded >= known[0]:
            latest[event.effective] = (recorded, event)
    return [(on, latest[on][1].net_wage_gr) for on in sorted(latest)]


def first_start(events: Sequence[EmploymentEvent]) -> date:
    """Return the first day worked; if every start was outweighed, the earliest day that any event names."""
    days = standing(events)
    return next((on for on, wage in days if wage is not None), days[0][0])


def parse_employment(value: object, *, field: str = "employment") -> tuple[EmploymentEvent, ...]:
    """Return the events of a JSON list, in its order.

    :raises MissingMember: the list is empty, or an event lacks its wage.
    :raises StopBeforeStart: no event of the first day starts work.
    :raises CounterTwice: two events state one ``recorded`` and say different things; a repeat weighs as one.
    """
    listed = rows(value, field=field, most=MOST_EVENTS)
    events = tuple(_parse_event(row, field=f"{field}[{index}]") for index, row in enumerate(listed))
    if not events:
        raise MissingMember("The first event that starts work is missing.", field=field, expected="start or wage")
    first = min(event.effective for event in events)
    if all(event.kind == "stop" for event in events if event.effective == first):
        index = next(index for index, event in enumerate(events) if event.effective == first)
        raise StopBeforeStart(field=f"{field}[{index}].kind", expected="start or wage", received="stop")
    _require_distinct(events, field=field)
    return events


def event_json(event: EmploymentEvent) -> dict[str, object]:
    """Return an event as JSON; a stop has no wage, and a counter that was not given stays out."""
    found: dict[str, object] = {"kind": event.kind, "effective": event.effective.isoformat()}
    if event.net_wage_gr is not None:
        found["net_wage_gr"] = event.net_wage_gr
    if event.recorded is not None:
        found["recorded"] = event.recorded
    return found


def _require_distinct(events: Sequence[EmploymentEvent], *, field: str) -> None:
    known: dict[int, int] = {}
    for index, event in enumerate(events):
        first = index if event.recorded is None else known.setdefault(event.recorded, index)
        if events[first] != event:
            expected = f"another counter than {field}[{first}], or the same record"
            raise CounterTwice(
                field=f"{field}[{index}].recorded", expected=expected, other=f"{field}[{first}].recorded"
            )


def _parse_event(value: object, *, field: str) -> EmploymentEvent:
    given = members(value, field=field, known=_NAMES, required=("kind", "effective"))
    kind = given["kind"]
    if kind not in _KINDS:
        raise malformed(kind, field=f"{field}.kind", expected="start, wage or stop")
    wage, recorded = given.get("net_wage_gr"), given.get("recorded")
    if kind != "stop" and wage is None:
        raise MissingMember(field=f"{field}.net_wage_gr", expected="the net wage of a full month in grosze")
    if kind == "stop" and wage is not None:
        raise OutOfBounds("A stop has no wage.", field=f"{field}.net_wage_gr", expected="no such member")
    return EmploymentEvent(
        kind=cast(EventKind, kind),
        effective=day(given["effective"], field=f"{field}.effective"),
        net_wage_gr=None if wage is None else money(wage, field=f"{field}.net_wage_gr"),
        recorded=None if recorded is None else whole(recorded, field=f"{field}.recorded", low=0, high=MOST_RECORDED),
    )
