"""Decisions on allowances, and the money that they grant."""

from typing import Any

from tests.builders import Office
from tests.institution.test_clients import problem

DECISION = {"number": "OPS.5121.7.2026", "decided_on": "2026-02-10", "outcome": "granted", "code": "OPS-ZOK",
            "basis": "ups_38", "amount_gr": 50500, "from": "2026-02-01", "until": "2026-05-31"}  # fmt: skip
BENEFIT = {"code": "OPS-ZOK", "monthly_net_gr": 50500, "from": "2026-02-01", "until": "2026-05-31"}
ONCE = {"code": "OPS-ZCE", "from": "2026-03-02", "until": "2026-03-02", "amount_gr": 30000}


async def decide(ops: Office, client: str, status: int = 201, **changes: Any) -> Any:
    return await ops.post(f"/v1/clients/{client}/allowance-decisions", DECISION | changes, status)


async def test_a_decision_grants_a_benefit_changes_it_and_ends_it(ops: Office) -> None:
    client = await ops.enrol(1)
    benefit = await ops.post(f"/v1/clients/{client}/benefits", BENEFIT)
    paid_by = {"benefit_id": benefit["id"]}
    granted = await decide(ops, client, **paid_by)
    assert granted["state"] == "open"
    path = f"/v1/allowance-decisions/{granted['id']}/close"
    final = await ops.post(path, {"result": "final", "ended_on": "2026-02-25"}, 200)
    assert (final["state"], final["until"]) == ("closed", "2026-05-31")
    await decide(ops, client, outcome="changed", amount_gr=40000, **paid_by | {"from": "2026-04-01"})
    await decide(ops, client, outcome="ended", amount_gr=None, until="2026-04-30", **paid_by)
    found = await ops.listed("/v1/allowance-decisions", params=paid_by)
    assert [one["outcome"] for one in found] == ["granted", "changed", "ended"]
    assert len(await ops.listed("/v1/allowance-decisions", params={"state": "open", "code": "OPS-ZOK"})) == 2


async def test_each_of_the_three_allowances_is_decided_on_its_own_article(ops: Office) -> None:
    client = await ops.enrol(1)
    form = await ops.post(f"/v1/clients/{client}/support-forms", ONCE)
    once = {"code": "OPS-ZCE", "basis": "ups_39", "support_form_id": form["id"], "from": "2026-03-02"}
    await decide(ops, client, code="OPS-ZST", basis="ups_37", until=None)
    await decide(ops, client)
    assert (await decide(ops, client, **once))["support_form_id"] == form["id"]
    refused = await decide(ops, client, 422, code="OPS-ZST")
    assert (refused["field"], refused["expected"]) == ("basis", "ups_37")
    assert (await decide(ops, client, 422, code="OPS-POS"))["field"] == "code"


async def test_a_refusal_pays_nothing_and_a_grant_says_what(ops: Office) -> None:
    client = await ops.enrol(1)
    assert (await decide(ops, client, outcome="refused", amount_gr=None))["amount_gr"] is None
    wrong = [
        ({"outcome": "refused"}, "amount_gr"),
        ({"amount_gr": None}, "amount_gr"),
        ({"outcome": "ended", "until": None}, "until"),
        ({"until": "2026-01-31"}, "until"),
        ({"result": "final"}, "ended_on"),
        ({"result": "final", "ended_on": "2026-02-09"}, "ended_on"),
        ({"outcome": "postponed"}, "outcome"),
        ({"basis": "ups_99"}, "basis"),
    ]
    for changes, field in wrong:
        answer = await decide(ops, client, 422, **changes)
        assert answer["field"] == field, changes
        assert DECISION["number"] not in str(answer)


async def test_a_decision_names_a_payment_of_its_own_client_kind_and_code(ops: Office) -> None:
    client, stranger = await ops.enrol(1), await ops.enrol(2)
    theirs = await ops.post(f"/v1/clients/{stranger}/benefits", BENEFIT)
    other = await ops.post(f"/v1/clients/{client}/benefits", BENEFIT | {"code": "OPS-ZST"})
    form = await ops.post(f"/v1/clients/{client}/support-forms", ONCE)
    assert (await decide(ops, client, 422, benefit_id=theirs["id"]))["field"] == "benefit_id"
    assert (await decide(ops, client, 422, benefit_id=other["id"]))["field"] == "code"
    assert (await decide(ops, client, 422, support_form_id=form["id"]))["field"] == "support_form_id"
    once = {"code": "OPS-ZCE", "basis": "ups_39"}
    assert (await decide(ops, client, 422, benefit_id=other["id"], **once))["field"] == "benefit_id"
    await ops.post(f"/v1/benefits/{other['id']}/void", status=200)
    own = {"code": "OPS-ZST", "basis": "ups_37", "benefit_id": other["id"]}
    assert (await decide(ops, client, 422, **own))["field"] == "benefit_id"


async def test_many_decisions_are_taken_one_by_one_and_a_closed_one_is_not_changed(ops: Office) -> None:
    client = await ops.enrol(1)
    items = [DECISION | {"client_id": client}, DECISION | {"client_id": client, "basis": "ups_37"}]
    answer = await ops.post("/v1/allowance-decisions/bulk", {"items": items}, 200)
    assert [one["status"] for one in answer["items"]] == [201, 422]
    path = f"/v1/allowance-decisions/{answer['items'][0]['id']}"
    await ops.patch(path, {"result": "repealed", "ended_on": "2026-03-01"})
    assert problem(await ops.patch(path, {"amount_gr": 1}, 409)) == "conflict"
