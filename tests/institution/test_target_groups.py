"""Target-group marks: until when they hold, and that nobody reads them in the database or elsewhere."""

from typing import Any

from sqlalchemy import text

from tests.builders import Office

BORN_1989, BORN_1976 = 59, 46
"""Numbers of people who were born on 1 January of these years."""


async def marked(ops: Office, number: int, **mark: Any) -> tuple[str, dict[str, Any]]:
    client = await ops.enrol(number)
    return client, await ops.post(f"/v1/clients/{client}/target-group-marks", mark)


async def held(ops: Office, client: str, on: str) -> list[str]:
    answer = await ops.get(f"/v1/clients/{client}/target-groups", params={"on": on})
    return [one["group"] for one in answer["groups"]]


async def test_who_left_prison_is_of_the_group_for_twelve_months(ops: Office) -> None:
    client, mark = await marked(ops, 1, group="after_prison", since="2026-01-10")
    assert (await held(ops, client, "2026-01-09"), await held(ops, client, "2027-01-10")) == ([], ["after_prison"])
    assert await held(ops, client, "2027-01-11") == []
    [today] = (await ops.get(f"/v1/clients/{client}/target-groups"))["groups"]
    assert (today["mark_id"], today["from"], today["until"]) == (mark["id"], "2026-01-10", "2027-01-10")
    assert today["name_pl"].startswith("osoby po zwolnieniu")


async def test_a_treatment_that_ended_counts_for_one_more_year(ops: Office) -> None:
    client, mark = await marked(ops, 1, group="addiction", since="2026-01-10")
    assert await held(ops, client, "2030-01-01") == ["addiction"]
    path = f"/v1/target-group-marks/{mark['id']}/close"
    assert (await ops.post(path, {"ended_on": "2026-01-09"}, 422))["field"] == "ended_on"
    ended = await ops.post(path, {"ended_on": "2026-04-30"}, 200)
    assert (ended["state"], ended["ended_on"]) == ("closed", "2026-04-30")
    assert (await held(ops, client, "2027-04-30"), await held(ops, client, "2027-05-01")) == (["addiction"], [])


async def test_an_age_limits_a_mark_by_the_clients_own_birthday(ops: Office) -> None:
    young, _ = await marked(ops, BORN_1989, group="youth_at_risk", since="2002-01-01")
    days = ("2003-12-31", "2004-01-01", "2014-12-31", "2015-01-01")
    assert [len(await held(ops, young, day)) for day in days] == [0, 1, 1, 0]
    older, _ = await marked(ops, BORN_1976, group="over_50", since="2020-01-01")
    assert (await held(ops, older, "2025-12-31"), await held(ops, older, "2026-01-01")) == ([], ["over_50"])


async def test_a_voided_mark_holds_on_no_day_and_a_wrong_one_is_refused(ops: Office) -> None:
    client, mark = await marked(ops, 1, group="homeless", since="2026-01-10")
    assert await held(ops, client, "2026-02-01") == ["homeless"]
    await ops.post(f"/v1/target-group-marks/{mark['id']}/void", status=200)
    assert await held(ops, client, "2026-02-01") == []
    path = f"/v1/clients/{client}/target-group-marks"
    assert (await ops.post(path, {"group": "rich", "since": "2026-01-10"}, 422))["field"] == "group"
    await ops.get(path, 422, params={"group": "homeless"})


async def test_a_mark_is_amended_and_told_by_another_system(ops: Office) -> None:
    client, mark = await marked(ops, 1, group="homeless", since="2026-01-10")
    changed = await ops.patch(f"/v1/target-group-marks/{mark['id']}", {"since": "2026-01-11"})
    assert (changed["since"], changed["version"]) == ("2026-01-11", 2)
    assert (await ops.patch(f"/v1/target-group-marks/{mark['id']}", {"since": "2026-01-11"}))["version"] == 2
    path = "/v1/by-external-id/pomost/target-group-marks/G-1"
    body = {"client_id": client, "group": "disabled", "since": "2026-01-10"}
    made = await ops.put(path, body, 201)
    assert await ops.put(path, body) == made


async def test_the_group_and_its_days_stand_encrypted(ops: Office) -> None:
    await marked(ops, 1, group="after_prison", since="2019-03-17", ended_on="2019-04-18")
    async with ops.node.db.read() as session:
        [row] = (await session.execute(text("SELECT * FROM target_group_mark"))).all()
        changes = (await session.execute(text("SELECT * FROM change"))).all()
    for secret in ("after_prison", "2019-03-17", "2019-04-18"):
        assert secret not in str(row)
        assert secret not in str(changes)
