"""What a labour office (*powiatowy urząd pracy*) has on a joint client: registrations, measures and what they pay.

Everybody is long-term unemployed when the job starts, days of placements left out. Two courses lead there: registered
for most of the 24 months without a right to unemployment benefit and paid for a measure at the end, or registered a
little over a year and on unemployment benefit of the long kind, after the waiting time of one who gave notice.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.cli.demo.people.days import FIRST_DAY, days_after, stretches
from services.cli.demo.people.dice import Dice
from services.cli.demo.people.home import age
from services.cli.demo.people.labour_forms import Registered, guidance, measure
from services.cli.demo.people.life import Life
from services.cli.demo.people.person import Planned
from services.cli.demo.people.planned import benefit, benefits, registration, support_form
from shared.domain.benefit.eligibility import DAYS_NEEDED
from shared.domain.benefit.law import law_value
from shared.domain.benefit.prospect import labour_benefits
from shared.domain.benefit.prospect.figures import Figures
from shared.domain.benefit.prospect.labour_benefits import stipend

_WAITING_DAYS: Final = 90
"""Days without benefit after giving notice oneself; the table of law has no figure for it."""
_INSURED_PERCENT: Final = 40
KNOWN_FROM: Final = date(2025, 6, 1)
"""Since when the table of law knows how long unemployment benefit is paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Days of a measure of the last months, at the shortest and the longest."""

    code: str
    shortest: int
    longest: int


_COURSES: Final = (
    Course(code="PUP-STA", shortest=60, longest=140),
    Course(code="PUP-STA", shortest=60, longest=140),
    Course(code="PUP-PSU", shortest=60, longest=200),
    Course(code="PUP-INT", shortest=60, longest=180),
    Course(code="PUP-SZK", shortest=45, longest=90),
)


def labour_records(*, life: Life, dice: Dice) -> list[Planned]:
    """Return the records of a labour office, all but the membership."""
    spare = (life.start - days_after(KNOWN_FROM, -_WAITING_DAYS)).days - DAYS_NEEDED - 1
    if life.wage and spare > 0 and dice.chance(_INSURED_PERCENT):
        return _insured(life, min(spare, _WAITING_DAYS - 5), dice)
    return _measured(life, dice)


def _insured(life: Life, spare: int, dice: Dice) -> list[Planned]:
    """Return the records of a person who is on unemployment benefit when the job starts."""
    first = days_after(life.start, -DAYS_NEEDED - 1 - dice.between(0, spare))
    granted = days_after(first, _WAITING_DAYS)
    decided_until = days_after(granted, int(law_value(param="UB_DURATION_LONG", on=granted).value) - 1)
    last = min(decided_until, days_after(life.start, -1))
    level = "UB_LEVEL_LONG" if age(born=life.born, on=granted) >= 45 and dice.chance(60) else "UB_LEVEL_STD"
    paid = unemployment_benefits(first=granted, last=last, level=level)
    periods = [Registered(first, life.last_idle)]
    return [
        registration(first=first, last=life.last_idle, reason="job_taken"),
        *paid,
        *_supplement(life, decided_until),
        *guidance(life=life, periods=periods, dice=dice),
    ]


def unemployment_benefits(*, first: date, last: date, level: str) -> list[Planned]:
    """Return unemployment benefit, a record for each amount: better paid at first, raised every June."""
    better_until = min(last, days_after(first, labour_benefits.BETTER_PAID_DAYS - 1))
    parts = [
        part
        for begin, end in ((first, better_until), (days_after(better_until, 1), last))
        for part in stretches(
            first=begin,
            last=end,
            worth=lambda day: labour_benefits.unemployment_benefit(since=first, level=level, law=Figures(day)),
        )
    ]
    return benefits("PUP-ZAS", parts)


def _supplement(life: Life, decided_until: date) -> list[Planned]:
    """Return the in-work supplement of a part-time job, for the rest of the benefit's time."""
    rest = (decided_until - life.start).days + 1
    if life.wage is None or rest <= 0:
        return []
    amount = labour_benefits.activation_supplement(gross_gr=life.wage.gross_gr, law=Figures(life.start))
    if not amount:
        return []
    kept = -(-rest // labour_benefits.MONTH_DAYS)
    return [benefit("PUP-DAK", first=life.start, last=decided_until, amount_gr=amount, kept_months=kept)]


def _measured(life: Life, dice: Dice) -> list[Planned]:
    """Return the records of a person without unemployment benefit who is in a measure when the job starts."""
    course = dice.pick(_COURSES)
    spare = (life.start - FIRST_DAY).days - DAYS_NEEDED - 1
    days = dice.between(course.shortest, min(course.longest, spare - 10))
    if course.code == "PUP-STA":
        spare -= days
    begin = days_after(life.start, -days)
    end = life.last_idle or days_after(life.start, dice.between(20, 120))
    idle = dice.between(0, min(45, spare))
    first, spare = days_after(FIRST_DAY, idle), spare - idle
    early, lost = _early(first, spare, dice)
    periods = _periods(life, first, spare - lost, dice)
    return [
        *(registration(first=one.first, last=one.last, reason=_reason(one.last, life, dice)) for one in periods),
        *early,
        *measure(course.code, begin=begin, end=end, life=life, dice=dice),
        *guidance(life=life, periods=periods, dice=dice),
    ]


def _early(first: date, spare: int, dice: Dice) -> tuple[list[Planned], int]:
    """Return what was tried in the first months, and how many days of it do not count as unemployed."""
    begin = days_after(first, dice.between(10, 20))
    days = dice.between(30, 60)
    end = days_after(begin, days)
    kind = dice.pick(("PUP-SZK", "PUP-PZD", "PUP-PAI", "AI-E04", ""))
    if kind == "PUP-SZK":
        stipends = stretches(first=begin, last=end, worth=lambda day: stipend("STIPEND_TRAINING", law=Figures(day)))
        return [support_form(kind, first=begin, last=end, hours=days * 5), *benefits(kind, stipends)], 0
    if kind == "PUP-PZD" and spare > days + 1:
        return [support_form(kind, first=begin, last=end, hours=days * 5)], days + 1
    if kind in ("PUP-PAI", "AI-E04"):
        return [support_form(kind, first=begin, last=end, hours=days * 2)], 0
    return [], 0


def _periods(life: Life, first: date, spare: int, dice: Dice) -> list[Registered]:
    """Return the periods of registration: one, or two with a break that leaves enough days."""
    if spare < 40 or dice.chance(55):
        return [Registered(first, life.last_idle)]
    stop = days_after(first, dice.between(90, 130))
    again = days_after(stop, 1 + dice.between(14, min(75, spare)))
    return [Registered(first, stop), Registered(again, life.last_idle)]


def _reason(last: date | None, life: Life, dice: Dice) -> str | None:
    """Return why a registration ended: for the job, for something else, or not at all."""
    if last is None:
        return None
    return "job_taken" if last == life.last_idle else dice.pick(("job_taken", "no_contact", "own_request"))
