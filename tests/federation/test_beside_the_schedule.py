"""What stands beside the schedule of a case: income before and after, costs, deductions, household, two rates."""

from typing import Any

import pytest

from tests.builders import Federation, Office
from tests.domain.benefit.builders import spaced
from tests.federation.recipients import BUDGET
from tests.federation.saying import approve, benefit_of, recipient, takes_a_job

CARE = {"kind": "care", "monthly_gr": 30000, "from": "2026-03-01"}
ALIMONY = {"kind": "alimony", "monthly_gr": 20000, "from": "2026-01-01", "until": "2026-03-31"}


@pytest.fixture
async def pair(federation: Federation) -> tuple[Office, Office, str, str]:
    return await recipient(federation)


async def employed(federation: Federation, pup: Office, client: str, **job: Any) -> str:
    job_id = await takes_a_job(pup, client, **{"net_gr": 360585, "gross_gr": 480600} | job)
    await federation.settle()
    return job_id


def codes(shown: Any) -> list[str]:
    return [remark["code"] for remark in shown["remarks"]]


async def test_income_before_and_after_and_both_rates_stand_beside_each_month(
    federation: Federation, pair: tuple[Office, Office, str, str]
) -> None:
    pup, ops, at_pup, at_ops = pair
    await employed(federation, pup, at_pup)
    shown = await benefit_of(pup, at_pup)
    first, last = shown["months"][0]["beside"], shown["months"][11]["beside"]
    assert (first["before_gr"], first["wage_gr"], first["support_gr"], first["after_gr"]) == (
        130520, 360585, 130520, 491105,
    )  # fmt: skip
    assert (first["participation_bp"], last["participation_bp"]) == (2497, 4534)
    assert (first["marginal_bp"], first["household_before_gr"]) == (3147, None)
    assert codes(shown) == ["household_income_unknown"]
    assert "24,97% płacy brutto" in first["explanation"]
    there = await ops.get(f"/v1/clients/{at_ops}/degressive-benefit?language=en")
    assert "24.97% of the gross wage" in there["months"][0]["beside"]["explanation"]


async def test_costs_and_deductions_stand_beside_and_change_no_amount(
    federation: Federation, pair: tuple[Office, Office, str, str]
) -> None:
    pup, ops, at_pup, at_ops = pair
    await employed(federation, pup, at_pup)
    before = await benefit_of(pup, at_pup)
    for body in (CARE, ALIMONY):
        await pup.post(f"/v1/clients/{at_pup}/work-costs", body)
    await federation.settle()
    after = await benefit_of(pup, at_pup)
    assert (after["result_hash"], after["assessment_id"]) == (before["result_hash"], before["assessment_id"])
    shown = [month["beside"] for month in after["months"][:2]]
    assert [(one["costs_gr"], one["deductions_gr"]) for one in shown] == [(30000, 20000), (30000, 0)]
    assert [one["after_gr"] - one["in_hand_gr"] for one in shown] == [50000, 30000]
    there = await ops.get(f"/v1/clients/{at_ops}/degressive-benefit")
    assert there["months"][0]["beside"]["costs_gr"] == 0, "what one office keeps no other sees"


async def test_with_household_income_the_same_is_shown_of_the_household(
    federation: Federation, pair: tuple[Office, Office, str, str]
) -> None:
    pup, _, at_pup, _ = pair
    await pup.post(f"/v1/clients/{at_pup}/household-incomes", {"monthly_net_gr": 200000, "from": "2025-01-01"})
    raised = {"monthly_net_gr": 50000, "from": "2026-04-01"}
    await pup.post(f"/v1/clients/{at_pup}/household-incomes", raised)
    await employed(federation, pup, at_pup)
    shown = await benefit_of(pup, at_pup)
    first, second = (month["beside"] for month in shown["months"][:2])
    assert (first["household_before_gr"], first["household_after_gr"]) == (330520, 691105)
    assert second["household_in_hand_gr"] == second["in_hand_gr"] + 250000
    assert "W gospodarstwie: przed pracą 3 305,20 zł, w pracy 6 911,05 zł." in spaced(first["explanation"])
    assert codes(shown) == []


async def test_where_the_gross_wage_is_not_recorded_there_are_no_rates_and_a_reason(
    federation: Federation, pair: tuple[Office, Office, str, str]
) -> None:
    pup, _, at_pup, _ = pair
    job = await employed(federation, pup, at_pup, gross_gr=None)
    shown = await benefit_of(pup, at_pup)
    assert {month["beside"]["participation_bp"] for month in shown["months"]} == {None}
    assert "gross_not_recorded" in codes(shown)
    known = {"effective": "2026-05-01", "net_gr": 400000, "gross_gr": 533000}
    await pup.post(f"/v1/employments/{job}/wage-changes", known)
    await federation.settle()
    months = [month["beside"] for month in (await benefit_of(pup, at_pup))["months"]]
    assert [month["participation_bp"] is None for month in months[:3]] == [True, True, False]


async def test_of_another_contract_there_is_no_marginal_rate(
    federation: Federation, pair: tuple[Office, Office, str, str]
) -> None:
    pup, _, at_pup, _ = pair
    await employed(federation, pup, at_pup, contract_kind="mandate")
    shown = await benefit_of(pup, at_pup)
    first = shown["months"][0]["beside"]
    assert (first["participation_bp"], first["marginal_bp"]) == (2497, None)
    assert "rise_unknown" in codes(shown)


async def test_the_printed_decision_has_costs_and_income_beside(
    federation: Federation, pair: tuple[Office, Office, str, str]
) -> None:
    pup, _, at_pup, _ = pair
    await employed(federation, pup, at_pup)
    await pup.post(f"/v1/clients/{at_pup}/work-costs", CARE)
    await pup.post("/v1/budgets", BUDGET)
    shown = await benefit_of(pup, at_pup)
    decision = await approve(pup, at_pup, shown["result_hash"])
    path = f"/v1/clients/{at_pup}/degressive-benefit/decisions/{decision['id']}"
    text = (await pup.get(path))["text"]
    assert f"  marzec 2026: {shown['months'][0]['beside']['explanation']}" in text
    assert "Po kosztach pracy (300,00 zł) i potrąceniach z płacy (0,00 zł) zostaje 4 611,05 zł." in spaced(text)
    assert "nie wlicza się do kwot" in text


async def test_a_schedule_that_the_office_cannot_recompute_has_nothing_beside_it(
    federation: Federation, pair: tuple[Office, Office, str, str]
) -> None:
    from sqlalchemy import update

    from shared.institution.tables import AssessmentRow

    pup, _, at_pup, _ = pair
    await employed(federation, pup, at_pup)
    async with pup.node.db.write() as session:
        await session.execute(update(AssessmentRow).values(result_hash="x" * 43))
    shown = await benefit_of(pup, at_pup)
    assert (shown["recomputed"], {month["beside"] for month in shown["months"]}) == (False, {None})
    assert codes(shown) == ["not_recomputed"]
