"""Who takes a job, on which day, at what wage, and how it goes on.

Every recipient takes one, on a day of their own as long as there are days; two in five of those in comparison do too.
Of twenty recipients' jobs five are lost and five change the wage; two of each are reported late. Of the two that are
lost and reported late, one is taken up again after a break.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle, islice
from typing import Final, Literal

from services.cli.demo.people.days import FIRST_START, LAST_DAY, LAST_START, days_after
from services.cli.demo.people.dice import Dice
from services.cli.demo.people.life import FULL_TIME_BP, HALF_TIME_BP, Wage, minimum_wage
from services.cli.demo.people.seats import Seat

Outcome = Literal["plain", "end", "late_end", "late_break", "wage", "late_wage"]

SOONEST_NEWS_DAYS: Final = 20
"""Nothing happens to a job in its first days."""
_ROOM_FOR_NEWS_DAYS: Final = 45
_ROOM_FOR_A_BREAK_DAYS: Final = 115
"""Enough for a month of work after the break, from whose payment something is held back."""
_OUTCOMES: Final[tuple[Outcome, ...]] = (
    *("plain", "late_end", "wage", "plain", "end", "late_wage", "plain", "end", "wage", "plain"),
    *("plain", "late_break", "plain", "wage", "end", "late_wage", "plain", "plain", "plain", "plain"),
)
_IN_TIME: Final[dict[Outcome, Outcome]] = {"late_end": "end", "late_break": "end", "late_wage": "wage"}
_THREE_QUARTERS_BP: Final = 7_500
_WAGES: Final = (
    *((50, HALF_TIME_BP), (50, HALF_TIME_BP), (55, HALF_TIME_BP), (75, _THREE_QUARTERS_BP), (80, _THREE_QUARTERS_BP)),
    *((100, FULL_TIME_BP), (100, FULL_TIME_BP), (112, FULL_TIME_BP), (130, FULL_TIME_BP), (160, FULL_TIME_BP)),
)
"""Percent of the minimum wage, and the working time it is paid for."""
_COMPARISON_AT_WORK_PERCENT: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Career:
    """A job to be taken."""

    start: date
    wage: Wage
    outcome: Outcome


def deal_careers(*, seats: Sequence[Seat], dice: Dice) -> dict[int, Career]:
    """Return the careers by the place of the seat."""
    recipients = [place for place, seat in enumerate(seats) if seat.arm == "recipient"]
    comparison = dice.shuffled(place for place, seat in enumerate(seats) if seat.arm == "comparison")
    at_work = comparison[: len(comparison) * _COMPARISON_AT_WORK_PERCENT // 100]
    careers: dict[int, Career] = {}
    for places in (recipients, at_work):
        starts = dict(zip(places, _starts(len(places), dice), strict=True))
        for place, outcome in _outcomes(seats, starts, dice):
            start = starts[place]
            percent, working_time_bp = dice.pick(_WAGES)
            wage = minimum_wage(percent=percent, working_time_bp=working_time_bp, on=start)
            careers[place] = Career(start=start, wage=wage, outcome=outcome)
    return careers


def _starts(count: int, dice: Dice) -> list[date]:
    """Return first days of work, all different while there are enough days."""
    days = [days_after(FIRST_START, number) for number in range((LAST_START - FIRST_START).days + 1)]
    return list(islice(cycle(dice.shuffled(days)), count))


def _outcomes(seats: Sequence[Seat], starts: dict[int, date], dice: Dice) -> list[tuple[int, Outcome]]:
    """Deal outcomes; jobs that must be plain take the plain ones first, a break comes to one that has room for it."""
    dealt = sorted(islice(cycle(_OUTCOMES), len(starts)), key=lambda one: (one != "plain", one == "late_break"))
    places = sorted(dice.shuffled(starts), key=lambda place: not _must_be_plain(seats[place], starts[place]))
    roomy = [place for place in places if not seats[place].role and _has_room_for_a_break(starts[place])]
    last = roomy[max(0, len(roomy) - dealt.count("late_break")) :]
    places = [*(place for place in places if place not in last), *last]
    return [
        (place, _fitting(seats[place], starts[place], outcome)) for place, outcome in zip(places, dealt, strict=True)
    ]


def _fitting(seat: Seat, start: date, outcome: Outcome) -> Outcome:
    """Return the outcome as it can be: without a decision nothing is late."""
    if _must_be_plain(seat, start):
        return "plain"
    if outcome == "late_break" and not _has_room_for_a_break(start):
        outcome = "late_end"
    return outcome if seat.arm == "recipient" else _IN_TIME.get(outcome, outcome)


def _must_be_plain(seat: Seat, start: date) -> bool:
    return seat.role in ("late_ops", "comes_back") or days_after(start, _ROOM_FOR_NEWS_DAYS) > LAST_DAY


def _has_room_for_a_break(start: date) -> bool:
    return days_after(start, _ROOM_FOR_A_BREAK_DAYS) <= LAST_DAY
