"""For the office's own systems: repeated requests, external ids, the change feed, the catalogue."""

import asyncio
from typing import Any

import pytest

from tests.builders import Office, new_client, pesel
from tests.institution.test_clients import problem

FORM = {"code": "PUP-STA", "from": "2026-03-02"}


async def test_a_repeated_request_gets_the_first_answer(pup: Office) -> None:
    key = {"Idempotency-Key": "abc-1"}
    first = await pup.http.post("/v1/clients", json=new_client(1), headers=key)
    again = await pup.http.post("/v1/clients", json=new_client(1), headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len((await pup.get("/v1/clients"))["items"]) == 1


async def test_one_key_for_two_requests_is_refused(pup: Office) -> None:
    key = {"Idempotency-Key": "abc-1"}
    await pup.post("/v1/clients", new_client(1), headers=key)
    answer = await pup.post("/v1/clients", new_client(2), 422, headers=key)
    assert problem(answer) == "idempotency-mismatch"


async def test_a_refused_request_does_not_spend_its_key(pup: Office) -> None:
    key = {"Idempotency-Key": "abc-1"}
    await pup.post("/v1/clients", new_client(1, pesel="85650112348"), 422, headers=key)
    await pup.post("/v1/clients", new_client(1), headers=key)


async def test_two_requests_with_one_key_at_the_same_time_make_one_client(pup: Office) -> None:
    key = {"Idempotency-Key": "abc-1"}
    calls = (pup.http.post("/v1/clients", json=new_client(1), headers=key) for _ in range(4))
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_record_is_made_once_under_its_external_id_and_then_replaced(pup: Office) -> None:
    client = (await pup.put("/v1/by-external-id/syriusz/clients/K-1", new_client(1), 201))["id"]
    path = "/v1/by-external-id/syriusz/support-forms/FW-1"
    made = await pup.put(path, {"client_id": client, **FORM}, 201)
    same = await pup.put(path, {"client_id": client, **FORM}, 200)
    assert (same["id"], same["version"]) == (made["id"], 1)
    changed = await pup.put(path, {"client_id": client, **FORM, "until": "2026-08-31"}, 200)
    assert (changed["id"], changed["version"], changed["until"]) == (made["id"], 2, "2026-08-31")
    assert await pup.get(path) == {"id": made["id"]}


async def test_a_client_under_an_external_id_is_amended_when_it_comes_again(pup: Office) -> None:
    path = "/v1/by-external-id/syriusz/clients/K-1"
    made = await pup.put(path, new_client(1), 201)
    again = await pup.put(path, new_client(1, surname="Nowoprzybyła"), 200)
    assert (again["id"], again["surname"], again["version"]) == (made["id"], "Nowoprzybyła", 2)
    assert (await pup.put(path, new_client(1, surname="Nowoprzybyła"), 200))["version"] == 2


@pytest.mark.parametrize("name", [pesel(1), f"K-{pesel(2)}", "a b", "%00"])
async def test_a_pesel_is_no_external_id(pup: Office, name: str) -> None:
    answer = await pup.put(f"/v1/by-external-id/syriusz/clients/{name}", new_client(1), 422)
    assert problem(answer) == "request-invalid"
    assert name not in str(answer)


async def test_a_kind_that_is_none_is_not_found(pup: Office) -> None:
    await pup.put("/v1/by-external-id/syriusz/dreams/1", {}, 404)


async def test_a_job_is_told_by_its_present_state(pup: Office) -> None:
    client = await pup.enrol(1)
    path = "/v1/by-external-id/syriusz/employments/E-1"
    body: dict[str, Any] = {"client_id": client, "effective": "2026-03-16", "net_gr": 300000}
    made = await pup.put(path, body, 201)
    assert (await pup.put(path, body, 200))["events"] == made["events"]
    raised = await pup.put(path, body | {"effective": "2026-06-01", "net_gr": 350000}, 200)
    ended = await pup.put(path, body | {"effective": "2026-06-01", "net_gr": 350000, "last_day": "2026-07-17"}, 200)
    assert [event["kind"] for event in raised["events"]] == ["start", "wage"]
    assert [event["kind"] for event in ended["events"]] == ["start", "wage", "stop"]


async def test_the_change_feed_tells_by_id_alone_and_without_holes(pup: Office) -> None:
    client = await pup.enrol(1)
    form = await pup.post(f"/v1/clients/{client}/support-forms", FORM)
    await pup.patch(f"/v1/support-forms/{form['id']}", {"until": "2026-08-31"})
    first = await pup.get("/v1/changes?limit=2")
    rest = await pup.get(f"/v1/changes?after={first['next']}")
    lines = [*first["items"], *rest["items"]]
    assert [line["number"] for line in lines] == [1, 2, 3]
    assert [(line["kind"], line["change"]) for line in lines] == [
        ("client", "created"),
        ("support_form", "opened"),
        ("support_form", "amended"),
    ]
    assert (first["more"], rest["more"]) == (True, False)
    assert pesel(1) not in str(lines)


async def test_a_refused_request_leaves_no_line_in_the_feed(pup: Office) -> None:
    await pup.post("/v1/clients", new_client(1, pesel="85650112348"), 422)
    assert (await pup.get("/v1/changes"))["items"] == []


async def test_what_another_system_says_beside_the_wage_replaces_what_stood_there(pup: Office) -> None:
    client = await pup.enrol(1)
    job = {"client_id": client, "effective": "2026-03-01", "net_gr": 100, "employer": "Zakład A"}
    path = "/v1/by-external-id/syriusz/employments/1"
    made = await pup.put(path, job, 201)
    changed = await pup.put(path, job | {"contract_kind": "mandate", "employer": "Zakład B", "note": "n"})
    assert (changed["contract_kind"], changed["employer"], changed["note"]) == ("mandate", "Zakład B", "n")
    assert changed["version"] > made["version"]
    assert [event["net_gr"] for event in changed["events"]] == [100, 100]
    assert await pup.put(path, job | {"contract_kind": "mandate", "employer": "Zakład B", "note": "n"}) == changed


async def test_a_late_word_on_the_wage_of_a_job_that_ended_does_not_open_it(pup: Office) -> None:
    client = await pup.enrol(1)
    job = (await pup.post(f"/v1/clients/{client}/employments", {"effective": "2026-03-01", "net_gr": 100}))["id"]
    await pup.post(f"/v1/employments/{job}/end", {"last_day": "2026-07-17"})
    late = {"effective": "2026-06-01", "net_gr": 200}
    assert (await pup.post(f"/v1/employments/{job}/wage-changes", late))["state"] == "closed"
    again = {"effective": "2026-08-01", "net_gr": 200}
    assert (await pup.post(f"/v1/employments/{job}/wage-changes", again))["state"] == "open"
    assert (await pup.post(f"/v1/employments/{job}/end", {"last_day": "2026-05-31"}))["state"] == "open"
