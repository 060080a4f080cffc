"""From what members told to the case of the rule (BENEFIT.md, "Inputs" and "Time, corrections, decisions")."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.domain.assemble import Assembled, Told, assemble
from shared.domain.benefit.case import Benefit
from shared.domain.events.payloads import support
from shared.domain.money import MAX_GROSZE

PUP, OPS = "pup-2478", "ops-2478011"
START = date(2026, 3, 16)
ID = "0192f0c1-7c00-7abc-8def-abcdefabcdef"
REGISTERED = Told(PUP, support.Registration(registration_id=ID, from_=date(2024, 6, 1)))


def job(effective: date = START, net: int = 360000, *, recorded: int = 1, iss: str = PUP, job_id: str = ID) -> Told:
    return Told(iss, support.Employed(employment_id=job_id, recorded=recorded, effective=effective, net=net))


def ended(effective: date, *, recorded: int, iss: str = PUP, job_id: str = ID) -> Told:
    return Told(iss, support.EmploymentEnded(employment_id=job_id, recorded=recorded, effective=effective))


def paid(code: str = "PUP-ZAS", net: int = 1000, *, iss: str = PUP, **changes: Any) -> Told:
    facts: dict[str, Any] = {"benefit_id": ID, "code": code, "monthly_net": net, "from_": date(2025, 9, 1)}
    return Told(iss, support.Benefit(**facts | changes))


def assembled(*told: Told) -> Assembled:
    return assemble(case_id="1", lead=PUP, told=[REGISTERED, *told])


def rows(*told: Told) -> tuple[Benefit, ...]:
    case = assembled(job(), *told).case
    assert case is not None
    return case.benefits


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [
        (date(2026, 2, 28), None, True),
        (date(2026, 3, 1), None, False),
        (date(2025, 1, 1), date(2026, 2, 28), True),
        (date(2025, 1, 1), date(2026, 2, 27), False),
    ],
)
def test_a_benefit_counts_that_is_in_force_on_the_last_day_of_the_month_before(
    first: date, last: date | None, counts: bool
) -> None:
    assert bool(rows(paid(from_=first, until=last))) is counts


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [(START, None, True), (date(2026, 5, 1), None, True), (date(2025, 1, 1), date(2026, 3, 15), False)],
)
def test_a_gained_benefit_counts_from_the_start_on(first: date, last: date | None, counts: bool) -> None:
    gained = paid("PUP-DAK", gained=True, kept_months=12, from_=first, until=last)
    assert bool(rows(gained)) is counts


def test_a_benefit_that_shrinks_stands_in_two_rows() -> None:
    assert rows(paid("OPS-CASH", 1000, iss=OPS, remaining_net=400, kept_months=0)) == (
        Benefit("OPS-CASH", OPS, 600, 0),
        Benefit("OPS-CASH", OPS, 400, None),
    )


@pytest.mark.parametrize(
    ("until", "start", "kept"),
    [
        (None, date(2026, 3, 1), None),
        (date(2026, 4, 30), date(2026, 3, 1), 2),
        (date(2026, 4, 30), date(2026, 3, 2), 2),
        (date(2026, 4, 30), date(2026, 3, 16), 2),  # 1.516 months of the clock
        (date(2026, 4, 15), date(2026, 3, 1), 1),  # a half is left out
        (date(2026, 4, 16), date(2026, 3, 1), 2),
        (date(2026, 3, 10), date(2026, 3, 16), 0),
        (date(2027, 2, 27), date(2026, 3, 1), 12),
        (date(2027, 2, 28), date(2026, 3, 1), None),
    ],
)
def test_what_remains_is_kept_while_its_record_runs(until: date | None, start: date, kept: int | None) -> None:
    told = [job(start), paid("OPS-ZOK", 80000, iss=OPS, remaining_net=40000, kept_months=0, until=until)]
    case = assembled(*told).case
    assert case is not None
    assert case.benefits == (Benefit("OPS-ZOK", OPS, 40000, 0), Benefit("OPS-ZOK", OPS, 40000, kept))


def test_what_is_kept_for_good_ends_with_its_record_and_a_stated_number_of_months_stands() -> None:
    until = date(2026, 5, 31)
    assert [row.kept_months for row in rows(paid("OPS-CASH", iss=OPS, kept_months=None, until=until))] == [3]
    assert [row.kept_months for row in rows(paid("OPS-CASH", iss=OPS, kept_months=6, until=until))] == [6]


def test_a_renewal_is_kept_on_and_what_begins_later_or_is_another_benefit_is_none() -> None:
    until = date(2026, 4, 30)
    first = paid("OPS-ZOK", iss=OPS, kept_months=None, until=until)

    def renewed(first_day: date, last: date | None = None, code: str = "OPS-ZOK", iss: str = OPS) -> list[int | None]:
        other = ID.replace("0192", "0193")
        return [
            row.kept_months for row in rows(first, paid(code, iss=iss, benefit_id=other, from_=first_day, until=last))
        ]

    assert renewed(date(2026, 5, 1)) == [None]
    assert renewed(date(2026, 5, 1), date(2026, 6, 30)) == [4]
    assert renewed(date(2026, 5, 2)) == [2]
    assert renewed(date(2026, 5, 1), code="OPS-ZST") == [2]
    assert renewed(date(2026, 5, 1), iss="ops-2478021") == [2]


def test_a_break_of_work_moves_the_end_of_a_record_to_an_earlier_month_of_the_clock() -> None:
    told = [paid("OPS-ZOK", iss=OPS, kept_months=None, until=date(2026, 5, 31))]
    worked = [job(date(2026, 3, 1)), ended(date(2026, 4, 1), recorded=2), job(date(2026, 7, 1), recorded=3)]
    case = assembled(*worked, *told).case
    assert case is not None
    assert [row.kept_months for row in case.benefits] == [1]


@pytest.mark.parametrize(
    ("contract", "kept"),
    [(None, 0), (date(2026, 3, 15), 0), (date(2026, 3, 16), 2)],
)
def test_a_bridge_needs_a_contract_that_is_open_at_the_start(contract: date | None, kept: int) -> None:
    told = [paid("OPS-ZOK", iss=OPS)]
    if contract:
        signed = support.Contract(contract_id=ID, form="A", from_=date(2026, 1, 1), until=contract)
        told.append(Told(OPS, signed))
    assert [row.kept_months for row in rows(*told)] == [kept]


def test_a_contract_with_another_office_is_no_bridge() -> None:
    signed = Told("ops-2476011", support.Contract(contract_id=ID, form="A", from_=date(2026, 1, 1)))
    assert [row.kept_months for row in rows(paid("OPS-ZOK", iss=OPS), signed)] == [0]


def test_what_the_payload_says_of_keeping_goes_before_the_catalogue() -> None:
    assert [row.kept_months for row in rows(paid(kept_months=3))] == [3]
    assert [row.kept_months for row in rows(paid(kept_months=None))] == [None]


def test_an_earlier_job_is_history_and_no_start() -> None:
    earlier = [job(date(2023, 1, 1)), ended(date(2024, 1, 1), recorded=2)]
    found = assembled(*earlier, job(recorded=3, job_id=ID.replace("0192", "0193")))
    assert found.first_start == START
    assert found.discrepancies == 0
    assert found.case == assembled(job()).case


def test_an_earlier_job_at_another_member_contradicts_nothing_once_it_is_over() -> None:
    earlier = [job(date(2023, 1, 1), iss=OPS), ended(date(2024, 1, 1), recorded=2, iss=OPS)]
    assert assembled(job(), *earlier).discrepancies == 0
    assert assembled(job(), earlier[0]).discrepancies == 1


def test_a_job_that_starts_too_soon_makes_no_case_and_a_later_one_may() -> None:
    soon = job(date(2025, 3, 1))
    assert assembled(soon).reason == "not_long_term_unemployed"
    found = assembled(soon, ended(date(2025, 4, 1), recorded=2), job(date(2026, 3, 16), recorded=3))
    assert found.first_start == START


@pytest.mark.parametrize(
    ("told", "discrepancies"),
    [
        ([job(iss=OPS)], 0),
        ([job(iss=OPS, net=360001)], 1),
        ([job(date(2026, 3, 15), iss=OPS)], 1),
        ([job(iss=OPS), ended(date(2026, 7, 1), recorded=2, iss=OPS)], 1),
        ([job(iss=OPS, net=MAX_GROSZE), job(iss=OPS, net=1, job_id=ID.replace("0192", "0193"))], 1),
    ],
)
def test_what_another_member_says_of_the_job_is_compared(told: list[Told], discrepancies: int) -> None:
    found = assembled(job(), *told)
    assert (found.discrepancies, found.case) == (discrepancies, assembled(job()).case)


def test_the_order_of_what_was_told_changes_nothing() -> None:
    told = [REGISTERED, job(), paid(), paid("OPS-ZOK", iss=OPS), ended(date(2026, 5, 1), recorded=2)]
    cases = {assemble(case_id="1", lead=PUP, told=order).case for order in (told, told[::-1])}
    assert len(cases) == 1


def test_nobody_is_assessed_without_a_job_of_the_leading_office() -> None:
    assert assembled(job(iss=OPS)).reason == "no_job"
    assert replace(assembled(), reason=None).case is None
