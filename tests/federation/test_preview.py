"""What a job would change, asked over HTTP of an office that shares the client with another."""

from typing import Any

import pytest

from tests.builders import Federation, Office
from tests.domain.benefit.builders import spaced
from tests.federation.recipients import BUDGET
from tests.federation.saying import joint, recipient, takes_a_job
from tests.federation.wires import hold

QUESTION = {"start": "2026-12-01", "gross_gr": 480600, "working_time": {"hours_week": 40}}


async def ask(office: Office, client: str, status: int = 200, language: str = "pl", **changes: Any) -> Any:
    path = f"/v1/clients/{client}/degressive-benefit/preview?language={language}"
    return await office.post(path, QUESTION | changes, status)


def codes(variant: Any) -> list[str]:
    return [remark["code"] for remark in variant["remarks"]]


@pytest.fixture
async def pair(federation: Federation) -> tuple[Office, Office, str, str]:
    pup, ops, at_pup, at_ops = await recipient(federation)
    allowance = {"code": "OPS-ZOK", "monthly_net_gr": 50500, "from": "2026-01-01"}
    await ops.post(f"/v1/clients/{at_ops}/benefits", allowance)
    housing = {"code": "OPS-DMI", "monthly_net_gr": 28000, "remaining_net_gr": 10000, "from": "2026-01-01"}
    await ops.post(f"/v1/clients/{at_ops}/benefits", housing)
    await federation.settle()
    return pup, ops, at_pup, at_ops


async def test_a_job_is_looked_at_ahead_from_both_offices_records(pair: tuple[Office, Office, str, str]) -> None:
    pup, _, at_pup, _ = pair
    answer = await ask(pup, at_pup)
    assert (answer["joint"], answer["based_on"], answer["arm"]) == (True, "merged_view", "recipient")
    (variant,) = answer["variants"]
    assert (variant["wage"]["net_gr"], variant["wage"]["minimum_gross_gr"]) == (360585, 480600)
    assert sorted((one["iss"], one["code"], one["becomes"]) for one in variant["benefits"]) == [
        ("ops-2478011", "OPS-CASH", "shrinks"),
        ("ops-2478011", "OPS-ZOK", "lost"),
        ("pup-2478", "PUP-ZAS", "lost"),
    ]
    # 1 305.20, 505.00 and 280.00, of which 100.00 remain.
    assert variant["months"][0]["amount_gr"] == 209020 - 10000
    assert variant["months"][0]["beside"]["participation_bp"] == 2497
    assert (variant["eligible"], variant["referral"]) == (True, False)
    assert spaced(variant["months"][0]["explanation"]).startswith("W grudniu 2026 przysługuje 1 990,20 zł")


async def test_the_preview_is_what_the_job_then_leads_to(
    federation: Federation, pair: tuple[Office, Office, str, str]
) -> None:
    pup, _, at_pup, _ = pair
    (variant,) = (await ask(pup, at_pup, start="2026-11-16"))["variants"]
    await takes_a_job(pup, at_pup, effective="2026-11-16", net_gr=360585)
    await federation.settle()
    made = await pup.get(f"/v1/clients/{at_pup}/degressive-benefit")
    months = [{name: month[name] for name in ("month", "amount_gr", "codes", "shares_gr")} for month in made["months"]]
    assert [{name: month[name] for name in months[0]} for month in variant["months"]] == months
    assert (variant["total_gr"], variant["gap_gr"]) == (made["total_gr"], made["gap_gr"])
    assert [month["explanation"] for month in variant["months"]] == [month["explanation"] for month in made["months"]]


async def test_nothing_is_stored_and_nothing_is_sent(
    federation: Federation, pair: tuple[Office, Office, str, str]
) -> None:
    pup, _, at_pup, _ = pair
    before = [await pup.get("/v1/exchange"), await pup.get("/v1/changes"), await pup.get(f"/v1/clients/{at_pup}")]
    await ask(pup, at_pup)
    await federation.settle()
    after = [await pup.get("/v1/exchange"), await pup.get("/v1/changes"), await pup.get(f"/v1/clients/{at_pup}")]
    assert [after[0]["position"], *after[1:]] == [before[0]["position"], *before[1:]]
    await pup.get(f"/v1/clients/{at_pup}/degressive-benefit", 404)


async def test_it_works_while_the_broker_is_down_and_says_how_old_the_news_is(
    pair: tuple[Office, Office, str, str],
) -> None:
    pup, _, at_pup, _ = pair
    hold(pup).cut()
    answer = await ask(pup, at_pup)
    assert len(answer["variants"][0]["benefits"]) == 3
    assert answer["as_of"] is not None


