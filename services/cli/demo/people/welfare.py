"""What a welfare centre (*ośrodek pomocy społecznej*) has on a client: household, contract, benefits, social work.

Benefits follow the income: what the labour office pays counts before the job, the wage after it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from services.cli.demo.people.days import LAST_DAY, days_after, month_end, months_after, stretches
from services.cli.demo.people.dice import Dice
from services.cli.demo.people.life import Life
from services.cli.demo.people.person import Planned
from services.cli.demo.people.planned import benefit, benefits, household, in_force, paid_gr, social_contract
from services.cli.demo.people.welfare_forms import activation, doubled_training, one_off_help, social_work
from shared.domain.benefit.law import law_value
from shared.domain.benefit.prospect import welfare_benefits as due_by_law
from shared.domain.benefit.prospect.figures import Figures

_CONTRACT_PERCENT: Final = 65
_HOUSING_PERCENT: Final = 50
_HOUSING_KNOWN_FROM: Final = date(2025, 2, 1)
"""Since when the table of law knows the limits of income for housing allowance."""
_HOUSING_MONTHS, _TEMPORARY_MONTHS = 6, 5
"""For how many months a centre decides at once."""
_FEWEST_RECORDS: Final = 8
_YEAR_OF_FAMILY_ALLOWANCE: Final = date(2025, 11, 1)


def welfare_records(*, life: Life, since: date, number: int, labour: Sequence[Planned], dice: Dice) -> list[Planned]:
    """Return the records of a welfare centre that has known the client ``since`` a day.

    ``labour`` is what the labour office has, whose benefits are income; ``number`` is of the household.
    """
    contract = _contract(life, since, dice) if dice.chance(_CONTRACT_PERCENT) else []
    family = _family(life, since, labour)
    temporary = _temporary(life, since, [*labour, *family], bool(contract), dice)
    housing = _housing(life, since, dice) if dice.chance(_HOUSING_PERCENT) else []
    loses = any(body["monthly_net_gr"] > body.get("remaining_net_gr", 0) for body in in_force(temporary, on=life.eve))
    meals = _meals(life, dice) if not loses or dice.chance(25) else []
    records = [
        home_record(life=life, since=since, number=number),
        *contract,
        *family,
        *temporary,
        *housing,
        *meals,
        *social_work(since=since, life=life, dice=dice),
        *one_off_help(first=since, last=life.eve, count=dice.between(0, 2), dice=dice),
        *doubled_training(labour=labour, dice=dice),
    ]
    return [*records, *_activated(life, since, len(records), dice)]


def second_centre_records(*, life: Life, since: date, number: int, dice: Dice) -> list[Planned]:
    """Return the records of another centre where the person has a case as well: meals, and social work."""
    records = [
        home_record(life=life, since=since, number=number),
        *_meals(life, dice),
        *social_work(since=since, life=life, dice=dice),
        *one_off_help(first=since, last=life.eve, count=2, dice=dice),
    ]
    return [*records, *_activated(life, since, len(records), dice)]


def _activated(life: Life, since: date, others: int, dice: Dice) -> list[Planned]:
    """Return one activity or two; more for a person on whom the centre has little else."""
    count = max(dice.between(1, 2), _FEWEST_RECORDS - others)
    return activation(first=since, life=life, count=count, dice=dice)


def home_record(*, life: Life, since: date, number: int) -> Planned:
    """Return the household by the centre's own number."""
    home = life.home
    return household(
        first=since,
        number=f"GD/{number}/{since.year}",
        members=home.members,
        children=len(home.children),
        dependants=home.dependants,
    )


def _contract(life: Life, since: date, dice: Dice) -> list[Planned]:
    """Return a social contract that covers the start, at times after one that has ended."""
    form = dice.pick("AB")
    first = max(since, days_after(life.start, -dice.between(30, 180)))
    last = min(days_after(life.start, dice.between(45, 180)), LAST_DAY) if dice.chance(50) else None
    contracts = [social_contract(first=first, last=last, form=form, goals=dice.between(2, 6))]
    earlier = days_after(first, -200)
    if earlier >= since and dice.chance(30):
        contracts.insert(
            0, social_contract(first=earlier, last=days_after(first, -1), form="A", goals=dice.between(1, 4))
        )
    return contracts


