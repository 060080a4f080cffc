"""From single jobs to one list of events: never a matter of order or of repeats."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.jobs import JobRecord, employment_events
from shared.domain.money import MAX_GROSZE, AmountOutOfRange

from .builders import PROPERTY

FIRST = date(2026, 3, 1)
KINDS: Any = st.sampled_from(["start", "wage", "stop"])


def record(job: str, kind: Any, day: int, wage: int | None, recorded: int) -> JobRecord:
    return JobRecord(job, kind, FIRST + timedelta(days=day), wage, recorded)


def told(*records: JobRecord) -> list[tuple[str, int, int | None]]:
    return [(each.kind, (each.effective - FIRST).days, each.net_wage_gr) for each in employment_events(records)]


@st.composite
def histories(draw: st.DrawFn) -> list[JobRecord]:
    """Return records of up to three jobs with distinct counters."""
    counters = draw(st.permutations(range(draw(st.integers(1, 10)))))
    return [
        record(draw(st.sampled_from("abc")), kind, draw(st.integers(0, 30)), None if kind == "stop" else wage, counter)
        for counter in counters
        for kind, wage in [(draw(KINDS), draw(st.integers(0, 300_000)))]
    ]


def test_wages_of_jobs_held_at_once_add_up_and_a_stop_ends_its_own_job() -> None:
    records = (record("a", "start", 0, 200, 1), record("b", "start", 5, 100, 2), record("a", "stop", 9, None, 3))
    assert told(*records) == [("start", 0, 200), ("wage", 5, 300), ("wage", 9, 100)]


def test_the_last_stop_ends_work() -> None:
    assert told(record("a", "start", 0, 200, 1), record("a", "stop", 9, None, 2)) == [
        ("start", 0, 200),
        ("stop", 9, None),
    ]


def test_the_latest_record_of_a_job_and_day_wins() -> None:
    assert told(record("a", "start", 0, 250, 2), record("a", "start", 0, 200, 1)) == [("start", 0, 250)]


def test_a_later_record_of_one_job_does_not_outweigh_another_job_of_that_day() -> None:
    assert told(record("a", "start", 0, 200, 1), record("b", "stop", 0, None, 2)) == [("start", 0, 200)]


def test_a_wage_of_a_job_not_held_starts_it() -> None:
    assert told(record("a", "wage", 3, 200, 1)) == [("start", 3, 200)]


def test_a_job_change_without_a_day_between_is_no_break() -> None:
    records = (record("a", "start", 0, 200, 1), record("a", "stop", 9, None, 2), record("b", "start", 9, 200, 3))
    assert told(*records) == [("start", 0, 200)]


def test_nothing_is_left_of_work_that_was_recorded_in_error() -> None:
    assert told(record("a", "start", 0, 200, 1), record("a", "stop", 0, None, 2)) == []


def test_wages_that_add_up_to_too_much_are_refused() -> None:
    with pytest.raises(AmountOutOfRange):
        employment_events([record("a", "start", 0, MAX_GROSZE, 1), record("b", "start", 0, 1, 2)])


def test_records_may_come_in_any_order_of_days() -> None:
    first, second = record("a", "start", 0, 200, 1), record("a", "wage", 5, 300, 2)
    assert told(second, first) == told(first, second) == [("start", 0, 200), ("wage", 5, 300)]


def test_of_two_records_with_one_counter_the_greater_wage_stands() -> None:
    nothing, little = record("a", "start", 0, 0, 1), record("a", "start", 0, 1, 1)
    assert told(nothing, little) == told(little, nothing) == [("start", 0, 1)]


def test_events_are_counted_from_1() -> None:
    events = employment_events([record("a", "start", 0, 200, 7), record("a", "wage", 5, 300, 9)])
    assert [each.recorded for each in events] == [1, 2]


@PROPERTY
@given(histories(), st.data())
def test_order_and_repeats_change_nothing(records: list[JobRecord], data: st.DataObject) -> None:
    repeated = [*records, *data.draw(st.lists(st.sampled_from(records)))]
    assert employment_events(data.draw(st.permutations(repeated))) == employment_events(records)


@PROPERTY
@given(histories(), st.data())
def test_order_changes_nothing_even_where_counters_collide(records: list[JobRecord], data: st.DataObject) -> None:
    collided = [replace(each, recorded=1) for each in records]
    assert employment_events(data.draw(st.permutations(collided))) == employment_events(collided)


@PROPERTY
@given(histories())
def test_the_events_have_distinct_days_and_counters_and_each_changes_something(records: list[JobRecord]) -> None:
    events = employment_events(records)
    assert [each.recorded for each in events] == list(range(1, len(events) + 1))
    for earlier, later in pairwise(events):
        assert earlier.effective < later.effective
        assert earlier.net_wage_gr != later.net_wage_gr
    assert not events or events[0].kind == "start"


@PROPERTY
@given(histories())
def test_on_each_day_the_wage_is_the_sum_over_jobs(records: list[JobRecord]) -> None:
    events = employment_events(records)
    for day in (FIRST + timedelta(days=each) for each in range(32)):
        standing = [each.net_wage_gr for each in events if each.effective <= day]
        assert (standing[-1] if standing else None) == sum_on(day, records)


def sum_on(day: date, records: list[JobRecord]) -> int | None:
    wages = []
    for job in {each.employment_id for each in records}:
        known = [each for each in records if each.employment_id == job and each.effective <= day]
        if known:
            wages.append(max(known, key=lambda each: (each.effective, each.recorded)).net_wage_gr)
    held = [wage for wage in wages if wage is not None]
    return sum(held) if held else None
