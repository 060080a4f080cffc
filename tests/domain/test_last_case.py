"""What the newest case means for another job: it takes the job in, locks it out until a day, or is long over."""

from dataclasses import replace
from datetime import date

import pytest

from shared.domain.assemble import assemble
from shared.domain.decision import Decision, Seen
from shared.domain.last_case import LastCase, course_of
from tests.domain.test_assemble import PUP, REGISTERED, ended, job, paid


def worked(start: date, stop: date | None = None) -> LastCase:
    told = [REGISTERED, paid("PUP-ZAS", 130520), job(start), *([ended(stop, recorded=2)] if stop else [])]
    assembled = assemble(case_id="1", lead=PUP, told=told)
    assert assembled.case is not None
    return LastCase(months=["2026-03"], assembled=assembled)


@pytest.mark.parametrize(
    ("start", "goes_on", "free_from"),
    [
        (date(2026, 6, 1), True, None),
        (date(2027, 2, 28), True, None),
        (date(2027, 3, 1), False, date(2029, 3, 1)),
        (date(2031, 3, 1), False, date(2029, 3, 1)),
    ],
)
def test_a_schedule_that_runs_its_twelve_months_locks_24_months_after(
    start: date, goes_on: bool, free_from: date | None
) -> None:
    last = worked(date(2026, 3, 1))
    assert (last.goes_on(start), last.free_from(start), last.is_exact) == (goes_on, free_from, True)


@pytest.mark.parametrize(
    ("start", "goes_on", "free_from"),
    [
        (date(2026, 12, 1), True, None),
        (date(2026, 12, 2), False, date(2028, 6, 1)),
    ],
)
def test_a_break_of_six_months_is_resumed_and_a_longer_one_ends_the_case(
    start: date, goes_on: bool, free_from: date | None
) -> None:
    last = worked(date(2026, 3, 1), date(2026, 6, 1))
    assert (last.goes_on(start), last.free_from(start)) == (goes_on, free_from)


def test_what_the_office_cannot_recompute_ends_with_the_last_month_at_the_latest() -> None:
    last = LastCase(months=["2026-03", "2028-02"])
    assert (last.is_exact, last.ends_on(date(2028, 3, 1))) == (False, date(2028, 2, 29))
    assert last.free_from(date(2028, 3, 1)) == date(2030, 3, 1)
    assert last.goes_on(date(2028, 2, 29))


def test_a_case_of_which_nothing_was_due_locks_nobody_out() -> None:
    last = LastCase(months=[])
    assert not last.goes_on(date(2026, 3, 1))
    assert last.free_from(date(2026, 3, 1)) is None


JOB = (date(2026, 5, 1), date(2026, 8, 1))
A = Seen("A", "a")


def last_after(*story: tuple[str, date], total_gr: int = 100) -> LastCase:
    """Return the case of a job from May to July after decisions on it, each with its day."""
    course = course_of([(Decision(kind, A), day) for kind, day in story], {"A": total_gr})
    return replace(worked(*JOB), course=course)


OCTOBER = date(2026, 10, 10)
REFUSED = ("refused", OCTOBER)


@pytest.mark.parametrize(
    ("story", "start", "free_from"),
    [
        ((), date(2027, 2, 1), None),
        ((), date(2027, 2, 2), date(2026, 8, 1)),
        ((REFUSED,), date(2026, 10, 10), None),
        ((REFUSED,), date(2026, 10, 11), date(2026, 10, 11)),
        ((REFUSED,), date(2027, 2, 2), date(2026, 8, 1)),
        ((("refused", date(2026, 6, 1)),), date(2026, 7, 31), None),
        ((("refused", date(2026, 6, 1)),), date(2026, 8, 1), date(2026, 8, 1)),
        ((REFUSED, ("appealed", OCTOBER)), date(2027, 2, 2), None),
        ((REFUSED, ("appealed", OCTOBER), ("upheld", OCTOBER)), date(2026, 10, 11), date(2026, 10, 11)),
        ((REFUSED, ("appealed", OCTOBER), ("withdrawn", OCTOBER)), date(2026, 10, 11), date(2026, 10, 11)),
        ((REFUSED, ("appealed", OCTOBER), ("changed", OCTOBER)), date(2027, 2, 2), date(2028, 8, 1)),
        ((("approved", OCTOBER),), date(2027, 2, 1), None),
        ((("approved", OCTOBER),), date(2027, 2, 2), date(2028, 8, 1)),
        ((("approved", OCTOBER), ("refused", OCTOBER)), date(2027, 2, 2), date(2028, 8, 1)),
    ],
)
def test_only_what_was_granted_locks(story: tuple[tuple[str, date], ...], start: date, free_from: date | None) -> None:
    last = last_after(*story)
    assert (last.free_from(start), last.goes_on(start)) == (free_from, free_from is None)


def test_a_grant_of_nothing_locks_nobody() -> None:
    assert last_after(("approved", OCTOBER), total_gr=0).free_from(date(2027, 2, 2)) == date(2026, 8, 1)


def test_a_refused_job_that_goes_on_begins_nothing() -> None:
    last = replace(worked(date(2026, 5, 1)), course=course_of([(Decision("refused", A), OCTOBER)], {}))
    assert (last.free_from(date(2026, 12, 1)), last.goes_on(date(2026, 12, 1))) == (None, True)


def test_the_next_case_is_looked_at_once_a_job_began_after_the_last() -> None:
    today = date(2027, 3, 1)
    ran = last_after(("approved", OCTOBER))
    assert ran.free_for([JOB[0]], today) is None
    assert ran.free_for([JOB[0], date(2027, 2, 10)], today) == date(2028, 8, 1)
    undecided = last_after()
    assert undecided.free_for([JOB[0]], today) is None
    assert undecided.free_for([JOB[0], date(2027, 2, 10)], today) == date(2026, 8, 1)
    assert undecided.free_for([JOB[0], date(2026, 9, 1)], date(2026, 10, 1)) is None


@pytest.mark.parametrize(("day", "ended"), [(date(2027, 2, 1), False), (date(2027, 2, 2), True)])
def test_a_case_has_ended_once_its_break_cannot_be_resumed(day: date, ended: bool) -> None:
    assert last_after(("approved", OCTOBER)).has_ended(day) is ended
    assert LastCase(months=["2026-07"]).has_ended(day) is ended, "the end is known by its month alone"


def test_a_case_that_runs_has_not_ended_and_one_without_months_has() -> None:
    assert not worked(date(2026, 3, 1)).has_ended(date(2027, 2, 28))
    assert worked(date(2026, 3, 1)).has_ended(date(2027, 3, 1))
    assert LastCase(months=[]).has_ended(date(2026, 3, 1))
