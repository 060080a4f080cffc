"""Every read of a person leaves a row: who, in which role, why, on which basis, in which case, when, what."""

from typing import Any

import pytest
from sqlalchemy import text

from shared.runtime.bearer import issue_token
from shared.runtime.clock import unix
from tests.builders import Office, new_client, pesel
from tests.institution.test_clients import problem

FORM = {"code": "PUP-STA", "from": "2026-03-02", "note": "słowa urzędu"}


async def log_of(office: Office, client: str, **options: Any) -> list[Any]:
    entries: list[Any] = await office.listed(f"/v1/clients/{client}/access-log", **options)
    return entries


async def operations_of(office: Office, client: str) -> list[str]:
    return [entry["operation"] for entry in await log_of(office, client)]


def as_role(office: Office, role: str, subject: str = "kasia-17", scopes: str = "") -> dict[str, str]:
    key = office.node.identity.keys[0]
    token = issue_token(
        (key.kid, key.private),
        issuer=office.id,
        subject=subject,
        scopes=scopes.split(),
        iat=unix(office.node.now),
        ttl_s=3600,
        role=role,
    )
    return {"Authorization": f"Bearer {token}"}


async def test_a_read_says_who_why_on_which_basis_in_which_case_and_what(pup: Office) -> None:
    client = await pup.enrol(1)
    stated = {"Zwornik-Purpose": "complaint", "Zwornik-Legal-Basis": "consent", "Zwornik-Case": "SK.7.2026"}
    await pup.get(f"/v1/clients/{client}", headers=as_role(pup, "caseworker") | stated)
    entry = (await log_of(pup, client))[0]
    assert (entry["subject"], entry["role"], entry["purpose"]) == ("kasia-17", "caseworker", "complaint")
    assert (entry["legal_basis"], entry["case_number"]) == ("consent", "SK.7.2026")
    assert (entry["operation"], entry["record"], entry["persons"]) == ("read_client", client, 1)
    assert entry["at"].startswith("2026-10-01T08:00:00")


async def test_what_the_call_does_not_state_is_the_clients_own(pup: Office) -> None:
    client = await pup.enrol(1, basis="consent", case_number="CAZ.1")
    await pup.get(f"/v1/clients/{client}", headers=as_role(pup, "auditor"))
    await pup.get(f"/v1/clients/{client}")
    later, earlier = (await log_of(pup, client))[:2]
    assert (earlier["purpose"], earlier["legal_basis"], earlier["case_number"]) == ("audit", "consent", "CAZ.1")
    assert (later["role"], later["purpose"]) == ("unstated", "casework")


async def test_the_log_keeps_the_basis_of_the_day_when_it_was_read(pup: Office) -> None:
    client = await pup.enrol(1, basis="consent")
    await pup.get(f"/v1/clients/{client}")
    await pup.patch(f"/v1/clients/{client}", {"basis": "labour_market_act"})
    after, before = (await log_of(pup, client))[:2]
    assert (before["legal_basis"], after["legal_basis"]) == ("consent", "labour_market_act")


async def test_reading_the_log_is_a_read_and_logged(pup: Office) -> None:
    client = await pup.enrol(1)
    await log_of(pup, client)
    assert await operations_of(pup, client) == ["read_access_log", "register_client"]


async def test_a_record_is_named_by_its_id_and_never_by_its_values(pup: Office) -> None:
    client = await pup.enrol(1)
    form = await pup.post(f"/v1/clients/{client}/support-forms", FORM)
    await pup.get(f"/v1/support-forms/{form['id']}")
    entry = (await log_of(pup, client))[0]
    assert (entry["operation"], entry["record"]) == ("read_support_form", form["id"])
    async with pup.node.db.read() as session:
        stored = [
            str(tuple(row))
            for query in ("SELECT * FROM access", "SELECT * FROM access_person")
            for row in await session.execute(text(query))
        ]
    assert stored
    for value in (pesel(1), "Przykładowska", "słowa urzędu", "PUP-STA", "T.1"):
        assert not any(value in row for row in stored)


async def test_a_list_of_many_stands_in_the_log_of_each_whom_it_showed(pup: Office) -> None:
    shown, other = [await pup.enrol(1), await pup.enrol(2)], await pup.enrol(3)
    await pup.get("/v1/clients?limit=2")
    for client in shown:
        entry = (await log_of(pup, client))[0]
        assert (entry["operation"], entry["record"], entry["persons"]) == ("list_clients", "list", 2)
    assert "list_clients" not in await operations_of(pup, other)


async def test_a_client_looked_for_by_pesel_is_read_when_found(pup: Office) -> None:
    client = await pup.enrol(1)
    await pup.post("/v1/clients/search", {"pesel": pesel(2)}, 404)
    await pup.post("/v1/clients/search", {"pesel": pesel(1)}, 200)
    assert await operations_of(pup, client) == ["search_client", "register_client"]


