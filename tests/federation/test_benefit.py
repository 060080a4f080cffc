"""From a job to a decided, explained schedule, and what late news does to it (BENEFIT.md)."""

import pytest

from tests.builders import Federation
from tests.federation.recipients import Recipient, make_recipient


@pytest.fixture
async def recipient(federation: Federation) -> Recipient:
    return await make_recipient(federation)


async def test_a_job_leads_to_the_schedule_of_the_first_worked_case(recipient: Recipient) -> None:
    await recipient.takes_a_job()
    benefit = await recipient.benefit()
    assert [month["amount_gr"] for month in benefit["months"]] == (
        [209020] * 3 + [156770] * 3 + [104510] * 3 + [52260] * 3
    )
    assert benefit["months"][3]["shares_gr"] == {"ops-2478011": 58877, "pup-2478": 97893}
    assert (benefit["state"], benefit["complete"], benefit["recomputed"]) == ("proposed", True, True)
    assert "W kwietniu 2026 przysługuje" in benefit["months"][1]["explanation"]


async def test_the_welfare_centre_sees_and_recomputes_the_same(recipient: Recipient) -> None:
    await recipient.takes_a_job()
    here = await recipient.benefit()
    there = await recipient.ops.get(f"/v1/clients/{recipient.at_ops}/degressive-benefit")
    assert there["result_hash"] == here["result_hash"]
    assert there["recomputed"]


async def test_an_approval_books_every_month(recipient: Recipient) -> None:
    await recipient.takes_a_job()
    benefit = await recipient.benefit()
    await recipient.decide(benefit["result_hash"])
    assert (await recipient.benefit())["state"] == "approved"
    assert await recipient.booked() == benefit["total_gr"] == 1567680
    seen = await recipient.ops.get(f"/v1/clients/{recipient.at_ops}/degressive-benefit")
    assert seen["decisions"][0]["decision"] == "approved"


async def test_a_second_decision_is_a_conflict(recipient: Recipient) -> None:
    await recipient.takes_a_job()
    benefit = await recipient.benefit()
    await recipient.decide(benefit["result_hash"])
    answer = await recipient.decide(benefit["result_hash"], status=409)
    assert answer["type"] == "urn:zwornik:problem:conflict"


async def test_a_decision_on_an_older_result_is_superseded(recipient: Recipient) -> None:
    job = await recipient.takes_a_job()
    old = await recipient.benefit()
    await recipient.pup.post(f"/v1/employments/{job}/wage-changes", {"effective": "2026-05-01", "net_gr": 150000})
    await recipient.federation.settle()
    answer = await recipient.decide(old["result_hash"], status=409)
    assert answer["type"] == "urn:zwornik:problem:assessment-superseded"


async def test_a_decision_that_crosses_newer_news_comes_back(recipient: Recipient) -> None:
    job = await recipient.takes_a_job()
    shown = await recipient.benefit()
    await recipient.pup.post(f"/v1/employments/{job}/wage-changes", {"effective": "2026-05-01", "net_gr": 150000})
    await recipient.federation.push(recipient.pup)
    body = {"result_hash": shown["result_hash"], "decision": "approved"}
    await recipient.pup.post(f"/v1/clients/{recipient.at_pup}/degressive-benefit/decision", body)
    from services.broker.operations.assess.due import assess_due
    from services.broker.operations.relay.step import relay_once

    await relay_once(recipient.federation.broker)
    await assess_due(recipient.federation.broker)
    await recipient.federation.settle()
    benefit = await recipient.benefit()
    assert benefit["state"] == "proposed"
    assert [(d["state"], d["reason"]) for d in benefit["decisions"]] == [("returned", "assessment-superseded")]
    assert await recipient.booked() == 0
    await recipient.decide(benefit["result_hash"])
    assert await recipient.booked() == benefit["total_gr"]


async def test_a_late_wage_rise_books_a_correction(recipient: Recipient) -> None:
    job = await recipient.takes_a_job(net_gr=180000)
    before = await recipient.benefit()
    await recipient.decide(before["result_hash"])
    await recipient.pup.post(f"/v1/employments/{job}/wage-changes", {"effective": "2026-12-01", "net_gr": 300000})
    await recipient.federation.settle()
    after = await recipient.benefit()
    assert after["state"] == "corrected"
    assert after["total_gr"] < before["total_gr"]
    assert await recipient.booked() == before["total_gr"], "the old amount is paid until an official has decided"
    assert sum(entry["amount_gr"] for entry in after["proposed"]) == after["total_gr"] - before["total_gr"]


async def test_news_that_raises_an_amount_is_due_at_once(recipient: Recipient) -> None:
    job = await recipient.takes_a_job(net_gr=300000)
    before = await recipient.benefit()
    await recipient.decide(before["result_hash"])
    await recipient.pup.post(f"/v1/employments/{job}/wage-changes", {"effective": "2026-12-01", "net_gr": 100000})
    await recipient.federation.settle()
    after = await recipient.benefit()
    assert after["total_gr"] > before["total_gr"]
    assert await recipient.booked() == after["total_gr"]


