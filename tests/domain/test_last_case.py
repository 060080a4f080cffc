"""What the newest case means for another job: it takes the job in, locks it out until a day, or is long over."""

from datetime import date

import pytest

from shared.domain.assemble import assemble
from shared.domain.last_case import LastCase
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
