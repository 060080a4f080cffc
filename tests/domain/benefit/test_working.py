"""The working of a schedule: a month is split only where its stretches are worth different amounts."""

import pytest

from shared.domain.benefit.case import Benefit
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.benefit.rule import rounded_up, work_out
from shared.domain.benefit.shares import holdings_by_month, largest_remainder

from .builders import case, event


def spans(wage: int, parameters: SchemeParameters) -> list[tuple[int, int]]:
    """Return the clock months, first and last, of each part of the second month of a case that starts in a first."""
    known = case(event("start", "2026-03-16", wage), parameters=parameters)
    return [(first + 1, last + 1) for _, first, last, _ in work_out(known).parts[1]]


def test_clock_months_that_are_worth_the_same_are_one_part() -> None:
    assert spans(100_000, SchemeParameters(guarantee_months=2)) == [(1, 2)]


def test_the_end_of_a_guarantee_splits_a_month() -> None:
    assert spans(100_000, SchemeParameters(guarantee_months=1)) == [(1, 1), (2, 2)]


def test_the_end_of_a_guarantee_that_gave_nothing_splits_no_month() -> None:
    assert spans(400_000, SchemeParameters(guarantee_months=1)) == [(1, 2)]


def test_two_split_months_that_begin_alike_are_each_paid_by_all_their_parts() -> None:
    wages = [("2026-04-01", 160_000), ("2026-04-16", 80_000), ("2026-06-01", 160_000), ("2026-06-16", 40_000)]
    tapered = SchemeParameters(curve="stepped", taper_bp=2_500, disregard_gr=0, guarantee_months=0)
    worked = work_out(case(*(event("start", on, wage) for on, wage in wages), parameters=tapered))
    april, _, june, *_ = worked.result.months
    assert (april.amount_gr, june.amount_gr) == ((169_020 + 189_020) // 2, (169_020 + 199_020) // 2)


def test_the_least_need_is_a_whole_quantum_and_none_is_nothing() -> None:
    assert (rounded_up(1, quantum_gr=10), rounded_up(0, quantum_gr=10)) == (10, 0)


@pytest.mark.parametrize("length", [11, 13])
def test_a_curve_that_was_not_checked_and_has_not_twelve_rates_makes_no_schedule(length: int) -> None:
    with pytest.raises(ValueError, match="zip"):
        work_out(case(event("start", "2026-03-01", 100_000), parameters=SchemeParameters(curve=(10_000,) * length)))


@pytest.mark.parametrize("kept", range(1, 12))
def test_a_benefit_is_kept_for_its_months_and_no_longer(kept: int) -> None:
    found = [one.kept_gr for one in holdings_by_month([Benefit("OPS-ZOK", "ops-2478011", 62000, kept_months=kept)])]
    assert found == [62000] * kept + [0] * (12 - kept)


def test_where_nobody_has_a_weight_nobody_has_a_share() -> None:
    assert largest_remainder(5, weights={"a": 0, "b": 0}) == (("a", 0), ("b", 0))
