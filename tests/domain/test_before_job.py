"""What a job would change takes benefits, days and jobs as the case itself would."""

from datetime import date

import pytest

from shared.domain.assemble import Told, assemble
from shared.domain.before_job import days_before, held_benefits, works_on
from shared.domain.benefit.prospect.held import Job
from shared.domain.benefit.prospect.outcomes import outcomes
from shared.domain.events.payloads import support
from tests.domain.test_assemble import ID, OPS, PUP, REGISTERED, START, ended, job, paid

SIGNED = Told(OPS, support.Contract(contract_id=ID, form="A", from_=date(2026, 1, 1)))


@pytest.mark.parametrize(
    "told",
    [
        [paid("PUP-ZAS", 130520)],
        [paid("PUP-ZAS", 130520, from_=START)],
        [paid("PUP-ZAS", 130520, until=date(2026, 2, 27))],
        [paid("PUP-ZAS", 130520, kept_months=3), paid("PUP-STA", 250709, kept_months=None)],
        [paid("OPS-ZOK", 50500, iss=OPS)],
        [paid("OPS-ZOK", 50500, iss=OPS), SIGNED],
        [paid("OPS-ZOK", 50500, iss=OPS, remaining_net=20000), SIGNED],
        [paid("OPS-CASH", 28000, iss=OPS, remaining_net=10000, kept_months=0)],
        [paid("OPS-CASH", 28000, iss=OPS, remaining_net=28000, kept_months=None)],
        [paid("OPS-CASH", 28000, iss=OPS, remaining_net=0, kept_months=12)],
        [paid("PUP-DAK", 89195, gained=True, kept_months=4, from_=START)],
        [paid("PUP-UZD", 100), paid("PUP-DOJ", 200)],
    ],
)
def test_without_more_facts_the_rows_are_those_of_the_case(told: list[Told]) -> None:
    case = assemble(case_id="1", lead=PUP, told=[REGISTERED, job(), *told]).case
    assert case is not None
    found = outcomes(held_benefits(told, start=START), job=Job(start=START, net_gr=360000), household=None)
    assert tuple(row for outcome in found for row in outcome.rows) == case.benefits


def test_what_its_office_never_tells_is_marked() -> None:
    (told,) = held_benefits([paid("OPS-800", 80000, iss=OPS, kept_months=None)], start=START)
    assert not told.is_exchanged


def test_days_of_placements_do_not_count() -> None:
    form = support.SupportForm(form_id=ID, code="PUP-STA", from_=date(2026, 1, 1), until=date(2026, 1, 31))
    assert days_before([REGISTERED], start=START).counted == 653
    assert days_before([REGISTERED, Told(PUP, form)], start=START).counted == 653 - 31


@pytest.mark.parametrize(("day", "works"), [(0, False), (1, True), (30, True), (31, False)])
def test_a_person_works_from_the_start_to_the_last_day(day: int, works: bool) -> None:
    told = [job(date(2026, 5, 1)), ended(date(2026, 5, 31), recorded=2)]
    assert works_on(told, date.fromordinal(date(2026, 4, 30).toordinal() + day)) is works


def test_a_job_that_no_case_can_hold_says_nothing() -> None:
    assert not works_on([job(date(1999, 5, 1))], START)