async def test_the_same_news_again_changes_nothing(recipient: Recipient) -> None:
    job = await recipient.takes_a_job()
    before = await recipient.benefit()
    await recipient.pup.post(f"/v1/employments/{job}/wage-changes", {"effective": "2026-03-01", "net_gr": 360000})
    await recipient.federation.settle()
    after = await recipient.benefit()
    assert after["result_hash"] == before["result_hash"]


async def test_a_job_lost_stops_the_clock(recipient: Recipient) -> None:
    job = await recipient.takes_a_job()
    await recipient.pup.post(f"/v1/employments/{job}/end", {"last_day": "2026-07-17"})
    await recipient.federation.settle()
    benefit = await recipient.benefit()
    assert benefit["months"][-1] | {"explanation": "", "beside": None} == {
        "month": "2026-07", "amount_gr": 85970, "codes": "KP", "explanation": "", "beside": None,
        "shares_gr": {"ops-2478011": 32287, "pup-2478": 53683},
    }  # fmt: skip


async def test_a_job_that_never_was_proposes_to_pay_nothing(recipient: Recipient) -> None:
    job = await recipient.takes_a_job()
    before = await recipient.benefit()
    await recipient.decide(before["result_hash"])
    await recipient.pup.post(f"/v1/employments/{job}/end", {"last_day": "2026-03-01"})
    await recipient.federation.settle()
    assert 0 < (await recipient.benefit())["total_gr"] < before["total_gr"]
    await recipient.pup.post(f"/v1/employments/{job}/end", {"last_day": "2026-02-27"}, status=422)
    await recipient.pup.post(f"/v1/employments/{job}/end", {"last_day": "2026-02-28"})
    await recipient.federation.settle()
    after = await recipient.benefit()
    assert (after["state"], after["months"], after["total_gr"], after["recomputed"]) == ("corrected", [], 0, True)
    assert await recipient.booked() == before["total_gr"], "the old amount is paid until an official has decided"


async def test_what_the_welfare_centre_says_otherwise_of_the_job_blocks_the_decision(recipient: Recipient) -> None:
    await recipient.takes_a_job()
    path = f"/v1/clients/{recipient.at_ops}/employments"
    await recipient.ops.post(path, {"effective": "2026-03-01", "net_gr": 999900})
    await recipient.federation.settle()
    benefit = await recipient.benefit()
    assert (benefit["open_discrepancies"], benefit["state"]) == (1, "provisional")
    await recipient.decide(benefit["result_hash"], status=409)


async def test_until_a_new_member_has_told_all_nothing_can_be_decided(federation: Federation) -> None:
    pup = await federation.join("pup-1611")
    ops, late = await federation.join("ops-1611012"), await federation.join("ops-1611053")
    at_pup, _ = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/registrations", {"from": "2024-06-01"})
    membership = {"arm": "recipient", "county": "1611", "from": "2026-01-01"}
    await pup.post(f"/v1/clients/{at_pup}/programme-memberships", membership)
    await pup.post(f"/v1/clients/{at_pup}/employments", {"effective": "2026-03-01", "net_gr": 300000})
    await federation.settle()
    at_late = await late.enrol(1)
    await late.post(
        f"/v1/clients/{at_late}/benefits", {"code": "OPS-ZOK", "monthly_net_gr": 50000, "from": "2025-01-01"}
    )
    await federation.push(late)
    offline = federation.offices.pop(late.id)
    await federation.settle()
    path = f"/v1/clients/{at_pup}/degressive-benefit"
    benefit = await pup.get(path)
    assert (benefit["complete"], benefit["state"]) == (False, "provisional")
    await pup.post(f"{path}/decision", {"result_hash": benefit["result_hash"], "decision": "approved"}, 409)
    federation.offices[late.id] = offline
    await federation.settle()
    benefit = await pup.get(path)
    assert (benefit["complete"], benefit["months"][0]["amount_gr"]) == (True, 50000)


async def test_comparison_people_are_never_assessed(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, _ = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/registrations", {"from": "2024-06-01"})
    membership = {"arm": "comparison", "county": "2478", "from": "2026-01-01"}
    await pup.post(f"/v1/clients/{at_pup}/programme-memberships", membership)
    await pup.post(f"/v1/clients/{at_pup}/employments", {"effective": "2026-03-01", "net_gr": 300000})
    await federation.settle()
    await pup.get(f"/v1/clients/{at_pup}/degressive-benefit", 404)


async def test_days_of_a_placement_do_not_make_anybody_long_term_unemployed(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, _ = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/registrations", {"from": "2025-01-01"})
    placement = {"code": "PUP-STA", "from": "2025-02-01", "until": "2025-07-31"}
    await pup.post(f"/v1/clients/{at_pup}/support-forms", placement)
    membership = {"arm": "recipient", "county": "2478", "from": "2026-01-01"}
    await pup.post(f"/v1/clients/{at_pup}/programme-memberships", membership)
    await pup.post(f"/v1/clients/{at_pup}/employments", {"effective": "2026-03-01", "net_gr": 300000})
    await federation.settle()
    await pup.get(f"/v1/clients/{at_pup}/degressive-benefit", 404)
