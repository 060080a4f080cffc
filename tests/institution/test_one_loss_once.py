"""What is paid to a household stands under one of its members: the same loss is never recorded twice."""

import asyncio
from typing import Any

import pytest

from tests.builders import Office
from tests.institution.test_clients import problem

ZOK = {"code": "OPS-ZOK", "monthly_net_gr": 50500, "from": "2026-01-01", "until": "2026-06-30"}
HOUSING = {"code": "OPS-DMI", "monthly_net_gr": 28000, "remaining_net_gr": 0, "from": "2026-01-01"}
HOME = {"number": "GD/17", "members": 4, "children": 2, "from": "2025-01-01"}


async def members(ops: Office, *numbers: int, **changes: Any) -> list[str]:
    """Enrol clients who live in one household."""
    clients = [await ops.enrol(number) for number in numbers]
    for client in clients:
        await ops.post(f"/v1/clients/{client}/households", HOME | changes)
    return clients


async def pay(ops: Office, client: str, status: int = 201, **changes: Any) -> Any:
    return await ops.post(f"/v1/clients/{client}/benefits", ZOK | changes, status)


async def paid(ops: Office, *clients: str) -> list[int]:
    return [len((await ops.get(f"/v1/clients/{client}/benefits"))["items"]) for client in clients]


async def test_the_second_member_is_refused_and_the_record_of_the_first_is_named(ops: Office) -> None:
    anna, jan = await members(ops, 1, 2)
    first = await pay(ops, anna)
    refused = await pay(ops, jan, 409, **{"from": "2026-06-30", "until": None})
    assert (problem(refused), refused["field"], refused["record_id"]) == ("household-paid-twice", "code", first["id"])
    assert refused["period"] == {"from": "2026-01-01", "until": "2026-06-30"}
    for private in ("GD/17", "Przykładowska", anna):
        assert private not in str(refused)
    assert await paid(ops, anna, jan) == [1, 0]
    changes = (await ops.get("/v1/changes"))["items"]
    assert [one["kind"] for one in changes].count("benefit") == 1


@pytest.mark.parametrize("body", [HOUSING, HOUSING | {"code": "OPS-ARO"}, ZOK | {"until": None}])
async def test_each_benefit_of_a_household_is_paid_once(ops: Office, body: dict[str, Any]) -> None:
    anna, jan = await members(ops, 1, 2)
    await ops.post(f"/v1/clients/{anna}/benefits", body)
    refused = await ops.post(f"/v1/clients/{jan}/benefits", body, 409)
    assert refused["period"] == {"from": "2026-01-01", "until": None}


async def test_what_is_another_loss_is_taken(ops: Office) -> None:
    anna, jan, alone = [*await members(ops, 1, 2), await ops.enrol(3)]
    [elsewhere] = await members(ops, 4, number="GD/18")
    await pay(ops, anna)
    await pay(ops, anna, **{"from": "2026-07-01", "until": None})
    await pay(ops, jan, **{"from": "2025-06-01", "until": "2025-12-31"})
    await ops.post(f"/v1/clients/{jan}/benefits", HOUSING)
    for client in (alone, elsewhere):
        await pay(ops, client)
    person = {"code": "OPS-ZST", "monthly_net_gr": 1, "from": "2026-01-01"}
    for client in (anna, jan):
        await ops.post(f"/v1/clients/{client}/benefits", person)


async def test_a_voided_record_is_no_loss(ops: Office) -> None:
    anna, jan = await members(ops, 1, 2)
    wrong = await pay(ops, anna)
    await ops.post(f"/v1/benefits/{wrong['id']}/void", status=200)
    await pay(ops, jan)
    await pay(ops, anna, 409)


async def test_many_at_once_and_another_system_are_held_to_it(ops: Office) -> None:
    anna, jan, ewa = await members(ops, 1, 2, 3)
    items = [ZOK | {"client_id": client} for client in (anna, jan)] + [HOUSING | {"client_id": jan}]
    answer = await ops.post("/v1/benefits/bulk", {"items": items}, 200)
    assert [item["status"] for item in answer["items"]] == [201, 409, 201]
    [first] = (await ops.get(f"/v1/clients/{anna}/benefits"))["items"]
    assert answer["items"][1]["problem"]["record_id"] == first["id"]
    path = "/v1/by-external-id/pomost/benefits/1"
    assert problem(await ops.put(path, ZOK | {"client_id": ewa}, 409)) == "household-paid-twice"
    later = ZOK | {"client_id": ewa, "from": "2026-07-01", "until": None}
    await ops.put(path, later, 201)
    assert problem(await ops.put(path, later | {"from": "2026-06-30"}, 409)) == "household-paid-twice"
    homes = [HOME | {"client_id": await ops.enrol(4)}]
    assert (await ops.post("/v1/households/bulk", {"items": homes}, 200))["taken"] == 1


