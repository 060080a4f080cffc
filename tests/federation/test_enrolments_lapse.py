"""An enrolment lapses after 13 months unless the office renews it once a year (WIRE.md, section 5)."""

from datetime import timedelta

from services.broker.operations.lapse import lapse_once
from shared.institution.operations.exchange.renewing import renew_due
from tests.builders import Federation, Office

MONTHS_11, MONTHS_12, MONTHS_14 = (timedelta(days=days).total_seconds() for days in (330, 370, 430))


async def joint(office: Office, client_id: str) -> bool:
    return bool((await office.get(f"/v1/clients/{client_id}"))["joint"])


async def test_an_enrolment_that_nobody_renews_lapses_and_the_other_office_learns_of_it(
    federation: Federation,
) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    assert await joint(pup, at_pup)
    federation.clock.go(MONTHS_12)
    assert await renew_due(ops.node) == 1
    await federation.sign_anew()
    await federation.settle()
    federation.clock.go(MONTHS_14 - MONTHS_12)
    await federation.sign_anew()
    assert await lapse_once(federation.broker) == 1
    await federation.settle()
    assert not await joint(pup, at_pup)
    assert not await joint(ops, at_ops)


async def test_a_renewed_enrolment_changes_nothing(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, _ = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    generation = (await pup.get(f"/v1/clients/{at_pup}"))["generation"]
    federation.clock.go(MONTHS_11)
    assert await renew_due(pup.node) == 0
    federation.clock.go(MONTHS_12 - MONTHS_11)
    assert (await renew_due(pup.node), await renew_due(ops.node), await renew_due(pup.node)) == (1, 1, 0)
    await federation.sign_anew()
    await federation.settle()
    federation.clock.go(MONTHS_14 - MONTHS_12)
    assert await lapse_once(federation.broker) == 0
    client = await pup.get(f"/v1/clients/{at_pup}")
    assert (client["joint"], client["generation"]) == (True, generation)


async def test_an_office_that_comes_back_after_a_lapse_shares_the_client_again(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, _ = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    federation.clock.go(MONTHS_14)
    await federation.sign_anew()
    assert await lapse_once(federation.broker) == 2
    await federation.settle()
    assert not await joint(pup, at_pup)
    assert (await renew_due(pup.node), await renew_due(ops.node)) == (1, 1)
    await federation.settle()
    assert await joint(pup, at_pup)
    [pup_view] = [one for one in (await pup.get(f"/v1/clients/{at_pup}/merged-view"))["members"] if one["id"] == ops.id]
    assert pup_view["complete"]
