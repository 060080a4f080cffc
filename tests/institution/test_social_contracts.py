"""Social contracts of form A and B: goals, who does what, reviews, signatures; their words stay at the centre."""

from typing import Any

from tests.builders import Office
from tests.institution.test_clients import problem

CONTRACT = {"form": "A", "goals": 1, "from": "2026-02-01"}
REFERRAL = {"referral_id": "S/7/2026", "referral_day": "2026-01-20"}
ABSENT = "0198c6a0-0000-7000-8000-000000000000"


async def agreed(ops: Office, number: int = 1, **changes: Any) -> tuple[str, dict[str, Any]]:
    """Open a contract; return the client's id and how its parts name it."""
    client = await ops.enrol(number)
    contract = await ops.post(f"/v1/clients/{client}/social-contracts", CONTRACT | changes)
    return client, {"social_contract_id": contract["id"]}


async def test_a_contract_is_agreed_signed_worked_through_reviewed_and_closed(ops: Office) -> None:
    client, of_contract = await agreed(ops)
    path = f"/v1/clients/{client}"
    goal = await ops.post(f"{path}/contract-goals", of_contract | {"what": "stała praca", "due": "2026-12-31"})
    course = {"what": "kurs opiekuna", "code": "AI-E01", "due": "2026-06-30", "contract_goal_id": goal["id"]}
    action = await ops.post(f"{path}/contract-actions", of_contract | course)
    await ops.post(
        f"{path}/contract-actions", of_contract | {"what": "termin w PUP", "who": "office", "due": "2026-03-01"}
    )
    given = {"due": "2026-02-01", "result": "signed", "signed_on": "2026-02-01"}
    for who in ("client", "worker"):
        assert (await ops.post(f"{path}/contract-signatures", of_contract | given | {"who": who}))["state"] == "closed"
    review = await ops.post(f"{path}/contract-reviews", of_contract | {"due": "2026-05-04"})

    [late] = await ops.listed("/v1/contract-actions", params={"state": "open", "due_before": "2026-04-01"})
    assert late["who"] == "office"
    [serving] = await ops.listed("/v1/contract-actions", params={"contract_goal_id": goal["id"]})
    assert serving == action
    contract = f"/v1/social-contracts/{of_contract['social_contract_id']}"
    refused = await ops.post(f"{contract}/close", {"until": "2026-12-31"}, 409)
    assert refused["open"].keys() & {"contract-goals", "contract-actions", "contract-reviews"}

    for one in (action, late):
        await ops.post(f"/v1/contract-actions/{one['id']}/close", {"result": "done", "ended_on": "2026-06-19"}, 200)
    held = {"result": "on_course", "held_on": "2026-05-04"}
    await ops.post(f"/v1/contract-reviews/{review['id']}/close", held, 200)
    reached = {"result": "reached", "ended_on": "2026-12-01"}
    await ops.post(f"/v1/contract-goals/{goal['id']}/close", reached, 200)
    assert (await ops.post(f"{contract}/close", {"until": "2026-12-31"}, 200))["state"] == "closed"


async def test_form_b_names_the_referral_and_form_a_has_none(ops: Office) -> None:
    client = await ops.enrol(1)
    path = f"/v1/clients/{client}/social-contracts"
    assert (await ops.post(path, CONTRACT | {"form": "B"}, 422))["field"] == "referral_id"
    assert (await ops.post(path, CONTRACT | {"form": "B", "referral_id": "S/7"}, 422))["field"] == "referral_day"
    assert (await ops.post(path, CONTRACT | REFERRAL, 422))["field"] == "referral_id"
    late = CONTRACT | REFERRAL | {"form": "B", "referral_day": "2026-02-02"}
    assert (await ops.post(path, late, 422))["field"] == "referral_day"
    made = await ops.post(path, late | {"referral_day": "2026-02-01"})
    assert (made["form"], made["referral_id"]) == ("B", "S/7/2026")
    refused = await ops.patch(f"/v1/social-contracts/{made['id']}", {"form": "A"}, 422)
    assert refused["field"] == "referral_id"


