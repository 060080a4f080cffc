"""What a labour office does for its clients: measures with what they pay, advice, placements, refunds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from services.cli.demo.people.days import LAST_DAY, days_after, stretches
from services.cli.demo.people.dice import Dice
from services.cli.demo.people.life import Life
from services.cli.demo.people.person import Planned
from services.cli.demo.people.planned import benefits, support_form
from shared.domain.benefit.prospect.figures import Figures
from shared.domain.benefit.prospect.labour_benefits import stipend, useful_works

TRAVEL_GR: Final = (14_000, 19_600, 25_200)
"""Invented: travel refunded a month."""
CARE_GR: Final = (40_000, 55_000)
"""Invented: care of a child refunded a month."""

_PAID: Final[Mapping[str, Callable[[date], int]]] = MappingProxyType(
    {
        "PUP-STA": lambda day: stipend("STIPEND_STAZ", law=Figures(day)),
        "PUP-SZK": lambda day: stipend("STIPEND_TRAINING", law=Figures(day)),
        "PUP-INT": lambda day: stipend("STIPEND_INTEGRATION", law=Figures(day)),
        "PUP-PSU": lambda day: useful_works(law=Figures(day)),
    }
)
_HOURS_A_DAY: Final = MappingProxyType({"PUP-STA": 5, "PUP-SZK": 5, "PUP-INT": 3, "PUP-PSU": 1})


class Registered(NamedTuple):
    """A period of registration; ``last`` is ``None`` while it is open."""

    first: date
    last: date | None


def measure(code: str, *, begin: date, end: date, life: Life, dice: Dice) -> list[Planned]:
    """Return a measure with what it pays, and refunds that go with it."""
    hours = ((end - begin).days + 1) * _HOURS_A_DAY[code]
    records = [
        support_form(code, first=begin, last=end, hours=hours),
        *benefits(code, stretches(first=begin, last=end, worth=_PAID[code])),
    ]
    if dice.chance(35):
        records.append(
            support_form(dice.pick(("PUP-DOJ", "AI-T02")), first=begin, last=end, amount_gr=dice.pick(TRAVEL_GR))
        )
    if life.home.children and dice.chance(30):
        records.append(support_form("PUP-OPI", first=begin, last=end, amount_gr=dice.pick(CARE_GR)))
    return records


def guidance(*, life: Life, periods: Sequence[Registered], dice: Dice) -> list[Planned]:
    """Return action plans, advice, offers of work and insurance of each period of registration."""
    records = [
        support_form("PUP-IPD", first=days_after(one.first, dice.between(7, 30)), last=one.last, hours=2)
        for one in periods
    ]
    first = periods[-1].first
    advised = days_after(first, dice.between(30, 80))
    until = days_after(advised, dice.between(0, 20))
    records.append(support_form("PUP-POR", first=advised, last=until, hours=dice.between(2, 8)))
    records += offers(first=days_after(first, 30), last=life.eve, count=dice.between(2, 4), dice=dice)
    if dice.chance(50):
        records.append(support_form("PUP-UZD", first=first, last=periods[-1].last))
    if dice.chance(20):
        given = dice.day(days_after(first, 60), days_after(life.eve, -120))
        records.append(support_form("PUP-ZDA", first=given, last=min(days_after(given, 120), LAST_DAY)))
    return records


def offers(*, first: date, last: date, count: int, dice: Dice) -> list[Planned]:
    """Return offers of work, each on one day."""
    days = sorted(dice.day(first, last) for _ in range(count))
    return [support_form("PUP-POS", first=day, last=day) for day in days]
