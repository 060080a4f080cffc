"""Breaks, the end of a case, and its lock (BENEFIT.md, "Time, corrections, decisions")."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.clock import MONTH_TICKS, days_in, work_months
from shared.domain.benefit.employment import EmploymentEvent
from shared.domain.benefit.span import ends_on, last_day, plus_months, without_long_breaks

from .builders import PROPERTY, employments

FAR = date(2050, 1, 1)


def works(on: date) -> EmploymentEvent:
    return EmploymentEvent("start", on, 250_000)


def stops(on: date) -> EmploymentEvent:
    return EmploymentEvent("stop", on)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 7, 18), 6, date(2027, 1, 18)),
        (date(2026, 12, 1), 24, date(2028, 12, 1)),
        (date(2026, 3, 5), 0, date(2026, 3, 5)),
    ],
)
def test_months_are_added_to_a_day(day: date, months: int, later: date) -> None:
    assert plus_months(day, months) == later


def test_a_case_that_ends_within_a_day_ends_with_that_day() -> None:
    # 14 days of 28 in the first February leave half a month for one of 29 days.
    assert last_day([works(date(2027, 2, 15))]) == date(2028, 2, 15)


@pytest.mark.parametrize(
    ("again", "resumes"), [(date(2026, 12, 31), True), (date(2027, 1, 18), True), (date(2027, 1, 19), False)]
)
def test_a_break_of_six_months_resumes_and_a_longer_one_ends_the_case(again: date, resumes: bool) -> None:
    events = [works(date(2026, 3, 1)), stops(date(2026, 7, 18)), works(again)]
    assert (len(without_long_breaks(events, break_months=6)) == 3) is resumes


def test_what_follows_a_long_break_is_cut_and_short_breaks_before_it_stay() -> None:
    events = [works(date(2026, 3, 1)), stops(date(2026, 4, 1)), works(date(2026, 5, 1)), stops(date(2026, 6, 1))]
    later = [works(date(2027, 6, 1)), stops(date(2027, 7, 1))]
    assert without_long_breaks([*events, *later], break_months=6) == tuple(events)


def test_the_clock_is_full_on_the_last_day_of_the_twelfth_month() -> None:
    assert last_day([works(date(2026, 3, 1))]) == date(2027, 2, 28)
    assert last_day([works(date(2026, 3, 16))]) == date(2027, 3, 15)
    assert last_day([works(date(2027, 3, 16))]) == date(2028, 3, 15)


def test_a_break_puts_the_end_off() -> None:
    events = [works(date(2026, 3, 1)), stops(date(2026, 4, 1)), works(date(2026, 5, 1))]
    assert last_day(events) == date(2027, 3, 31)


def test_without_a_day_of_work_nothing_ends() -> None:
    nothing = [works(date(2026, 3, 1)), EmploymentEvent("stop", date(2026, 3, 1), None, 2)]
    assert last_day(nothing) is None
    assert ends_on(nothing, today=FAR, break_months=6) is None


@pytest.mark.parametrize(("today", "end"), [(date(2027, 1, 18), None), (date(2027, 1, 19), date(2026, 7, 17))])
def test_a_case_ends_when_its_break_can_be_resumed_no_more(today: date, end: date | None) -> None:
    events = [works(date(2026, 3, 1)), stops(date(2026, 7, 18))]
    assert ends_on(events, today=today, break_months=6) == end


def test_a_job_lost_after_the_clock_was_full_changes_nothing() -> None:
    events = [works(date(2026, 3, 1)), stops(date(2027, 8, 1))]
    assert ends_on(events, today=date(2027, 8, 2), break_months=6) == date(2027, 2, 28)


@PROPERTY
@given(employments(wage=250_000), st.integers(0, 400))
def test_the_last_day_is_the_one_that_the_clock_counts_last(events: tuple[EmploymentEvent, ...], later: int) -> None:
    end = max(event.effective for event in events) + timedelta(days=later)
    last = last_day([*events, EmploymentEvent("stop", end, None, 99)])
    months = work_months([*events, EmploymentEvent("stop", end, None, 99)])
    if last is None:
        assert months == []
    else:
        assert (last.year, last.month) == months[-1][:2]
        counted = sum(ticks for _, _, stretches in months for _, _, ticks in stretches)
        a_day = MONTH_TICKS // days_in(year=last.year, month=last.month)
        earlier = [event for event in events if event.effective < last]
        before = work_months([*earlier, EmploymentEvent("stop", last, None, 99)])
        assert 0 < counted - sum(t for _, _, stretches in before for _, _, t in stretches) <= a_day
