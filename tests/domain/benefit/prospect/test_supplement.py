"""The activation supplement that a job would bring, and why it is not counted where something is not known."""

from dataclasses import replace
from datetime import date

import pytest

from shared.domain.benefit.prospect.held import Job
from shared.domain.benefit.prospect.supplement import supplement

from .builders import held

START = date(2026, 7, 1)
PAID = held("PUP-ZAS", 127482, until=date(2026, 12, 31))
REFERRED = Job.of_gross(240300, start=START, is_referred=True)


def test_a_half_time_job_on_referral_brings_half_of_the_base_for_the_rest_of_the_benefit() -> None:
    gained, remark = supplement([PAID], job=REFERRED)
    assert remark is None
    assert gained is not None
    # Half of 1 783.90; 184 days until the end of the year are seven months begun.
    assert (gained.held.amount_gr, gained.kept_months, gained.becomes) == (89195, 7, "gained")
    assert gained.rows[0].gained


@pytest.mark.parametrize(("gross", "amount"), [(450000, 30600), (480500, 100), (391405, 89195)])
def test_the_supplement_fills_up_to_the_minimum_wage_and_no_further(gross: int, amount: int) -> None:
    gained, _ = supplement([PAID], job=Job.of_gross(gross, start=START, is_referred=True))
    assert gained is not None
    assert gained.held.amount_gr == amount


@pytest.mark.parametrize(
    ("until", "months"),
    [(date(2026, 12, 31), 4), (date(2026, 7, 1), 1), (date(2026, 8, 29), 1), (date(2026, 8, 30), 2)],
)
def test_a_job_that_the_person_found_brings_at_most_half_of_the_base_for_half_of_the_rest(
    until: date, months: int
) -> None:
    # 184 days are left until the end of the year: half of them is four months begun. 60 days make one month, 61 two.
    for job in (Job.of_gross(480600, start=START, is_referred=False), Job(start=START, net_gr=1, is_referred=False)):
        gained, remark = supplement([replace(PAID, until=until)], job=job)
        assert remark is None
        assert gained is not None
        assert (gained.held.amount_gr, gained.kept_months, gained.why) == (89195, months, "supplement_alone_rule")
        assert (gained.notes, gained.verified) == (("at_most",), False)


def test_at_the_minimum_wage_there_is_no_supplement_and_nothing_to_say() -> None:
    assert supplement([PAID], job=Job.of_gross(480600, start=START, is_referred=True)) == (None, None)


def test_who_was_on_no_unemployment_benefit_gets_none() -> None:
    assert supplement([held("PUP-STA", 1)], job=REFERRED) == (None, None)


def test_a_supplement_that_is_recorded_already_is_not_counted_twice() -> None:
    assert supplement([PAID, held("PUP-DAK", 1, is_gained=True)], job=REFERRED) == (None, None)


def test_a_right_that_is_over_brings_nothing() -> None:
    assert supplement([replace(PAID, until=date(2026, 6, 30))], job=REFERRED) == (None, None)


@pytest.mark.parametrize(
    ("job", "until", "code"),
    [
        (Job.of_gross(240300, start=START), PAID.until, "supplement_referral_unknown"),
        (Job(start=START, net_gr=188693, is_referred=False), None, "supplement_end_unknown"),
        (Job(start=START, net_gr=188693, is_referred=True), PAID.until, "supplement_gross_unknown"),
        (REFERRED, None, "supplement_end_unknown"),
    ],
)
def test_what_is_not_known_is_said_and_nothing_is_counted(job: Job, until: date | None, code: str) -> None:
    gained, remark = supplement([replace(PAID, until=until)], job=job)
    assert gained is None
    assert remark is not None
    assert (remark.code, remark.amount_gr) == (code, 89195)
