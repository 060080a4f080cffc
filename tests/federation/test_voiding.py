"""What was never right vanishes at the other office and at the broker, and stays at home as a mark."""

from typing import Any

import pytest
from sqlalchemy import select

from services.broker.tables import AttributeRow, PersonRow
from shared.exchange.history.tables import SharedRecordRow
from tests.builders import Federation, Office
from tests.federation.saying import joint

FORM = {"code": "PUP-STA", "from": "2026-03-02"}
BENEFIT = {"code": "PUP-ZAS", "monthly_net_gr": 130520, "from": "2025-09-01"}
REGISTRATION = {"from": "2024-06-01"}
CONTRACT = {"form": "A", "from": "2026-03-01", "goals": 3}


async def seen(office: Office, client: str, iss: str) -> list[str]:
    view = await office.get(f"/v1/clients/{client}/merged-view")
    return sorted(entry["record"] for entry in view["entries"] if entry["iss"] == iss)


async def at_broker(federation: Federation, iss: str) -> list[str]:
    async with federation.broker.db.read() as session:
        rows = await session.scalars(select(SharedRecordRow).where(SharedRecordRow.iss == iss))
        return sorted(row.record for row in rows if not row.dropped)


@pytest.mark.parametrize(
    ("kind", "path", "body"),
    [
        ("support_form", "support-forms", FORM),
        ("benefit", "benefits", BENEFIT),
        ("registration", "registrations", REGISTRATION),
    ],
)
@pytest.mark.parametrize("closed_first", [False, True])
async def test_a_voided_record_of_a_labour_office_is_seen_by_nobody_else(
    federation: Federation, kind: str, path: str, body: dict[str, Any], closed_first: bool
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    wrong = await pup.post(f"/v1/clients/{at_pup}/{path}", body)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM | {"code": "PUP-SZK"})
    if closed_first:
        end = {"until": "2026-05-31"} | ({"reason": "other"} if kind == "registration" else {})
        await pup.post(f"/v1/{path}/{wrong['id']}/close", end, 200)
    await federation.settle()
    assert await seen(ops, at_ops, pup.id) == sorted([kind, "support_form"])
    voided = await pup.post(f"/v1/{path}/{wrong['id']}/void", status=200)
    assert voided["state"] == "voided"
    await federation.settle()
    for found in (
        await seen(ops, at_ops, pup.id),
        await at_broker(federation, pup.id),
        await seen(pup, at_pup, pup.id),
    ):
        assert found == ["support_form"], "the other record stays"
    assert (await pup.get(f"/v1/{path}/{wrong['id']}"))["state"] == "voided"
    for office in (pup, ops):
        assert await office.get("/v1/dead-letters") == []


async def test_a_voided_contract_of_a_welfare_centre_is_seen_by_nobody_else(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    wrong = await ops.post(f"/v1/clients/{at_ops}/social-contracts", CONTRACT)
    await federation.settle()
    assert await seen(pup, at_pup, ops.id) == ["contract"]
    await ops.post(f"/v1/social-contracts/{wrong['id']}/void", status=200)
    await federation.settle()
    assert await seen(pup, at_pup, ops.id) == await at_broker(federation, ops.id) == []


async def test_a_voided_membership_leaves_the_programme(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    membership = {"arm": "recipient", "county": "2478", "from": "2026-01-01"}
    wrong = await pup.post(f"/v1/clients/{at_pup}/programme-memberships", membership)
    await federation.settle()
    await pup.post(f"/v1/programme-memberships/{wrong['id']}/void", status=200)
    await federation.settle()
    async with federation.broker.db.read() as session:
        [person] = await session.scalars(select(PersonRow))
        assert (person.programme_pup, person.programme_arm) == (None, None)
        assert list(await session.scalars(select(AttributeRow))) == []


async def test_what_was_voided_takes_no_further_change(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await pup.post(f"/v1/support-forms/{form['id']}/void", status=200)
    path = f"/v1/support-forms/{form['id']}"
    for answer in (
        await pup.patch(path, {"until": "2026-08-31"}, 409),
        await pup.post(f"{path}/close", {"until": "2026-08-31"}, 409),
        await pup.post(f"{path}/void", status=409),
    ):
        assert (answer["type"].rpartition(":")[2], answer["received"]) == ("conflict", "voided")


async def test_what_was_voided_is_not_told_to_one_who_comes_later(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    wrong = await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM | {"code": "PUP-SZK"})
    await pup.post(f"/v1/support-forms/{wrong['id']}/void", status=200)
    at_ops = await ops.enrol(1)
    await federation.settle()
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert [entry["code"] for entry in view["entries"]] == ["PUP-SZK"]


async def test_what_never_left_the_office_is_voided_without_a_word(federation: Federation) -> None:
    pup, ops, _, at_ops = await joint(federation)
    secret = await ops.post(f"/v1/clients/{at_ops}/support-forms", {"code": "AI-H02", "from": "2026-01-01"})
    await federation.settle()
    before = (await ops.get("/v1/exchange"))["position"]
    await ops.post(f"/v1/support-forms/{secret['id']}/void", status=200)
    assert (await ops.get("/v1/exchange"))["position"] == before
    assert await at_broker(federation, ops.id) == []
    assert await pup.get("/v1/dead-letters") == []


async def test_a_voided_benefit_no_longer_counts_in_the_assessment(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/registrations", REGISTRATION)
    membership = {"arm": "recipient", "county": "2478", "from": "2026-01-01"}
    await pup.post(f"/v1/clients/{at_pup}/programme-memberships", membership)
    wrong = await pup.post(f"/v1/clients/{at_pup}/benefits", BENEFIT)
    await pup.post(f"/v1/clients/{at_pup}/employments", {"effective": "2026-03-01", "net_gr": 360000})
    await federation.settle()
    path = f"/v1/clients/{at_pup}/degressive-benefit"
    assert (await pup.get(path))["total_gr"] > 0
    await pup.post(f"/v1/benefits/{wrong['id']}/void", status=200)
    await federation.settle()
    assert (await pup.get(path))["total_gr"] == 0
