"""From a job that is offered to the schedule that would follow."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.case import MOST_TOGETHER_GR
from shared.domain.benefit.net_wage import net_wage
from shared.domain.benefit.overlay import parse_overlay, reform
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.benefit.prospect.held import Held, Job
from shared.domain.benefit.prospect.household import Household
from shared.domain.benefit.prospect.look_ahead import Ahead, look_ahead
from shared.domain.money import AmountOutOfRange

from ..builders import PROPERTY
from .builders import FULL_TIME, HALF_TIME, START, held

FOUR = Household(members=4, ages=(3, 9), paid_share_bp=10_000)
FULL_ALLOWANCE = held("OPS-ZOK", 329200)


def ahead(
    *some: Held,
    job: Job = HALF_TIME,
    household: Household | None = None,
    parameters: SchemeParameters | None = None,
    counts: bool = False,
) -> Ahead:
    return look_ahead(
        some, job=job, household=household, parameters=parameters or SchemeParameters(), counts_as_income=counts
    )


def amounts(found: Ahead) -> list[int]:
    return [month.amount_gr for month in found.working.result.months]


def test_the_family_of_four_keeps_what_a_half_time_job_earns() -> None:
    found = ahead(FULL_ALLOWANCE, household=FOUR)
    # The centre goes on paying 1 405.07; what it takes off, 1 886.93, is replaced for a full month at the start.
    assert found.outcomes[0].remaining_gr == 140507
    assert amounts(found)[1] == 188700
    assert found.working.result.gap_gr == 0


def test_the_step_of_a_hundred_zloty_is_worked_out_with_the_allowances_anew() -> None:
    found = ahead(FULL_ALLOWANCE, household=FOUR)
    assert found.raised is not None
    better = net_wage(250300, on=START).net_gr
    rates, *_ = found.raised.parts[0][0]
    assert rates.wage_gr == better
    assert rates.holdings[0].kept_gr == 329200 - better


def test_with_a_net_wage_alone_nothing_is_raised() -> None:
    assert ahead(FULL_ALLOWANCE, job=Job(start=START, net_gr=188693)).raised is None


def test_the_supplement_is_a_row_that_is_gained() -> None:
    paid = held("PUP-ZAS", 156693, until=START.replace(month=12))
    found = ahead(paid, job=replace(HALF_TIME, is_referred=True))
    assert [(row.kind, row.gained) for one in found.outcomes for row in one.rows] == [
        ("PUP-ZAS", False),
        ("PUP-DAK", True),
    ]
    assert amounts(found)[1] == 156693 - 86095 + 2  # half of 1 721.90 is paid anyway; rounded up to 10 gr
    assert found.remarks == ()


def test_a_supplement_that_is_not_counted_leaves_a_remark() -> None:
    assert [remark.code for remark in ahead(held("PUP-ZAS", 156693)).remarks] == ["supplement_referral_unknown"]


def test_if_the_benefit_counts_as_income_allowances_are_tested_once_more_with_its_first_month() -> None:
    household = replace(FOUR, other_income_gr=20000)
    plain = ahead(FULL_ALLOWANCE, household=household)
    counted = ahead(FULL_ALLOWANCE, household=household, counts=True)
    assert plain.outcomes[0].remaining_gr == 120507
    # 3 292 of which 1 205.07 remain: 2 086.93 are missing, 2 087.00 rounded up, and leave nothing of the allowance.
    assert counted.outcomes[0].remaining_gr == 0
    assert amounts(counted)[1] == 329200


def test_counting_once_does_not_run_in_a_circle() -> None:
    household = replace(FOUR, paid_share_bp=5_000)
    plain = ahead(held("OPS-ZOK", 100000), held("PUP-ZAS", 60000), household=household)
    counted = ahead(held("OPS-ZOK", 100000), held("PUP-ZAS", 60000), household=household, counts=True)
    # Half of 3 292 - 1 886.93 remains at first; the schedule then pays 897.50, of which half is taken off: 253.79.
    assert plain.outcomes[0].remaining_gr == 70254
    assert amounts(plain)[1] == 89750
    assert counted.outcomes[0].remaining_gr == 25379
    assert amounts(counted)[1] == 134630


def test_a_cap_bounds_what_counts_as_income() -> None:
    household = replace(FOUR, paid_share_bp=10_000)
    parameters = SchemeParameters(cap_gr=10000)
    counted = ahead(FULL_ALLOWANCE, household=household, parameters=parameters, counts=True)
    assert counted.outcomes[0].remaining_gr == 140507 - 10000


def test_benefits_beyond_what_a_case_holds_are_refused() -> None:
    with pytest.raises(AmountOutOfRange):
        ahead(held("PUP-ZAS", MOST_TOGETHER_GR), held("PUP-STA", 1))


def test_a_curve_set_by_hand_changes_the_schedule_and_nothing_else() -> None:
    usual = ahead(held("PUP-ZAS", 130520), job=FULL_TIME)
    changed = ahead(held("PUP-ZAS", 130520), job=FULL_TIME, parameters=SchemeParameters(curve=(10_000,) * 12))
    assert changed.working.result.total_gr > usual.working.result.total_gr
    assert changed.outcomes == usual.outcomes


@PROPERTY
@given(
    gross=st.integers(1, 1_000_000),
    amount=st.integers(0, 400_000),
    other=st.integers(0, 200_000),
    share=st.integers(0, 10_000),
    members=st.integers(1, 8),
    has_contract=st.booleans(),
    counts=st.booleans(),
)
def test_what_remains_and_what_passes_are_always_what_was_paid(
    gross: int, amount: int, other: int, share: int, members: int, *, has_contract: bool, counts: bool
) -> None:
    household = Household(members=members, ages=(), other_income_gr=other, paid_share_bp=share)
    found = ahead(
        held("OPS-ZOK", amount, has_contract=has_contract),
        held("OPS-DMI", amount),
        job=Job.of_gross(gross, start=START),
        household=household,
        counts=counts,
    )
    for outcome in found.outcomes:
        assert 0 <= outcome.remaining_gr <= amount
        assert sum(row.amount_gr for row in outcome.rows) == amount
        assert sum(row.amount_gr for row in outcome.rows if row.kept_months is None) in (outcome.remaining_gr, amount)


REFORM = """param,value,unit,valid_from,valid_to,verified,status,source
PIT_RATE,0,%,2026-01-01,,false,draft,
SA_CRITERION_SINGLE,3000,PLN net/month,2026-01-01,,false,draft,
SA_BRIDGE_AFTER_JOB,2,months max of okresowy/celowy after taking a job under a social contract (art. 38; 39a),2026-01-01,,false,draft,
MIN_WAGE,5000,PLN gross/month,2026-01-01,,false,draft,
ACTIV_SUPP_MAX,100,% of UB_BASE_90,2026-01-01,,false,draft,
"""  # noqa: E501


def test_a_reform_of_law_reaches_wage_allowances_and_supplement() -> None:
    law = reform(parse_overlay(REFORM)).law
    paid = [
        held("PUP-ZAS", 127482, until=date(2026, 9, 30)),
        held("OPS-ZOK", 90000, has_contract=True),
    ]
    now, then = (
        look_ahead(
            paid,
            job=Job.of_gross(450000, start=START, is_referred=True, law=table),
            household=Household(members=1),
            parameters=SchemeParameters(),
            law=table,
        )
        for table in (None, law)
    )
    assert (now.job.net_gr, then.job.net_gr) == (339758, 353358)
    assert [outcome.held.amount_gr for outcome in now.outcomes if outcome.becomes == "gained"] == [30600]
    assert [outcome.held.amount_gr for outcome in then.outcomes if outcome.becomes == "gained"] == [50000]
    limits = [{outcome.limit_gr for outcome in one.outcomes if outcome.limit_gr} for one in (now, then)]
    assert limits == [{101000}, {300000}]
    taken = {figure.param for outcome in then.outcomes for figure in outcome.figures if figure.status == "draft"}
    assert taken == {"SA_CRITERION_SINGLE", "SA_BRIDGE_AFTER_JOB", "MIN_WAGE", "ACTIV_SUPP_MAX"}
    assert now.raised is not None
    assert then.raised is not None
    (to_be, *_), (as_is, *_) = then.raised.parts[0][0], now.raised.parts[0][0]
    assert to_be.wage_gr == net_wage(460000, on=START, law=law).net_gr
    assert as_is.wage_gr == net_wage(460000, on=START).net_gr
