"""Costs of work, deductions and household income: kept with the client, shown beside, and told to nobody."""

from typing import Any

import pytest
from sqlalchemy import func, select

from shared.exchange.stream.tables import SetRow
from tests.builders import Federation, Office
from tests.domain.benefit.builders import spaced
from tests.federation.saying import joint

CARE = {"kind": "care", "monthly_gr": 31000, "from": "2026-12-01"}
BAILIFF = {"kind": "bailiff", "monthly_gr": 20000, "from": "2026-01-01"}
INCOME = {"monthly_net_gr": 280000, "from": "2026-01-01"}
KINDS = [("work-costs", CARE, {"monthly_gr": 1}), ("household-incomes", INCOME, {"monthly_net_gr": 1})]


async def sets_of(office: Office) -> int:
    async with office.node.db.read() as session:
        return await session.scalar(select(func.count()).select_from(SetRow).where(SetRow.iss == office.id)) or 0


async def beside(office: Office, client: str, month: int = 0, **changes: Any) -> Any:
    question = {"start": "2026-12-01", "net_gr": 360585} | changes
    answer = await office.post(f"/v1/clients/{client}/degressive-benefit/preview", question, 200)
    return answer["variants"][0]["months"][month]["beside"], answer["beside"]


@pytest.mark.parametrize(("path", "body", "change"), KINDS)
@pytest.mark.parametrize("office_id", ["pup-2478", "ops-2478011"])
async def test_nothing_of_what_stands_beside_ever_leaves_the_office(
    federation: Federation, office_id: str, path: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    office, client, other, at_other = (pup, at_pup, ops, at_ops)
    if office_id == ops.id:
        office, client, other, at_other = ops, at_ops, pup, at_pup
    before = await sets_of(office)
    first = await office.post(f"/v1/clients/{client}/{path}", body)
    await office.patch(f"/v1/{path}/{first['id']}", change)
    await office.post(f"/v1/{path}/{first['id']}/close", {"until": "2027-01-31"}, 200)
    await office.post(f"/v1/{path}/{first['id']}/void", status=200)
    answer = await office.post(f"/v1/{path}/bulk", {"items": [body | {"client_id": client}]}, 200)
    await office.put(f"/v1/by-external-id/system/{path}/1", body | {"client_id": client}, 201)
    assert await sets_of(office) == before, "no event was made"
    changes = [one for one in (await office.get("/v1/changes"))["items"] if one["record_id"] == first["id"]]
    assert [one["change"] for one in changes] == ["opened", "amended", "closed", "voided"]
    await office.post(f"/v1/clients/{client}/support-forms", {"code": "PUP-INT", "from": "2026-02-01"})
    await federation.settle()
    for one, at in ((office, client), (other, at_other)):
        view = await one.get(f"/v1/clients/{at}/merged-view")
        assert [entry["code"] for entry in view["entries"]] == ["PUP-INT"]
    assert answer["taken"] == 1
    assert len(await office.get(f"/v1/clients/{client}/{path}")) == 2


async def test_an_office_that_tells_all_it_has_tells_nothing_of_what_stands_beside(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    at_pup = await pup.enrol(1)
    await pup.post(f"/v1/clients/{at_pup}/work-costs", CARE)
    await pup.post(f"/v1/clients/{at_pup}/household-incomes", INCOME)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-02-01"})
    ops = await federation.join("ops-2478011")
    at_ops = await ops.enrol(1)
    await federation.settle()
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert [(member["id"], member["complete"]) for member in view["members"]] == [(ops.id, True), (pup.id, True)]
    assert [entry["code"] for entry in view["entries"]] == ["PUP-STA"]


async def test_a_look_ahead_takes_what_is_recorded_by_its_dates(federation: Federation) -> None:
    ops = await federation.join("ops-2478011")
    client = await ops.enrol(1)
    for body in (CARE | {"until": "2027-01-10"}, BAILIFF, CARE | {"kind": "other_cost", "monthly_gr": 100}):
        await ops.post(f"/v1/clients/{client}/work-costs", body)
    wrong = await ops.post(f"/v1/clients/{client}/work-costs", CARE | {"monthly_gr": 99999})
    await ops.post(f"/v1/work-costs/{wrong['id']}/void", status=200)
    shown = [(await beside(ops, client, month))[0] for month in (0, 1, 2)]
    assert [month["costs_gr"] for month in shown] == [31100, 10100, 100]
    assert {month["deductions_gr"] for month in shown} == {20000}
    assert shown[0]["in_hand_gr"] == shown[0]["after_gr"] - 51100
    assert "Po kosztach pracy (311,00 zł) i potrąceniach z płacy (200,00 zł)" in spaced(shown[0]["explanation"])


async def test_the_question_replaces_what_is_recorded_group_by_group(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    client = await pup.enrol(1)
    for body in (CARE, BAILIFF):
        await pup.post(f"/v1/clients/{client}/work-costs", body)
    asked, sources = await beside(pup, client, costs_of_work={"travel_gr": 500, "other_gr": 11})
    assert (asked["costs_gr"], asked["deductions_gr"]) == (511, 20000)
    assert sources == {"costs_of_work": "asked", "deductions": "recorded", "household_income": "unknown"}
    none, sources = await beside(pup, client, deductions={})
    assert (none["costs_gr"], none["deductions_gr"]) == (31000, 0)
    assert sources["deductions"] == "asked"


async def test_household_income_is_recorded_asked_or_not_known(federation: Federation) -> None:
    ops = await federation.join("ops-2478011")
    client = await ops.enrol(1)
    assert (await beside(ops, client))[0]["household_before_gr"] is None
    alone, sources = await beside(ops, client, household={"members": 1})
    assert (alone["household_after_gr"], sources["household_income"]) == (alone["after_gr"], "asked")
    await ops.post(f"/v1/clients/{client}/household-incomes", INCOME)
    kept, sources = await beside(ops, client, household={"members": 3})
    assert (kept["household_before_gr"], kept["household_after_gr"]) == (280000, 280000 + kept["after_gr"])
    assert sources["household_income"] == "recorded"
    asked, sources = await beside(ops, client, household={"members": 3, "other_income_gr": 0})
    assert (asked["household_before_gr"], sources["household_income"]) == (0, "asked")


async def test_a_household_of_one_has_no_other_income(federation: Federation) -> None:
    ops = await federation.make_office("ops-2478011")
    client = await ops.enrol(1)
    home = {"number": "GD/17", "members": 2, "from": "2026-01-01"}
    kept = await ops.post(f"/v1/clients/{client}/households", home)
    assert (await beside(ops, client))[1]["household_income"] == "unknown"
    await ops.patch(f"/v1/households/{kept['id']}", {"members": 1})
    month, sources = await beside(ops, client)
    assert (month["household_after_gr"], sources["household_income"]) == (month["after_gr"], "recorded")


async def test_recorded_household_income_enters_the_tests_of_income(federation: Federation) -> None:
    ops = await federation.join("ops-2478011")
    client = await ops.enrol(1)
    allowance = {"code": "OPS-ZOK", "monthly_net_gr": 50000, "from": "2026-01-01"}
    await ops.post(f"/v1/clients/{client}/benefits", allowance)
    question = {"start": "2026-12-01", "net_gr": 60000, "household": {"members": 2}}
    path = f"/v1/clients/{client}/degressive-benefit/preview"
    before = (await ops.post(path, question, 200))["variants"][0]["benefits"][0]
    await ops.post(f"/v1/clients/{client}/household-incomes", INCOME)
    after = (await ops.post(path, question, 200))["variants"][0]["benefits"][0]
    assert (before["income_gr"], after["income_gr"]) == (60000, 340000)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("work-costs", CARE | {"kind": "coffee"}, "kind"),
        ("work-costs", CARE | {"monthly_gr": 100_000_000}, "monthly_gr"),
        ("work-costs", CARE | {"monthly_gr": -1}, "monthly_gr"),
        ("work-costs", CARE | {"until": "2026-11-30"}, "until"),
        ("household-incomes", INCOME | {"monthly_net_gr": 1.5}, "monthly_net_gr"),
        ("household-incomes", INCOME | {"from": "2026-13-01"}, "from"),
    ],
)
async def test_what_cannot_stand_beside_is_refused_by_its_field(
    federation: Federation, path: str, body: dict[str, Any], field: str
) -> None:
    pup = await federation.make_office("pup-2478")
    client = await pup.enrol(1)
    assert (await pup.post(f"/v1/clients/{client}/{path}", body, 422))["field"] == field
    assert await pup.listed(f"/v1/clients/{client}/{path}") == []
