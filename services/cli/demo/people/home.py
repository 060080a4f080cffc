"""A household as far as benefits need it: who lives in it and what it has beside benefits of the person."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.cli.demo.people.days import AGE_DAY, FIRST_DAY
from services.cli.demo.people.dice import Dice
from shared.domain.benefit.prospect.household import Household

OTHER_INCOME_GR: Final = (0, 0, 0, 0, 18_000, 32_000, 45_000)
"""Invented: what others of the household earn or draw in a month, net."""
PAID_SHARES_BP: Final = (5_000, 5_000, 6_000, 7_500, 10_000)
"""Invented: how much of the gap to the criterion a centre pays as temporary allowance; the law asks for half."""
HOUSING_GR: Final = (16_500, 21_000, 24_800, 28_000, 33_600, 41_000)
"""Invented: monthly housing allowances."""
MEAL_GR: Final = 1_150
MEAL_DAYS: Final = (15, 20, 22)
"""Invented: what a meal is worth, and on how many days of a month it is given."""

_CHILDREN: Final = (0, 0, 1, 1, 2, 2, 2, 3, 4)
_YOUNGEST_PARENT, _OLDEST_PARENT, _OLDEST_CHILD = 19, 43, 16
_YEARS_A_CHILD: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A household; ``children`` by their days of birth. Amounts are a month's, in grosze."""

    members: int
    children: tuple[date, ...]
    dependants: int
    other_income_gr: int
    paid_share_bp: int
    housing_gr: int
    meals_gr: int

    def household(self, *, on: date) -> Household:
        """Return what income tests of a day need to know."""
        return Household(
            members=self.members,
            ages=tuple(age(born=born, on=on) for born in self.children),
            other_income_gr=self.other_income_gr,
            paid_share_bp=self.paid_share_bp,
        )


def draw_home(*, born: date, dice: Dice) -> Home:
    """Draw a household of a person: children of an age that fits, a partner or not, a dependant at times."""
    children = _children(born, dice)
    grown = 1 + dice.chance(60 if children else 30)
    dependants = int(dice.chance(15))
    members = grown + len(children) + dependants
    return Home(
        members=members,
        children=children,
        dependants=dependants,
        other_income_gr=dice.pick(OTHER_INCOME_GR) if members > 1 else 0,
        paid_share_bp=dice.pick(PAID_SHARES_BP),
        housing_gr=dice.pick(HOUSING_GR),
        meals_gr=MEAL_GR * dice.pick(MEAL_DAYS),
    )


def age(*, born: date, on: date) -> int:
    """Return the full years of age on a day.

    >>> age(born=date(1985, 9, 2), on=date(2026, 9, 1))
    40
    """
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _children(born: date, dice: Dice) -> tuple[date, ...]:
    """Draw children born before the histories begin."""
    years = age(born=born, on=AGE_DAY)
    oldest, youngest = min(_OLDEST_CHILD, years - _YOUNGEST_PARENT), max(0, years - _OLDEST_PARENT)
    count = min(dice.pick(_CHILDREN), (years - _YOUNGEST_PARENT) // _YEARS_A_CHILD) if oldest > youngest else 0
    first, last = FIRST_DAY.replace(year=FIRST_DAY.year - oldest), FIRST_DAY.replace(year=FIRST_DAY.year - youngest)
    return tuple(sorted(dice.day(first, last) for _ in range(count)))
