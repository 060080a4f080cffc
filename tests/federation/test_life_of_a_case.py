"""The life of a case over HTTP: corrections, appeals, budgets, payable lists, claims, and the lock after its end."""

from typing import Any

import pytest

from tests.builders import Federation, Office
from tests.domain.benefit.builders import spaced
from tests.federation.recipients import BUDGET, Recipient, make_recipient

CASE = "/v1/clients/{}/degressive-benefit"


@pytest.fixture
async def recipient(federation: Federation) -> Recipient:
    return await make_recipient(federation)


async def granted(recipient: Recipient, net_gr: int = 180000) -> tuple[str, Any]:
    """Let the recipient take a job and an official grant the schedule; return the job and the schedule."""
    job = await recipient.takes_a_job(net_gr=net_gr)
    shown = await recipient.benefit()
    await recipient.decide(shown["result_hash"])
    return job, shown


async def pay(office: Office, month: str) -> Any:
    """Mark the whole list of a month as booked."""
    listed = await office.get(f"/v1/payables/{month}")
    items = [{"case_id": line["case_id"], "payable_gr": line["payable_gr"]} for line in listed["lines"]]
    return await office.post(f"/v1/payables/{month}/booked", {"items": items}, 200) if items else listed


async def test_an_official_lets_a_lowering_in_and_the_books_follow_at_every_node(recipient: Recipient) -> None:
    job, before = await granted(recipient)
    after = await recipient.news(job, effective="2026-12-01", net_gr=300000)
    assert after["state"] == "corrected"
    await recipient.decide(after["result_hash"])
    seen = await recipient.benefit()
    assert (seen["state"], seen["proposed"]) == ("approved", [])
    assert await recipient.booked() == after["total_gr"] < before["total_gr"]


async def test_an_official_leaves_a_lowering_undone(recipient: Recipient) -> None:
    job, before = await granted(recipient)
    after = await recipient.news(job, effective="2026-12-01", net_gr=300000)
    await recipient.decide(after["result_hash"], decision="refused", reason_code="person_heard")
    seen = await recipient.benefit()
    assert (seen["state"], seen["proposed"]) == ("approved", [])
    assert await recipient.booked() == before["total_gr"]
    await recipient.decide(after["result_hash"], status=409)


async def test_a_refusal_is_appealed_and_changed(recipient: Recipient) -> None:
    await recipient.takes_a_job()
    shown = await recipient.benefit()
    await recipient.decide(shown["result_hash"], decision="refused", reason_code="no_budget")
    assert await recipient.booked() == 0
    await recipient.appeal("appeal/outcome", 409, outcome="upheld", decided_on="2026-10-01", reason_code="lodged_late")
    await recipient.appeal("appeal", lodged_on="2026-10-01")
    assert (await recipient.benefit())["state"] == "appealed"
    outcome = {"outcome": "changed", "decided_on": "2026-10-01", "reason_code": "conditions_met"}
    await recipient.appeal("appeal/outcome", **outcome, result_hash=shown["result_hash"])
    assert (await recipient.benefit())["state"] == "changed"
    assert await recipient.booked() == shown["total_gr"]
    there = await recipient.ops.get(CASE.format(recipient.at_ops))
    assert [one["decision"] for one in there["decisions"]] == ["refused", "appealed", "changed"]


async def test_a_decision_is_printed_with_authority_amounts_reasons_and_appeal(recipient: Recipient) -> None:
    _, shown = await granted(recipient, net_gr=360000)
    [decision] = (await recipient.benefit())["decisions"]
    path = f"{CASE.format(recipient.at_pup)}/decisions/{decision['id']}"
    found = await recipient.pup.get(path)
    assert found["appeal_days"] == 14
    for part in ("DECYZJA", "Anna Przykładowska", "marzec 2026: 2 090,20 zł", "Razem: 15 676,80 zł", "odwołanie"):
        assert part in spaced(found["text"]), part
    assert shown["months"][3]["explanation"] in found["text"]
    assert (found["language"], found["translation"]) == ("pl", False)
    text = await recipient.pup.http.get(path, params={"format": "text"})
    assert text.text == found["text"]
    english = await recipient.pup.get(f"{path}?language=en")
    assert (english["language"], english["translation"]) == ("en", True)
    for part in (
        "TRANSLATION. Only the Polish",
        "Anna Przykładowska",
        "March 2026: 2,090.20 zł",
        "In all: 15,676.80 zł",
    ):
        assert part in spaced(english["text"]), part
    assert "In June 2026" in english["text"]
    assert shown["result_hash"] in english["text"]
    await recipient.pup.get(f"{CASE.format(recipient.at_pup)}/decisions/{recipient.at_pup}", 404)


