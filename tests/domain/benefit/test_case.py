"""What a case may leave out, and what that means."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.case import Benefit, parse_case
from shared.domain.benefit.parameters import (
    SchemeParameters,
    parameters_json,
    parse_parameters,
    scheme_parameters,
    scheme_version,
)
from shared.domain.benefit.rule import assess

from .builders import OPS, PROPERTY, PUP, case, event, parameters, worked


def test_kept_months_left_out_is_lost_at_once_and_null_is_kept_for_good() -> None:
    given_case = worked("10")["case"]
    missing, kept, *_ = (each for each in parse_case(given_case).benefits if each.kind in ("OPS-DMI", "OPS-ARO"))
    assert (missing.kept_months, kept.kept_months) == (0, None)


def test_a_case_without_parameters_takes_those_in_force_on_the_first_start() -> None:
    given_case = worked("01")["case"]
    del given_case["parameters"]
    assert parse_case(given_case).parameters == scheme_parameters(on=date(2026, 3, 1)) == SchemeParameters()


def test_the_parameter_set_has_a_version() -> None:
    assert scheme_version().startswith("2000-01-01.")
    assert scheme_version() == scheme_version()


@PROPERTY
@given(parameters())
def test_parameters_come_back_from_their_json(known: SchemeParameters) -> None:
    assert parse_parameters(parameters_json(known), on=date(2026, 1, 1)) == known


@PROPERTY
@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)))
def test_parameters_are_in_force_on_every_day_a_case_may_name(day: date) -> None:
    assert scheme_parameters(on=day) == SchemeParameters()


def test_a_case_without_benefits_is_owed_nothing() -> None:
    result = assess(case(event("start", "2026-03-01", 360000), benefits=()))
    assert {(month.amount_gr, month.codes, month.shares_gr) for month in result.months} == {(0, "Z", ())}
    assert (result.total_gr, result.gap_gr) == (0, 0)


def test_an_owner_that_lost_nothing_is_listed_with_nothing() -> None:
    kept = Benefit("OPS-ARO", OPS, 24800, kept_months=None)
    lost = Benefit("PUP-ZAS", PUP, 130520)
    gained = Benefit("PUP-DAK", "zus", 10000, kept_months=3, gained=True)
    first = assess(case(event("start", "2026-03-01", 360000), benefits=(kept, lost, gained))).months[0]
    assert first.shares_gr == ((OPS, 0), (PUP, 120520))


def test_a_start_that_a_later_record_of_its_day_outweighs_is_no_work() -> None:
    outweighed = [event("start", "2026-03-01", 360000, 1), event("stop", "2026-03-01", None, 2)]
    assert assess(case(*outweighed)).months == ()
    later = assess(case(*outweighed, event("start", "2026-04-01", 360000, 3)))
    assert later.months[0].month == "2026-04"


def test_a_wage_while_idle_starts_work() -> None:
    assert assess(case(event("wage", "2026-03-01", 360000))) == assess(case(event("start", "2026-03-01", 360000)))


def test_the_last_wage_decides_the_gap_also_when_a_stop_follows_it() -> None:
    employed = assess(case(event("start", "2026-03-01", 150000)))
    stopped = assess(case(event("start", "2026-03-01", 150000), event("stop", "2026-08-11")))
    assert employed.gap_gr == stopped.gap_gr == 209020 - 150000


@pytest.mark.parametrize("cap", [0, 5, 150000])
def test_the_cap_of_a_part_month_is_its_fraction_rounded_down(cap: int) -> None:
    result = assess(case(event("start", "2026-03-16", 0), parameters=SchemeParameters(cap_gr=cap)))
    assert result.months[0].amount_gr == cap * 16 // 31 // 10 * 10
    assert result.months[0].codes == "KLP"
