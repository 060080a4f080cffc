"""What becomes of each benefit on taking a job, by catalogue, owner and the rules of law."""

from dataclasses import replace
from datetime import date

import pytest

from shared.domain.benefit.case import Benefit
from shared.domain.benefit.dated import NoValue
from shared.domain.benefit.prospect.held import Held, Job
from shared.domain.benefit.prospect.household import Household
from shared.domain.catalogue import forms

from .builders import FULL_TIME, HALF_TIME, OPS, PUP, START, becomes, held

HIDDEN = held("OPS-CASH", 1000, remaining_gr=400, is_kept_stated=True, kept_months=0)
ALONE, FOUR = Household(members=1), Household(members=4, ages=(3, 9))


@pytest.mark.parametrize(
    ("one", "what", "rows"),
    [
        (held("PUP-ZAS", 130520), "lost", [(130520, 0)]),
        (held("PUP-STA", 250709), "lost", [(250709, 0)]),
        (held("OPS-ZST", 100000), "lost", [(100000, 0)]),
        (held("PUP-DOJ", 14000), "kept_for_good", [(14000, None)]),
        (held("PUP-ZAS", 130520, is_kept_stated=True, kept_months=3), "kept", [(130520, 3)]),
        (held("OPS-ZST", 100000, is_kept_stated=True, kept_months=None), "kept_for_good", [(100000, None)]),
        (held("OPS-ZOK", 50500, has_contract=True), "kept", [(50500, 2)]),
        (held("OPS-ZOK", 50500), "lost", [(50500, 0)]),
        (held("OPS-ZOK", 50500, remaining_gr=20000, has_contract=True), "shrinks", [(30500, 2), (20000, None)]),
        (held("OPS-DMI", 28000, remaining_gr=0), "lost", [(28000, 0)]),
        (held("OPS-FAL", 40000, remaining_gr=40000), "kept_for_good", [(40000, None)]),
        (HIDDEN, "shrinks", [(600, 0), (400, None)]),
        (held("OPS-ZCE", 20000), "outside", []),
        (held("PUP-PIN", 20000), "outside", []),
        (held("BRK-DEG", 20000, is_gained=True), "outside", []),
        (held("OPS-800", 80000, is_exchanged=False), "outside", []),
    ],
)  # fmt: skip
def test_catalogue_and_owner_say_what_becomes_of_a_benefit(
    one: Held, what: str, rows: list[tuple[int, int | None]]
) -> None:
    (outcome,) = becomes(one)
    assert outcome.becomes == what
    assert [(row.amount_gr, row.kept_months) for row in outcome.rows] == rows


def test_a_gained_benefit_is_kept_and_not_lost() -> None:
    (outcome,) = becomes(held("PUP-DAK", 89195, is_gained=True, is_kept_stated=True, kept_months=4))
    assert outcome.becomes == "gained"
    assert outcome.rows == (Benefit("PUP-DAK", "pup-2478", 89195, 4, gained=True),)


def test_every_code_of_the_catalogue_has_an_outcome_that_its_effect_allows() -> None:
    allowed = {
        "none": {"kept_for_good"},
        "lost": {"lost"},
        "bridge": {"lost"},
        "shrinks": {"lost"},
        "gained": {"gained", "outside"},
        "one_off": {"outside"},
        "is_job": {"outside"},
    }
    for code, form in forms().items():
        (outcome,) = becomes(held(code, 1000, is_gained=form.effect == "gained"))
        assert outcome.becomes in allowed[form.effect], code


def test_the_temporary_allowance_shrinks_by_the_whole_income_of_the_household() -> None:
    household = replace(FOUR, other_income_gr=30000, paid_share_bp=10_000)
    (outcome,) = becomes(held("OPS-ZOK", 329200), household=household)
    # 4 x 823.00 less 1 886.93 of wage and 300.00 of the others' income.
    assert (outcome.becomes, outcome.why, outcome.remaining_gr) == (
        "shrinks",
        "temporary_rule",
        329200 - 188693 - 30000,
    )
    assert (outcome.income_gr, outcome.limit_gr, outcome.share_bp) == (218693, 329200, 10_000)
    assert outcome.notes == ()


def test_under_a_contract_the_part_that_shrinks_is_bridged_for_two_months() -> None:
    household = replace(FOUR, paid_share_bp=10_000)
    (outcome,) = becomes(held("OPS-ZOK", 329200, has_contract=True), household=household)
    assert [(row.amount_gr, row.kept_months) for row in outcome.rows] == [(188693, 2), (140507, None)]


def test_a_share_that_is_not_given_is_the_least_of_the_law_and_says_so() -> None:
    (outcome,) = becomes(held("OPS-ZOK", 164600), household=FOUR)
    assert (outcome.remaining_gr, outcome.share_bp, outcome.notes) == (70254, 5_000, ("share_assumed",))


def test_no_rule_leaves_more_than_was_paid() -> None:
    household = replace(FOUR, paid_share_bp=10_000)
    (outcome,) = becomes(held("OPS-ZOK", 50000), household=household)
    assert (outcome.becomes, outcome.remaining_gr) == ("kept_for_good", 50000)


def test_what_is_left_of_other_allowances_is_income_of_the_temporary_one() -> None:
    household = replace(FOUR, paid_share_bp=10_000)
    family, housing, temporary = becomes(
        held("OPS-ARO", 21900), held("OPS-DMI", 28000), held("OPS-ZOK", 329200), household=household
    )
    assert (family.remaining_gr, housing.remaining_gr) == (21900, 28000)
    assert temporary.remaining_gr == 329200 - 188693 - 21900 - 28000


