"""The rule against the slow oracle: where it is easily got wrong, and over any case."""

import pytest
from hypothesis import given

from shared.domain.benefit.case import Benefit, Case, case_json, parse_case
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.benefit.result import parse_result, result_json
from shared.domain.benefit.rule import assess

from .builders import OPS, PROPERTY, PUP, case, cases, event
from .oracle import assess_slowly

FOR_GOOD = Benefit("OPS-ARO", OPS, 24800, kept_months=None)
EXAMPLES = {
    "a wage rises and falls back within a month": case(
        event("start", "2026-03-01", 150000), event("wage", "2026-03-11", 250000), event("wage", "2026-03-21", 150000)
    ),
    "two months begin alike and end at other wages": case(
        event("start", "2026-03-01", 150000),
        event("wage", "2026-03-16", 200000),
        event("wage", "2026-05-01", 150000),
        event("wage", "2026-05-16", 100000),
    ),
    "all five reasons meet in a month": case(
        event("start", "2026-03-01", 300000),
        event("wage", "2026-06-01", 0),
        event("wage", "2026-06-11", 300000),
        event("wage", "2026-06-16", 900000),
        event("stop", "2026-06-21"),
        parameters=SchemeParameters(taper_bp=3000, disregard_gr=100000, cap_gr=1000),
    ),
    "a wage within the disregard lowers nothing": case(
        event("start", "2026-03-01", 99999),
        benefits=(Benefit("PUP-ZAS", PUP, 130521),),
        parameters=SchemeParameters(taper_bp=9999, disregard_gr=100000, guarantee_months=0, quantum_gr=1),
    ),
    "the guarantee and the curve both end": case(
        event("start", "2026-03-01", 100000),
        parameters=SchemeParameters(curve=(10_000,) * 3 + (0,) * 9, guarantee_months=4),
    ),
    "the cap is just reached": case(event("start", "2026-03-01", 360000), parameters=SchemeParameters(cap_gr=209020)),
    "a benefit ends within a month of two wages": case(
        event("start", "2026-03-16", 150000),
        event("wage", "2026-04-05", 160000),
        benefits=(Benefit("OPS-ZOK", OPS, 62000, kept_months=1), Benefit("PUP-ZAS", PUP, 130520)),
    ),
    "a clock month ends between two changes of the wage": case(
        event("start", "2026-03-16", 150000), event("wage", "2026-04-05", 120000), event("wage", "2026-04-25", 100000)
    ),
    "a benefit is kept through its last month": case(
        event("start", "2026-03-01", 150000), benefits=(Benefit("OPS-ZOK", OPS, 62000, kept_months=2),)
    ),
    "nothing is lost": case(event("start", "2026-03-01", 10000), benefits=(FOR_GOOD,)),
    "no day is worked": case(event("start", "2026-03-01", 10000, 1), event("stop", "2026-03-01", None, 2)),
    "the wage falls in the last month": case(
        event("start", "2026-03-01", 100000),
        event("wage", "2027-02-15", 80000),
        benefits=(FOR_GOOD, Benefit("PUP-ZAS", PUP, 130520)),
    ),
    "work goes on over the New Year and then stops": case(
        event("start", "2026-11-10", 150000), event("stop", "2027-02-10"), event("start", "2027-04-01", 150000)
    ),
    "a break falls into a month of two wages": case(
        event("start", "2026-03-01", 150000),
        event("wage", "2026-03-05", 250000),
        event("stop", "2026-03-10"),
        event("start", "2026-03-12", 150000),
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_rule_equals_the_oracle_where(name: str) -> None:
    assert result_json(assess(EXAMPLES[name])) == assess_slowly(EXAMPLES[name])


def test_a_month_may_have_all_five_reasons() -> None:
    june = assess(EXAMPLES["all five reasons meet in a month"]).months[3]
    assert (june.month, june.codes) == ("2026-06", "GKLPZ")


def test_a_cap_that_is_just_reached_lowers_nothing() -> None:
    assert assess(EXAMPLES["the cap is just reached"]).months[0].codes == "K"


@PROPERTY
@given(cases())
def test_the_rule_equals_the_oracle(case: Case) -> None:
    assert result_json(assess(case)) == assess_slowly(case)


@PROPERTY
@given(cases())
def test_any_case_and_result_come_back_from_their_json(case: Case) -> None:
    assert parse_case(case_json(case)) == case
    assert parse_result(result_json(assess(case))) == assess(case)