async def test_a_welfare_centre_sees_its_own_money_by_name_and_cannot_know_the_arm(
    pair: tuple[Office, Office, str, str],
) -> None:
    _, ops, _, at_ops = pair
    household = {"members": 1, "paid_share_bp": 5000}
    answer = await ask(ops, at_ops, household=household)
    (variant,) = answer["variants"]
    found = {one["code"]: one for one in variant["benefits"]}
    assert set(found) == {"OPS-ZOK", "OPS-DMI", "PUP-ZAS"}
    assert (found["OPS-DMI"]["why"], found["OPS-DMI"]["remaining_gr"]) == ("housing_rule", 23557)
    assert (found["OPS-ZOK"]["becomes"], found["OPS-ZOK"]["limit_gr"]) == ("lost", 101000)
    assert (answer["arm"], variant["eligible"]) == (None, None)
    assert "arm_unknown" in codes(variant)


async def test_a_social_contract_bridges_the_temporary_allowance(
    federation: Federation, pair: tuple[Office, Office, str, str]
) -> None:
    pup, ops, at_pup, at_ops = pair
    await ops.post(f"/v1/clients/{at_ops}/social-contracts", {"form": "A", "from": "2026-06-01"})
    await federation.settle()
    (variant,) = (await ask(pup, at_pup))["variants"]
    (bridged,) = [one for one in variant["benefits"] if one["code"] == "OPS-ZOK"]
    assert (bridged["becomes"], bridged["why"], bridged["kept_months"]) == ("kept", "contract", 2)
    assert [month["amount_gr"] for month in variant["months"]][1:3] == [148520, 199020]


async def test_variants_stand_side_by_side(pair: tuple[Office, Office, str, str]) -> None:
    pup, _, at_pup, _ = pair
    own = [10_000] * 6 + [5_000] * 6
    variants = [
        {"gross_gr": 240300, "working_time": {"hours_month": 86.67}},
        {"net_gr": 188693},
        {"start": "2027-01-15"},
        {"parameters": {"curve": own, "cap_gr": 100000}},
        {"parameters": {"curve": "linear"}},
    ]
    usual, half, net, later, by_hand, linear = (await ask(pup, at_pup, variants=variants))["variants"]
    assert (half["wage"]["net_gr"], half["wage"]["working_time_bp"]) == (188693, 5000)
    assert (net["wage"]["gross_gr"], net["wage"]["net_gr"], net["wage"]["working_time_bp"]) == (None, 188693, 10_000)
    assert [month["amount_gr"] for month in net["months"]] == [month["amount_gr"] for month in half["months"]]
    assert {month["beside"]["participation_bp"] for month in net["months"]} == {None}
    assert (later["start"], later["months"][0]["month"]) == ("2027-01-15", "2027-01")
    assert by_hand["parameters"]["curve"] == own
    assert by_hand["months"][0]["amount_gr"] == 100000
    assert linear["total_gr"] != usual["total_gr"]
    assert {one["wage"]["net_gr"] for one in (usual, later, by_hand, linear)} == {360585}