async def test_a_decision_whose_facts_have_changed_has_its_polish_text_alone(recipient: Recipient) -> None:
    job, _ = await granted(recipient)
    [decision] = (await recipient.benefit())["decisions"]
    path = f"{CASE.format(recipient.at_pup)}/decisions/{decision['id']}"
    printed = await recipient.pup.get(path)
    later = await recipient.news(job, effective="2026-12-01", net_gr=300000)
    assert "the Polish text stands" in (await recipient.pup.get(f"{path}?language=en", 409))["detail"]
    assert await recipient.pup.get(path) == printed
    await recipient.decide(later["result_hash"], decision="refused", reason_code="person_heard")
    newest = (await recipient.benefit())["decisions"][-1]["id"]
    kept = await recipient.pup.get(f"{CASE.format(recipient.at_pup)}/decisions/{newest}?language=en")
    assert "I leave the degressive benefit in the amounts granted before" in kept["text"]


async def test_without_a_budget_or_beyond_it_nothing_is_granted(federation: Federation) -> None:
    recipient = await make_recipient(federation, budget=False)
    await recipient.takes_a_job()
    shown = await recipient.benefit()
    answer = await recipient.decide(shown["result_hash"], status=409)
    assert "no budget" in answer["detail"]
    budget = await recipient.pup.post("/v1/budgets", BUDGET | {"amount_gr": 1000})
    answer = await recipient.decide(shown["result_hash"], status=409)
    assert "does not hold" in answer["detail"]
    await recipient.pup.post("/v1/budgets", BUDGET, 409)
    await recipient.pup.patch(f"/v1/budgets/{budget['id']}", {"amount_gr": 2_000_000})
    await recipient.decide(shown["result_hash"])
    [after] = await recipient.pup.get("/v1/budgets")
    own = sum(month["shares_gr"][recipient.pup.id] for month in shown["months"])
    assert (after["reserved_gr"], after["free_gr"], after["short_gr"]) == (own, 2_000_000 - own, 0)