async def test_the_labour_office_signs_form_b_alone(ops: Office) -> None:
    client, form_a = await agreed(ops, 1)
    other, form_b = await agreed(ops, 2, form="B", **REFERRAL)
    awaited = {"who": "labour_office", "due": "2026-02-10"}
    refused = await ops.post(f"/v1/clients/{client}/contract-signatures", form_a | awaited, 422)
    assert refused["field"] == "who"
    made = await ops.post(f"/v1/clients/{other}/contract-signatures", form_b | awaited)
    assert made["state"] == "open"
    assert (await ops.patch(f"/v1/contract-signatures/{made['id']}", {"signed_on": "2026-02-09"}, 422))[
        "field"
    ] == "result"
    signed = await ops.patch(f"/v1/contract-signatures/{made['id']}", {"result": "refused", "signed_on": "2026-02-09"})
    assert (signed["state"], signed["result"]) == ("closed", "refused")


async def test_an_action_serves_a_goal_of_its_own_contract(ops: Office) -> None:
    client, of_contract = await agreed(ops, 1)
    stranger, of_another = await agreed(ops, 2)
    goal = {"what": "x", "due": "2026-12-31"}
    theirs = await ops.post(f"/v1/clients/{stranger}/contract-goals", of_another | goal)
    second = await ops.post(f"/v1/clients/{client}/social-contracts", CONTRACT)
    path = f"/v1/clients/{client}/contract-goals"
    elsewhere = await ops.post(path, {"social_contract_id": second["id"]} | goal)
    own = await ops.post(path, of_contract | goal)
    action = of_contract | {"what": "y", "due": "2026-06-30"}
    path = f"/v1/clients/{client}/contract-actions"
    for wrong in (theirs["id"], elsewhere["id"], ABSENT):
        answer = await ops.post(path, action | {"contract_goal_id": wrong}, 422)
        assert answer["field"] == "contract_goal_id", wrong
    made = await ops.post(path, action | {"contract_goal_id": own["id"]})
    moved = {"contract_goal_id": elsewhere["id"]}
    await ops.patch(f"/v1/contract-actions/{made['id']}", moved, 422)
    old = action | {"code": "PUP-PAI"}
    assert (await ops.post(path, old, 422))["field"] == "due"


async def test_parts_of_a_voided_contract_are_voided_with_it(ops: Office) -> None:
    client, of_contract = await agreed(ops)
    await ops.post(f"/v1/clients/{client}/contract-goals", of_contract | {"what": "x", "due": "2026-12-31"})
    await ops.post(f"/v1/clients/{client}/contract-reviews", of_contract | {"due": "2026-05-04"})
    await ops.post(f"/v1/social-contracts/{of_contract['social_contract_id']}/void", status=200)
    for path in ("contract-goals", "contract-reviews"):
        assert await ops.listed(f"/v1/{path}") == []
    late = of_contract | {"what": "x", "due": "2026-12-31"}
    assert (await ops.post(f"/v1/clients/{client}/contract-goals", late, 422))["field"] == "social_contract_id"


async def test_another_system_sends_parts_in_bulk_and_with_their_outcome(ops: Office) -> None:
    client, of_contract = await agreed(ops)
    item = of_contract | {"client_id": client, "what": "x", "due": "2026-12-31"}
    answer = await ops.post("/v1/contract-goals/bulk", {"items": [item, item | {"result": "reached"}]}, 200)
    assert [one["status"] for one in answer["items"]] == [201, 422]
    assert answer["items"][1]["problem"]["field"] == "ended_on"
    path = "/v1/by-external-id/pomost/contract-actions/D-1"
    made = await ops.put(path, item, 201)
    read = {"If-Match": '"1"'}
    await ops.patch(f"/v1/contract-actions/{made['id']}", {"who": "family"}, headers=read)
    second = await ops.patch(f"/v1/contract-actions/{made['id']}", {"who": "office"}, 412, headers=read)
    assert (problem(second), second["present"]["who"], second["sent"]) == (
        "precondition-failed",
        "family",
        {"who": "office"},
    )
