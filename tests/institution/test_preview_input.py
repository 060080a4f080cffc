"""Bad questions about a job are refused by a problem that names the field, whatever database."""

import json
from typing import Any

import pytest

from tests.builders import Office
from tests.domain.benefit.bad_input import BEYOND
from tests.institution.test_clients import problem

QUESTION: dict[str, Any] = {"start": "2026-12-01", "gross_gr": 480600}
LINEAR_BUT_RISING = [10_000, 5_000, 6_000] + [0] * 9


async def ask(office: Office, client: str, body: Any, status: int = 422) -> Any:
    return await office.post(f"/v1/clients/{client}/degressive-benefit/preview", body, status)


@pytest.mark.parametrize(
    ("changes", "field", "name"),
    [
        ({"gross_gr": -1}, "gross_gr", "amount-negative"),
        ({"gross_gr": 0}, "gross_gr", "request-invalid"),
        ({"gross_gr": 100_000_000}, "gross_gr", "request-invalid"),
        ({"gross_gr": 10**12}, "gross_gr", "request-invalid"),
        ({"gross_gr": BEYOND}, "gross_gr", "request-invalid"),
        ({"gross_gr": 10**30}, "gross_gr", "request-invalid"),
        ({"household": {"members": 1, "other_income_gr": BEYOND}}, "household.other_income_gr", "request-invalid"),
        ({"costs_of_work": {"travel_gr": BEYOND}}, "costs_of_work.travel_gr", "request-invalid"),
        ({"parameters": {"cap_gr": BEYOND}}, "parameters.cap_gr", "request-invalid"),
        ({"parameters": {"premium_bp": BEYOND}}, "parameters.premium_bp", "request-invalid"),
        ({"variants": [{}, {"net_gr": BEYOND}]}, "variants[1].net_gr", "request-invalid"),
        ({"start": "2200-01-01"}, "start", "request-invalid"),
        ({"start": "1999-12-31", "gross_gr": None, "net_gr": 1}, "start", "request-invalid"),
        ({"gross_gr": 4806.5}, "gross_gr", "request-invalid"),
        ({"net_gr": 1}, "net_gr", "request-invalid"),
        ({"gross_gr": None}, "gross_gr", "request-invalid"),
        ({"start": None}, "start", "request-invalid"),
        ({"start": "2022-03-01"}, "start", "request-invalid"),
        ({"start": "1899-12-31"}, "start", "request-invalid"),
        ({"start": "2026-02-30"}, "start", "request-invalid"),
        ({"working_time": {"hours_week": 0}}, "working_time.hours_week", "request-invalid"),
        ({"working_time": {"hours_week": 40.01}}, "working_time.hours_week", "request-invalid"),
        ({"working_time": {"hours_week": -8}}, "working_time.hours_week", "request-invalid"),
        ({"working_time": {"hours_week": 8.001}}, "working_time.hours_week", "request-invalid"),
        ({"working_time": {"hours_week": True}}, "working_time.hours_week", "request-invalid"),
        ({"working_time": {"hours_month": 174}}, "working_time.hours_month", "request-invalid"),
        ({"working_time": {"basis_points": 10_001}}, "working_time.basis_points", "request-invalid"),
        ({"working_time": {}}, "working_time", "request-invalid"),
        ({"working_time": {"hours_week": 20, "basis_points": 5000}}, "working_time", "request-invalid"),
        ({"parameters": {"curve": LINEAR_BUT_RISING}}, "parameters.curve[2]", "request-invalid"),
        ({"parameters": {"curve": [10_000] * 11}}, "parameters.curve", "request-invalid"),
        ({"parameters": {"curve": "steep"}}, "parameters.curve", "request-invalid"),
        ({"parameters": {"curve": None}}, "parameters.curve", "request-invalid"),
        ({"parameters": {"premium_bp": 10_001}}, "parameters.premium_bp", "request-invalid"),
        ({"parameters": {"taper_bp": 10_000}}, "parameters.taper_bp", "request-invalid"),
        ({"parameters": {"cap_gr": -1}}, "parameters.cap_gr", "amount-negative"),
        ({"parameters": {"quantum_gr": 0}}, "parameters.quantum_gr", "request-invalid"),
        ({"parameters": {"slope": 1}}, "parameters.slope", "field-unknown"),
        ({"household": {"members": 0}}, "household.members", "request-invalid"),
        ({"household": {"members": 2, "children_ages": [1, 2]}}, "household.children_ages", "request-invalid"),
        ({"household": {"members": 2, "children_ages": [25]}}, "household.children_ages[0]", "request-invalid"),
        ({"household": {"members": 1, "other_income_gr": -5}}, "household.other_income_gr", "amount-negative"),
        ({"household": {"members": 1, "paid_share_bp": 10_001}}, "household.paid_share_bp", "request-invalid"),
        ({"costs_of_work": {"care_gr": -1}}, "costs_of_work.care_gr", "amount-negative"),
        ({"deductions": {"alimony_gr": 10**9}}, "deductions.alimony_gr", "request-invalid"),
        ({"variants": [{}] * 6}, "variants", "request-invalid"),
        ({"variants": [{}, {"gross_gr": 1, "net_gr": 1}]}, "variants[1].net_gr", "request-invalid"),
        ({"variants": [{"start": "2022-03-01"}]}, "variants[0].start", "request-invalid"),
        ({"variants": [{"parameters": {"curve": [1] * 12}}]}, "variants[0].parameters.curve[0]", "request-invalid"),
        ({"variants": [{"working_time": {"hours_week": 0}}]}, "variants[0].working_time.hours_week", "request-invalid"),
        ({"variants": [{"household": {"members": 1}}]}, "variants[0].household", "field-unknown"),
        ({"wage": 1}, "wage", "field-unknown"),
        ({"referred": "yes"}, "referred", "request-invalid"),
    ],
)  # fmt: skip
async def test_a_bad_question_is_refused_by_the_name_of_its_field(
    pup: Office, changes: dict[str, Any], field: str, name: str
) -> None:
    client = await pup.enrol(1)
    refused = await ask(pup, client, QUESTION | changes)
    assert (problem(refused), refused["field"]) == (name, field)


