"""Registrations as unemployed: periods with reasons, long-term status, and the duty to keep in contact."""

from tests.builders import Office
from tests.institution.test_clients import problem

REGISTRATION = {"from": "2024-10-01", "start_reason": "after_job"}


async def registered(pup: Office, number: int = 1, first: str = "2024-10-01") -> tuple[str, str]:
    """Register a client as unemployed; return the ids of both."""
    client = await pup.enrol(number)
    made = await pup.post(f"/v1/clients/{client}/registrations", REGISTRATION | {"from": first})
    return client, str(made["id"])


async def test_a_registration_has_a_reason_at_both_ends(pup: Office) -> None:
    client, registration = await registered(pup)
    path = f"/v1/registrations/{registration}/close"
    assert (await pup.post(path, {"until": "2026-08-31"}, 422))["field"] == "reason"
    assert (await pup.post(path, {"until": "2026-08-31", "reason": "bored"}, 422))["field"] == "reason"
    closed = await pup.post(path, {"until": "2026-08-31", "reason": "job_taken"}, 200)
    assert (closed["state"], closed["start_reason"], closed["reason"]) == ("closed", "after_job", "job_taken")
    found = await pup.listed("/v1/registrations", params={"reason": "job_taken", "on": "2026-08-31"})
    assert [one["client_id"] for one in found] == [client]


async def test_a_person_is_registered_once_on_any_day(pup: Office) -> None:
    client, registration = await registered(pup)
    path = f"/v1/clients/{client}/registrations"
    answer = await pup.post(path, {"from": "2026-01-01"}, 409)
    assert (problem(answer), answer["record_id"]) == ("conflict", registration)
    before = await pup.post(path, {"from": "2023-01-01", "until": "2024-09-30", "reason": "job_taken"})
    await pup.patch(f"/v1/registrations/{before['id']}", {"until": "2024-10-01"}, 409)
    end = {"until": "2024-10-01", "reason": "job_taken"}
    await pup.post(f"/v1/registrations/{before['id']}/close", end, 409)
    await pup.post(f"/v1/registrations/{registration}/close", {"until": "2026-03-31", "reason": "moved"}, 200)
    items = [{"client_id": client, "from": day} for day in ("2026-03-31", "2026-04-01", "2026-05-01")]
    taken = await pup.post("/v1/registrations/bulk", {"items": items}, 200)
    assert [item["status"] for item in taken["items"]] == [409, 201, 409]
    await pup.post(f"/v1/registrations/{before['id']}/void", status=200)
    await pup.post(path, {"from": "2023-05-01", "until": "2023-06-30"})


async def test_the_status_names_the_days_and_the_forms_that_were_taken_off(pup: Office) -> None:
    client, _ = await registered(pup)
    forms = f"/v1/clients/{client}/support-forms"
    placement = await pup.post(forms, {"code": "PUP-STA", "from": "2025-02-01", "until": "2025-04-30"})
    await pup.post(forms, {"code": "PUP-SZK", "from": "2025-06-01", "until": "2025-06-30"})
    wrong = await pup.post(forms, {"code": "PUP-STA", "from": "2025-09-01", "until": "2025-09-30"})
    await pup.post(f"/v1/support-forms/{wrong['id']}/void", status=200)
    status = await pup.get(f"/v1/clients/{client}/unemployment-status", params={"on": "2026-03-01"})
    assert status["taken_off"] == [{"code": "PUP-STA", "record": placement["id"], "days": 89}]
    assert (status["registered"], status["registered_days"], status["counted_days"]) == (True, 516, 427)
    assert (status["long_term"], status["long_term_since"]) == (True, "2025-12-30")
    assert (status["window_from"], status["window_until"]) == ("2024-03-01", "2026-02-28")
    before = await pup.get(f"/v1/clients/{client}/unemployment-status", params={"on": "2025-12-29"})
    assert (before["long_term"], before["long_term_since"]) == (False, None)


async def test_today_is_asked_for_unless_a_day_is_stated(pup: Office) -> None:
    client, _ = await registered(pup)
    assert (await pup.get(f"/v1/clients/{client}/unemployment-status"))["on"] == "2026-10-01"
    path = f"/v1/clients/{client}/unemployment-status"
    assert problem(await pup.get(path, 422, params={"on": "1066-10-14"})) == "request-invalid"
    await pup.get("/v1/clients/0198c6a0-0000-7000-8000-000000000000/unemployment-status", 404)


