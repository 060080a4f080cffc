"""Bad input is refused by a problem that names where, and never is a failure of ours, on either database."""

import json
from typing import Any

import pytest

from tests.builders import Office
from tests.institution.test_clients import problem

FORM = {"code": "PUP-STA", "from": "2026-03-02"}
JOB = {"effective": "2026-03-16", "net_gr": 100}
BAD_IDS = ["", "a\x00b", "\ud800", 7, None, [], "0" * 37]


async def send(office: Office, method: str, path: str, body: Any) -> Any:
    """Send JSON in ASCII, so that a lone surrogate gets through."""
    return await office.http.request(
        method, path, content=json.dumps(body), headers={"Content-Type": "application/json"}
    )


@pytest.mark.parametrize("bad", BAD_IDS)
async def test_a_bulk_item_of_a_client_that_cannot_be_is_refused_alone(pup: Office, bad: Any) -> None:
    client = await pup.enrol(1)
    for path, body in (("support-forms", FORM), ("employments", JOB)):
        items = [body | {"client_id": bad}, body | {"client_id": client}]
        answer = (await send(pup, "POST", f"/v1/{path}/bulk", {"items": items})).json()
        assert [item["status"] for item in answer["items"]] == [422, 201]
        assert answer["items"][0]["problem"]["field"] == "client_id"


@pytest.mark.parametrize("bad", BAD_IDS)
async def test_a_record_of_another_system_names_a_client_that_can_be(pup: Office, bad: Any) -> None:
    for path, body in (("support-forms", FORM), ("employments", JOB)):
        refused = (await send(pup, "PUT", f"/v1/by-external-id/system/{path}/1", body | {"client_id": bad})).json()
        assert (problem(refused), refused["field"]) == ("request-invalid", "client_id")


@pytest.mark.parametrize("path", ["/v1/by-external-id/system/%00/1", "/v1/dead-letters?after=%00"])
async def test_a_zero_byte_in_a_url_is_refused(pup: Office, path: str) -> None:
    assert problem(await pup.get(path, 422)) == "request-invalid"


@pytest.mark.parametrize("member", ["code", "from", "status"])
async def test_null_for_what_a_record_must_have_is_refused(pup: Office, member: str) -> None:
    client = await pup.enrol(1)
    form = await pup.post(f"/v1/clients/{client}/support-forms", FORM)
    refused = await pup.patch(f"/v1/support-forms/{form['id']}", {member: None}, 422)
    assert problem(refused) == "request-invalid"
    assert refused["field"] == member


async def test_null_for_an_amount_that_a_benefit_must_have_is_refused(pup: Office) -> None:
    client = await pup.enrol(1)
    benefit = {"code": "PUP-ZAS", "monthly_net_gr": 100, "from": "2026-03-02"}
    made = await pup.post(f"/v1/clients/{client}/benefits", benefit)
    refused = await pup.patch(f"/v1/benefits/{made['id']}", {"monthly_net_gr": None}, 422)
    assert refused["field"] == "monthly_net_gr"
    assert await pup.get(f"/v1/benefits/{made['id']}") == made


async def test_an_unknown_member_is_named_only_if_it_could_be_one(pup: Office) -> None:
    client = await pup.enrol(1)
    for name, shown in (("hours_totl", "hours_totl"), ("Jan Kowalski", ""), ("85650112347", "")):
        refused = await pup.post(f"/v1/clients/{client}/support-forms", FORM | {name: 1}, 422)
        assert (problem(refused), refused["field"]) == ("field-unknown", shown)
        assert "Kowalski" not in str(refused)