async def test_a_refusal_that_shows_a_record_is_a_read_of_it(pup: Office) -> None:
    client = await pup.enrol(1)
    await pup.patch(f"/v1/clients/{client}", {"surname": "Inna"}, 412, headers={"If-Match": '"7"'})
    assert await operations_of(pup, client) == ["amend_client", "register_client"]
    await pup.post("/v1/clients", new_client(1), 409)
    assert (await operations_of(pup, client))[:2] == ["register_client", "read_access_log"]


async def test_an_answer_given_again_is_read_again(pup: Office) -> None:
    client = await pup.enrol(1)
    for _ in range(2):
        await pup.post(f"/v1/clients/{client}/support-forms", FORM, headers={"Idempotency-Key": "k-1"})
    assert await operations_of(pup, client) == ["open_support_form", "open_support_form", "register_client"]


async def test_what_was_not_answered_is_not_logged(pup: Office) -> None:
    client = await pup.enrol(1)
    await pup.get(f"/v1/clients/{client}", 403, headers=as_role(pup, "", scopes="admin"))
    await pup.get(f"/v1/support-forms/{client}", 404)
    assert await operations_of(pup, client) == ["register_client"]


async def test_a_read_whose_row_cannot_be_written_is_not_answered(pup: Office) -> None:
    client = await pup.enrol(1)
    async with pup.node.db.write() as session:
        await session.execute(text("ALTER TABLE access_person RENAME TO access_person_away"))
    try:
        for path in (f"/v1/clients/{client}", "/v1/clients", f"/v1/clients/{client}/support-forms"):
            answer = await pup.http.get(path)
            assert answer.status_code >= 500
            assert pesel(1) not in answer.text
        assert (await pup.http.post(f"/v1/clients/{client}/support-forms", json=FORM)).status_code >= 500
    finally:
        async with pup.node.db.write() as session:
            await session.execute(text("ALTER TABLE access_person_away RENAME TO access_person"))
    assert await pup.listed(f"/v1/clients/{client}/support-forms") == []


async def test_the_log_is_paged_newest_first_and_narrowed_by_days(pup_clocked: Any) -> None:
    pup = pup_clocked.offices["pup-2478"]
    client = await pup.enrol(1)
    for _ in range(3):
        pup_clocked.clock.go(86400)
        await pup.get(f"/v1/clients/{client}")
    path = f"/v1/clients/{client}/access-log"
    first = await pup.get(f"{path}?limit=2&until=2026-10-03")
    assert [one["at"][:10] for one in first["items"]] == ["2026-10-03", "2026-10-02"]
    rest = await pup.get(f"{path}?limit=2&until=2026-10-03&after={first['next']}")
    assert [one["operation"] for one in rest["items"]] == ["register_client"]
    assert rest["next"] is None
    only = await pup.listed(f"{path}?since=2026-10-02&until=2026-10-02")
    assert [one["operation"] for one in only] == ["read_client"]


@pytest.mark.parametrize(
    ("header", "value"),
    [("Zwornik-Purpose", "curiosity"), ("Zwornik-Legal-Basis", "because"), ("Zwornik-Case", "x" * 101)],
)
async def test_a_purpose_basis_or_case_that_is_none_is_refused_and_nothing_is_read(
    pup: Office, header: str, value: str
) -> None:
    client = await pup.enrol(1)
    answer = await pup.get(f"/v1/clients/{client}", 422, headers={header: value})
    assert (problem(answer), answer["field"]) == ("request-invalid", header)
    assert await operations_of(pup, client) == ["register_client"]


async def test_the_log_with_pseudonyms_takes_the_auditors_scope(pup: Office) -> None:
    client = await pup.enrol(1)
    path = f"/v1/clients/{client}/access-log"
    assert problem(await pup.get(path, 403, headers=as_role(pup, "caseworker"))) == "scope-missing"
    await pup.get(path, headers=as_role(pup, "auditor"))
    await pup.get(path, headers=as_role(pup, "head"))
    await pup.get(f"{path}/statement", headers=as_role(pup, "caseworker"))


async def test_the_client_is_told_roles_days_and_reasons_and_never_a_pseudonym(pup: Office) -> None:
    client = await pup.enrol(1)
    for _ in range(2):
        await pup.get(f"/v1/clients/{client}", headers=as_role(pup, "caseworker"))
    path = f"/v1/clients/{client}/access-log/statement"
    told = await pup.get(path, headers=as_role(pup, "caseworker"))
    assert "kasia-17" not in str(told)
    row = {"day": "2026-10-01", "role": "caseworker", "purpose": "casework", "legal_basis": "labour_market_act"}
    assert row | {"count": 2} in told["reads"]
    printed = (await pup.http.get(path, params={"format": "text", "language": "en"})).text
    assert "2026-10-01: caseworker; purpose: work on the client's case" in printed
    assert "kasia-17" not in printed


async def test_a_role_opens_its_scopes_and_nothing_else(pup: Office) -> None:
    client = await pup.enrol(1)
    for role, may in (("caseworker", 201), ("system", 201), ("auditor", 403), ("janitor", 403), ("", 403)):
        await pup.post(f"/v1/clients/{client}/support-forms", FORM, may, headers=as_role(pup, role))
    await pup.get("/v1/clients", 403, headers=as_role(pup, "janitor"))
