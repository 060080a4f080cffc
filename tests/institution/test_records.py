"""Records over the local API: forms, benefits, jobs, registrations, contracts, households, memberships."""

from typing import Any

import pytest

from tests.builders import Office
from tests.institution.test_clients import problem

FORM = {"code": "PUP-STA", "from": "2026-03-02", "until": "2026-08-31", "hours_total": 960}


async def test_a_form_of_support_is_opened_amended_and_closed(pup: Office) -> None:
    client = await pup.enrol(1)
    form = await pup.post(f"/v1/clients/{client}/support-forms", FORM)
    path = f"/v1/support-forms/{form['id']}"
    amended = await pup.patch(path, {"hours_total": 800, "note": "krótszy staż"})
    assert (amended["hours_total"], amended["until"], amended["version"]) == (800, "2026-08-31", 2)
    closed = await pup.post(f"{path}/close", {"until": "2026-06-30"}, 200)
    assert (closed["state"], closed["status"], closed["until"]) == ("closed", "completed", "2026-06-30")
    assert problem(await pup.patch(path, {"hours_total": 1}, 409)) == "conflict"
    assert await pup.get(path) == closed


async def test_an_amendment_that_changes_nothing_makes_no_version(pup: Office) -> None:
    client = await pup.enrol(1)
    form = await pup.post(f"/v1/clients/{client}/support-forms", FORM)
    assert (await pup.patch(f"/v1/support-forms/{form['id']}", {"hours_total": 960}))["version"] == 1


async def test_a_voided_record_is_no_longer_listed(pup: Office) -> None:
    client = await pup.enrol(1)
    form = await pup.post(f"/v1/clients/{client}/support-forms", FORM)
    await pup.post(f"/v1/support-forms/{form['id']}/void", status=200)
    assert await pup.listed(f"/v1/clients/{client}/support-forms") == []
    assert problem(await pup.post(f"/v1/support-forms/{form['id']}/void", status=409)) == "conflict"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"code": "XXX-XXX"}, "code-unknown"),
        ({"code": "nope"}, "code-unknown"),
        ({"code": "PUP-PAI", "from": "2025-06-01", "until": None}, "code-out-of-dates"),
        ({"code": "PUP-INT", "from": "2025-05-31", "until": None}, "code-out-of-dates"),
        ({"until": "2026-03-01"}, "period-reversed"),
        ({"amount_gr": -1}, "amount-negative"),
        ({"amount_gr": 10**12}, "request-invalid"),
        ({"amount_gr": 1.5}, "request-invalid"),
        ({"amount_gr": "100"}, "request-invalid"),
        ({"from": "2026-02-30"}, "request-invalid"),
        ({"from": "1800-01-01"}, "request-invalid"),
        ({"hours_total": -1}, "request-invalid"),
        ({"status": "dreamt"}, "request-invalid"),
        ({"extra": 1}, "field-unknown"),
    ],
)
async def test_a_form_that_cannot_be_is_refused_and_nothing_is_stored(
    pup: Office, changes: dict[str, Any], name: str
) -> None:
    client = await pup.enrol(1)
    path = f"/v1/clients/{client}/support-forms"
    assert problem(await pup.post(path, FORM | changes, 422)) == name
    assert await pup.listed(path) == []


async def test_an_amendment_must_leave_a_whole_that_can_be(pup: Office) -> None:
    client = await pup.enrol(1)
    form = await pup.post(f"/v1/clients/{client}/support-forms", FORM)
    answer = await pup.patch(f"/v1/support-forms/{form['id']}", {"until": "2026-01-01"}, 422)
    assert problem(answer) == "period-reversed"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"code": "PUP-DOT", "monthly_net_gr": 1}, "code"),
        ({"code": "OPS-DMI", "monthly_net_gr": 28000}, "remaining_net_gr"),
        ({"code": "OPS-DMI", "monthly_net_gr": 28000, "remaining_net_gr": 28001}, "remaining_net_gr"),
        ({"code": "PUP-DAK", "monthly_net_gr": 89195}, "kept_months"),
        ({"code": "PUP-ZAS", "monthly_net_gr": 1, "kept_months": 13}, "kept_months"),
    ],
)
async def test_a_benefit_needs_what_its_effect_needs(ops: Office, body: dict[str, Any], field: str) -> None:
    client = await ops.enrol(1)
    answer = await ops.post(f"/v1/clients/{client}/benefits", body | {"from": "2025-09-01"}, 422)
    assert answer["field"] == field


async def test_kept_for_good_is_not_the_same_as_unsaid(ops: Office) -> None:
    client = await ops.enrol(1)
    body = {"code": "OPS-ZOK", "monthly_net_gr": 50500, "from": "2025-09-01"}
    unsaid = await ops.post(f"/v1/clients/{client}/benefits", body)
    for_good = await ops.post(f"/v1/clients/{client}/benefits", body | {"kept_months": None})
    assert [(one["kept_stated"], one["kept_months"]) for one in (unsaid, for_good)] == [(False, None), (True, None)]
    again = await ops.patch(f"/v1/benefits/{unsaid['id']}", {"monthly_net_gr": 51000})
    assert again["kept_stated"] is False