def _family(life: Life, since: date, labour: Sequence[Planned]) -> list[Planned]:
    """Return family allowance: decided anew each November, by the income of then."""
    if not life.home.children:
        return []
    records = []
    for first, last in (
        (months_after(since, 1), days_after(_YEAR_OF_FAMILY_ALLOWANCE, -1)),
        (_YEAR_OF_FAMILY_ALLOWANCE, None),
    ):
        income = life.home.other_income_gr + paid_gr(labour, on=first)
        household, law = life.home.household(on=first), Figures(first)
        due = due_by_law.family_allowance(household=household, income_gr=income, law=law)
        after = life.home.other_income_gr + life.net_gr
        left = min(due, due_by_law.family_allowance(household=household, income_gr=after, law=law))
        until = month_end(life.start) if last is None and life.wage and not left else last
        if due and (last is None or first <= last):
            records.append(benefit("OPS-ARO", first=first, last=until, amount_gr=due, remaining_net_gr=left))
    return records


def _temporary(life: Life, since: date, paid: Sequence[Planned], has_contract: bool, dice: Dice) -> list[Planned]:
    """Return temporary allowance up to the job; two months longer under a contract, or while some of it is left."""
    home = life.home
    first = max(months_after(since, 1), months_after(life.start, -dice.between(4, 9)))

    def due(day: date) -> tuple[int, int]:
        decision = ((day.year - first.year) * 12 + day.month - first.month) // _TEMPORARY_MONTHS
        income = home.other_income_gr + paid_gr(paid, on=day)
        household = home.household(on=day)
        return due_by_law.temporary_allowance(household=household, income_gr=income, law=Figures(day)), decision

    parts = stretches(first=first, last=life.eve, worth=due)
    records = benefits("OPS-ZOK", [(begin, end, amount) for begin, end, (amount, _) in parts[:-1]])
    begin, _, (amount, _) = parts[-1]
    if amount:
        after = home.other_income_gr + life.net_gr + _left_gr(paid, life)
        household, law = home.household(on=life.eve), Figures(life.eve)
        left = min(amount, due_by_law.temporary_allowance(household=household, income_gr=after, law=law))
        bridge = int(law_value(param="SA_BRIDGE_AFTER_JOB", on=life.start).value)
        months = bridge if has_contract or left or not life.wage else 0
        last = min(month_end(months_after(life.start, months)), LAST_DAY)
        more = {"remaining_net_gr": left} if left else {}
        records.append(benefit("OPS-ZOK", first=begin, last=last, amount_gr=amount, **more))
    return records


def _left_gr(paid: Sequence[Planned], life: Life) -> int:
    """Return what is left, after taking the job, of benefits that shrink."""
    return sum(body.get("remaining_net_gr", 0) for body in in_force(paid, on=life.eve))


def _housing(life: Life, since: date, dice: Dice) -> list[Planned]:
    """Return housing allowance in decisions of six months, the last of them in force before the start."""
    first = max(_HOUSING_KNOWN_FROM, months_after(since, 1), months_after(life.start, -dice.between(3, 12)))
    left = due_by_law.housing_allowance(
        full_gr=life.home.housing_gr,
        household=life.home.household(on=life.start),
        income_gr=life.home.other_income_gr + life.net_gr,
        law=Figures(life.start),
    )
    records = []
    while first <= life.eve:
        last = min(days_after(months_after(first, _HOUSING_MONTHS), -1), LAST_DAY)
        records.append(
            benefit("OPS-DMI", first=first, last=last, amount_gr=life.home.housing_gr, remaining_net_gr=left)
        )
        first = days_after(last, 1)
    return records


def _meals(life: Life, dice: Dice) -> list[Planned]:
    """Return meals, by what they are worth, until the end of the month in which the job starts."""
    first = months_after(life.start, -dice.between(2, 7))
    last = month_end(life.start) if life.wage else LAST_DAY
    return [benefit("OPS-POS", first=first, last=last, amount_gr=life.home.meals_gr)]
