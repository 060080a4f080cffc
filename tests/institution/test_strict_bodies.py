"""A body has one meaning, and each value is of its own type: no number in text, no day as a number."""

import json
from typing import Any

import pytest

from tests.builders import Office, new_client
from tests.institution.test_clients import problem

BENEFIT = {"code": "PUP-ZAS", "from": "2026-01-01", "monthly_net_gr": 1}
FORM = {"code": "PUP-STA", "from": "2026-03-02"}
JOB = {"effective": "2026-03-16", "net_gr": 100}


async def refused(office: Office, path: str, content: bytes, status: int, method: str = "POST") -> Any:
    answer = await office.http.request(method, path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
async def client(pup: Office) -> str:
    made: dict[str, Any] = await pup.post("/v1/clients", new_client(1))
    return str(made["id"])


async def test_a_member_named_twice_is_refused_by_its_name(pup: Office, client: str) -> None:
    twice = json.dumps(BENEFIT)[:-1].encode() + b', "monthly_net_gr": 99999}'
    told = await refused(pup, f"/v1/clients/{client}/benefits", twice, 400)
    assert (problem(told), told["field"]) == ("json-malformed", "monthly_net_gr")
    told = await refused(pup, "/v1/by-external-id/system/benefits/1", twice, 400, "PUT")
    assert (problem(told), told["field"]) == ("json-malformed", "monthly_net_gr")
    told = await refused(pup, "/v1/benefits/bulk", b'{"items": [{}, ' + twice + b"]}", 400)
    assert (problem(told), told["field"]) == ("json-malformed", "items[1].monthly_net_gr")
    assert await pup.listed(f"/v1/clients/{client}/benefits") == []


async def test_what_is_no_json_is_refused_by_its_line_and_column(pup: Office, client: str) -> None:
    told = await refused(pup, f"/v1/clients/{client}/benefits", b'{"code": "PUP-ZAS",\n "from" 1}', 400)
    assert (problem(told), told["line"], told["column"]) == ("json-malformed", 2, 9)
    told = await refused(pup, f"/v1/clients/{client}/benefits", json.dumps(BENEFIT).replace("1}", "NaN}").encode(), 400)
    assert (problem(told), told["field"]) == ("json-malformed", "monthly_net_gr")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
async def test_a_body_is_utf_8_alone(pup: Office, encoding: str) -> None:
    told = await refused(pup, "/v1/clients", json.dumps(new_client(1)).encode(encoding), 400)
    assert problem(told) == "json-malformed"


NO_DAYS = [
    1265068800,
    1796083200.0,
    "1796083200",
    "2026-12-01T00:00:00Z",
    "2026-12-01T00:00:00",
    "20261201",
    "2026-W49-2",
    " 2026-12-01 ",
    "２０２６-12-01",
    "2026-02-30",
    "1899-12-31",
    True,
]


async def test_a_day_is_yyyy_mm_dd_and_nothing_else(pup: Office, client: str) -> None:
    for day in NO_DAYS:
        for name in ("from", "until"):
            told = await pup.post(f"/v1/clients/{client}/benefits", BENEFIT | {name: day}, 422)
            assert (problem(told), told["field"]) == ("request-invalid", name), day
        told = await pup.post(f"/v1/clients/{client}/employments", JOB | {"effective": day}, 422)
        assert (problem(told), told["field"]) == ("request-invalid", "effective"), day
        told = await pup.get("/v1/support-forms", 422, params={"on": day})
        assert (problem(told), told["field"]) == ("request-invalid", "on"), day
        told = await pup.get("/v1/catalogue/forms", 422, params={"in_force": day})
        assert (problem(told), told["field"]) == ("request-invalid", "in_force"), day


async def test_a_moment_is_a_day_a_time_and_a_zone(pup: Office) -> None:
    for moment in ("1796083200", "1796083200.5", "2026-12-01", "2026-12-01T00:00:00"):
        told = await pup.get("/v1/support-forms", 422, params={"changed_since": moment})
        assert (problem(told), told["field"]) == ("request-invalid", "changed_since")
    assert await pup.listed("/v1/support-forms", params={"changed_since": "2026-12-01T00:00:00Z"}) == []


async def test_a_whole_number_is_no_text_and_has_no_point(pup: Office, client: str) -> None:
    question = {"start": "2026-12-01", "net_gr": 100_000}
    for number in ("8", 8.0, 8.5, True, "", {}):
        told = await pup.post(f"/v1/clients/{client}/support-forms", FORM | {"hours_total": number}, 422)
        assert (problem(told), told["field"]) == ("request-invalid", "hours_total"), number
        assert told["expected"] == "a whole number, without quotes and without a point"
        for name, asked in (
            ("household.members", {"household": {"members": number}}),
            ("household.children_ages[0]", {"household": {"members": 3, "children_ages": [number]}}),
            ("parameters.quantum_gr", {"parameters": {"quantum_gr": number}}),
        ):
            told = await pup.post(f"/v1/clients/{client}/degressive-benefit/preview", question | asked, 422)
            assert (problem(told), told["field"]) == ("request-invalid", name), number


async def test_hours_may_have_a_point_but_are_no_text(pup: Office, client: str) -> None:
    question = {"start": "2026-12-01", "net_gr": 100_000}
    for hours in (20, 20.5):
        body = question | {"working_time": {"hours_week": hours}}
        await pup.post(f"/v1/clients/{client}/degressive-benefit/preview", body, 200)
    for wrong in ("20", True):
        body = question | {"working_time": {"hours_week": wrong}}
        told = await pup.post(f"/v1/clients/{client}/degressive-benefit/preview", body, 422)
        assert (problem(told), told["field"]) == ("request-invalid", "working_time.hours_week")


async def test_true_is_neither_a_number_nor_a_word(pup: Office, client: str) -> None:
    joined = {"arm": "recipient", "county": "2478", "from": "2026-01-15"}
    for wrong in (1, "true", "yes"):
        path = f"/v1/clients/{client}/programme-memberships"
        told = await pup.post(path, joined | {"inherited": wrong}, 422)
        assert (problem(told), told["field"]) == ("request-invalid", "inherited")


async def test_numbers_of_a_query_are_text_as_ever(pup: Office) -> None:
    assert await pup.listed("/v1/support-forms", params={"limit": "5"}) == []
