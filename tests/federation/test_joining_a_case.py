"""A member that joins a case under way, or that lost its books, keeps the same books as the broker (decision 19)."""

from typing import Any

import pytest
from sqlalchemy import delete

from services.broker.operations.assess.due import assess_due
from services.broker.operations.relay.step import relay_once
from shared.domain.events.payloads import support
from shared.exchange.ledger.tables import LedgerRow
from shared.institution.operations.exchange.polling import poll_once
from shared.institution.operations.exchange.starting import start
from shared.runtime.ids import uuid7
from tests.builders import Federation, Office, SeededIds, pesel
from tests.federation.recipients import Recipient, books, make_recipient
from tests.federation.saying import benefit_of, problems_at_broker, say, token

HOUSING = {"code": "OPS-DMI", "monthly_net_gr": 40000, "remaining_net_gr": 0, "from": "2025-09-01"}


@pytest.fixture
async def recipient(federation: Federation) -> Recipient:
    return await make_recipient(federation, pup_id="pup-1611", ops_id="ops-1611012")


@pytest.fixture
async def late(federation: Federation) -> Office:
    return await federation.join("ops-1611053")


async def corrected(recipient: Recipient) -> Any:
    """Grant a schedule, let a wage lower it, and let an official take that over; return the job and what stands."""
    job = await recipient.takes_a_job(net_gr=180000)
    await recipient.decide((await recipient.benefit())["result_hash"])
    lowered = await recipient.news(job, effective="2026-06-01", net_gr=300000)
    await recipient.decide(lowered["result_hash"])
    return job, lowered


async def arrive_unassessed(federation: Federation) -> None:
    """Let everything arrive while the broker assesses nobody."""
    moved = True
    while moved:
        moved = False
        for office in federation.offices.values():
            moved = await federation.push(office) or moved
        moved = await relay_once(federation.broker) or moved
        for office in federation.offices.values():
            moved = bool(await poll_once(office.node, wait_s=0)) or moved


async def same_books(recipient: Recipient, *others: Office) -> dict[tuple[str, str], int]:
    """Return what stands in the broker's books, and just so in every office's."""
    stands = await books(recipient.federation.broker)
    for office in (recipient.pup, recipient.ops, *others):
        assert await books(office.node) == stands, office.id
        assert await office.get("/v1/dead-letters") == []
    return stands


async def test_who_joins_after_a_grant_and_a_correction_keeps_the_same_books(
    recipient: Recipient, late: Office
) -> None:
    _, lowered = await corrected(recipient)
    at_late = await late.enrol(1)
    await recipient.federation.settle()
    stands = await same_books(recipient, late)
    assert sum(stands.values()) == lowered["total_gr"]
    shown = await late.get(f"/v1/clients/{at_late}/degressive-benefit")
    assert (shown["state"], shown["recomputed"], shown["months"]) == ("approved", True, lowered["months"])
    assert [one["decision"] for one in shown["decisions"]] == ["approved", "approved"]


async def test_its_own_share_of_the_months_to_come_and_the_arrears_are_payable(
    recipient: Recipient, late: Office
) -> None:
    job, _ = await corrected(recipient)
    at_late = await late.enrol(1)
    await late.post(f"/v1/clients/{at_late}/benefits", HOUSING)
    await recipient.federation.settle()
    stands = await same_books(recipient, late)
    own = {month: gr for (month, owner), gr in stands.items() if owner == late.id}
    assert sorted(own)[0] == "2026-03"
    [line] = (await late.get("/v1/payables/2026-10"))["lines"]
    assert line["payable_gr"] == sum(gr for month, gr in own.items() if month <= "2026-10")
    booked = {"items": [{"case_id": line["case_id"], "payable_gr": line["payable_gr"]}]}
    await late.post("/v1/payables/2026-10/booked", booked, 200)
    await recipient.news(job, effective="2026-11-01", net_gr=250000)
    after = await same_books(recipient, late)
    [line] = (await late.get("/v1/payables/2026-11"))["lines"]
    already = sum(gr for month, gr in own.items() if month <= "2026-10")
    assert (
        line["payable_gr"] == sum(gr for (m, who), gr in after.items() if who == late.id and m <= "2026-11") - already
    )


async def test_it_learns_the_schedule_even_where_its_coming_changes_none(recipient: Recipient, late: Office) -> None:
    _, lowered = await corrected(recipient)
    at_late = await late.enrol(1)
    await arrive_unassessed(recipient.federation)
    assert await assess_due(recipient.federation.broker)
    await recipient.federation.settle()
    assert (await late.get(f"/v1/clients/{at_late}/degressive-benefit"))["result_hash"] == lowered["result_hash"]
    await same_books(recipient, late)


async def test_who_joins_a_case_under_appeal_follows_its_outcome(recipient: Recipient, late: Office) -> None:
    job = await recipient.takes_a_job(net_gr=180000)
    first = await recipient.benefit()
    await recipient.decide(first["result_hash"])
    lowered = await recipient.news(job, effective="2026-06-01", net_gr=300000)
    await recipient.decide(lowered["result_hash"])
    await recipient.appeal("appeal", lodged_on="2026-10-01")
    at_late = await late.enrol(1)
    await recipient.federation.settle()
    assert (await benefit_of(late, at_late))["state"] == "appealed"
    outcome = {"outcome": "changed", "decided_on": "2026-10-01", "reason_code": "conditions_met"}
    await recipient.appeal("appeal/outcome", **outcome, result_hash=first["result_hash"])
    stands = await same_books(recipient, late)
    assert sum(stands.values()) == first["total_gr"]