async def test_a_list_is_paid_once_and_booking_it_twice_changes_nothing(recipient: Recipient) -> None:
    _, shown = await granted(recipient, net_gr=360000)
    for office in (recipient.pup, recipient.ops):
        share = shown["months"][0]["shares_gr"][office.id]
        listed = await office.get("/v1/payables/2026-03")
        assert [line["payable_gr"] for line in listed["lines"]] == [share]
        first = await pay(office, "2026-03")
        assert await pay(office, "2026-03") == first
        again = await office.get("/v1/payables/2026-03")
        assert (again["booked_gr"], [line["state"] for line in again["lines"]]) == (share, ["booked"])
    table = await recipient.pup.http.get("/v1/payables/2026-03", params={"format": "csv"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text.splitlines()[1].split(",")[2] == "2026-03:130520"


async def test_another_amount_than_the_list_says_is_not_booked_nor_a_month_to_come(recipient: Recipient) -> None:
    await granted(recipient)
    [line] = (await recipient.pup.get("/v1/payables/2026-03"))["lines"]
    wrong = {"items": [{"case_id": line["case_id"], "payable_gr": line["payable_gr"] + 1}]}
    answer = await recipient.pup.post("/v1/payables/2026-03/booked", wrong, 409)
    assert answer["expected"] == line["payable_gr"]
    right = {"items": [{"case_id": line["case_id"], "payable_gr": line["payable_gr"]}]}
    await recipient.pup.post("/v1/payables/2026-11/booked", right, 409)
    await recipient.pup.post("/v1/payables/2026-13/booked", right, 422)
    twice = {"items": right["items"] * 2}
    await recipient.pup.post("/v1/payables/2026-03/booked", twice, 422)
    assert (await recipient.pup.get("/v1/payables/2026-03"))["booked_gr"] == 0


async def test_what_was_paid_too_much_is_held_back_and_the_rest_becomes_a_claim(recipient: Recipient) -> None:
    job, _ = await granted(recipient)
    for month in ("2026-03", "2026-04", "2026-05"):
        await pay(recipient.pup, month)
    await recipient.pup.post(f"/v1/employments/{job}/end", {"last_day": "2026-03-31"})
    await recipient.federation.settle()
    assert (await recipient.pup.get("/v1/claims")) == []
    await recipient.decide((await recipient.benefit())["result_hash"])
    [claim] = await recipient.pup.get("/v1/claims")
    assert (claim["overpaid_gr"], claim["state"]) == (2 * 130520, "open")
    path = f"/v1/claims/{claim['case_id']}/settlements"
    settled = {"kind": "remitted", "reason_code": "hardship"}
    early = await recipient.pup.post(path, settled | {"amount_gr": 1}, 409)
    assert "has not ended" in early["detail"]
    recipient.federation.clock.go(24 * 3600)
    [claim] = await recipient.pup.get("/v1/claims")
    assert (claim["overpaid_gr"], claim["state"]) == (2 * 130520, "claim")
    await recipient.pup.post(path, settled | {"amount_gr": claim["overpaid_gr"] + 1}, 409)
    left = await recipient.pup.post(path, settled | {"amount_gr": 200000})
    assert left["overpaid_gr"] == claim["overpaid_gr"] - 200000
    books = await recipient.pup.get(f"{CASE.format(recipient.at_pup)}/ledger")
    assert [one["kind"] for one in books["payments"]] == ["paid", "paid", "paid", "remitted"]
    assert books["due_gr"][recipient.pup.id] == 130520
    await recipient.ops.post(path, settled | {"amount_gr": 1}, 404)


async def test_what_is_overpaid_in_a_break_stays_listed_as_open_when_work_resumes(recipient: Recipient) -> None:
    job, _ = await granted(recipient)
    for month in ("2026-03", "2026-04", "2026-05"):
        await pay(recipient.pup, month)
    await recipient.pup.post(f"/v1/employments/{job}/end", {"last_day": "2026-04-30"})
    await recipient.federation.settle()
    await recipient.decide((await recipient.benefit())["result_hash"])
    [in_break] = await recipient.pup.get("/v1/claims")
    assert (in_break["overpaid_gr"], in_break["state"]) == (130520, "open")
    await recipient.takes_a_job(effective="2026-09-01", net_gr=180000)
    assert await recipient.pup.get("/v1/claims") == [in_break]
    await pay(recipient.pup, "2026-09")
    [left] = await recipient.pup.get("/v1/claims")
    assert (left["overpaid_gr"], left["state"]) == (130520 - 130520 // 4, "open")


async def test_why_somebody_may_not_have_it_is_said_condition_by_condition(recipient: Recipient) -> None:
    path = f"{CASE.format(recipient.at_pup)}/eligibility"
    found = await recipient.pup.get(path)
    assert {one["name"]: one["met"] for one in found["conditions"]} == {
        "joint_client": True,
        "recipient": True,
        "job": False,
        "long_term_unemployed": True,
    }
    assert (found["joint"], found["based_on"], found["eligible"]) == (True, "merged_view", False)
    await recipient.takes_a_job()
    assert (await recipient.pup.get(path))["eligible"]
    at_ops = await recipient.ops.get(f"{CASE.format(recipient.at_ops)}/eligibility")
    assert {one["name"]: one["met"] for one in at_ops["conditions"]}["recipient"] is None
    assert at_ops["eligible"] is None


async def test_a_client_who_is_not_joint_is_told_so_and_each_other_condition_from_own_records(
    federation: Federation,
) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    client, other = await pup.enrol(1), await ops.enrol(2)
    await pup.post(f"/v1/clients/{client}/registrations", {"from": "2025-01-01"})
    placement = {"code": "PUP-STA", "from": "2026-01-01", "until": "2026-01-31"}
    await pup.post(f"/v1/clients/{client}/support-forms", placement)
    membership = {"arm": "recipient", "county": "2478", "from": "2026-01-01"}
    await pup.post(f"/v1/clients/{client}/programme-memberships", membership)
    await pup.post(f"/v1/clients/{client}/employments", {"effective": "2026-03-02", "net_gr": 360000})
    found = await pup.get(f"{CASE.format(client)}/eligibility?language=en")
    assert (found["joint"], found["based_on"], found["eligible"]) == (False, "own_records", False)
    named = {one["name"]: one for one in found["conditions"]}
    assert {name: one["met"] for name, one in named.items()} == {
        "joint_client": False,
        "recipient": True,
        "job": True,
        "long_term_unemployed": True,
    }
    assert "the client is not joint" in named["joint_client"]["found"]
    assert named["job"]["found"] == "a job that starts on 2026-03-02"
    figures = {"registered_days": 425, "placement_days": 31, "counted_days": 394}
    assert named["long_term_unemployed"]["figures"] == figures
    polish = await pup.get(f"{CASE.format(client)}/eligibility")
    assert polish["conditions"][2]["found"] == "praca od 2026-03-02"
    alone = await ops.get(f"{CASE.format(other)}/eligibility")
    assert {one["name"]: one["met"] for one in alone["conditions"]}["long_term_unemployed"] is None


async def test_after_a_long_break_the_case_ends_and_a_new_one_waits_for_the_lock(recipient: Recipient) -> None:
    job, _ = await granted(recipient)
    await recipient.pup.post(f"/v1/employments/{job}/end", {"last_day": "2026-05-31"})
    await recipient.federation.settle()
    first = await recipient.benefit()
    assert await recipient.preview("2027-08-01") == (False, "2028-05-31", ["locked"])
    assert await recipient.preview("2028-05-31") == (False, "2028-05-31", ["locked"])
    assert await recipient.preview("2028-06-01") == (True, None, [])
    assert await recipient.preview("2026-11-30") == (True, None, ["case_goes_on"])
    second = await recipient.takes_a_job(effective="2027-08-01")
    ended = await recipient.benefit()
    assert (ended["case_id"], ended["ends_on"], ended["locked_until"]) == (
        first["case_id"], "2026-05-31", "2028-05-31",
    )  # fmt: skip
    assert [month["month"] for month in ended["months"]] == ["2026-03", "2026-04", "2026-05"]
    await recipient.pup.post(f"/v1/employments/{second}/end", {"last_day": "2027-12-31"})
    await recipient.takes_a_job(effective="2028-07-01")
    new = await recipient.benefit()
    assert new["case_id"] != first["case_id"]
    assert (new["months"][0]["month"], new["state"], new["recomputed"]) == ("2028-07", "proposed", True)
    await recipient.decide(new["result_hash"], status=409)  # the budget ends in 2027
