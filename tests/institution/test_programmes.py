"""Programmes of activation and costs of care belong to a form of support, which alone may leave."""

from typing import Any

import pytest

from tests.builders import Office

PERIOD = {"from": "2026-02-01", "until": "2026-12-31"}
AIM = {"aim": "stałe miejsce pobytu"}


async def given(ops: Office, client: str, code: str) -> dict[str, str]:
    """Give a form of support; return how its parts name it."""
    form = await ops.post(f"/v1/clients/{client}/support-forms", PERIOD | {"code": code})
    return {"support_form_id": form["id"]}


@pytest.mark.parametrize("code", ["OPS-PAL", "OPS-PIZ", "OPS-IPB", "OPS-IPU", "OPS-IPI"])
async def test_each_programme_is_opened_with_its_form_and_ends_before_it(ops: Office, code: str) -> None:
    client = await ops.enrol(1)
    of_form = await given(ops, client, code)
    contract = await ops.post(f"/v1/clients/{client}/social-contracts", {"form": "A", "from": "2026-02-01"})
    body = of_form | AIM | PERIOD | {"code": code, "social_contract_id": contract["id"]}
    made = await ops.post(f"/v1/clients/{client}/activation-programmes", body)
    form = f"/v1/support-forms/{of_form['support_form_id']}"
    refused = await ops.post(f"{form}/close", {"until": "2026-11-30"}, 409)
    assert refused["open"] == {"activation-programmes": [made["id"]]}
    end = {"until": "2026-11-30", "result": "reached"}
    closed = await ops.post(f"/v1/activation-programmes/{made['id']}/close", end, 200)
    assert (closed["state"], closed["result"]) == ("closed", "reached")
    await ops.post(f"{form}/close", {"until": "2027-01-31"}, 200)
    assert await ops.listed("/v1/activation-programmes", params={"code": code, "result": "reached"}) == [closed]


async def test_a_programme_and_its_form_have_one_code(ops: Office) -> None:
    client = await ops.enrol(1)
    of_form = await given(ops, client, "OPS-IPB")
    path = f"/v1/clients/{client}/activation-programmes"
    body = of_form | AIM | PERIOD
    assert (await ops.post(path, body | {"code": "OPS-PAL"}, 422))["expected"] == "OPS-IPB"
    assert (await ops.post(path, body | {"code": "OPS-PSO"}, 422))["field"] == "code"
    made = await ops.post(path, body | {"code": "OPS-IPB"})
    programme, form = f"/v1/activation-programmes/{made['id']}", f"/v1/support-forms/{of_form['support_form_id']}"
    assert (await ops.patch(programme, {"code": "OPS-PAL"}, 422))["field"] == "code"
    await ops.patch(form, {"code": "OPS-PAL"})
    assert (await ops.patch(programme, {"code": "OPS-PAL"}))["code"] == "OPS-PAL"
    await ops.post(f"{form}/void", status=200)
    assert (await ops.get(f"/v1/activation-programmes/{made['id']}"))["state"] == "voided"


async def test_a_programme_that_cannot_be_is_refused_and_the_field_is_named(ops: Office) -> None:
    client, stranger = await ops.enrol(1), await ops.enrol(2)
    of_form, of_another = await given(ops, client, "OPS-PAL"), await given(ops, stranger, "OPS-PAL")
    theirs = await ops.post(f"/v1/clients/{stranger}/social-contracts", {"form": "A", "from": "2026-02-01"})
    body = of_form | AIM | PERIOD | {"code": "OPS-PAL"}
    wrong: list[tuple[dict[str, Any], str]] = [
        (of_another, "support_form_id"),
        ({"social_contract_id": theirs["id"]}, "social_contract_id"),
        ({"until": "2026-01-31"}, "until"),
        ({"until": None, "result": "reached"}, "until"),
        ({"aim": ""}, "aim"),
    ]
    for changes, field in wrong:
        answer = await ops.post(f"/v1/clients/{client}/activation-programmes", body | changes, 422)
        assert answer["field"] == field, changes


async def test_care_is_paid_while_the_activity_goes_on(ops: Office) -> None:
    client = await ops.enrol(1)
    of_form = await given(ops, client, "AI-E01")
    home = await ops.post(f"/v1/clients/{client}/households", {"number": "7", "members": 2, "from": "2026-01-01"})
    child = {"household_id": home["id"], "kinship": "child", "care": "cared_for_by_client", "from": "2026-01-01"}
    member = await ops.post(f"/v1/clients/{client}/household-members", child)
    body = of_form | {"cared_for": "child", "hours": 60, "amount_gr": 180000, "from": "2026-03-01"}
    path = f"/v1/clients/{client}/care-costs"
    march = await ops.post(path, body | {"until": "2026-03-31", "household_member_id": member["id"]})
    assert await ops.listed(path, params=of_form | {"cared_for": "child"}) == [march]
    assert (await ops.post(path, body | {"from": "2026-01-31"}, 422))["field"] == "from"
    assert (await ops.post(path, body | {"until": "2027-01-01"}, 422))["field"] == "until"
    assert (await ops.post(path, body | {"household_member_id": home["id"]}, 422))["field"] == "household_member_id"
    assert (await ops.patch(f"/v1/care-costs/{march['id']}", {"until": "2027-01-31"}, 422))["field"] == "until"
    ended = await ops.post(f"/v1/care-costs/{march['id']}/close", {"until": "2026-03-20"}, 200)
    assert (ended["state"], ended["until"], ended["amount_gr"]) == ("closed", "2026-03-20", 180000)
