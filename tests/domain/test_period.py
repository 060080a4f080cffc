"""Periods of days, compared with sets of days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.period import Period, PeriodReversed

from .builders import PROPERTY

FIRST = date(2026, 2, 20)
HORIZON = 60
offsets = st.integers(0, 30)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = FIRST + timedelta(days=draw(offsets))
    end = draw(st.none() | st.integers(0, 25))
    return Period(start, None if end is None else start + timedelta(days=end))


def days_of(period: Period) -> set[date]:
    """Return the days of a period up to a horizon beyond every closed one."""
    return {day for day in (FIRST + timedelta(days=n) for n in range(-5, HORIZON)) if day in period}


@PROPERTY
@given(periods())
def test_a_period_has_its_first_and_its_last_day_and_none_outside(period: Period) -> None:
    assert period.start in period
    assert period.start - timedelta(days=1) not in period
    if period.end is not None:
        assert period.end in period
        assert period.end + timedelta(days=1) not in period
        assert period.days == len(days_of(period))
    else:
        assert period.days is None
        assert date.max in period


@PROPERTY
@given(periods(), periods())
def test_the_overlap_is_the_days_that_both_have(one: Period, other: Period) -> None:
    overlap = one.overlap(other)
    assert (days_of(overlap) if overlap else set()) == days_of(one) & days_of(other)
    assert overlap == other.overlap(one)
    assert one.overlap(one) == one


@PROPERTY
@given(offsets, st.integers(1, 1000))
def test_a_period_that_ends_before_it_starts_is_refused_and_the_field_named(offset: int, before: int) -> None:
    start = FIRST + timedelta(days=offset)
    with pytest.raises(PeriodReversed) as refused:
        Period(start, start - timedelta(days=before))
    assert (refused.value.field, refused.value.problem) == ("until", "period-reversed")
    assert refused.value.expected == f"{start.isoformat()} or later"


def test_a_period_of_one_day_and_one_over_a_leap_day_count_both_ends() -> None:
    assert Period(date(2026, 3, 1), date(2026, 3, 1)).days == 1
    assert Period(date(2024, 2, 1), date(2024, 3, 1)).days == 30
    assert Period(date.min, date.max).days == date.max.toordinal()
