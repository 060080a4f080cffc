"""What is kept beside a job ends with its record; a renewal is news like any other (docs/decisions/0024)."""

from typing import Any

from tests.builders import Federation
from tests.federation.recipients import Recipient, make_recipient

BEFORE_GR, REMAINS_GR = 80000, 40000


async def with_an_end(federation: Federation) -> Recipient:
    """Return a recipient of whose temporary allowance a half remains, until the end of April."""
    recipient = await make_recipient(federation)
    kept = {"code": "OPS-ZOK", "monthly_net_gr": BEFORE_GR, "remaining_net_gr": REMAINS_GR, "kept_months": 0}
    path = f"/v1/clients/{recipient.at_ops}/benefits"
    await recipient.ops.post(path, kept | {"from": "2025-09-01", "until": "2026-04-30"})
    await federation.settle()
    return recipient


def amounts(shown: Any) -> list[int]:
    return [month["amount_gr"] for month in shown["months"]]


async def test_what_its_office_says_has_ended_is_counted_as_paid_no_more(federation: Federation) -> None:
    recipient = await with_an_end(federation)
    await recipient.takes_a_job(net_gr=180000)
    shown = await recipient.benefit()
    before = 130520 + 50500 + 28000 + BEFORE_GR
    assert amounts(shown)[:3] == [before - REMAINS_GR, before - REMAINS_GR, before]
    assert "wypłacanych w trakcie pracy" in shown["months"][1]["explanation"]
    assert "wypłacanych w trakcie pracy" not in shown["months"][2]["explanation"]
    assert [month["beside"]["after_gr"] for month in shown["months"][:3]] == [before + 180000] * 3
    assert shown["gap_gr"] == before - 180000


async def test_a_renewal_is_late_news_and_an_official_decides_on_what_it_lowers(federation: Federation) -> None:
    recipient = await with_an_end(federation)
    await recipient.takes_a_job(net_gr=180000)
    shown = await recipient.benefit()
    await recipient.decide(shown["result_hash"])
    path = f"/v1/clients/{recipient.at_ops}/benefits"
    renewed = {"code": "OPS-ZOK", "monthly_net_gr": REMAINS_GR, "remaining_net_gr": REMAINS_GR, "kept_months": 0}
    await recipient.ops.post(path, renewed | {"from": "2026-05-01"})
    await recipient.federation.settle()
    later = await recipient.benefit()
    assert (later["state"], later["recomputed"]) == ("corrected", True)
    assert amounts(later)[2] == amounts(shown)[2] - REMAINS_GR
    assert {entry["month"] for entry in later["proposed"]} >= {"2026-05"}
    assert await recipient.booked() == shown["total_gr"]


async def test_the_look_ahead_says_when_a_record_ends_and_counts_alike(federation: Federation) -> None:
    recipient = await with_an_end(federation)
    path = f"/v1/clients/{recipient.at_pup}/degressive-benefit/preview?language=en"
    asked = {"start": "2026-03-01", "net_gr": 180000}
    [found] = (await recipient.pup.post(path, asked, 200))["variants"]
    [said] = [one for one in found["benefits"] if "record_ends" in one["notes"]]
    assert "Its record ends on 2026-04-30 and none follows" in said["explanation"]
    await recipient.takes_a_job(net_gr=180000)
    assert [month["amount_gr"] for month in found["months"]] == amounts(await recipient.benefit())
