"""Two clients of one household take a job: what the household loses is replaced in one of their cases."""

from tests.builders import Federation
from tests.federation.saying import benefit_of, recipient, takes_a_job

HOME = {"number": "GD/17", "members": 4, "children": 2, "from": "2025-01-01"}
ZOK = {"code": "OPS-ZOK", "monthly_net_gr": 50500, "from": "2025-09-01"}
HOUSING = {"code": "OPS-DMI", "monthly_net_gr": 28000, "remaining_net_gr": 0, "from": "2025-09-01"}


async def test_two_cases_of_a_household_replace_its_loss_once(federation: Federation) -> None:
    pup, ops, *anna = await recipient(federation, 1)
    _, _, *jan = await recipient(federation, 2)
    for _, at_ops in (anna, jan):
        await ops.post(f"/v1/clients/{at_ops}/households", HOME)
    for body in (ZOK, HOUSING):
        await ops.post(f"/v1/clients/{anna[1]}/benefits", body)
        await ops.post(f"/v1/clients/{jan[1]}/benefits", body, 409)
    for at_pup, _ in (anna, jan):
        await takes_a_job(pup, at_pup)
    await federation.settle()
    of_anna, of_jan = [(await benefit_of(pup, at_pup))["months"][0] for at_pup, _ in (anna, jan)]
    assert of_anna["shares_gr"] == {"ops-2478011": 78500, "pup-2478": 130520}
    assert of_jan["shares_gr"] == {"pup-2478": 130520}


async def test_a_loss_that_moves_to_the_other_member_moves_to_the_other_case(federation: Federation) -> None:
    pup, ops, *anna = await recipient(federation, 1)
    _, _, *jan = await recipient(federation, 2)
    for _, at_ops in (anna, jan):
        await ops.post(f"/v1/clients/{at_ops}/households", HOME)
    first = await ops.post(f"/v1/clients/{anna[1]}/benefits", ZOK)
    for at_pup, _ in (anna, jan):
        await takes_a_job(pup, at_pup)
    await federation.settle()
    await ops.post(f"/v1/benefits/{first['id']}/void", status=200)
    await ops.post(f"/v1/clients/{jan[1]}/benefits", ZOK)
    await federation.settle()
    of_anna, of_jan = [(await benefit_of(pup, at_pup))["months"][0] for at_pup, _ in (anna, jan)]
    assert (of_anna["amount_gr"], of_jan["amount_gr"]) == (130520, 181020)
