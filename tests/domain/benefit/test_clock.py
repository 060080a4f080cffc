"""The clock: twelve full-month equivalents, whatever the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.clock import MONTH_TICKS, days_in, work_months
from shared.domain.benefit.employment import EmploymentEvent

from .builders import PROPERTY, employments, event


@PROPERTY
@given(st.dates())
def test_the_days_of_a_month_are_those_of_the_calendar(day: date) -> None:
    first = day.replace(year=min(day.year, 9998), day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    assert days_in(year=first.year, month=first.month) == (following - first).days


@pytest.mark.parametrize(
    ("year", "days"), [(2000, 29), (2023, 28), (2024, 29), (2026, 28), (2028, 29), (2096, 29), (2100, 28), (2104, 29)]
)
def test_february_has_a_leap_day_every_fourth_year_but_not_in_2100(year: int, days: int) -> None:
    assert days_in(year=year, month=2) == days


@PROPERTY
@given(employments())
def test_the_clock_runs_through_every_month_in_order_and_never_beyond_12(events: tuple[EmploymentEvent, ...]) -> None:
    run = [stretch for _, _, stretches in work_months(events) for stretch in stretches]
    months = [clock_month for clock_month, _, _ in run]
    assert months == sorted(months)
    for clock_month in set(months[: months.index(months[-1])] if months else []):
        assert sum(ticks for month, _, ticks in run if month == clock_month) == MONTH_TICKS
    assert sum(ticks for _, _, ticks in run) <= 12 * MONTH_TICKS


def test_a_month_without_a_day_of_work_is_left_out() -> None:
    events = [event("start", "2026-01-01", 1), event("stop", "2026-02-01"), event("start", "2026-04-30", 1)]
    assert [(year, month) for year, month, _ in work_months(events)][:3] == [(2026, 1), (2026, 4), (2026, 5)]


def test_a_stop_names_the_first_day_not_worked() -> None:
    assert work_months([event("start", "2026-03-01", 1), event("stop", "2026-03-02")]) == [
        (2026, 3, [(1, 1, MONTH_TICKS // 31)])
    ]


def test_a_month_is_split_where_the_clock_crosses_a_whole_number_and_where_the_wage_changes() -> None:
    events = [event("start", "2026-03-16", 1), event("wage", "2026-04-29", 2)]
    _, (_, _, april), *_ = work_months(events)
    assert [(clock_month, wage) for clock_month, wage, _ in april] == [(1, 1), (2, 1), (2, 2)]
    assert sum(ticks for _, _, ticks in april) == MONTH_TICKS


def test_a_break_inside_a_month_does_not_split_its_stretch() -> None:
    events = [event("start", "2026-03-01", 1), event("stop", "2026-03-05"), event("start", "2026-03-10", 1)]
    (_, _, march), *_ = work_months(events)
    assert march == [(1, 1, 26 * (MONTH_TICKS // 31))]


def test_a_break_after_the_wage_has_changed_gives_each_wage_its_days() -> None:
    events = [event("start", "2026-03-01", 1), event("wage", "2026-03-05", 2), event("stop", "2026-03-10")]
    same, other = event("start", "2026-03-12", 2), event("start", "2026-03-12", 1)
    day = MONTH_TICKS // 31
    (_, _, march), (_, _, april), *_ = work_months([*events, same])
    assert march == [(1, 1, 4 * day), (1, 2, 25 * day)]
    assert april == [(1, 2, 2 * day), (2, 2, MONTH_TICKS - 2 * day)]
    assert work_months([*events, other])[0] == (2026, 3, [(1, 1, 4 * day), (1, 2, 5 * day), (1, 1, 20 * day)])


def test_work_goes_on_over_the_new_year() -> None:
    events = [event("start", "2026-11-10", 1), event("stop", "2027-02-10")]
    assert [(year, month) for year, month, _ in work_months(events)] == [(2026, 11), (2026, 12), (2027, 1), (2027, 2)]


def test_work_from_the_second_day_on_lacks_the_first() -> None:
    (_, _, march), (_, _, april), *_ = work_months([event("start", "2026-03-02", 1)])
    day = MONTH_TICKS // 31
    assert march == [(1, 1, 30 * day)]
    assert april == [(1, 1, day), (2, 1, MONTH_TICKS - day)]
