"""What benefits and stipends of a labour office amount to by the figures of law."""

from datetime import date
from typing import Any

import pytest

from shared.domain.benefit.dated import NoValue
from shared.domain.labour_amounts import Asked, amount_by_law, possible_amounts


def net(code: str, on: date, **more: Any) -> int | None:
    return amount_by_law(Asked(code=code, on=on, **more)).net_gr


@pytest.mark.parametrize(
    ("years", "amount"),
    [(0, 120994), (4, 120994), (5, 151242), (19, 151242), (20, 181490), (45, 181490)],
)
def test_unemployment_benefit_has_three_levels_until_may_2025(years: int, amount: int) -> None:
    """The published amounts in hand of June 2024."""
    assert net("PUP-ZAS", date(2024, 7, 1), seniority_years=years) == amount


def test_since_june_2025_the_lowest_level_is_gone_except_for_who_had_it() -> None:
    on = date(2025, 7, 1)
    assert net("PUP-ZAS", on, seniority_years=2) == net("PUP-ZAS", on, seniority_years=19) == 156693
    assert net("PUP-ZAS", on, seniority_years=2, since=date(2025, 5, 31)) == 125354


def test_the_better_amount_is_paid_for_ninety_days() -> None:
    since = date(2025, 8, 1)
    amounts = [net("PUP-ZAS", on, seniority_years=10, since=since) for on in (date(2025, 10, 29), date(2025, 10, 30))]
    assert amounts == [156693, 123050]


def test_a_placement_pays_the_part_of_its_act_and_the_base_of_the_day() -> None:
    assert net("PUP-STA", date(2025, 5, 31)) == 181490
    assert net("PUP-STA", date(2025, 6, 1)) == 250709
    assert net("PUP-STA", date(2025, 7, 1), since=date(2025, 5, 1)) == 188031


def test_a_short_training_pays_a_part_and_unsaid_hours_the_most() -> None:
    whole = amount_by_law(Asked(code="PUP-SZK", on=date(2026, 1, 1)))
    assert (whole.net_gr, whole.at_most) == (188031, True)
    for hours, gross in ((150, 206628), (200, 206628), (75, 103314), (0, 0)):
        found = amount_by_law(Asked(code="PUP-SZK", on=date(2026, 1, 1), hours_month=hours))
        assert (found.gross_gr, found.at_most) == (gross, False)


def test_useful_works_pay_by_the_hour_up_to_forty() -> None:
    assert [net("PUP-PSU", date(2026, 1, 1), hours_month=hours) for hours in (1, 40, 60)] == [1090, 43600, 43600]


def test_the_supplement_fills_a_wage_up_to_the_minimum_and_at_most_half_the_base() -> None:
    on = date(2026, 9, 1)
    wages = (470000, 480600, 240300)
    assert [net("PUP-DAK", on, wage_gross_gr=wage) for wage in wages] == [10600, 0, 89195]
    assert amount_by_law(Asked(code="PUP-DAK", on=on)).at_most


def test_each_figure_stands_with_its_source_and_one_that_was_not_found_marks_the_whole() -> None:
    found = amount_by_law(Asked(code="PUP-INT", on=date(2026, 9, 1)))
    assert [row.param for row in found.figures] == ["UB_BASE_90", "STIPEND_INTEGRATION", "UB_NET_FACTOR"]
    assert all(row.source for row in found.figures)
    assert [row.verified for row in found.figures] == [True, True, False]
    assert not found.is_verified


def test_without_a_figure_for_what_is_left_the_gross_amount_is_told_and_the_gap_named() -> None:
    found = amount_by_law(Asked(code="PUP-ZAS", on=date(2021, 7, 1), seniority_years=10))
    assert (found.gross_gr, found.net_gr, found.is_verified) == (124080, None, False)
    assert found.missing == ("UB_NET_FACTOR has no value before 2022-07-01.",)
    assert possible_amounts("PUP-ZAS", date(2021, 7, 1)) is None


def test_without_a_base_there_is_no_amount() -> None:
    with pytest.raises(NoValue, match="before 2011-06-01"):
        amount_by_law(Asked(code="PUP-ZAS", on=date(2010, 7, 1), seniority_years=10))


def test_a_recorded_amount_differs_if_no_level_and_no_time_gives_it() -> None:
    found = possible_amounts("PUP-ZAS", date(2025, 11, 1))
    assert found is not None
    assert [found.differs(amount) for amount in (156693, 147660, 156694, 0)] == [False, False, True, True]
    most = possible_amounts("PUP-SZK", date(2026, 1, 1))
    assert most is not None
    assert [most.differs(amount) for amount in (188031, 1, 188032)] == [False, False, True]
    assert possible_amounts("OPS-ZOK", date(2026, 1, 1)) is None
