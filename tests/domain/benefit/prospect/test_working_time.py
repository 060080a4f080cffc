"""Working time by hours, and the minimum wage for it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.net_wage import net_wage
from shared.domain.benefit.prospect.figures import Figures
from shared.domain.benefit.prospect.working_time import (
    NotWorkingTime,
    minimum_gross,
    of_hours_a_month,
    of_hours_a_week,
)

from ..builders import PROPERTY


@pytest.mark.parametrize(
    ("hundredths", "share"), [(4000, 10_000), (2000, 5_000), (3000, 7_500), (1, 3), (1333, 3_333), (3999, 9_998)]
)
def test_hours_a_week_are_a_share_of_forty(hundredths: int, share: int) -> None:
    assert of_hours_a_week(hundredths) == share


@pytest.mark.parametrize(("hundredths", "share"), [(17333, 10_000), (8667, 5_000), (13000, 7_500), (100, 58)])
def test_hours_a_month_are_a_share_of_a_twelfth_of_fifty_two_weeks(hundredths: int, share: int) -> None:
    assert of_hours_a_month(hundredths) == share


@pytest.mark.parametrize("hundredths", [-100, 0, 4001, 16800])
def test_no_hours_and_more_than_full_time_are_refused_by_the_name_of_the_field(hundredths: int) -> None:
    with pytest.raises(NotWorkingTime) as caught:
        of_hours_a_week(hundredths, field="working_time.hours_week")
    assert caught.value.field == "working_time.hours_week"


def test_more_hours_a_month_than_full_time_has_are_refused() -> None:
    with pytest.raises(NotWorkingTime):
        of_hours_a_month(17334)


@pytest.mark.parametrize(
    ("share", "on", "least"),
    [
        (10_000, date(2026, 1, 1), 480600),
        (5_000, date(2026, 1, 1), 240300),
        (3_333, date(2026, 1, 1), 160184),
        (10_000, date(2025, 12, 31), 466600),
    ],
)
def test_the_minimum_wage_of_a_part_time_job_is_in_proportion_and_rounded_up(share: int, on: date, least: int) -> None:
    assert minimum_gross(working_time_bp=share, law=Figures(on)) == least


@pytest.mark.parametrize(
    ("hours", "on", "net"),
    [(4000, date(2026, 1, 1), 360585), (2000, date(2026, 1, 1), 188693), (4000, date(2025, 1, 1), 351092)],
)
def test_the_minimum_wage_for_hours_a_week_is_net_what_was_published(hours: int, on: date, net: int) -> None:
    least = minimum_gross(working_time_bp=of_hours_a_week(hours), law=Figures(on))
    assert net_wage(least, on=on).net_gr == net


@PROPERTY
@given(st.integers(1, 4_000))
def test_an_hour_more_is_never_less_working_time(hundredths: int) -> None:
    if hundredths < 4_000:
        assert of_hours_a_week(hundredths + 1) >= of_hours_a_week(hundredths)
    assert 0 < of_hours_a_week(hundredths) <= 10_000
