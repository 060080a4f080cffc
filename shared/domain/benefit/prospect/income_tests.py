"""Tests of income by which allowances shrink: what is left of each at the income of the first month of work.

Family and housing allowance and the maintenance fund look at wages and at money of the labour office, the temporary
allowance at all money that is left, the other three among it. Which income counts is simplified, and ours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from shared.domain.benefit.dated import Table
from shared.domain.benefit.law import LawValue
from shared.domain.benefit.prospect import welfare_benefits
from shared.domain.benefit.prospect.figures import Figures
from shared.domain.benefit.prospect.held import Note, Outcome, Why
from shared.domain.benefit.prospect.household import Household

FAMILY, HOUSING, MAINTENANCE, TEMPORARY = "OPS-ARO", "OPS-DMI", "OPS-FAL", "OPS-ZOK"
_LABOUR: Final = "labour market"
_NO_INCOME_GROUPS: Final = frozenset({"in kind", "cash-like"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a test is asked: about amounts in hand of one kind, beside ``others``; ``earned_gr`` is all earned income.

    ``law`` is a reform's table; left out, it is the one of this package.
    """

    amounts_gr: Sequence[int]
    others: Sequence[Outcome]
    household: Household
    earned_gr: int
    on: date
    law: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What is left of each amount by a rule, the income and limit it held together, and the figures of law it took."""

    why: Why
    left_gr: tuple[int, ...]
    income_gr: int
    limit_gr: int
    figures: tuple[LawValue, ...]
    share_bp: int | None = None
    notes: tuple[Note, ...] = ()


def _family(asked: Asked) -> Tested:
    """Family allowance: each złoty above the criterion takes one off."""
    law = Figures(asked.on, asked.law)
    income = asked.earned_gr + _paid_on(asked.others, labour_alone=True)
    left = welfare_benefits.family_allowance(household=asked.household, income_gr=income, law=law)
    limit = welfare_benefits.family_limit(household=asked.household, law=law)
    return Tested(
        why="family_rule",
        left_gr=_shared_out(left, asked.amounts_gr),
        income_gr=income,
        limit_gr=limit,
        figures=law.used,
    )


def _housing(asked: Asked) -> Tested:
    """Housing allowance: what the job adds to the excess over the limit is taken off what was paid."""
    law, household = Figures(asked.on, asked.law), asked.household
    before = _before(asked)
    after = asked.earned_gr + _paid_on(asked.others, labour_alone=True)
    excess = [
        welfare_benefits.housing_excess(household=household, income_gr=income, law=law) for income in (before, after)
    ]
    limit = welfare_benefits.housing_limit(household=household, law=law)
    left = _shared_out(max(0, sum(asked.amounts_gr) + excess[0] - excess[1]), asked.amounts_gr)
    return Tested(why="housing_rule", left_gr=left, income_gr=after, limit_gr=limit, figures=law.used)


def _maintenance(asked: Asked) -> Tested:
    """Maintenance fund: each record is one child's; what the job adds to the excess a head is taken off each."""
    law, household = Figures(asked.on, asked.law), asked.household
    after = asked.earned_gr + _paid_on(asked.others, labour_alone=True)
    incomes = {"before_gr": _before(asked), "after_gr": after}
    left = tuple(
        welfare_benefits.maintenance_left(paid_gr=amount, household=household, law=law, **incomes)
        for amount in asked.amounts_gr
    )
    limit = welfare_benefits.maintenance_limit(household=household, law=law)
    return Tested(
        why="maintenance_rule", left_gr=left, income_gr=after, limit_gr=limit, figures=law.used, notes=("one_child",)
    )


def _temporary(asked: Asked) -> Tested:
    """Temporary allowance: a share of the criterion less all income, at least the share of the law."""
    law, household = Figures(asked.on, asked.law), asked.household
    income = asked.earned_gr + _paid_on(asked.others, labour_alone=False)
    hidden = any(one.held.is_masked and one.first_month_gr for one in asked.others)
    notes: list[Note] = ["share_assumed"] if household.paid_share_bp is None else []
    left = welfare_benefits.temporary_allowance(household=household, income_gr=income, law=law)
    return Tested(
        why="temporary_rule",
        left_gr=_shared_out(left, asked.amounts_gr),
        income_gr=income,
        limit_gr=welfare_benefits.criterion(household=household, law=law),
        share_bp=max(household.paid_share_bp or 0, law.basis_points("SA_OKRESOWY_FLOOR")),
        figures=law.used,
        notes=(*notes, "hidden_counted") if hidden else tuple(notes),
    )


TESTS: Final[Mapping[str, Callable[[Asked], Tested]]] = MappingProxyType(
    {FAMILY: _family, HOUSING: _housing, MAINTENANCE: _maintenance, TEMPORARY: _temporary}
)
"""The tests by code, in the order in which one allowance is income of the next."""


def _shared_out(left_gr: int, amounts_gr: Sequence[int]) -> tuple[int, ...]:
    """Return what of each amount is left: a household gets one allowance of a kind, whoever pays it."""
    found = []
    for amount in amounts_gr:
        found.append(min(left_gr, amount))
        left_gr -= found[-1]
    return tuple(found)


def _before(asked: Asked) -> int:
    """Return the income before the job that the tests of family, housing and maintenance look at."""
    paid = (one.held.amount_gr for one in asked.others if _is_of_labour(one) and not one.held.is_gained)
    return asked.household.other_income_gr + sum(paid)


def _paid_on(others: Sequence[Outcome], *, labour_alone: bool) -> int:
    """Return what other benefits pay in the first month of work, as far as it is income."""
    return sum(one.first_month_gr for one in others if _is_income(one) and (not labour_alone or _is_of_labour(one)))


def _is_income(one: Outcome) -> bool:
    form = one.held.form
    return form is None or form.group not in _NO_INCOME_GROUPS


def _is_of_labour(one: Outcome) -> bool:
    form = one.held.form
    return form is not None and form.sphere == _LABOUR and _is_income(one)
