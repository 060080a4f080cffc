"""Individual action plans: steps and reviews belong to a plan, hold it open, and are voided with it."""

from typing import Any

from tests.builders import Office
from tests.institution.test_clients import problem

PLAN = {"aim": "praca w gastronomii", "from": "2026-10-01", "until": "2027-03-31"}
ABSENT = "0198c6a0-0000-7000-8000-000000000000"


async def planned(pup: Office, number: int = 1) -> tuple[str, dict[str, Any]]:
    """Open a plan; return the client's id and the plan."""
    client = await pup.enrol(number)
    return client, await pup.post(f"/v1/clients/{client}/action-plans", PLAN)


async def test_a_plan_is_worked_through_step_by_step_and_reviewed(pup: Office) -> None:
    client, plan = await planned(pup)
    of_plan = {"action_plan_id": plan["id"]}
    steps = f"/v1/clients/{client}/action-plan-steps"
    training = of_plan | {"what": "szkolenie: kelner", "code": "PUP-SZK", "due": "2026-12-15"}
    step = await pup.post(steps, training)
    await pup.post(steps, of_plan | {"what": "trzy rozmowy z pracodawcami", "due": "2026-11-01"})
    review = await pup.post(f"/v1/clients/{client}/action-plan-reviews", of_plan | {"due": "2026-11-02"})

    due = await pup.listed("/v1/action-plan-steps", params=of_plan | {"sort": "due", "state": "open"})
    assert [one["due"] for one in due] == ["2026-11-01", "2026-12-15"]
    await pup.post(f"/v1/action-plan-steps/{step['id']}/close", {"result": "done", "ended_on": "2026-12-11"}, 200)
    found = {"result": "on_course", "held_on": "2026-11-02"}
    held = await pup.post(f"/v1/action-plan-reviews/{review['id']}/close", found, 200)
    assert (held["state"], held["result"]) == ("closed", "on_course")
    assert await pup.listed("/v1/action-plan-reviews", params={"due_before": "2026-12-01", "state": "open"}) == []


async def test_a_plan_with_open_parts_is_not_closed_and_says_which_they_are(pup: Office) -> None:
    client, plan = await planned(pup)
    body = {"action_plan_id": plan["id"], "due": "2026-11-02"}
    reviews = [await pup.post(f"/v1/clients/{client}/action-plan-reviews", body) for _ in range(2)]
    path, end = f"/v1/action-plans/{plan['id']}/close", {"until": "2027-02-14", "result": "job_taken"}
    answer = await pup.post(path, end, 409)
    assert answer["open"] == {"action-plan-reviews": [one["id"] for one in reviews]}
    assert problem(await pup.patch(f"/v1/action-plans/{plan['id']}", end, 409)) == "conflict"
    for one in reviews:
        ended = {"result": "not_held", "held_on": "2026-11-10"}
        await pup.patch(f"/v1/action-plan-reviews/{one['id']}", ended)
    closed = await pup.post(path, end, 200)
    assert (closed["state"], closed["result"], closed["until"]) == ("closed", "job_taken", "2027-02-14")


async def test_what_belongs_to_a_voided_plan_is_voided_with_it(pup: Office) -> None:
    client, plan = await planned(pup)
    reviews = f"/v1/clients/{client}/action-plan-reviews"
    of_plan = {"action_plan_id": plan["id"], "due": "2026-11-02"}
    await pup.post(reviews, of_plan)
    held = await pup.post(reviews, of_plan | {"result": "changed", "held_on": "2026-11-02"})
    assert held["state"] == "closed"
    await pup.post(f"/v1/action-plans/{plan['id']}/void", status=200)
    assert await pup.listed(reviews) == []
    assert len(await pup.listed(reviews, params={"state": "voided"})) == 2
    voided = [one["kind"] for one in (await pup.get("/v1/changes"))["items"] if one["change"] == "voided"]
    assert sorted(voided) == ["action_plan", "action_plan_review", "action_plan_review"]