async def test_contacts_are_agreed_and_kept_and_the_overdue_ones_are_listed(pup: Office) -> None:
    client, registration = await registered(pup, first="2026-07-01")
    path = f"/v1/clients/{client}/contact-duties"
    for due, way in (("2026-08-15", "telephone"), ("2026-09-20", "visit"), ("2026-11-15", "online")):
        await pup.post(path, {"registration_id": registration, "due": due, "way": way})
    late = {"state": "open", "due_before": "2026-10-01", "sort": "due"}
    first, second = await pup.listed("/v1/contact-duties", params=late)
    assert (first["due"], second["due"]) == ("2026-08-15", "2026-09-20")
    await pup.post(f"/v1/contact-duties/{first['id']}/close", {"result": "kept", "ended_on": "2026-08-14"}, 200)
    await pup.post(f"/v1/contact-duties/{second['id']}/close", {"result": "missed", "ended_on": "2026-09-21"}, 200)
    assert await pup.listed("/v1/contact-duties", params=late) == []
    standing = await pup.get(f"/v1/clients/{client}/contact-standing")
    assert (standing["last_contact"], standing["due_by"]) == ("2026-08-14", "2026-11-12")
    assert (standing["next_agreed"], standing["overdue_days"], standing["proposed"]) == ("2026-11-15", 0, None)
    assert (standing["figure"]["value"], standing["figure"]["valid_from"]) == ("90", "2025-06-01")
    assert standing["figure"]["verified"] is True


async def test_who_made_no_contact_is_proposed_for_closure_and_an_official_closes(pup: Office) -> None:
    client, registration = await registered(pup, 1, "2026-07-02")
    _, in_time = await registered(pup, 2, "2026-07-03")
    kept_up, excused = await registered(pup, 3, "2025-01-01")
    duties = f"/v1/clients/{kept_up}/contact-duties"
    body = {"registration_id": excused, "due": "2026-07-03", "result": "excused", "ended_on": "2026-07-03"}
    await pup.post(duties, body)
    gone, ended = await registered(pup, 4, "2025-01-01")
    await pup.patch(f"/v1/registrations/{ended}", {"until": "2026-09-01"})

    [found] = await pup.listed("/v1/contact-standings/overdue")
    assert (found["client_id"], found["overdue_days"], found["due_by"]) == (client, 1, "2026-09-30")
    assert found["proposed"] == {"until": "2026-09-30", "reason": "no_contact"}
    assert (await pup.get(f"/v1/registrations/{registration}"))["state"] == "open"
    closed = await pup.post(f"/v1/registrations/{registration}/close", found["proposed"], 200)
    assert (closed["state"], closed["reason"]) == ("closed", "no_contact")
    assert await pup.listed("/v1/contact-standings/overdue") == []
    await pup.get(f"/v1/clients/{client}/contact-standing", 404)
    await pup.get(f"/v1/clients/{gone}/contact-standing", 404)
    [next_day] = await pup.listed("/v1/contact-standings/overdue", params={"on": "2026-10-02", "limit": 1})
    assert next_day["registration_id"] == in_time
    page = await pup.get("/v1/contact-standings/overdue", params={"on": "2026-10-02", "limit": 1})
    following = await pup.listed("/v1/contact-standings/overdue", params={"on": "2026-10-02", "after": page["next"]})
    assert [one["registration_id"] for one in following] == [excused]


async def test_the_duty_begins_with_its_act_and_before_it_there_is_no_figure(pup: Office) -> None:
    client, _ = await registered(pup)
    standing = await pup.get(f"/v1/clients/{client}/contact-standing", params={"on": "2025-08-30"})
    assert (standing["due_by"], standing["overdue_days"]) == ("2025-08-30", 0)
    assert await pup.listed("/v1/contact-standings/overdue", params={"on": "2025-08-30"}) == []
    assert len(await pup.listed("/v1/contact-standings/overdue", params={"on": "2025-08-31"})) == 1
    answer = await pup.get(f"/v1/clients/{client}/contact-standing", 422, params={"on": "2025-05-31"})
    assert "before 2025-06-01" in answer["detail"]


async def test_a_welfare_centre_has_no_such_question(ops: Office) -> None:
    await ops.get(f"/v1/clients/{await ops.enrol(1)}/unemployment-status", 404)