async def test_a_job_keeps_its_history(pup: Office) -> None:
    client = await pup.enrol(1)
    job = await pup.post(f"/v1/clients/{client}/employments", {"effective": "2026-03-16", "net_gr": 360585})
    await pup.post(f"/v1/employments/{job['id']}/wage-changes", {"effective": "2026-06-01", "net_gr": 400000})
    ended = await pup.post(f"/v1/employments/{job['id']}/end", {"last_day": "2026-07-17"})
    assert [(e["kind"], e["effective"], e["recorded"]) for e in ended["events"]] == [
        ("start", "2026-03-16", 1),
        ("wage", "2026-06-01", 2),
        ("stop", "2026-07-18", 3),
    ]
    assert ended["state"] == "closed"


async def test_a_form_that_only_the_other_side_gives_is_refused(pup: Office) -> None:
    client = await pup.enrol(1)
    answer = await pup.post(f"/v1/clients/{client}/support-forms", {"code": "AI-E01", "from": "2026-03-02"}, 422)
    assert (answer["field"], answer["expected"]) == ("code", "ops or pcpr")
    paid = {"code": "OPS-ZOK", "monthly_net_gr": 50000, "from": "2026-03-01"}
    await pup.post(f"/v1/clients/{client}/benefits", paid, 422)
    assert await pup.listed(f"/v1/clients/{client}/benefits") == []


async def test_what_neither_side_gives_may_be_noted_by_both_and_never_leaves(pup: Office) -> None:
    client = await pup.enrol(1)
    await pup.post(f"/v1/clients/{client}/support-forms", {"code": "OPS-800", "from": "2026-03-02"})


@pytest.mark.parametrize("last_day", ["2026-03-14", "2020-01-01"])
async def test_a_job_cannot_end_before_it_began(pup: Office, last_day: str) -> None:
    client = await pup.enrol(1)
    job = await pup.post(f"/v1/clients/{client}/employments", {"effective": "2026-03-16", "net_gr": 1})
    answer = await pup.post(f"/v1/employments/{job['id']}/end", {"last_day": last_day}, 422)
    assert answer["field"] == "last_day"


async def test_a_job_that_never_began_ends_on_the_day_before_its_first(pup: Office) -> None:
    client = await pup.enrol(1)
    job = await pup.post(f"/v1/clients/{client}/employments", {"effective": "2026-03-16", "net_gr": 1})
    ended = await pup.post(f"/v1/employments/{job['id']}/end", {"last_day": "2026-03-15"})
    assert [(event["kind"], event["effective"]) for event in ended["events"]] == [
        ("start", "2026-03-16"),
        ("stop", "2026-03-16"),
    ]


async def test_counters_of_jobs_run_through_all_jobs_of_a_client(pup: Office) -> None:
    client = await pup.enrol(1)
    jobs = [
        await pup.post(f"/v1/clients/{client}/employments", {"effective": f"2026-0{month}-01", "net_gr": 1})
        for month in (3, 4)
    ]
    assert [job["events"][0]["recorded"] for job in jobs] == [1, 2]


async def test_there_is_one_open_membership_at_a_time(pup: Office) -> None:
    client = await pup.enrol(1)
    path = f"/v1/clients/{client}/programme-memberships"
    body = {"arm": "recipient", "county": "2478", "inherited": True, "from": "2026-01-15"}
    first = await pup.post(path, body)
    assert problem(await pup.post(path, body, 409)) == "conflict"
    await pup.post(f"/v1/programme-memberships/{first['id']}/close", {"until": "2026-02-01"}, 200)
    await pup.post(path, body)


async def test_households_of_one_number_have_one_opaque_id_that_is_not_the_number(ops: Office) -> None:
    from sqlalchemy import select

    from services.ops_api.tables import HouseholdRow

    for number in (1, 2):
        client = await ops.enrol(number)
        body = {"number": "GD/17", "members": 4, "children": 2, "from": "2026-01-01"}
        await ops.post(f"/v1/clients/{client}/households", body)
    async with ops.node.db.read() as session:
        rows = list(await session.scalars(select(HouseholdRow)))
    assert len({row.opaque_id for row in rows}) == 1
    assert "GD/17" not in rows[0].opaque_id


async def test_more_children_than_members_is_refused(ops: Office) -> None:
    client = await ops.enrol(1)
    body = {"number": "1", "members": 2, "children": 3, "from": "2026-01-01"}
    assert (await ops.post(f"/v1/clients/{client}/households", body, 422))["field"] == "members"


async def test_a_labour_office_keeps_no_households_and_a_centre_no_registrations(pup: Office, ops: Office) -> None:
    await pup.post(f"/v1/clients/{await pup.enrol(1)}/households", {}, 404)
    await ops.post(f"/v1/clients/{await ops.enrol(1)}/registrations", {}, 404)


async def test_many_records_are_taken_or_refused_one_by_one(pup: Office) -> None:
    client = await pup.enrol(1)
    items = [
        {"client_id": client, **FORM},
        {"client_id": "nobody", **FORM},
        {"client_id": client, **FORM, "code": "XXX-XXX"},
        {**FORM},
    ]
    answer = await pup.post("/v1/support-forms/bulk", {"items": items}, 200)
    assert [item["status"] for item in answer["items"]] == [201, 404, 422, 422]
    assert len(await pup.listed(f"/v1/clients/{client}/support-forms")) == 1


async def test_benefits_in_bulk_keep_what_was_unsaid(ops: Office) -> None:
    client = await ops.enrol(1)
    items = [{"client_id": client, "code": "OPS-ZOK", "monthly_net_gr": 50500, "from": "2025-09-01"}]
    await ops.post("/v1/benefits/bulk", {"items": items}, 200)
    [benefit] = await ops.listed(f"/v1/clients/{client}/benefits")
    assert benefit["kept_stated"] is False
