"""The same support given twice: seen before, told after, explained, resolved; and how its costs are shared."""

from typing import Any

import pytest

from tests import builders
from tests.builders import Federation, Office
from tests.federation.saying import joint

STAGE = {"code": "PUP-STA", "from": "2026-03-02", "until": "2026-08-31"}
PRACTICE = {"code": "AI-Z03", "from": "2026-06-01", "until": "2026-12-31"}


async def gives(office: Office, client: str, form: dict[str, Any]) -> str:
    return str((await office.post(f"/v1/clients/{client}/support-forms", form))["id"])


async def alerts(office: Office, state: str = "open") -> list[Any]:
    return await office.listed(f"/v1/duplicates?state={state}")


def days(alert: Any) -> tuple[str, str | None]:
    return alert["from"], alert["until"]


def field(problem: Any) -> str:
    return str(problem["errors"][0]["field"] if "errors" in problem else problem["field"])


async def test_a_duplicate_is_seen_before_and_opened_all_the_same(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    stage = await gives(pup, at_pup, STAGE)
    await federation.settle()
    before = await ops.post(f"/v1/clients/{at_ops}/support-forms/what-if", PRACTICE, 200)
    [found] = before["duplicates"]
    assert found["other"] == {"iss": "pup-2478", "form_id": stage, "code": "PUP-STA", "name_pl": "Staż"}
    assert (found["duplicate_class"], days(found)) == ("traineeship", ("2026-06-01", "2026-08-31"))
    assert await ops.listed(f"/v1/clients/{at_ops}/support-forms") == []
    opened = await ops.post(f"/v1/clients/{at_ops}/support-forms", PRACTICE)
    assert opened["duplicates"] == before["duplicates"]
    later = PRACTICE | {"from": "2026-09-01"}
    assert (await ops.post(f"/v1/clients/{at_ops}/support-forms/what-if", later, 200))["duplicates"] == []
    assert (await ops.get(f"/v1/support-forms/{opened['id']}"))["duplicates"] is None


@pytest.mark.parametrize("together", [True, False], ids=["at once", "one after the other"])
@pytest.mark.parametrize("first", ["pup", "ops"])
async def test_both_offices_are_told_once_whichever_form_comes_first(
    federation: Federation, first: str, together: bool
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    steps = [(pup, at_pup, STAGE), (ops, at_ops, PRACTICE)]
    for office, client, form in steps if first == "pup" else reversed(steps):
        await gives(office, client, form)
        if not together:
            await federation.settle()
    await federation.settle()
    for office, client in ((pup, at_pup), (ops, at_ops)):
        [alert] = await alerts(office)
        assert (alert["client_id"], alert["duplicate_class"], days(alert)) == (
            client,
            "traineeship",
            ("2026-06-01", "2026-08-31"),
        )
        assert {one["code"] for one in alert["forms"]} == {"PUP-STA", "AI-Z03"}
        changes = (await office.get("/v1/changes"))["items"]
        assert [one["change"] for one in changes if one["kind"] == "duplicate"] == ["open"]


async def test_a_pair_is_told_again_when_its_days_change_and_when_it_ends(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    stage = await gives(pup, at_pup, STAGE)
    await gives(ops, at_ops, PRACTICE)
    await federation.settle()
    [alert] = await alerts(ops)
    body = {"reason_code": "complementary"}
    explained = await ops.post(f"/v1/duplicates/{alert['id']}/explain", body, 200)
    assert (explained["state"], explained["explained_by"]) == ("explained", "tester")
    assert [one["state"] for one in await alerts(pup)] == ["open"]
    await pup.patch(f"/v1/support-forms/{stage}", {"note": "the days stay"})
    await federation.settle()
    assert [one["id"] for one in await alerts(ops, "explained")] == [alert["id"]]
    await pup.patch(f"/v1/support-forms/{stage}", {"until": "2026-07-31"})
    await federation.settle()
    assert [days(one) for one in await alerts(ops)] == [("2026-06-01", "2026-07-31")]
    await pup.post(f"/v1/support-forms/{stage}/close", {"until": "2026-05-31"}, 200)
    await federation.settle()
    assert await alerts(ops) == await alerts(pup) == []
    [resolved] = await alerts(ops, "resolved")
    refused = await ops.post(f"/v1/duplicates/{resolved['id']}/explain", body, 409)
    assert refused["type"].endswith("conflict")


async def test_a_pair_that_changed_meanwhile_is_not_explained_as_it_was(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    stage = await gives(pup, at_pup, STAGE)
    await gives(ops, at_ops, PRACTICE)
    await federation.settle()
    [read] = await alerts(ops)
    await pup.patch(f"/v1/support-forms/{stage}", {"until": "2026-07-31"})
    await federation.settle()
    path, body = f"/v1/duplicates/{read['id']}/explain", {"reason_code": "complementary"}
    refused = await ops.post(path, body, 412, headers={"If-Match": f'"{read["version"]}"'})
    assert (refused["expected"], refused["received"]) == ('"2"', '"1"')
    assert (refused["present"]["until"], refused["sent"]) == ("2026-07-31", body)
    [now] = await alerts(ops)
    answer = await ops.http.post(path, json=body, headers={"If-Match": f'"{now["version"]}"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"3"')
    assert (answer.json()["state"], answer.json()["version"]) == ("explained", 3)
    again = await ops.post(path, body, 412, headers={"If-Match": f'"{now["version"]}"'})
    assert again["present"]["explained_by"] == "tester"


async def test_a_voided_form_and_a_parting_resolve_the_pair_and_a_return_opens_it_again(
    federation: Federation,
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await gives(pup, at_pup, STAGE)
    practice = await gives(ops, at_ops, PRACTICE)
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/withdraw", status=200)
    await federation.settle()
    assert [len(await alerts(office, "resolved")) for office in (pup, ops)] == [1, 1]
    await pup.post(f"/v1/clients/{at_pup}/take-back", status=200)
    await federation.settle()
    assert [len(await alerts(office)) for office in (pup, ops)] == [1, 1]
    await ops.post(f"/v1/support-forms/{practice}/void", status=200)
    await federation.settle()
    assert [len(await alerts(office, "resolved")) for office in (pup, ops)] == [1, 1]


async def test_forms_from_before_the_match_are_told_with_it(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    await gives(pup, await pup.enrol(1), STAGE)
    await gives(ops, await ops.enrol(1), PRACTICE)
    assert await alerts(ops) == []
    await federation.settle()
    assert [len(await alerts(office)) for office in (pup, ops)] == [1, 1]


async def test_costs_that_both_state_alike_are_agreed_and_shown_beside_the_duplicate(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    stage = await gives(pup, at_pup, STAGE)
    await gives(ops, at_ops, PRACTICE)
    await federation.settle()
    share = {"form_id": stage, "unit": "basis_points", "from": "2026-06-01", "until": "2026-08-31"}
    ours = share | {"other": "ops-2478011", "own": 7000, "other_share": 3000}
    stated = await pup.post(f"/v1/clients/{at_pup}/cost-agreements", ours)
    await federation.settle()
    [waiting] = (await ops.get(f"/v1/clients/{at_ops}/between"))["costs"]
    assert (waiting["standing"], waiting["own"], waiting["other_share"]) == ("awaits_us", 3000, 7000)
    theirs = share | {"other": "pup-2478", "own": 3000, "other_share": 7000, "confirms": waiting["their_id"]}
    wrong = await ops.post(f"/v1/clients/{at_ops}/cost-agreements", theirs | {"own": 4000, "other_share": 6000}, 409)
    assert (field(wrong), wrong["expected"]["own"]) == ("own", 3000)
    await ops.post(f"/v1/clients/{at_ops}/cost-agreements", theirs)
    await federation.settle()
    for office, own in ((pup, 7000), (ops, 3000)):
        [alert] = await alerts(office)
        assert [(one["standing"], one["own"], one["form_id"]) for one in alert["costs"]] == [("agreed", own, stage)]
    await pup.patch(f"/v1/cost-agreements/{stated['id']}", {"own": 5000, "other_share": 5000})
    await federation.settle()
    assert [one["standing"] for one in (await ops.get(f"/v1/clients/{at_ops}/between"))["costs"]] == ["differs"]


BAD_SHARES: list[tuple[dict[str, Any], int, str]] = [
    ({"own": 6000}, 422, "other_share"),
    ({"unit": "percent"}, 422, "unit"),
    ({"unit": "grosze"}, 422, "total"),
    ({"unit": "grosze", "total": 10_001}, 422, "other_share"),
    ({"total": 10_000}, 422, "total"),
    ({"own": -1}, 422, "own"),
    ({"other": "ops-2476011"}, 422, "other"),
    ({"other": "pup-2478"}, 422, "other"),
    ({"other": "nobody"}, 422, "other"),
    ({"form_id": "0198c6a0-0000-7000-8000-000000000000"}, 422, "form_id"),
    ({"confirms": "0198c6a0-0000-7000-8000-000000000000"}, 422, "confirms"),
    ({"until": "2026-05-31"}, 422, "until"),
]


async def test_wrong_shares_are_refused_by_their_member(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    good = {"other": "ops-2478011", "unit": "basis_points", "own": 5000, "other_share": 5000, "from": "2026-06-01"}
    path = f"/v1/clients/{at_pup}/cost-agreements"
    for changes, status, name in BAD_SHARES:
        problem = await pup.post(path, good | changes, status)
        assert field(problem) == name, changes
    amounts = {"unit": "grosze", "own": 120_000, "other_share": 80_000, "total": 200_000}
    await pup.post(path, good | amounts)
    assert field(await pup.post(path, good, 409)) == "from"


async def test_costs_of_a_form_that_never_leaves_are_not_shared(federation: Federation) -> None:
    _, ops, _, at_ops = await joint(federation)
    hidden = await gives(ops, at_ops, {"code": "AI-H02", "from": "2026-01-01"})
    share = {"other": "pup-2478", "unit": "basis_points", "own": 5000, "other_share": 5000, "from": "2026-06-01"}
    refused = await ops.post(f"/v1/clients/{at_ops}/cost-agreements", share | {"form_id": hidden}, 422)
    assert field(refused) == "form_id"


async def test_wrong_questions_about_duplicates_are_refused(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    nobody = "0198c6a0-0000-7000-8000-000000000000"
    await pup.get("/v1/duplicates?state=lost", 422)
    await pup.get("/v1/duplicates?after=x", 422)
    await pup.post(f"/v1/duplicates/{nobody}/explain", {"reason_code": "complementary"}, 404)
    assert field(await pup.post(f"/v1/duplicates/{nobody}/explain", {"reason_code": "Because"}, 422)) == "reason_code"
    wrong = await pup.post(f"/v1/clients/{at_pup}/support-forms/what-if", STAGE | {"until": "2026-01-01"}, 422)
    assert field(wrong) == "until"


async def test_who_joins_later_is_told_of_the_pairs_that_stand(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(builders.AREAS, "pup-2476", ("2478011",))
    pup, ops, at_pup, at_ops = await joint(federation)
    await gives(pup, at_pup, STAGE)
    await gives(ops, at_ops, PRACTICE)
    await federation.settle()
    second = await federation.join("pup-2476")
    at_second = await second.enrol(1)
    await federation.settle()
    for office in (ops, second):
        for suspicion in (await office.get("/v1/suspicions"))["items"]:
            path = f"/v1/suspicions/{suspicion['id']}/confirm"
            await office.post(path, {"reason_code": "same_person"}, 200)
    await federation.settle()
    assert (await second.get(f"/v1/clients/{at_second}"))["members"] == ["ops-2478011", "pup-2476", "pup-2478"]
    [alert] = await alerts(second)
    assert {form["iss"] for form in alert["forms"]} == {"pup-2478", "ops-2478011"}
    changes = [one for one in (await pup.get("/v1/changes"))["items"] if one["kind"] == "duplicate"]
    assert [one["change"] for one in changes] == ["open"]