async def test_before_any_decision_it_learns_the_proposed_schedule_and_books_nothing(
    recipient: Recipient, late: Office
) -> None:
    await recipient.takes_a_job()
    at_late = await late.enrol(1)
    await arrive_unassessed(recipient.federation)
    shown = await benefit_of(late, at_late)
    assert shown["result_hash"] == (await recipient.benefit())["result_hash"]
    assert await same_books(recipient, late) == {}


async def test_who_left_and_comes_back_keeps_the_same_books(recipient: Recipient, late: Office) -> None:
    job = await recipient.takes_a_job(net_gr=180000)
    await recipient.decide((await recipient.benefit())["result_hash"])
    at_late = await late.enrol(1)
    await recipient.federation.settle()
    await late.post(f"/v1/clients/{at_late}/withdraw", status=200)
    lowered = await recipient.news(job, effective="2026-06-01", net_gr=300000)
    await recipient.decide(lowered["result_hash"])
    assert await books(late.node) != await books(recipient.federation.broker)
    await late.post(f"/v1/clients/{at_late}/take-back", status=200)
    await recipient.federation.settle()
    await same_books(recipient, late)
    view = await late.get(f"/v1/clients/{at_late}/merged-view")
    assert all(member["complete"] and not member["missing"] for member in view["members"])


async def test_decisions_of_a_labour_office_that_left_count_for_who_joins_after_it(
    recipient: Recipient, late: Office
) -> None:
    pup, ops, federation = recipient.pup, recipient.ops, recipient.federation
    await corrected(recipient)
    other = await federation.join("pup-2476")
    await other.enrol(1)
    await federation.settle()
    for office in (other, ops):
        for suspicion in (await office.get("/v1/suspicions"))["items"]:
            await office.post(f"/v1/suspicions/{suspicion['id']}/confirm", {"reason_code": "same_person"}, 200)
    await federation.settle()
    await pup.post(f"/v1/clients/{recipient.at_pup}/withdraw", status=200)
    await federation.settle()
    stands = await books(federation.broker)
    at_late = await late.enrol(1)
    await federation.settle()
    for office in (other, late):
        for suspicion in (await office.get("/v1/suspicions"))["items"]:
            await office.post(f"/v1/suspicions/{suspicion['id']}/confirm", {"reason_code": "same_person"}, 200)
    await federation.settle()
    assert "pup-1611" not in (await late.get(f"/v1/clients/{at_late}"))["members"]
    assert stands
    for office in (late, other, ops):
        assert await books(office.node) == stands, office.id
        assert await office.get("/v1/dead-letters") == []


async def test_a_corrected_pesel_leaves_nobody_without_the_books(recipient: Recipient, late: Office) -> None:
    await corrected(recipient)
    for office, client in ((recipient.ops, recipient.at_ops), (recipient.pup, recipient.at_pup)):
        await office.patch(f"/v1/clients/{client}", {"pesel": pesel(77)})
        await recipient.federation.settle()
    at_late = await late.enrol(77)
    await recipient.federation.settle()
    assert (await late.get(f"/v1/clients/{at_late}"))["joint"]
    assert await same_books(recipient, late)
    shown = await benefit_of(late, at_late)
    assert [one["decision"] for one in shown["decisions"]] == ["approved", "approved"]


async def test_a_decision_that_the_broker_never_took_reaches_nobody(federation: Federation, late: Office) -> None:
    await late.enrol(9)
    await federation.settle()  # so that this stream is relayed before the others
    recipient = await make_recipient(federation, pup_id="pup-1611", ops_id="ops-1611012")
    _, lowered = await corrected(recipient)
    values = {"assessment_id": lowered["assessment_id"], "result_hash": lowered["result_hash"]}
    again = support.Decided(**values, decision="approved", reason_code="conditions_met")
    await say(recipient.pup, "assessment.decided.v1", token(1), again)
    at_late = await late.enrol(1)
    await federation.settle()
    assert await problems_at_broker(federation) == ["conflict"]
    shown = await benefit_of(late, at_late)
    assert [one["decision"] for one in shown["decisions"]] == ["approved", "approved"]
    assert await books(late.node) == await books(federation.broker)


async def test_an_office_whose_books_were_emptied_writes_them_anew_from_what_it_holds(recipient: Recipient) -> None:
    await corrected(recipient)
    stands = await same_books(recipient)
    for office in (recipient.pup, recipient.ops):
        async with office.node.db.write() as session:
            await session.execute(delete(LedgerRow))
        await start(office.node)
        await start(office.node)
    assert await same_books(recipient) == stands
    before = await recipient.pup.get("/v1/budgets")
    assert before[0]["reserved_gr"] == sum(gr for (_, who), gr in stands.items() if who == recipient.pup.id)


class FallingIds(SeededIds):
    """Ids that fall, as two of the same millisecond may."""

    def uuid7(self) -> str:
        return uuid7(1_790_000_000_000 - next(self._count), self._random.randbytes(10))


async def test_what_was_decided_within_a_second_stands_in_the_order_of_its_author(
    recipient: Recipient, late: Office
) -> None:
    await corrected(recipient)
    await recipient.appeal("appeal", lodged_on="2026-10-01")
    at_late = await late.enrol(1)
    late.node.ids = FallingIds("falling")
    await recipient.federation.settle()
    shown = await benefit_of(late, at_late)
    assert ([one["decision"] for one in shown["decisions"]], shown["state"]) == (
        ["approved", "approved", "appealed"], "appealed",
    )  # fmt: skip
