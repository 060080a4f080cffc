"""Benefits and stipends of a labour office: amounts by law, forms of two acts, and what is recorded all the same."""

from typing import Any

from tests.builders import Office
from tests.institution.test_clients import problem

AMOUNTS = "/v1/benefit-amounts"


async def test_the_amount_of_a_benefit_is_proposed_with_its_figures(pup: Office) -> None:
    asked = {"code": "PUP-ZAS", "on": "2026-08-15", "since": "2026-08-01", "seniority_years": 21}
    found = await pup.get(AMOUNTS, params=asked)
    assert (found["monthly_gross_gr"], found["monthly_net_gr"]) == (214068, 194802)
    base, level, left = found["figures"]
    assert (base["param"], base["value"], base["valid_from"], base["verified"]) == (
        "UB_BASE_90",
        "1783.90",
        "2026-06-01",
        True,
    )
    assert (level["param"], left["param"]) == ("UB_LEVEL_LONG", "UB_NET_FACTOR")
    assert (found["verified"], found["missing"], found["at_most"]) == (False, [], False)
    assert (await pup.get(AMOUNTS, params={"code": "PUP-STA"}))["on"] == "2026-10-01"


async def test_an_amount_that_cannot_be_told_is_refused_with_what_is_needed(pup: Office) -> None:
    refused: list[tuple[dict[str, Any], str, str]] = [
        ({"code": "PUP-ZAS"}, "seniority_years", "request-invalid"),
        ({"code": "PUP-POS"}, "code", "request-invalid"),
        ({"code": "OPS-XXX"}, "code", "code-unknown"),
        ({"code": "PUP-INT", "on": "2025-05-31"}, "on", "code-out-of-dates"),
        ({"code": "PUP-ZAS", "seniority_years": -1}, "seniority_years", "request-invalid"),
        ({"code": "PUP-STA", "on": "2001-01-01"}, "UB_BASE_90", "request-invalid"),
        ({"code": "PUP-STA", "level": 3}, "level", "field-unknown"),
        ({}, "code", "request-invalid"),
    ]
    for asked, field, name in refused:
        answer = await pup.get(AMOUNTS, 422, params=asked)
        assert (answer["field"], problem(answer)) == (field, name), asked


async def test_a_recorded_amount_that_differs_from_the_law_is_taken_and_marked(pup: Office) -> None:
    client = await pup.enrol(1)
    path = f"/v1/clients/{client}/benefits"
    body = {"code": "PUP-ZAS", "monthly_net_gr": 156693, "from": "2025-11-01"}
    as_law = await pup.post(path, body)
    assert as_law["differs"] is False
    assert 156693 in as_law["by_law"]["net_gr"]
    other = await pup.patch(f"/v1/benefits/{as_law['id']}", {"monthly_net_gr": 160000})
    assert (other["monthly_net_gr"], other["differs"], other["by_law"]["verified"]) == (160000, True, False)
    unknown = await pup.post(path, body | {"code": "PUP-PZD", "from": "2025-03-01"})
    assert (unknown["by_law"], unknown["differs"]) == (None, None)
    [entry, *_] = (await pup.get(f"/v1/clients/{client}/merged-view"))["entries"]
    assert "differs" not in entry["payload"]


async def test_a_code_out_of_its_dates_is_refused_wherever_it_is_told(pup: Office) -> None:
    client = await pup.enrol(1)
    forms = f"/v1/clients/{client}/support-forms"
    old = {"code": "PUP-PZD", "from": "2025-05-31"}
    form = await pup.post(forms, old)
    answers = [
        await pup.post(forms, old | {"from": "2025-06-01"}, 422),
        await pup.patch(f"/v1/support-forms/{form['id']}", {"from": "2025-06-01"}, 422),
        await pup.patch(f"/v1/support-forms/{form['id']}", {"code": "PUP-INT"}, 422),
        await pup.post(f"/v1/clients/{client}/benefits", old | {"monthly_net_gr": 1, "from": "2025-06-01"}, 422),
        await pup.put(
            "/v1/by-external-id/syriusz/support-forms/F-1", old | {"client_id": client, "from": "2025-06-01"}, 422
        ),
        (await pup.post("/v1/support-forms/bulk", {"items": [old | {"client_id": client, "from": "2025-06-01"}]}, 200))[
            "items"
        ][0]["problem"],
    ]
    for answer in answers:
        assert problem(answer) == "code-out-of-dates"
        assert answer["field"] == "from"
        assert "PUP-PZD is in force … to 2025-05-31." in answer["detail"] or "2025-06-01 to …" in answer["detail"]


async def test_what_began_under_the_old_act_runs_on_and_is_closed_after_it(pup: Office) -> None:
    client = await pup.enrol(1)
    form = await pup.post(f"/v1/clients/{client}/support-forms", {"code": "PUP-PZD", "from": "2025-03-01"})
    closed = await pup.post(f"/v1/support-forms/{form['id']}/close", {"until": "2025-09-30"}, 200)
    assert (closed["code"], closed["until"]) == ("PUP-PZD", "2025-09-30")