def test_meals_are_no_income_and_kept_money_is() -> None:
    household = replace(ALONE, paid_share_bp=10_000)
    job = Job(start=START, net_gr=20000)
    meals = held("OPS-POS", 10000, is_kept_stated=True, kept_months=None)
    stipend = held("PUP-STA", 10000, is_kept_stated=True, kept_months=1)
    assert becomes(held("OPS-ZOK", 101000), meals, job=job, household=household)[0].remaining_gr == 81000
    assert becomes(held("OPS-ZOK", 101000), stipend, job=job, household=household)[0].remaining_gr == 71000


def test_money_whose_kind_is_hidden_counts_as_income_and_says_so() -> None:
    household = replace(ALONE, paid_share_bp=10_000)
    hidden = held("OPS-CASH", 10000, is_kept_stated=True, kept_months=None, owner="ops-2476011")
    temporary, kept = becomes(held("OPS-ZOK", 101000), hidden, job=Job(start=START, net_gr=20000), household=household)
    assert (temporary.remaining_gr, temporary.notes) == (71000, ("hidden_counted",))
    assert (kept.becomes, kept.notes, kept.verified) == ("kept_for_good", ("kind_hidden",), None)


def test_the_housing_allowance_shrinks_by_what_the_job_adds_above_the_limit() -> None:
    # 3 605.85 is 44.43 above the limit of 3 561.42 for a person alone.
    (outcome,) = becomes(held("OPS-DMI", 28000), job=FULL_TIME, household=ALONE)
    assert (outcome.why, outcome.remaining_gr) == ("housing_rule", 28000 - 4443)
    # What was above the limit before had been taken off already.
    rich = replace(ALONE, other_income_gr=360000)
    (outcome,) = becomes(held("OPS-DMI", 28000), job=Job(start=START, net_gr=10000), household=rich)
    assert outcome.remaining_gr == 18000


def test_two_records_of_one_allowance_are_left_one_rest_together() -> None:
    household = replace(ALONE, paid_share_bp=10_000)
    found = becomes(
        held("OPS-ZOK", 30000), held("OPS-ZOK", 71000, benefit_id="2"), job=Job(start=START, net_gr=60000),
        household=household,
    )  # fmt: skip
    assert [one.remaining_gr for one in found] == [30000, 11000]


def test_without_the_household_the_office_s_word_stands_and_the_fact_is_named() -> None:
    recorded, silent = becomes(held("OPS-DMI", 28000, remaining_gr=10000), held("OPS-ZOK", 50500))
    assert (recorded.remaining_gr, recorded.why, recorded.notes) == (10000, "recorded_rest", ("household_missing",))
    assert silent.notes == ("household_missing", "rest_missing")
    (family,) = becomes(held("OPS-ARO", 21900, remaining_gr=0), household=ALONE)
    assert family.notes == ("children_missing",)


def test_the_maintenance_fund_shrinks_child_by_child_by_the_income_a_head_above_the_criterion() -> None:
    # 5 236.00 for four is 1 309.00 a head, 100.00 above the criterion; 1 886.93 of it came with the job.
    family = replace(FOUR, other_income_gr=523600 - HALF_TIME.net_gr)
    found = becomes(held("OPS-FAL", 40000), held("OPS-FAL", 19999, benefit_id="2"), household=family)
    assert [one.remaining_gr for one in found] == [30000, 0]
    assert {(one.why, one.income_gr, one.limit_gr) for one in found} == {("maintenance_rule", 523600, 483600)}
    assert {one.notes for one in found} == {("one_child",)}
    assert {one.verified for one in found} == {False}


def test_what_was_taken_off_the_maintenance_fund_before_the_job_is_not_taken_off_twice() -> None:
    family = replace(FOUR, other_income_gr=500000)
    (outcome,) = becomes(held("OPS-FAL", 30000), job=Job(start=START, net_gr=4000), household=family)
    assert outcome.remaining_gr == 29000
    (whole,) = becomes(held("OPS-FAL", 5000), job=Job(start=START, net_gr=4000), household=FOUR)
    assert (whole.remaining_gr, whole.becomes) == (5000, "kept_for_good")


def test_the_benefit_itself_counts_as_income_where_it_is_given_as_extra() -> None:
    household = replace(FOUR, paid_share_bp=10_000)
    (outcome,) = becomes(held("OPS-ZOK", 329200), household=household, extra_gr=100000)
    assert outcome.remaining_gr == 40507


def test_a_limit_that_is_not_known_for_the_day_is_refused_by_name() -> None:
    job = Job(start=date(2025, 1, 15), net_gr=300000)
    with pytest.raises(NoValue, match="HB_INCOME_LIMIT_1 has no value before 2025-02-01"):
        becomes(held("OPS-DMI", 28000), job=job, household=ALONE)


def test_an_outcome_is_verified_only_if_the_catalogue_and_every_figure_are() -> None:
    lost, meals = becomes(held("PUP-ZAS", 100), held("OPS-POS", 100))
    assert (lost.verified, meals.verified) == (True, False)
    (tested,) = becomes(held("OPS-ZOK", 164600), household=FOUR)
    assert tested.verified is False
    assert "SA_OKRESOWY_FLOOR" in {figure.param for figure in tested.figures}


def test_the_owner_of_each_row_is_who_paid() -> None:
    found = becomes(held("OPS-ZOK", 1), held("OPS-DMI", 1), held("PUP-ZAS", 1))
    assert [row.owner for outcome in found for row in outcome.rows] == [OPS, OPS, PUP]