async def test_a_bad_question_leaves_nothing_behind_and_names_all_that_is_wrong(pup: Office) -> None:
    client = await pup.enrol(1)
    before = [await pup.get("/v1/exchange"), await pup.get("/v1/changes"), await pup.get(f"/v1/clients/{client}")]
    wrong = {"gross_gr": -1, "household": {"members": 1, "other_income_gr": BEYOND}, "variants": [{"net_gr": -1}]}
    refused = await ask(pup, client, QUESTION | wrong)
    assert {each["field"]: each["problem"] for each in refused["errors"]} == {
        "gross_gr": "amount-negative",
        "household.other_income_gr": "request-invalid",
        "variants[0].net_gr": "amount-negative",
    }
    after = [await pup.get("/v1/exchange"), await pup.get("/v1/changes"), await pup.get(f"/v1/clients/{client}")]
    assert after == before


async def test_a_number_of_thousands_of_digits_is_refused(pup: Office) -> None:
    client = await pup.enrol(1)
    body = json.dumps(QUESTION).replace("480600", "9" * 5_000)
    path = f"/v1/clients/{client}/degressive-benefit/preview"
    answer = await pup.http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]


async def test_a_job_that_is_said_never_to_have_begun_is_none_whatever_was_recorded_of_its_first_day(
    pup: Office,
) -> None:
    client = await pup.enrol(1)
    job = await pup.post(f"/v1/clients/{client}/employments", {"effective": "2026-03-02", "net_gr": 100})
    path = f"/v1/employments/{job['id']}"
    refused = await pup.post(f"{path}/end", {"last_day": "2026-02-28"}, 422)
    assert refused["field"] == "last_day"
    (works,) = (await ask(pup, client, QUESTION, 200))["variants"]
    assert "works_already" in [remark["code"] for remark in works["remarks"]]
    await pup.post(f"{path}/wage-changes", {"effective": "2026-03-02", "net_gr": 200})
    await pup.post(f"{path}/end", {"last_day": "2026-03-01"})
    (free,) = (await ask(pup, client, QUESTION, 200))["variants"]
    assert "works_already" not in [remark["code"] for remark in free["remarks"]]


async def test_a_day_outside_the_tables_names_the_figure_and_the_gap(pup: Office) -> None:
    client = await pup.enrol(1)
    refused = await ask(pup, client, QUESTION | {"start": "2022-03-01"})
    assert refused["detail"] == "PIT_RELIEF_MONTH has no value from 2022-01-01 to 2022-06-30."
    assert (refused["parameter"], refused["received"]) == ("PIT_RELIEF_MONTH", "2022-03-01")
    net = {"start": "1999-03-01", "net_gr": 300000}
    assert (await ask(pup, client, net))["parameter"] == "curve"
    hours = {"start": "2010-03-01", "net_gr": 100000, "working_time": {"hours_week": 40}}
    assert (await ask(pup, client, hours))["parameter"] == "MIN_WAGE"


async def test_benefits_that_are_too_much_together_are_refused(pup: Office) -> None:
    client = await pup.enrol(1)
    for code in ("PUP-ZAS", "PUP-STA"):
        body = {"code": code, "monthly_net_gr": 500_000_000, "from": "2026-01-01"}
        await pup.post(f"/v1/clients/{client}/benefits", body)
    assert (await ask(pup, client, QUESTION))["field"] == "benefits"


async def test_the_shortest_question_is_answered(pup: Office) -> None:
    client = await pup.enrol(1)
    answer = await ask(pup, client, QUESTION, 200)
    (variant,) = answer["variants"]
    assert (variant["total_gr"], variant["gap_gr"], variant["benefits"]) == (0, 0, [])
    assert len(variant["months"]) == 12


async def test_a_client_whom_the_office_does_not_have_is_not_found(pup: Office) -> None:
    await ask(pup, "0198c6a0-0000-7000-8000-000000000000", QUESTION, 404)


async def test_a_withdrawn_client_is_a_conflict(pup: Office) -> None:
    client = await pup.enrol(1)
    await pup.post(f"/v1/clients/{client}/withdraw", None, 200)
    await ask(pup, client, QUESTION, 409)


async def test_the_preview_has_a_scope_of_its_own(pup: Office) -> None:
    client = await pup.enrol(1)
    path = f"/v1/clients/{client}/degressive-benefit/preview"
    bare = await pup.http.post(path, json=QUESTION, headers={"Authorization": ""})
    assert bare.status_code == 401
    document = pup.app.openapi()["paths"]["/v1/clients/{client_id}/degressive-benefit/preview"]["post"]
    assert document["security"] == [{"bearer": ["benefit:preview"]}]
