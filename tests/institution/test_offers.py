"""Offers of work: made, answered by a day, and what came of them."""

from typing import Any

from tests.builders import Office
from tests.institution.test_clients import problem

OFFER = {"offered_on": "2026-09-21", "position": "kelner", "employer": "Bar Przykład", "due": "2026-09-28"}


async def test_an_offer_is_made_answered_and_found_by_its_outcome(pup: Office) -> None:
    client = await pup.enrol(1)
    path = f"/v1/clients/{client}/job-offers"
    made = [await pup.post(path, OFFER | {"due": due}) for due in ("2026-09-28", "2026-09-25", "2026-10-05")]
    waiting = await pup.listed("/v1/job-offers", params={"due_before": "2026-10-01", "sort": "due", "state": "open"})
    assert [one["id"] for one in waiting] == [made[1]["id"], made[0]["id"]]
    refused = {"result": "refused", "reason": "distance", "answered_on": "2026-09-24"}
    await pup.post(f"/v1/job-offers/{made[1]['id']}/close", refused, 200)
    hired = {"result": "hired", "answered_on": "2026-09-27"}
    closed = await pup.post(f"/v1/job-offers/{made[0]['id']}/close", hired, 200)
    assert (closed["state"], closed["result"], closed["reason"]) == ("closed", "hired", None)
    for wanted, found in (({"result": "refused"}, made[1]), ({"reason": "distance"}, made[1]), (hired, made[0])):
        wanted.pop("answered_on", None)
        assert [one["id"] for one in await pup.listed("/v1/job-offers", params=wanted)] == [found["id"]]


async def test_an_outcome_of_an_offer_must_hold_together(pup: Office) -> None:
    client = await pup.enrol(1)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"due": "2026-09-20"}, "due"),
        ({"result": "hired"}, "answered_on"),
        ({"answered_on": "2026-09-22"}, "result"),
        ({"result": "refused", "answered_on": "2026-09-22"}, "reason"),
        ({"result": "hired", "reason": "pay", "answered_on": "2026-09-22"}, "reason"),
        ({"result": "hired", "answered_on": "2026-09-20"}, "answered_on"),
        ({"code": "PUP-PZD"}, "offered_on"),
        ({"code": "XXX-XXX"}, "code"),
        ({"code": "AI-E01"}, "code"),
    ]
    for changes, field in wrong:
        answer = await pup.post(f"/v1/clients/{client}/job-offers", OFFER | changes, 422)
        assert answer["field"] == field, changes
    assert await pup.listed("/v1/job-offers") == []


async def test_an_offer_with_an_outcome_takes_no_other(pup: Office) -> None:
    client = await pup.enrol(1)
    answered = OFFER | {"result": "no_answer", "answered_on": "2026-09-30"}
    offer = await pup.post(f"/v1/clients/{client}/job-offers", answered)
    again = {"result": "hired", "answered_on": "2026-09-30"}
    assert problem(await pup.post(f"/v1/job-offers/{offer['id']}/close", again, 409)) == "conflict"
