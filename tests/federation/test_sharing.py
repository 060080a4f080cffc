"""What one office gives reaches the other, signed and verified; of people of one office nothing leaves."""

from tests.builders import Federation, new_client


async def test_a_form_of_support_arrives_at_the_other_office(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await federation.settle()
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert view["joint"]
    assert [(e["iss"], e["code"], e["name_pl"]) for e in view["entries"]] == [("pup-2478", "PUP-STA", "Staż")]
    assert all(member["complete"] for member in view["members"])


async def test_what_was_recorded_before_the_match_is_restated(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_ops = await ops.enrol(1)
    await ops.post(
        f"/v1/clients/{at_ops}/benefits", {"code": "OPS-ZST", "monthly_net_gr": 100000, "from": "2026-01-01"}
    )
    await ops.post(f"/v1/clients/{at_ops}/support-forms", {"code": "AI-H02", "from": "2026-01-01"})
    await federation.settle()
    at_pup = (await pup.post("/v1/clients", new_client(1)))["id"]
    await federation.settle()
    entries = (await pup.get(f"/v1/clients/{at_pup}/merged-view"))["entries"]
    assert [entry["code"] for entry in entries] == ["OPS-CASH"]
