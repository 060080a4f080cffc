"""Histories of people whom one office knows: two to eight records."""

from datetime import date
from typing import Final

from services.cli.demo.people.days import FIRST_DAY, LAST_DAY, days_after, month_end, months_after, stretches
from services.cli.demo.people.dice import Dice
from services.cli.demo.people.home import age
from services.cli.demo.people.labour import KNOWN_FROM, unemployment_benefits
from services.cli.demo.people.labour_forms import offers
from services.cli.demo.people.life import Life
from services.cli.demo.people.person import Planned
from services.cli.demo.people.planned import benefit, benefits, registration, support_form
from services.cli.demo.people.welfare import home_record
from services.cli.demo.people.welfare_forms import activation, one_off_help
from shared.domain.benefit.law import law_value
from shared.domain.benefit.prospect import welfare_benefits as due_by_law
from shared.domain.benefit.prospect.figures import Figures

MOST_RECORDS: Final = 8
_LATEST_BEGIN: Final = date(2026, 5, 1)


def records_at_pup(*, life: Life, dice: Dice) -> list[Planned]:
    """Return the records of an unemployed person whom no welfare centre knows; few stay for long."""
    first = dice.day(FIRST_DAY, _LATEST_BEGIN)
    last = days_after(first, dice.between(120, 400))
    until = last if last <= LAST_DAY else None
    reason = dice.pick(("job_taken", "job_taken", "own_business", "own_request", "no_contact"))
    records = [registration(first=first, last=until, reason=reason if until else None)]
    if first >= KNOWN_FROM and dice.chance(60):
        level = "UB_LEVEL_LONG" if age(born=life.born, on=first) >= 45 and dice.chance(50) else "UB_LEVEL_STD"
        days = int(law_value(param="UB_DURATION_STD", on=first).value)
        paid_until = min(days_after(first, days - 1), until or LAST_DAY, LAST_DAY)
        records += unemployment_benefits(first=first, last=paid_until, level=level)
    records.append(support_form("PUP-IPD", first=days_after(first, dice.between(7, 30)), last=until, hours=2))
    records += offers(first=days_after(first, 30), last=min(last, LAST_DAY), count=dice.between(0, 2), dice=dice)
    if dice.chance(40):
        advised = days_after(first, dice.between(30, 60))
        records.append(support_form("PUP-POR", first=advised, last=advised, hours=dice.between(1, 4)))
    return records[:MOST_RECORDS]


def records_at_ops(*, life: Life, number: int, dice: Dice) -> list[Planned]:
    """Return the records of a client of a welfare centre who is not registered as unemployed."""
    since = dice.day(FIRST_DAY, _LATEST_BEGIN)
    records = [home_record(life=life, since=since, number=number), *_paid(life, since, dice)]
    records += one_off_help(first=since, last=LAST_DAY, count=dice.between(0, 2), dice=dice)
    if dice.chance(40):
        records += activation(first=since, life=life, count=1, dice=dice)
    if dice.chance(60):
        records.append(support_form("OPS-PSO", first=since))
    return records[:MOST_RECORDS]


def _paid(life: Life, since: date, dice: Dice) -> list[Planned]:
    """Return what a centre pays: permanent allowance and insurance to who cannot work, else other allowances."""
    home, income, first = life.home, life.home.other_income_gr, months_after(since, 1)
    if dice.chance(40):
        last = month_end(max(first, dice.day(first, LAST_DAY)))
        parts = stretches(
            first=first,
            last=last,
            worth=lambda day: due_by_law.permanent_allowance(
                household=home.household(on=day), income_gr=income, law=Figures(day)
            ),
        )
        return [*benefits("OPS-ZST", parts), support_form("OPS-SZD", first=first, last=last)]
    household = home.household(on=first)
    due = due_by_law.family_allowance(household=household, income_gr=income, law=Figures(first))
    if home.children and due:
        return [benefit("OPS-ARO", first=first, last=None, amount_gr=due, remaining_net_gr=0)]
    parts = stretches(
        first=first,
        last=min(month_end(months_after(first, dice.between(1, 3))), LAST_DAY),
        worth=lambda day: due_by_law.temporary_allowance(
            household=home.household(on=day), income_gr=income, law=Figures(day)
        ),
    )
    return [*benefits("OPS-ZOK", parts), *([support_form("OPS-UOP", first=since, hours=40)] if dice.chance(20) else [])]