async def test_a_part_belongs_to_an_open_record_of_the_same_client(pup: Office) -> None:
    client, plan = await planned(pup, 1)
    _, of_another = await planned(pup, 2)
    path = f"/v1/clients/{client}/action-plan-reviews"
    for wrong in (ABSENT, of_another["id"], "no such id"):
        answer = await pup.post(path, {"action_plan_id": wrong, "due": "2026-11-02"}, 422)
        assert answer["field"] == "action_plan_id"
    review = await pup.post(path, {"action_plan_id": plan["id"], "due": "2026-11-02"})
    moved = {"action_plan_id": of_another["id"]}
    await pup.patch(f"/v1/action-plan-reviews/{review['id']}", moved, 422)
    await pup.post(f"/v1/action-plan-reviews/{review['id']}/void", status=200)
    await pup.post(f"/v1/action-plans/{plan['id']}/close", {"until": "2026-12-31", "result": "reached"}, 200)
    late = {"action_plan_id": plan["id"], "due": "2026-11-02"}
    assert problem(await pup.post(path, late, 409)) == "conflict"
    told_later = late | {"result": "on_course", "held_on": "2026-11-02"}
    assert (await pup.post(path, told_later))["state"] == "closed"


async def test_an_outcome_needs_its_day_and_a_day_its_outcome(pup: Office) -> None:
    client, plan = await planned(pup)
    path = f"/v1/clients/{client}/action-plan-reviews"
    of_plan = {"action_plan_id": plan["id"], "due": "2026-11-02"}
    assert (await pup.post(path, of_plan | {"result": "done"}, 422))["field"] == "held_on"
    assert (await pup.post(path, of_plan | {"held_on": "2026-11-02"}, 422))["field"] == "result"
    assert (await pup.patch(f"/v1/action-plans/{plan['id']}", {"until": None, "result": "other"}, 422))[
        "field"
    ] == "until"


async def test_one_plan_is_open_at_a_time_and_those_of_before_are_told_with_their_outcome(pup: Office) -> None:
    client, plan = await planned(pup)
    path = f"/v1/clients/{client}/action-plans"
    answer = await pup.post(path, PLAN, 409)
    assert (problem(answer), answer["record_id"]) == ("conflict", plan["id"])
    before = PLAN | {"from": "2025-01-01", "until": "2025-06-30", "result": "broken_off"}
    assert (await pup.post(path, before))["state"] == "closed"


async def test_parts_in_bulk_are_taken_or_refused_one_by_one(pup: Office) -> None:
    client, plan = await planned(pup)
    of_plan = {"client_id": client, "due": "2026-11-02"}
    items = [of_plan | {"action_plan_id": plan["id"]}, of_plan | {"action_plan_id": ABSENT}, of_plan]
    answer = await pup.post("/v1/action-plan-reviews/bulk", {"items": items}, 200)
    assert [item["status"] for item in answer["items"]] == [201, 422, 422]


async def test_another_system_sends_the_outcome_and_the_part_is_closed(pup: Office) -> None:
    client, plan = await planned(pup)
    path = "/v1/by-external-id/syriusz/action-plan-reviews/P-1"
    body = {"client_id": client, "action_plan_id": plan["id"], "due": "2026-11-02"}
    assert (await pup.put(path, body, 201))["state"] == "open"
    ended = body | {"result": "on_course", "held_on": "2026-11-02"}
    closed = await pup.put(path, ended)
    assert closed["state"] == "closed"
    assert await pup.put(path, ended) == closed
    assert problem(await pup.put(path, ended | {"due": "2026-11-03"}, 409)) == "conflict"


async def test_a_plan_never_leaves_the_office_and_stands_in_no_merged_view(pup: Office) -> None:
    client, _ = await planned(pup)
    assert (await pup.get(f"/v1/clients/{client}/merged-view"))["entries"] == []