async def test_a_supplement_is_gained_where_the_job_is_on_referral(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    paid = {"code": "PUP-ZAS", "monthly_net_gr": 127482, "from": "2026-09-01", "until": "2027-02-28"}
    await pup.post(f"/v1/clients/{at_pup}/benefits", paid)
    half = {"gross_gr": 240300, "working_time": {"basis_points": 5000}, "referred": True}
    (variant,) = (await ask(pup, at_pup, **half))["variants"]
    (gained,) = [one for one in variant["benefits"] if one["becomes"] == "gained"]
    assert (gained["code"], gained["amount_gr"], gained["kept_months"]) == ("PUP-DAK", 89195, 3)
    assert gained["benefit_id"] is None
    assert "UB_BASE_90" in {figure["param"] for figure in gained["figures"]}


async def test_costs_deductions_and_household_stand_beside(pair: tuple[Office, Office, str, str]) -> None:
    pup, _, at_pup, _ = pair
    asked = {
        "household": {"members": 3, "children_ages": [4], "other_income_gr": 100000},
        "costs_of_work": {"care_gr": 40000, "travel_gr": 10000},
        "deductions": {"bailiff_gr": 20000, "alimony_gr": 5000},
    }
    (variant,) = (await ask(pup, at_pup, **asked))["variants"]
    first = variant["months"][0]["beside"]
    assert (first["costs_gr"], first["deductions_gr"]) == (50000, 25000)
    assert first["in_hand_gr"] == first["after_gr"] - 75000
    assert first["household_after_gr"] == first["after_gr"] + 100000
    assert "Po kosztach pracy" in first["explanation"]


async def test_a_client_who_is_not_joint_is_looked_at_by_own_records(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    client = await pup.enrol(1)
    await pup.post(f"/v1/clients/{client}/registrations", {"from": "2026-01-01"})
    await pup.post(
        f"/v1/clients/{client}/benefits", {"code": "PUP-ZAS", "monthly_net_gr": 130520, "from": "2026-01-02"}
    )
    answer = await ask(pup, client)
    (variant,) = answer["variants"]
    assert (answer["joint"], answer["based_on"], answer["members"]) == (False, "own_records", [])
    assert (variant["eligible"], variant["counted_days"]) == (False, 334)
    assert {"not_joint", "not_in_programme", "not_long_term_unemployed"} <= set(codes(variant))
    assert variant["months"][0]["amount_gr"] == 130520
    (said,) = [remark["text"] for remark in variant["remarks"] if remark["code"] == "not_long_term_unemployed"]
    assert "334 dni" in said


async def test_the_comparison_arm_is_told(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    membership = {"arm": "comparison", "county": "2478", "from": "2026-01-01"}
    await pup.post(f"/v1/clients/{at_pup}/programme-memberships", membership)
    answer = await ask(pup, at_pup)
    assert answer["arm"] == "comparison"
    assert {"comparison_arm", "not_long_term_unemployed", "no_benefits"} <= set(codes(answer["variants"][0]))


async def test_a_member_that_has_not_told_all_is_named(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, _ = await pup.enrol(1), await ops.enrol(1)
    for office in (pup, ops):
        await federation.push(office)
    offline = federation.offices.pop(ops.id)
    await federation.settle()
    answer = await ask(pup, at_pup, language="en")
    federation.offices[ops.id] = offline
    assert answer["joint"]
    assert {member["id"]: member["complete"] for member in answer["members"]}["ops-2478011"] is False
    (said,) = [one["text"] for one in answer["variants"][0]["remarks"] if one["code"] == "member_incomplete"]
    assert said == "Not every office has told all yet: ops-2478011."


async def test_a_job_that_goes_on_already_is_told(
    federation: Federation, pair: tuple[Office, Office, str, str]
) -> None:
    pup, _, at_pup, _ = pair
    await takes_a_job(pup, at_pup, effective="2026-11-02", net_gr=360585)
    assert "works_already" in codes((await ask(pup, at_pup))["variants"][0])
    assert "works_already" not in codes((await ask(pup, at_pup, start="2026-11-01"))["variants"][0])


async def test_a_wage_below_the_minimum_for_its_hours_is_told(pair: tuple[Office, Office, str, str]) -> None:
    pup, _, at_pup, _ = pair
    low, fair, unknown = [
        (await ask(pup, at_pup, language="en", gross_gr=240299, working_time=hours))["variants"][0]
        for hours in ({"hours_week": 20}, {"hours_week": 19.99}, None)
    ]
    assert "below_minimum_wage" in codes(low)
    assert "below_minimum_wage" not in codes(fair)
    assert "working_time_unknown" in codes(unknown)
    (said,) = [remark["text"] for remark in low["remarks"] if remark["code"] == "below_minimum_wage"]
    assert spaced(said) == "A wage of 2,402.99 zł gross is below the minimum for this working time: 2,403.00 zł."


async def test_what_no_source_confirms_is_named(pair: tuple[Office, Office, str, str]) -> None:
    pup, _, at_pup, _ = pair
    (variant,) = (await ask(pup, at_pup))["variants"]
    (said,) = [remark["text"] for remark in variant["remarks"] if remark["code"] == "figures_unverified"]
    assert "ZUS_EMPLOYEE_PENSION" in said
    assert "MIN_WAGE" not in said
    assert variant["wage"]["verified"] is False


async def test_the_lock_is_told_after_the_client_was_parted_by_what_is_still_known(
    federation: Federation, pair: tuple[Office, Office, str, str]
) -> None:
    pup, ops, at_pup, at_ops = pair
    job = await takes_a_job(pup, at_pup)
    await pup.post(f"/v1/employments/{job}/end", {"last_day": "2026-05-30"})
    await federation.settle()
    await pup.post("/v1/budgets", BUDGET)
    path = f"/v1/clients/{at_pup}/degressive-benefit"
    shown = (await pup.get(path))["result_hash"]
    await pup.post(f"{path}/decision", {"result_hash": shown, "decision": "approved"})
    await federation.settle()
    await ops.post(f"/v1/clients/{at_ops}/withdraw", None, 200)
    await federation.settle()
    (variant,) = (await ask(pup, at_pup, start="2027-01-01", language="en"))["variants"]
    assert (variant["eligible"], variant["locked_until"]) == (False, "2028-05-31")
    assert codes(variant)[:3] == ["locked", "end_by_month", "not_joint"]
    (said,) = [remark["text"] for remark in variant["remarks"] if remark["code"] == "locked"]
    assert said.startswith("The client is not eligible with this job: the last case ended on 2026-05-31")
    assert variant["months"][0]["amount_gr"] == 130520


async def test_a_welfare_centre_alone_knows_no_days_of_registration(federation: Federation) -> None:
    ops = await federation.join("ops-2478011")
    client = await ops.enrol(1)
    (variant,) = (await ask(ops, client))["variants"]
    assert (variant["eligible"], variant["counted_days"]) == (False, None)
    assert "days_unknown" in codes(variant)
    assert "not_long_term_unemployed" not in codes(variant)
