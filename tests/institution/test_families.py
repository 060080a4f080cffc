"""A family at a welfare centre: who lives in the household, who cares for whom, and its interviews."""

from typing import Any

from tests.builders import Office

HOME = {"number": "GD/17", "members": 4, "children": 2, "from": "2026-01-01"}
CHILD = {"kinship": "child", "care": "cared_for_by_client", "birth_year": 2021, "name": "syn Jan", "from": "2026-01-01"}


async def home(ops: Office, number: int = 1) -> tuple[str, dict[str, Any]]:
    """Declare a household; return the client's id and how its parts name it."""
    client = await ops.enrol(number)
    made = await ops.post(f"/v1/clients/{client}/households", HOME)
    return client, {"household_id": made["id"]}


async def test_a_family_is_recorded_member_by_member_with_kinship_and_care(ops: Office) -> None:
    client, of_home = await home(ops)
    wife = await ops.enrol(2)
    path = f"/v1/clients/{client}/household-members"
    spouse = {"kinship": "spouse", "member_client_id": wife, "from": "2026-01-01"}
    await ops.post(path, of_home | spouse)
    child = await ops.post(path, of_home | CHILD)
    await ops.post(path, of_home | {"kinship": "parent", "care": "needs_care", "from": "2026-01-01"})
    assert [one["id"] for one in await ops.listed(path, params={"care": "cared_for_by_client"})] == [child["id"]]
    [married] = await ops.listed("/v1/household-members", params={"member_client_id": wife})
    assert (married["client_id"], married["kinship"]) == (client, "spouse")
    moved_out = await ops.post(f"/v1/household-members/{child['id']}/close", {"until": "2026-08-31"}, 200)
    assert moved_out["state"] == "closed"
    assert len(await ops.listed(path, params={"on": "2026-09-01"})) == 2


async def test_a_household_is_not_closed_before_its_members_left_it(ops: Office) -> None:
    client, of_home = await home(ops)
    member = await ops.post(f"/v1/clients/{client}/household-members", of_home | CHILD)
    path = f"/v1/households/{of_home['household_id']}/close"
    refused = await ops.post(path, {"until": "2026-08-31"}, 409)
    assert refused["open"] == {"household-members": [member["id"]]}
    await ops.post(f"/v1/household-members/{member['id']}/close", {"until": "2026-08-31"}, 200)
    await ops.post(path, {"until": "2026-08-31"}, 200)


async def test_a_member_that_cannot_be_is_refused_and_the_field_is_named(ops: Office) -> None:
    client, of_home = await home(ops, 1)
    _, of_another = await home(ops, 2)
    body = of_home | CHILD
    wrong = [
        ({"birth_year": 2027}, "birth_year"),
        ({"kinship": "enemy"}, "kinship"),
        ({"care": "sometimes"}, "care"),
        ({"member_client_id": client}, "member_client_id"),
        ({"member_client_id": of_home["household_id"]}, "member_client_id"),
        ({"until": "2025-12-31"}, "until"),
        (of_another, "household_id"),
    ]
    for change, field in wrong:
        answer = await ops.post(f"/v1/clients/{client}/household-members", body | change, 422)
        assert answer["field"] == field, change
        assert "syn Jan" not in str(answer)


async def test_interviews_are_due_held_and_followed_by_the_next(ops: Office) -> None:
    client, of_home = await home(ops)
    path = f"/v1/clients/{client}/family-interviews"
    first = await ops.post(path, of_home | {"kind": "first", "due": "2026-02-20"})
    assert await ops.listed("/v1/family-interviews", params={"state": "open", "due_before": "2026-03-01"}) == [first]
    end = {"result": "held", "held_on": "2026-02-12", "next_due": "2026-08-12"}
    held = await ops.post(f"/v1/family-interviews/{first['id']}/close", end, 200)
    assert (held["state"], held["next_due"]) == ("closed", "2026-08-12")
    await ops.post(path, {"kind": "update", "due": held["next_due"]})
    assert len(await ops.listed(path, params={"kind": "update", "state": "open"})) == 1


async def test_an_interview_that_was_not_held_has_no_next_one(ops: Office) -> None:
    client, of_home = await home(ops)
    body = of_home | {"kind": "first", "due": "2026-02-20"}
    wrong = [
        ({"result": "held"}, "held_on"),
        ({"held_on": "2026-02-12"}, "result"),
        ({"next_due": "2026-08-12"}, "next_due"),
        ({"result": "refused", "held_on": "2026-02-12", "next_due": "2026-08-12"}, "next_due"),
        ({"result": "held", "held_on": "2026-02-12", "next_due": "2026-02-12"}, "next_due"),
    ]
    for change, field in wrong:
        answer = await ops.post(f"/v1/clients/{client}/family-interviews", body | change, 422)
        assert answer["field"] == field, change
