"""What a welfare centre does for its clients beside paying them month by month."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from services.cli.demo.people.days import FIRST_DAY, LAST_DAY, days_after
from services.cli.demo.people.dice import Dice
from services.cli.demo.people.life import Life
from services.cli.demo.people.person import Planned
from services.cli.demo.people.planned import support_form

ONE_OFF_GR: Final = (15_000, 20_000, 28_000, 35_000, 50_000)
"""Invented: allowances paid once."""


class Activity(NamedTuple):
    """A form of support: for how many days, and how many hours in all."""

    code: str
    days: int
    hours: int | None = None


_ACTIVITIES: Final = (
    Activity("AI-S01", 60, 40),
    Activity("AI-E01", 45, 120),
    Activity("AI-E04", 30, 30),
    Activity("AI-Z02", 120, 160),
    Activity("AI-Z07", 20, 8),
    Activity("AI-H02", 90),
    Activity("AI-H03", 150),
    Activity("OPS-PAL", 180),
    Activity("OPS-PSP", 30, 6),
    Activity("OPS-KRY", 20),
    Activity("AI-S06", 60),
)
_FOR_PARENTS: Final = (Activity("AI-T01", 60, 90), Activity("OPS-ASR", 180, 60))


def social_work(*, since: date, life: Life, dice: Dice) -> list[Planned]:
    """Return interviews with the family at the beginning and at times half a year later, and social work all along."""
    again = days_after(since, dice.between(170, 190))
    days = [since, *([again] if again <= life.eve and dice.chance(60) else [])]
    return [support_form("OPS-PSO", first=since), *(support_form("OPS-WYW", first=day, last=day) for day in days)]


def one_off_help(*, first: date, last: date, count: int, dice: Dice) -> list[Planned]:
    """Return allowances paid once."""
    days = sorted(dice.day(first, last) for _ in range(count))
    return [
        support_form("OPS-SZC" if dice.chance(20) else "OPS-ZCE", first=day, last=day, amount_gr=dice.pick(ONE_OFF_GR))
        for day in days
    ]


def activation(*, first: date, life: Life, count: int, dice: Dice) -> list[Planned]:
    """Return some activities, each another."""
    offered = dice.shuffled((*_ACTIVITIES, *(_FOR_PARENTS if life.home.children else ())))
    records = []
    for activity in offered[:count]:
        begin = dice.day(first, max(first, days_after(life.eve, -activity.days)))
        end = min(days_after(begin, activity.days - 1), LAST_DAY)
        records.append(support_form(activity.code, first=begin, last=end, hours=activity.hours))
    return records


def doubled_training(*, labour: Sequence[Planned], dice: Dice) -> list[Planned]:
    """Return, at times, a course given while the labour office gives one: neither office knew of the other's."""
    for record in labour:
        if record.path == "support-forms" and record.body["code"] == "PUP-SZK" and dice.chance(40):
            begin = max(days_after(date.fromisoformat(record.body["from"]), dice.between(3, 14)), FIRST_DAY)
            return [support_form("AI-E01", first=begin, last=days_after(begin, 20), hours=60)]
    return []
