"""Rows 1, 2, 5, 7, 8 and 14 of what this is for, each as one story of caseworkers who call their own offices.

Officials call over TCP with the scopes of their role; the offices know of each other only what the broker relays.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.builders import Federation, Office, new_client
from tests.federation.desks import at_a_desk

MONTHS = {"from": "2026-02-01", "until": "2026-12-31"}


@dataclass
class County:
    """A labour office and a welfare centre of one county, each as a caseworker there calls it."""

    federation: Federation
    pup: Office
    ops: Office

    async def settle(self) -> None:
        await self.federation.settle()

    async def person(self, number: int) -> tuple[str, str]:
        """Register a person at both offices, as each would by itself; return the ids there."""
        at_pup, at_ops = await self.pup.enrol(number), await self.ops.enrol(number)
        await self.settle()
        return at_pup, at_ops


@pytest.fixture
async def county(federation: Federation) -> AsyncIterator[County]:
    async with AsyncExitStack() as desks:
        joined = [await federation.join(name) for name in ("pup-2478", "ops-2478011")]
        pup, ops = [await desks.enter_async_context(at_a_desk(federation, office)) for office in joined]
        yield County(federation, pup, ops)


async def record(office: Office, client: str, path: str, **members: Any) -> Any:
    """Record something of a client; members that end in an underscore are words of Python."""
    body = {name.rstrip("_"): value for name, value in members.items()}
    return await office.post(f"/v1/clients/{client}/{path}", body)


async def close(office: Office, path: str, made: Any, **members: Any) -> Any:
    return await office.post(f"/v1/{path}/{made['id']}/close", members, 200)


async def history(office: Office, client: str) -> list[tuple[str, str | None]]:
    """Return what a caseworker sees of a person: what it is, and its code, in the order of days."""
    view = await office.get(f"/v1/clients/{client}/merged-view")
    return [(entry["iss"].partition("-")[0], entry["code"] or entry["record"]) for entry in view["entries"]]


async def test_row_1_two_offices_find_their_joint_clients_and_have_one_history_and_see_what_is_given_twice(
    county: County,
) -> None:
    pup, ops = county.pup, county.ops
    anna = await pup.post("/v1/clients", new_client(1))
    alone = await pup.post("/v1/clients", new_client(2))
    await record(pup, anna["id"], "registrations", from_="2024-10-01", start_reason="after_job")
    await county.settle()
    assert (await pup.get(f"/v1/clients/{anna['id']}"))["joint"] is False, "the centre does not have her yet"

    here = await ops.post("/v1/clients", new_client(1, surname="PRZYKŁADOWSKA", basis="social_assistance_act"))
    await record(ops, here["id"], "benefits", code="OPS-ZOK", monthly_net_gr=78500, from_="2026-01-01")
    await county.settle()
    found = await pup.get(f"/v1/clients/{anna['id']}")
    assert (found["joint"], [office["id"] for office in found["offices"]]) == (True, [ops.id])
    assert [one["id"] for one in await pup.listed("/v1/clients?joint=true")] == [anna["id"]]
    assert (await pup.get(f"/v1/clients/{alone['id']}"))["joint"] is False
    same = [("pup", "registration"), ("ops", "OPS-ZOK")]
    assert await history(pup, anna["id"]) == await history(ops, here["id"]) == same

    await record(pup, anna["id"], "support-forms", code="PUP-STA", from_="2026-11-02", until="2027-04-30")
    await county.settle()
    planned = {"code": "AI-Z03", "from": "2027-03-01", "until": "2027-08-31"}
    ahead = await ops.post(f"/v1/clients/{here['id']}/support-forms/what-if", planned, 200)
    [warning] = ahead["duplicates"]
    assert (warning["other"]["iss"], warning["other"]["code"], warning["from"], warning["until"]) == (
        pup.id, "PUP-STA", "2027-03-01", "2027-04-30",
    )  # fmt: skip
    await ops.post(f"/v1/clients/{here['id']}/support-forms", planned)
    await county.settle()
    for office in (pup, ops):
        [alert] = await office.listed("/v1/duplicates")
        assert (alert["duplicate_class"], alert["state"]) == ("traineeship", "open")
    done = await ops.post(f"/v1/duplicates/{alert['id']}/explain", {"reason_code": "complementary"}, 200)
    assert done["explained_by"] == "caseworker-17"


async def test_row_2_each_form_of_support_reaches_the_other_office_as_it_goes_on_and_of_joint_clients_alone(
    county: County,
) -> None:
    pup, ops = county.pup, county.ops
    at_pup, at_ops = await county.person(1)
    elsewhere = await pup.enrol(2)
    for client in (at_pup, elsewhere):
        form = await record(pup, client, "support-forms", code="PUP-SZK", from_="2026-10-05", note="kurs kelnerski")
    mine = (await pup.listed(f"/v1/clients/{at_pup}/support-forms"))[0]
    await county.settle()

    async def seen() -> Any:
        [entry] = (await ops.get(f"/v1/clients/{at_ops}/merged-view"))["entries"]
        return entry["payload"]

    assert ((await seen())["form_id"], (await seen()).get("until")) == (mine["id"], None)
    changed = await pup.patch(f"/v1/support-forms/{mine['id']}", {"hours_total": 120}, headers={"If-Match": '"1"'})
    await county.settle()
    assert ((await seen())["hours_total"], changed["version"]) == (120, 2)
    await close(pup, "support-forms", mine, until="2026-10-30")
    await county.settle()
    assert ((await seen())["until"], (await seen())["status"]) == ("2026-10-30", "completed")
    told = str((await ops.get(f"/v1/clients/{at_ops}/merged-view"))["entries"])
    assert "kurs kelnerski" not in told, "the caseworker's own words stay at home"
    assert form["id"] not in told, "a person whom the centre does not have is none of its business"
    await pup.post(f"/v1/support-forms/{mine['id']}/void", status=200)
    await county.settle()
    assert await history(ops, at_ops) == []


async def test_row_5_a_family_is_one_case_with_one_plan_and_tasks_of_several_institutions(county: County) -> None:
    pup, ops = county.pup, county.ops
    at_pup, at_ops = await county.person(1)
    husband = await ops.enrol(2)
    home = await record(
        ops, at_ops, "households", number="GD/17/2026", members=4, children=2, dependants=1, from_="2026-01-01"
    )
    of_home = {"household_id": home["id"], "from": "2026-01-01"}
    family = (
        {"kinship": "spouse", "member_client_id": husband},
        {"kinship": "child", "care": "cared_for_by_client", "birth_year": 2021},
        {"kinship": "child", "birth_year": 2012},
    )
    for member in family:
        await ops.post(f"/v1/clients/{at_ops}/household-members", of_home | member)
    interview = await record(ops, at_ops, "family-interviews", household_id=home["id"], due="2026-02-20")
    held = await close(ops, "family-interviews", interview, result="held", held_on="2026-02-12", next_due="2026-08-12")
    assert held["next_due"] == "2026-08-12"

    contract = await record(ops, at_ops, "social-contracts", form="A", goals=2, from_="2026-03-01")
    of_plan = {"social_contract_id": contract["id"]}
    goal = await record(ops, at_ops, "contract-goals", **of_plan, what="praca matki", due="2026-12-31")
    tasks = (("client", "kurs opiekunki"), ("office", "miejsce w świetlicy dla dzieci"), ("labour_office", "staż"))
    for who, what in tasks:
        await record(
            ops,
            at_ops,
            "contract-actions",
            **of_plan,
            contract_goal_id=goal["id"],
            who=who,
            what=what,
            due="2026-06-30",
        )
    asked = {"to": pup.id, "purpose": "training", "made_on": "2026-10-01", "due": "2026-10-31"}
    referral = await ops.post(f"/v1/clients/{at_ops}/referrals", asked)
    await county.settle()
    [came] = await pup.listed("/v1/referral-exchanges?answer=none")
    assert (came["client_id"], came["office"], came["purpose"]) == (at_pup, ops.id, "training")
    accepted = {"referrer": ops.id, "referral_id": referral["id"], "accepted_on": "2026-10-01"}
    await pup.post(f"/v1/clients/{at_pup}/referral-answers", accepted)
    await record(pup, at_pup, "support-forms", code="PUP-STA", from_="2026-11-02")
    await county.settle()

    assert [one["answer"]["answer"] for one in await ops.listed("/v1/referral-exchanges?direction=made")] == [
        "accepted"
    ]
    plan = await ops.listed(f"/v1/clients/{at_ops}/contract-actions", params={"sort": "id"})
    assert [(one["who"], one["what"]) for one in plan] == list(tasks)
    assert len(await ops.listed(f"/v1/clients/{at_ops}/household-members")) == 3
    assert ("pup", "PUP-STA") in await history(ops, at_ops)
    told = str(await pup.get(f"/v1/clients/{at_pup}/merged-view"))
    assert not any(word in told for word in ("GD/17/2026", "świetlicy", "spouse")), "the family stays at the centre"
    assert ("ops", "contract") in await history(pup, at_pup)


async def test_row_7_the_tools_of_the_welfare_centre_contract_pal_pisizon_and_leaving_homelessness(
    county: County,
) -> None:
    pup, ops = county.pup, county.ops
    at_pup, at_ops = await county.person(1)
    sent = {"to": ops.id, "purpose": "social_contract_b", "made_on": "2026-01-20", "due": "2026-02-20"}
    referral = await pup.post(f"/v1/clients/{at_pup}/referrals", sent)
    await county.settle()
    contract = await record(
        ops, at_ops, "social-contracts", form="B", goals=1, referral_id="S/7/2026", referral_day="2026-01-20",
        received_referral_id=referral["id"], from_="2026-02-01",
    )  # fmt: skip
    of_contract = {"social_contract_id": contract["id"]}
    goal = await record(ops, at_ops, "contract-goals", **of_contract, what="stała praca", due="2026-12-31")
    action = await record(
        ops,
        at_ops,
        "contract-actions",
        **of_contract,
        contract_goal_id=goal["id"],
        what="kurs",
        code="AI-E01",
        due="2026-06-30",
    )
    for who in ("client", "worker", "labour_office"):
        signature = await record(ops, at_ops, "contract-signatures", **of_contract, who=who, due="2026-02-01")
        await close(ops, "contract-signatures", signature, result="signed", signed_on="2026-02-01")
    review = await record(ops, at_ops, "contract-reviews", **of_contract, due="2026-05-04")

    programmes = {"OPS-PAL": "aktywna ulica", "OPS-PIZ": "praca z niepełnosprawnością", "OPS-IPB": "własny kąt"}
    for code, aim in programmes.items():
        form = await record(ops, at_ops, "support-forms", code=code, **MONTHS)
        made = {"support_form_id": form["id"], "social_contract_id": contract["id"], "code": code, "aim": aim}
        await record(ops, at_ops, "activation-programmes", **made, **MONTHS)
    listed = await ops.listed(f"/v1/clients/{at_ops}/activation-programmes", params={"sort": "id"})
    assert {one["code"]: one["aim"] for one in listed} == programmes

    held_open = await ops.post(f"/v1/social-contracts/{contract['id']}/close", {"until": "2026-12-31"}, 409)
    assert held_open["type"].endswith(":conflict"), "what was agreed has no outcome yet"
    await close(ops, "contract-reviews", review, result="on_course", held_on="2026-05-04")
    await close(ops, "contract-actions", action, result="done", ended_on="2026-06-19")
    await close(ops, "contract-goals", goal, result="reached", ended_on="2026-12-01")
    closed = await close(ops, "social-contracts", contract, until="2026-12-31")
    assert closed["state"] == "closed"
    await county.settle()
    entries = (await pup.get(f"/v1/clients/{at_pup}/merged-view"))["entries"]
    told = [one["payload"] for one in entries if one["record"] == "contract"]
    assert [(one["form"], one["goals"], one["until"]) for one in told] == [("B", 1, "2026-12-31")]
    forms = [one["code"] for one in entries if one["record"] == "support_form"]
    assert forms == ["OPS-PAL"], "disability and homelessness are nobody else's business"


async def test_row_8_the_four_groups_of_instruments_for_a_target_group_with_care_of_a_child_meanwhile(
    county: County,
) -> None:
    pup, ops = county.pup, county.ops
    at_pup, at_ops = await county.person(1)
    await record(ops, at_ops, "target-group-marks", group="after_prison", since="2026-01-10")
    groups = (await ops.get(f"/v1/clients/{at_ops}/target-groups"))["groups"]
    assert [(one["group"], one["until"]) for one in groups] == [("after_prison", "2027-01-10")]

    given = {"vocational": "AI-Z03", "educational": "AI-E01", "health": "AI-H02", "social": "AI-S01"}
    made = {group: await record(ops, at_ops, "support-forms", code=code, **MONTHS) for group, code in given.items()}
    for group, code in given.items():
        listed = await ops.listed(f"/v1/clients/{at_ops}/support-forms", params={"group": group})
        assert [one["code"] for one in listed] == [code]
    home = await record(ops, at_ops, "households", number="GD/9", members=2, children=1, from_="2026-01-01")
    child = await record(
        ops, at_ops, "household-members", household_id=home["id"], kinship="child", care="cared_for_by_client",
        from_="2026-01-01",
    )  # fmt: skip
    care = {"household_member_id": child["id"], "cared_for": "child", "hours": 60, "amount_gr": 180000}
    course = made["educational"]["id"]
    await record(ops, at_ops, "care-costs", support_form_id=course, **care, from_="2026-03-02", until="2026-03-31")
    late = {"support_form_id": course, **care, "from": "2027-01-01"}
    assert (await ops.post(f"/v1/clients/{at_ops}/care-costs", late, 422))["field"] == "from"
    benefit = await record(ops, at_ops, "benefits", code="OPS-ZOK", monthly_net_gr=50500, from_="2026-02-01")
    granted = {
        "number": "OPS.5121.7",
        "decided_on": "2026-02-10",
        "outcome": "granted",
        "code": "OPS-ZOK",
        "basis": "ups_38",
    }
    decision = await record(
        ops, at_ops, "allowance-decisions", **granted, amount_gr=50500, benefit_id=benefit["id"], from_="2026-02-01"
    )
    assert decision["benefit_id"] == benefit["id"]

    await county.settle()
    view = str(await pup.get(f"/v1/clients/{at_pup}/merged-view"))
    assert not any(word in view for word in ("after_prison", "AI-H02", "AI-S01", "180000", "OPS.5121"))
    seen = {code for _, code in await history(pup, at_pup)}
    assert seen == {"AI-E01", "AI-Z03", "social-X", "OPS-ZOK"}, "of social skills the group alone, of therapy nothing"


async def test_row_14_a_path_of_five_steps_by_the_catalogue_with_a_plan_and_accompanying_measures(
    county: County,
) -> None:
    pup, ops = county.pup, county.ops
    at_pup, at_ops = await county.person(1)
    catalogue = await pup.get("/v1/catalogue/forms")
    assert {one["sphere"] for one in catalogue} >= {
        "labour market",
        "social assistance",
        "education",
        "health",
        "housing",
    }
    assert {one["instrument_type"] for one in catalogue} == {"preventive", "caring", "integration", "intervention"}
    steps = ("advice", "training", "social economy", "supported employment", "open market")
    by_step = {step: await pup.get("/v1/catalogue/forms", params={"step": step}) for step in steps}
    assert all(by_step.values())
    assert [one for one in catalogue if one["group"] == "accompanying"]

    codes = ("PUP-POR", "PUP-SZK", "OPS-ZEU", "PUP-PIN", "PUP-POS")
    path = [(step, ops if code.startswith("OPS") else pup, code) for step, code in zip(steps, codes, strict=True)]
    plan = await record(pup, at_pup, "action-plans", aim="praca w gastronomii", **MONTHS)
    for month, (step, office, code) in enumerate(path, 2):
        assert code in {one["code"] for one in by_step[step]}
        client = at_pup if office is pup else at_ops
        day = f"2026-{month:02d}-02"
        form = await record(office, client, "support-forms", code=code, from_=day)
        if office is pup:
            body = {"action_plan_id": plan["id"], "what": step, "code": code, "due": day}
            done = await record(pup, at_pup, "action-plan-steps", **body)
            await close(pup, "action-plan-steps", done, result="done", ended_on=day)
        await close(office, "support-forms", form, until=f"2026-{month:02d}-20")
    review = await record(pup, at_pup, "action-plan-reviews", action_plan_id=plan["id"], due="2026-07-01")
    await close(pup, "action-plan-reviews", review, result="on_course", held_on="2026-07-01")
    await county.settle()
    walked = [code for _, code in await history(ops, at_ops)]
    assert walked == [code for _, _, code in path], "one path, whoever gave the step"

    old = await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-PAI", "from": "2026-01-05"}, 422)
    assert (old["type"], old["expected"]) == ("urn:zwornik:problem:code-out-of-dates", "2014-05-27 to 2025-05-31")
    await close(pup, "action-plans", plan, until="2026-08-31", result="job_taken")
