"""A case outlives what happens to its token and to who shares it (BENEFIT.md, "Time, corrections, decisions")."""

from shared.domain.events.payloads import support
from tests.builders import Federation, pesel
from tests.federation.recipients import BUDGET, books
from tests.federation.saying import approve, benefit_of, problems_at_broker, recipient, say, takes_a_job, token


async def test_a_corrected_pesel_makes_no_second_case(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await recipient(federation)
    await takes_a_job(pup, at_pup)
    await federation.settle()
    before = await benefit_of(pup, at_pup)
    await pup.post("/v1/budgets", BUDGET)
    await approve(pup, at_pup, before["result_hash"])
    await federation.settle()
    await ops.patch(f"/v1/clients/{at_ops}", {"pesel": pesel(77)})
    await federation.settle()
    await pup.patch(f"/v1/clients/{at_pup}", {"pesel": pesel(77)})
    await federation.settle()
    after = await benefit_of(pup, at_pup)
    assert after["case_id"] == before["case_id"]
    await approve(pup, at_pup, after["result_hash"], 409)
    await federation.settle()
    assert sum((await books(federation.broker)).values()) == before["total_gr"]


async def test_a_job_of_years_ago_does_not_keep_anybody_from_the_benefit(federation: Federation) -> None:
    pup, _, at_pup, _ = await recipient(federation)
    earlier = await takes_a_job(pup, at_pup, effective="2023-01-01")
    await pup.post(f"/v1/employments/{earlier}/end", {"last_day": "2023-12-31"})
    await takes_a_job(pup, at_pup)
    await federation.settle()
    benefit = await benefit_of(pup, at_pup)
    assert (benefit["months"][0]["month"], benefit["recomputed"]) == ("2026-03", True)


async def test_who_leaves_the_recipient_arm_is_granted_nothing(federation: Federation) -> None:
    pup, _, at_pup, _ = await recipient(federation)
    await takes_a_job(pup, at_pup)
    await federation.settle()
    shown = (await benefit_of(pup, at_pup))["result_hash"]
    [membership] = await pup.listed(f"/v1/clients/{at_pup}/programme-memberships")
    await pup.patch(f"/v1/programme-memberships/{membership['id']}", {"arm": "comparison"})
    await approve(pup, at_pup, shown, 409)
    latest = (await benefit_of(pup, at_pup))["assessment_id"]
    values = {"assessment_id": latest, "result_hash": shown, "decision": "approved", "reason_code": "conditions_met"}
    await say(pup, "assessment.decided.v1", token(1), support.Decided(**values))
    await federation.settle()
    assert sum((await books(federation.broker)).values()) == 0
    assert await problems_at_broker(federation) == ["conflict"]


async def test_another_leading_office_makes_another_assessment(federation: Federation) -> None:
    pup, ops, at_pup, _ = await recipient(federation)
    other = await federation.join("pup-2476")
    at_other = await other.enrol(1)
    await federation.settle()
    for office in (other, ops):
        for suspicion in (await office.get("/v1/suspicions"))["items"]:
            await office.post(f"/v1/suspicions/{suspicion['id']}/confirm", {"reason_code": "same_person"}, 200)
    await takes_a_job(pup, at_pup, net_gr=100000)
    await takes_a_job(other, at_other, net_gr=20000)
    await federation.settle()
    before = await benefit_of(pup, at_pup)
    [membership] = await pup.listed(f"/v1/clients/{at_pup}/programme-memberships")
    await pup.post(f"/v1/programme-memberships/{membership['id']}/close", {"until": "2026-05-01"}, 200)
    await federation.settle()
    joined = {"arm": "recipient", "county": "2476", "from": "2026-05-02"}
    await other.post(f"/v1/clients/{at_other}/programme-memberships", joined)
    await federation.settle()
    after = await benefit_of(other, at_other)
    assert after["assessment_id"] != before["assessment_id"]
    assert after["total_gr"] > before["total_gr"], "the wage that the leading office tells counts"
    assert before["recomputed"]
    assert after["recomputed"]
