"""Who is long-term unemployed: more than 365 days of the 24 months before the start, placements left out."""

from datetime import date, timedelta

import pytest

from shared.domain.benefit.eligibility import (
    NOT_COUNTED,
    LookedAt,
    counted_days,
    is_long_term,
    looked_at,
    window_before,
)
from shared.domain.catalogue import forms
from shared.domain.period import Period

START = date(2026, 3, 1)


def before(start: date, days: int) -> Period:
    """Return the last days before a start."""
    return Period(start - timedelta(days=days), start - timedelta(days=1))


@pytest.mark.parametrize(("days", "long_term"), [(364, False), (365, False), (366, True)])
def test_long_term_is_who_was_registered_for_more_than_365_days(days: int, long_term: bool) -> None:
    registered = [before(START, days)]
    assert counted_days(start=START, registered=registered, placements=[]) == days
    assert is_long_term(start=START, registered=registered, placements=[]) is long_term


@pytest.mark.parametrize(("placed", "long_term"), [(29, True), (30, False), (31, False)])
def test_days_of_placements_are_taken_off(placed: int, long_term: bool) -> None:
    registered, placements = [before(START, 395)], [before(START, placed)]
    assert looked_at(start=START, registered=registered, placements=placements) == LookedAt(395, placed)
    assert is_long_term(start=START, registered=registered, placements=placements) is long_term


def test_the_placements_are_staz_and_adult_apprenticeship() -> None:
    assert {forms()[code].name_pl for code in NOT_COUNTED} == {"Staż", "Przygotowanie zawodowe dorosłych"}


def test_a_placement_takes_off_no_day_that_was_not_registered() -> None:
    registered, placements = [before(START, 10)], [Period(date(2025, 1, 1), date(2026, 2, 22))]
    assert looked_at(start=START, registered=registered, placements=placements) == LookedAt(10, 4)


def test_a_day_counts_once_in_however_many_periods_it_lies() -> None:
    twice = [before(START, 200), before(START, 365), Period(date(2025, 6, 1), date(2025, 6, 30))]
    assert counted_days(start=START, registered=twice, placements=[*twice[:1], *twice[:1]]) == 165


def test_one_day_is_one_day() -> None:
    for on in (date(2024, 3, 1), date(2026, 2, 28)):
        assert counted_days(start=START, registered=[Period(on, on)], placements=[]) == 1


@pytest.mark.parametrize("outside", [date(2024, 2, 29), START, date(2026, 12, 31)])
def test_what_lies_outside_the_24_months_does_not_count(outside: date) -> None:
    assert counted_days(start=START, registered=[Period(outside, outside)], placements=[]) == 0


def test_a_registration_that_goes_on_counts_up_to_the_day_before_the_start() -> None:
    assert counted_days(start=START, registered=[Period(date(2020, 1, 1), None)], placements=[]) == 730
    assert counted_days(start=START, registered=[Period(date(2026, 2, 27), None)], placements=[]) == 2


@pytest.mark.parametrize(
    ("start", "first", "last", "days"),
    [
        ("2026-03-01", "2024-03-01", "2026-02-28", 730),
        ("2026-02-28", "2024-02-28", "2026-02-27", 731),
        ("2028-02-29", "2026-02-28", "2028-02-28", 731),
        ("2028-03-01", "2026-03-01", "2028-02-29", 731),
        ("2028-03-29", "2026-03-29", "2028-03-28", 731),
        ("2028-01-29", "2026-01-29", "2028-01-28", 730),
        ("2027-01-01", "2025-01-01", "2026-12-31", 730),
    ],
)
def test_the_24_months_begin_on_the_same_day_or_on_28_february_where_there_is_no_29th(
    start: str, first: str, last: str, days: int
) -> None:
    window = window_before(date.fromisoformat(start))
    assert window == Period(date.fromisoformat(first), date.fromisoformat(last))
    assert counted_days(start=date.fromisoformat(start), registered=[window], placements=[]) == days
