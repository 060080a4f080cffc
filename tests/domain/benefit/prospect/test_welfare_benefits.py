"""Benefits that depend on income, by the figures of law of a day, against sums done by hand."""

from datetime import date

import pytest

from shared.domain.benefit.dated import NoValue
from shared.domain.benefit.prospect.figures import Figures
from shared.domain.benefit.prospect.household import Household
from shared.domain.benefit.prospect.welfare_benefits import (
    family_allowance,
    housing_allowance,
    maintenance_left,
    permanent_allowance,
    temporary_allowance,
)

DAY = date(2026, 3, 1)
ALONE, FOUR = Household(members=1), Household(members=4, ages=(3, 9))


@pytest.mark.parametrize(
    ("household", "income", "due"),
    [
        (ALONE, 0, 50500),  # half of 1 010
        (ALONE, 50000, 25500),  # half of 510
        (ALONE, 100000, 2000),  # half of 10 is 5: the least is 20
        (ALONE, 101000, 0),  # nothing is missing
        (Household(members=1, paid_share_bp=10_000), 0, 82300),  # a person alone gets at most 823
        (Household(members=1, paid_share_bp=10_000), 18700, 82300),
        (Household(members=1, paid_share_bp=10_000), 18701, 82299),
        (Household(members=2, paid_share_bp=10_000), 0, 164600),
        (Household(members=4, paid_share_bp=10_000), 188693, 140507),  # the whole of 4 x 823 less the wage
        (Household(members=4, paid_share_bp=3_000), 188693, 70254),  # no centre may pay less than half
    ],
)
def test_the_temporary_allowance_is_a_share_of_what_is_missing_to_the_criterion(
    household: Household, income: int, due: int
) -> None:
    assert temporary_allowance(household=household, income_gr=income, law=Figures(DAY)) == due


@pytest.mark.parametrize(
    ("household", "income", "due"),
    [
        (ALONE, 0, 122900),  # 130 % of 1 010 is 1 313: the most is 1 229
        (ALONE, 100000, 31300),
        (ALONE, 130000, 10000),  # 13 would be due: the least is 100
        (ALONE, 131300, 0),
        (FOUR, 200000, 56990),  # (130 % of 3 292 less 2 000) for one of four
    ],
)
def test_the_permanent_allowance_has_a_factor_and_both_bounds(household: Household, income: int, due: int) -> None:
    assert permanent_allowance(household=household, income_gr=income, law=Figures(DAY)) == due


@pytest.mark.parametrize(
    ("household", "income", "due"),
    [
        (FOUR, 269600, 21900),  # 95 + 124 up to the criterion of 4 x 674
        (FOUR, 289500, 2000),  # 199 above it: 20 are paid
        (FOUR, 289600, 0),  # 19 would be left: less than 20 is not paid
        (Household(members=5, ages=(3, 9, 19)), 0, 44900),  # 95 + 124 + 135, and 95 for the third child
        (Household(members=2, ages=(3,), is_lone_parent=True), 0, 28800),
        (Household(members=4, ages=(3, 9, 9), is_lone_parent=True), 0, 82400),  # 343 + 95, and 193 twice at most
        (Household(members=4, ages=(3, 9), has_disabled_child=True), 305600, 21900),
    ],
)
def test_each_zloty_above_the_criterion_takes_one_off_the_family_allowance(
    household: Household, income: int, due: int
) -> None:
    assert family_allowance(household=household, income_gr=income, law=Figures(DAY)) == due


@pytest.mark.parametrize(
    ("household", "income", "left"),
    [
        (ALONE, 356142, 28000),
        (ALONE, 360585, 23557),
        (ALONE, 384142, 0),
        (ALONE, 500000, 0),
        (FOUR, 360585, 28000),
    ],
)
def test_each_zloty_above_the_limit_takes_one_off_the_housing_allowance(
    household: Household, income: int, left: int
) -> None:
    assert housing_allowance(full_gr=28000, household=household, income_gr=income, law=Figures(DAY)) == left


def test_a_limit_that_the_table_does_not_know_is_refused_by_name() -> None:
    with pytest.raises(NoValue, match=r"HB_INCOME_LIMIT_1 has no value before 2025-02-01\."):
        housing_allowance(full_gr=28000, household=ALONE, income_gr=0, law=Figures(date(2025, 1, 31)))


def test_an_amount_knows_the_figures_that_made_it_and_no_others() -> None:
    law = Figures(DAY)
    temporary_allowance(household=ALONE, income_gr=0, law=law)
    params = ["SA_CRITERION_SINGLE", "SA_OKRESOWY_FLOOR", "SA_OKRESOWY_MAX_SINGLE", "SA_OKRESOWY_MIN"]
    assert [row.param for row in law.used] == params
    assert [row.verified for row in law.used] == [True, False, False, False]


@pytest.mark.parametrize(
    ("day", "most"),
    [
        (date(2021, 12, 31), 41800),
        (date(2022, 1, 1), 60000),
        (date(2024, 12, 31), 60000),
        (date(2025, 1, 1), 82300),
    ],
)
def test_the_most_of_a_person_alone_follows_the_table(day: date, most: int) -> None:
    alone = Household(members=1, paid_share_bp=10_000)
    assert temporary_allowance(household=alone, income_gr=0, law=Figures(day)) == most


@pytest.mark.parametrize(("after", "left"), [(241800, 40000), (241801, 39999), (301800, 10000), (301900, 0)])
def test_each_zloty_a_head_above_the_criterion_takes_one_off_a_child_s_maintenance(after: int, left: int) -> None:
    two = Household(members=2, ages=(4,))
    found = maintenance_left(paid_gr=40000, household=two, before_gr=0, after_gr=after, law=Figures(DAY))
    assert found == left
