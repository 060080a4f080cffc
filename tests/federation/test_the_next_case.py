"""When a new job begins a new case: at once where the last one never ran, after the lock where it did."""

from typing import Any

import pytest

from tests.builders import Federation
from tests.federation.recipients import Recipient, make_recipient


@pytest.fixture
async def recipient(federation: Federation) -> Recipient:
    return await make_recipient(federation)


async def worked(recipient: Recipient, first: str, last: str) -> Any:
    """Let the recipient work for some time; return what was proposed."""
    job = await recipient.takes_a_job(effective=first)
    await recipient.pup.post(f"/v1/employments/{job}/end", {"last_day": last})
    await recipient.federation.settle()
    return await recipient.benefit()


async def eligible(recipient: Recipient) -> tuple[bool | None, list[str]]:
    """Ask whether the client may have the benefit, and which conditions fail."""
    found = await recipient.pup.get(f"/v1/clients/{recipient.at_pup}/degressive-benefit/eligibility?language=en")
    return found["eligible"], [one["name"] for one in found["conditions"] if one["met"] is False]


async def test_a_refused_case_locks_nobody(recipient: Recipient) -> None:
    first = await worked(recipient, "2026-03-01", "2026-03-31")
    await recipient.decide(first["result_hash"], decision="refused", reason_code="no_budget")
    assert await recipient.preview("2026-11-20") == (True, None, [])
    await recipient.takes_a_job(effective="2026-11-20")
    second = await recipient.benefit()
    assert second["case_id"] != first["case_id"]
    assert (second["months"][0]["month"], second["state"], second["recomputed"]) == ("2026-11", "proposed", True)
    assert await eligible(recipient) == (True, [])
    await recipient.decide(second["result_hash"])
    assert await recipient.booked() == second["total_gr"]


async def test_a_proposal_that_nobody_decided_makes_room_after_its_end(recipient: Recipient) -> None:
    first = await worked(recipient, "2026-03-01", "2026-03-31")
    assert first["locked_until"] is None
    assert await recipient.preview("2026-09-15") == (True, None, ["case_goes_on"])
    assert await recipient.preview("2026-11-20") == (True, None, [])
    await recipient.takes_a_job(effective="2026-11-20")
    second = await recipient.benefit()
    assert second["case_id"] != first["case_id"]
    assert [month["month"] for month in second["months"]][:2] == ["2026-11", "2026-12"]
    at_ops = await recipient.ops.get(f"/v1/clients/{recipient.at_ops}/degressive-benefit")
    assert (at_ops["case_id"], at_ops["recomputed"]) == (second["case_id"], True)
    await recipient.decide(first["result_hash"], 409)


async def test_a_job_after_a_refusal_begins_a_case_even_in_a_short_break(recipient: Recipient) -> None:
    first = await worked(recipient, "2026-05-01", "2026-09-30")
    await recipient.decide(first["result_hash"], decision="refused", reason_code="job_not_confirmed")
    assert await recipient.preview("2026-10-02") == (True, None, [])
    second = await worked(recipient, "2026-10-05", "2026-10-20")
    assert second["case_id"] != first["case_id"]
    assert ([month["month"] for month in second["months"]], second["recomputed"]) == (["2026-10"], True)
    await recipient.takes_a_job(effective="2026-10-26")
    third = await recipient.benefit()
    assert third["case_id"] == second["case_id"], "nobody has decided: a short break resumes the clock"


async def test_while_a_refusal_is_under_appeal_nothing_new_begins(recipient: Recipient) -> None:
    first = await worked(recipient, "2026-05-01", "2026-07-31")
    await recipient.decide(first["result_hash"], decision="refused", reason_code="no_budget")
    await recipient.appeal("appeal", lodged_on="2026-10-01")
    assert await recipient.preview("2026-10-05") == (True, None, ["case_goes_on"])
    await recipient.takes_a_job(effective="2026-10-05")
    assert (await recipient.benefit())["case_id"] == first["case_id"]
    outcome = {"outcome": "upheld", "decided_on": "2026-10-01", "reason_code": "decision_right"}
    await recipient.appeal("appeal/outcome", **outcome)
    recipient.federation.clock.go(120)
    await recipient.federation.settle()
    second = await recipient.benefit()
    assert second["case_id"] != first["case_id"]
    assert (second["months"][0]["month"], second["recomputed"]) == ("2026-10", True)


async def test_the_job_of_an_ended_case_was_eligible_and_stays_so(recipient: Recipient) -> None:
    shown = await worked(recipient, "2026-03-01", "2026-03-20")
    await recipient.decide(shown["result_hash"])
    recipient.federation.clock.go(3 * 24 * 3600)
    ended = await recipient.benefit()
    assert (ended["state"], ended["locked_until"]) == ("ended", "2028-03-20")
    assert await eligible(recipient) == (True, [])
    await recipient.takes_a_job(effective="2026-10-20")
    assert await eligible(recipient) == (False, ["no_lock"])
    assert (await recipient.benefit())["case_id"] == shown["case_id"]