async def test_an_amendment_or_a_late_end_cannot_bring_it_about(ops: Office) -> None:
    anna, jan = await members(ops, 1, 2)
    await pay(ops, anna)
    later = await pay(ops, jan, **{"from": "2026-07-01", "until": "2026-08-31"})
    other = await ops.post(f"/v1/clients/{jan}/benefits", HOUSING)
    earlier = await pay(ops, jan, **{"from": "2025-01-01", "until": "2025-06-30"})
    assert (await ops.patch(f"/v1/benefits/{later['id']}", {"from": "2026-06-01"}, 409))["field"] == "code"
    await ops.patch(f"/v1/benefits/{other['id']}", {"code": "OPS-ZOK"}, 409)
    refused = await ops.post(f"/v1/benefits/{earlier['id']}/close", {"until": "2026-02-28"}, 409)
    assert problem(refused) == "household-paid-twice"
    assert (await ops.get(f"/v1/benefits/{earlier['id']}"))["until"] == "2025-06-30"
    assert (await ops.patch(f"/v1/benefits/{later['id']}", {"monthly_net_gr": 1}))["version"] == 2
    await ops.post(f"/v1/benefits/{later['id']}/close", {"until": "2026-09-30"}, 200)


async def test_what_stood_twice_before_the_rule_can_be_mended(ops: Office) -> None:
    from sqlalchemy import update

    from shared.institution.tables import BenefitRow

    anna, jan = await members(ops, 1, 2)
    for client, year in ((anna, "2026"), (jan, "2025")):
        await pay(ops, client, **{"from": f"{year}-01-01", "until": f"{year}-12-31"})
    [twice] = (await ops.get(f"/v1/clients/{jan}/benefits"))["items"]
    async with ops.node.db.write() as session:
        await session.execute(update(BenefitRow).values(until=None))
    await ops.patch(f"/v1/benefits/{twice['id']}", {"monthly_net_gr": 60000})
    await ops.patch(f"/v1/benefits/{twice['id']}", {"until": "2026-05-31"}, 409)
    await ops.post(f"/v1/benefits/{twice['id']}/close", {"until": "2026-05-31"}, 200)
    await pay(ops, jan, 409, **{"from": "2026-06-01"})


async def test_who_carries_a_benefit_that_a_member_has_is_no_member_before_one_of_them_ends(ops: Office) -> None:
    [anna], jan = await members(ops, 1), await ops.enrol(2)
    first = await pay(ops, anna)
    await pay(ops, jan, until=None)
    path = f"/v1/clients/{jan}/households"
    refused = await ops.post(path, HOME, 409)
    assert (problem(refused), refused["field"], refused["record_id"]) == ("household-paid-twice", "number", first["id"])
    assert (await ops.get(path))["items"] == []
    declared = await ops.post(path, HOME | {"from": "2026-07-01"})
    await ops.patch(f"/v1/households/{declared['id']}", {"from": "2026-06-30"}, 409)
    await ops.post(f"/v1/benefits/{first['id']}/close", {"until": "2026-05-31"}, 200)
    await ops.patch(f"/v1/households/{declared['id']}", {"from": "2026-06-01"})
    await pay(ops, anna, 409, **{"from": "2026-09-01", "until": None})


async def test_who_moves_to_a_household_by_another_number_is_held_to_it(ops: Office) -> None:
    [anna], [jan] = await members(ops, 1), await members(ops, 2, number="GD/18")
    for client in (anna, jan):
        await pay(ops, client)
    [home] = (await ops.get(f"/v1/clients/{jan}/households"))["items"]
    assert (await ops.patch(f"/v1/households/{home['id']}", {"number": "GD/17"}, 409))["field"] == "number"


async def test_days_after_one_has_left_the_household_do_not_count(ops: Office) -> None:
    anna, jan = await members(ops, 1, 2)
    [home] = (await ops.get(f"/v1/clients/{jan}/households"))["items"]
    await ops.post(f"/v1/households/{home['id']}/close", {"until": "2026-03-31"}, 200)
    await pay(ops, anna)
    await pay(ops, jan, 409)
    await pay(ops, jan, **{"from": "2026-04-01"})


async def test_of_ten_members_paid_at_once_one_gets_it(ops: Office) -> None:
    clients = await members(ops, *range(1, 11))
    send = (ops.http.post(f"/v1/clients/{client}/benefits", json=ZOK) for client in clients)
    assert sorted(answer.status_code for answer in await asyncio.gather(*send)) == [201] + [409] * 9
    assert sum(await paid(ops, *clients)) == 1


async def test_of_two_who_carry_it_and_are_declared_at_once_one_is_a_member(ops: Office) -> None:
    clients = [await ops.enrol(number) for number in range(1, 7)]
    for client in clients:
        await pay(ops, client)
    send = (ops.http.post(f"/v1/clients/{client}/households", json=HOME) for client in clients)
    assert sorted(answer.status_code for answer in await asyncio.gather(*send)) == [201] + [409] * 5


async def test_a_member_declared_while_another_is_paid_never_makes_it_twice(ops: Office) -> None:
    [anna] = await members(ops, 1)
    others = [await ops.enrol(number) for number in range(2, 6)]
    for client in others:
        await pay(ops, client)
    send = [ops.http.post(f"/v1/clients/{client}/households", json=HOME) for client in others]
    send.insert(2, ops.http.post(f"/v1/clients/{anna}/benefits", json=ZOK))
    assert sorted(answer.status_code for answer in await asyncio.gather(*send)) == [201] + [409] * 4
