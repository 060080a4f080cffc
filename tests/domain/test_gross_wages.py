"""The gross wage behind a net one is what the leading office told, and is never worked back."""

from datetime import date
from typing import Any

from shared.domain.assemble import Told, assemble
from shared.domain.events.payloads import support
from shared.domain.gross_wages import GrossWages, gross_wages, work_out_raised
from shared.domain.money import MAX_GROSZE
from tests.domain.test_assemble import OPS, PUP, REGISTERED, START, ended, job, paid

NET, GROSS = 360585, 480600
OTHER = "0193f0c1-7c00-7abc-8def-abcdefabcdef"


def with_gross(told: Told, gross: int | None, kind: str = "employment") -> Told:
    facts: dict[str, Any] = {name: getattr(told.payload, name) for name in ("employment_id", "recorded", "effective")}
    return Told(told.iss, support.Employed(**facts, net=told.payload.net, gross=gross, contract_kind=kind))


def wages(*told: Told) -> GrossWages:
    case = assemble(case_id="1", lead=PUP, told=[REGISTERED, *told]).case
    assert case is not None
    return gross_wages(case, lead=PUP, told=told)


def test_the_gross_wage_is_as_told_and_a_rise_is_worked_out_by_law() -> None:
    found = wages(with_gross(job(net=NET), GROSS))
    # Of 100.00 go 13.71 to contributions, 7.76 to health and 10.00 to tax.
    assert (dict(found.of), dict(found.raised)) == ({NET: GROSS}, {NET: NET + 6853})


def test_a_wage_told_without_its_gross_is_not_known() -> None:
    found = wages(job(net=NET), with_gross(job(date(2026, 6, 1), 400000, recorded=2), 533000))
    assert dict(found.of) == {400000: 533000}
    assert set(found.raised) == {400000}


def test_gross_wages_of_jobs_held_at_once_add_up_and_one_unknown_hides_the_sum() -> None:
    first = with_gross(job(net=200000), 260000)
    second = job(date(2026, 4, 1), 100000, recorded=2, job_id=OTHER)
    assert dict(wages(first, with_gross(second, 130000)).of) == {200000: 260000, 300000: 390000}
    assert dict(wages(first, second).of) == {200000: 260000}


def test_one_net_wage_that_stands_for_two_gross_ones_is_not_known() -> None:
    later = with_gross(job(date(2026, 6, 1), NET, recorded=2), GROSS + 1)
    found = wages(with_gross(job(net=NET), GROSS), later)
    assert (dict(found.of), dict(found.raised)) == ({}, {})


def test_what_a_rise_brings_is_known_of_contracts_of_employment_alone() -> None:
    found = wages(with_gross(job(net=NET), GROSS, "mandate"))
    assert (dict(found.of), dict(found.raised)) == ({NET: GROSS}, {})


def test_what_another_member_says_of_the_job_and_what_was_before_it_do_not_count() -> None:
    elsewhere = with_gross(job(net=NET, iss=OPS), GROSS + 7)
    earlier = [with_gross(job(date(2023, 1, 1), NET), 1), ended(date(2024, 1, 1), recorded=2)]
    now = with_gross(job(net=NET, recorded=3, job_id=OTHER), GROSS)
    assert dict(wages(now, elsewhere, *earlier).of) == {NET: GROSS}


def test_a_day_without_law_leaves_the_rise_unknown() -> None:
    start = date(2022, 3, 1)
    registered = Told(PUP, support.Registration(registration_id=OTHER, from_=date(2020, 1, 1)))
    told = [registered, with_gross(job(start, NET), GROSS)]
    case = assemble(case_id="1", lead=PUP, told=told).case
    assert case is not None
    found = gross_wages(case, lead=PUP, told=told)
    assert (dict(found.of), dict(found.raised)) == ({NET: GROSS}, {})


def test_gross_wages_that_no_amount_can_hold_are_not_known() -> None:
    jobs = [job(net=100000), job(date(2026, 4, 1), 100000, recorded=2, job_id=OTHER)]
    assert dict(wages(*(with_gross(one, MAX_GROSZE) for one in jobs)).of) == {}
    assert dict(wages(with_gross(jobs[0], MAX_GROSZE)).raised) == {}


def test_a_raised_case_is_the_same_case_at_the_raised_wage() -> None:
    told = [REGISTERED, job(net=NET), paid(net=130520), ended(date(2026, 9, 1), recorded=2)]
    case = assemble(case_id="1", lead=PUP, told=told).case
    assert case is not None
    raised = work_out_raised(case, {NET: NET + 7500})
    assert {rates.wage_gr for parts in raised.parts for rates, *_ in parts} == {NET + 7500}
    assert raised.result.months[0].month == f"{START:%Y-%m}"
    unraised = work_out_raised(case, {})
    assert {rates.wage_gr for parts in unraised.parts for rates, *_ in parts} == {NET}
