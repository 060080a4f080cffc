"""What one office says of one person never keeps the broker from assessing the others."""

from datetime import date
from typing import Any

import pytest

from services.broker.tables import RelayNoteRow
from shared.domain.events.payloads import support
from shared.domain.money import MAX_GROSZE
from tests.builders import Federation
from tests.federation.saying import benefit_of, recipient, say, takes_a_job, token

JOB = "0192f0c1-7c00-7abc-8def-abcdefabcdef"


async def _assessed_all_the_same(federation: Federation) -> None:
    pup, _, other, _ = await recipient(federation, 2)
    await takes_a_job(pup, other)
    await federation.settle()
    assert (await benefit_of(pup, other))["total_gr"] > 0


async def test_wages_of_a_labour_office_that_no_case_can_hold(federation: Federation) -> None:
    pup, _, at_pup, _ = await recipient(federation)
    for _ in range(2):
        await takes_a_job(pup, at_pup, net_gr=MAX_GROSZE)
    await federation.settle()
    await benefit_of(pup, at_pup, 404)
    await _assessed_all_the_same(federation)


async def test_wages_of_another_member_that_no_case_can_hold_are_a_discrepancy(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await recipient(federation)
    for _ in range(2):
        await takes_a_job(ops, at_ops, net_gr=MAX_GROSZE)
    await takes_a_job(pup, at_pup)
    await federation.settle()
    assert (await benefit_of(pup, at_pup))["open_discrepancies"] == 1
    await _assessed_all_the_same(federation)


@pytest.mark.parametrize("effective", [date(1, 1, 1), date(1999, 3, 1), date(9999, 12, 31)])
async def test_a_job_on_a_day_that_no_case_may_speak_of(federation: Federation, effective: date) -> None:
    pup, _, at_pup, _ = await recipient(federation)
    await pup.post(f"/v1/clients/{at_pup}/registrations", {"from": "1996-06-01", "until": "1999-02-28"})
    job = support.Employed(employment_id=JOB, recorded=9, effective=effective, net=1000)
    await say(pup, "employment.started.v1", token(1), job)
    await federation.settle()
    await benefit_of(pup, at_pup, 404)
    await _assessed_all_the_same(federation)


async def test_benefits_that_together_are_too_much(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await recipient(federation)
    housing = {"code": "OPS-ZST", "monthly_net_gr": MAX_GROSZE, "from": "2025-09-01"}
    await ops.post(f"/v1/clients/{at_ops}/benefits", housing)
    await takes_a_job(pup, at_pup)
    await federation.settle()
    await benefit_of(pup, at_pup, 404)
    assert await pup.get("/v1/dead-letters") == [], "the broker says nothing that its members cannot read"
    await _assessed_all_the_same(federation)


async def test_a_case_that_rests_on_more_sets_than_a_set_can_name(federation: Federation) -> None:
    pup, _, at_pup, _ = await recipient(federation)
    wages: list[Any] = [
        support.Employed(employment_id=JOB, recorded=number, effective=date(2026, 3, 1), net=number)
        for number in range(9, 1609)
    ]
    await say(pup, "employment.wage_changed.v1", token(1), *wages)
    await federation.settle()
    await benefit_of(pup, at_pup, 404)
    await _assessed_all_the_same(federation)


async def test_a_stream_that_cannot_be_relayed(federation: Federation) -> None:
    pup, _, at_pup, _ = await recipient(federation)
    async with federation.broker.db.write() as session:
        session.add(RelayNoteRow(stream_id=999, position=1))
    await takes_a_job(pup, at_pup)
    await federation.settle()
    await benefit_of(pup, at_pup, 404)
    federation.clock.go(30)
    await federation.settle()
    assert (await benefit_of(pup, at_pup))["total_gr"] > 0
