"""A second office that has the same client: what it learns, what is told of it, and what officials say of it."""

import pytest

from tests import builders
from tests.builders import Federation, Office
from tests.federation.saying import joint, named_to


async def test_who_leaves_never_learns_who_comes(federation: Federation, second: Office) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/registrations", {"from": "2026-09-01"})
    at_second = await second.enrol(1)
    await second.post(f"/v1/clients/{at_second}/registrations", {"from": "2025-05-01"})
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/withdraw", status=200)
    await federation.settle()
    assert (await ops.get(f"/v1/clients/{at_ops}"))["members"] == ["ops-2478011", "pup-2476"]
    assert await named_to(pup) == {"ops-2478011", "pup-2478"}


async def test_a_refusal_outlives_withdrawal_and_return(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2476011")
    await pup.enrol(1)
    at_ops = await ops.enrol(1)
    await federation.settle()
    [suspicion] = (await pup.get("/v1/suspicions"))["items"]
    await pup.post(f"/v1/suspicions/{suspicion['id']}/refuse", {"reason_code": "other_person"}, 200)
    await federation.settle()
    for step in ("withdraw", "take-back"):
        await ops.post(f"/v1/clients/{at_ops}/{step}", status=200)
        await federation.settle()
    assert (await pup.get("/v1/suspicions"))["items"] == []
    await ops.patch(f"/v1/clients/{at_ops}", {"surname": "Zupełnieinna"})
    await federation.settle()
    assert len((await pup.get("/v1/suspicions"))["items"]) == 1


@pytest.mark.parametrize("step", ["surname", "withdraw", "pesel"])
async def test_what_ends_a_suspicion_may_come_with_what_raised_it(federation: Federation, step: str) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2476011")
    await pup.enrol(1)
    await federation.settle()
    at_ops = await ops.enrol(1)
    changes = {"surname": {"surname": "Zupełnieinna"}, "pesel": {"pesel": builders.pesel(2)}}
    if step == "withdraw":
        await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    else:
        await ops.patch(f"/v1/clients/{at_ops}", changes[step])
    await federation.settle()
    lag = (await federation.operator.get("/v1/lag")).json()
    assert (lag["waiting_relays"], sum(stream["lag"] for stream in lag["streams"])) == (0, 0)
