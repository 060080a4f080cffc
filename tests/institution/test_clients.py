"""Clients over the local API: registered once, found without a URL that names anybody, changed by version."""

from typing import Any

import pytest

from tests.builders import Federation, Office, new_client, pesel


def problem(answer: dict[str, Any]) -> str:
    return str(answer["type"]).rpartition(":")[2]


async def test_a_client_is_registered_and_read_back(pup: Office) -> None:
    made = await pup.post("/v1/clients", new_client(1))
    read = await pup.get(f"/v1/clients/{made['id']}")
    assert read == made
    assert (read["pesel"], read["state"], read["joint"], read["members"]) == (pesel(1), "active", False, [])


async def test_the_age_of_synthetic_people_is_real(pup: Office) -> None:
    made = await pup.post("/v1/clients", new_client(1, pesel="85650112347"))
    assert made["birth_date"] == "1985-05-01"


async def test_a_second_client_with_the_same_pesel_is_refused_with_the_first_ones_id(pup: Office) -> None:
    first = await pup.post("/v1/clients", new_client(1))
    answer = await pup.post("/v1/clients", new_client(1), 409)
    assert (problem(answer), answer["client_id"]) == ("client-exists", first["id"])
    assert pesel(1) not in str(answer)


async def test_a_client_is_found_by_pesel_in_the_body(pup: Office) -> None:
    made = await pup.post("/v1/clients", new_client(1))
    found = await pup.post("/v1/clients/search", {"pesel": pesel(1)}, 200)
    assert found["id"] == made["id"]
    answer = await pup.post("/v1/clients/search", {"pesel": pesel(2)}, 404)
    assert problem(answer) == "not-found"


@pytest.mark.parametrize(
    ("changes", "name", "field"),
    [
        ({"pesel": "85650112348"}, "malformed-pesel", "pesel"),
        ({"pesel": "00000000000"}, "malformed-pesel", "pesel"),
        ({"pesel": "8565011234"}, "malformed-pesel", "pesel"),
        ({"pesel": 85650112347}, "request-invalid", "pesel"),
        ({"surname": ""}, "request-invalid", "surname"),
        ({"surname": "a\u0000b"}, "request-invalid", "surname"),
        ({"surname": "x" * 101}, "request-invalid", "surname"),
        ({"surname": None}, "request-invalid", "surname"),
        ({"basis": "because"}, "request-invalid", "basis"),
        ({"phone": "600100200"}, "field-unknown", "phone"),
    ],
)
async def test_a_client_that_cannot_be_is_refused_by_its_field(
    pup: Office, changes: dict[str, Any], name: str, field: str
) -> None:
    answer = await pup.post("/v1/clients", new_client(1, **changes), 422)
    assert (problem(answer), answer["field"]) == (name, field)
    assert answer["mend"]
    assert (await pup.get("/v1/clients"))["items"] == []


@pytest.mark.parametrize("missing", ["pesel", "surname", "given_names", "basis", "case_number"])
async def test_every_member_of_a_client_is_needed(pup: Office, missing: str) -> None:
    body = new_client(1)
    del body[missing]
    answer = await pup.post("/v1/clients", body, 422)
    assert (problem(answer), answer["field"]) == ("request-invalid", missing)


async def test_no_problem_ever_echoes_what_was_sent(pup: Office) -> None:
    answer = await pup.post("/v1/clients", new_client(1, basis=pesel(3), surname="y" * 200), 422)
    assert pesel(3) not in str(answer)
    assert "yyyy" not in str(answer)


async def test_a_name_in_either_form_of_unicode_is_the_same_name(pup: Office) -> None:
    composed, taken_apart = "Żółć", "Z\u0307o\u0301łc\u0301"
    assert composed != taken_apart
    path = "/v1/by-external-id/system/clients/1"
    made = await pup.put(path, new_client(1, surname=composed), 201)
    again = await pup.put(path, new_client(1, surname=taken_apart))
    assert (again["surname"], again["version"]) == (composed, made["version"]), "nothing was amended"


@pytest.mark.parametrize("surname", ["a\u202eb", "a\u200bb", "\ufeffAnna", "a\u0000b", "\u00a0", "a\u0301" * 101])
async def test_a_name_that_cannot_be_printed_or_is_too_long_is_refused(pup: Office, surname: str) -> None:
    assert (await pup.post("/v1/clients", new_client(1, surname=surname), 422))["field"] == "surname"


async def test_a_note_has_lines_and_nothing_that_cannot_be_printed(pup: Office) -> None:
    path = f"/v1/clients/{await pup.enrol(1)}/support-forms"
    form = {"code": "PUP-STA", "from": "2026-03-02"}
    words = "pierwszy wiersz\r\n\tdrugi, ćma 😀"
    assert (await pup.post(path, form | {"note": words}))["note"] == words
    for wrong in ("a\u0000b", "a\u202eb", "\u001b[31m"):
        assert (await pup.post(path, form | {"note": wrong}, 422))["field"] == "note"


async def test_clients_are_listed_page_by_page(pup: Office) -> None:
    made = [await pup.enrol(number) for number in range(1, 6)]
    first = await pup.get("/v1/clients?limit=3")
    second = await pup.get(f"/v1/clients?limit=3&after={first['next']}")
    assert [item["id"] for item in (*first["items"], *second["items"])] == sorted(made)
    assert second["next"] is None


async def walk(office: Office, limit: int, **filters: str) -> list[str]:
    """Return the ids of a list of clients, page by page."""
    found: list[str] = []
    after = ""
    while True:
        page = await office.get("/v1/clients", params={"limit": limit, "after": after, **filters})
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            return found
        after = page["next"]


async def test_clients_are_listed_by_change_and_narrowed(pup_clocked: Federation) -> None:
    (pup,), clock = pup_clocked.offices.values(), pup_clocked.clock
    made = [await pup.enrol(number) for number in range(1, 5)]
    clock.go(60)
    await pup.patch(f"/v1/clients/{made[0]}", {"surname": "Zmieniona"})
    clock.go(60)
    await pup.post(f"/v1/clients/{made[2]}/withdraw", status=200)
    for limit in (1, 2, 500):
        assert await walk(pup, limit, sort="changed") == [made[1], made[3], made[0], made[2]]
        assert await walk(pup, limit, sort="-changed") == [made[2], made[0], made[3], made[1]]
        assert await walk(pup, limit, sort="-id") == sorted(made, reverse=True)
    assert await walk(pup, 1, state="withdrawn") == [made[2]]
    assert await walk(pup, 2, state="active") == [made[0], made[1], made[3]]
    assert await walk(pup, 1, changed_since="2026-10-01T08:01:00Z") == [made[0], made[2]]
    assert await walk(pup, 1, joint="true") == await walk(pup, 1, restricted="true") == []
    assert await walk(pup, 1, joint="false", basis="labour_market_act") == made


async def test_a_place_in_another_list_of_clients_is_refused(pup: Office) -> None:
    for number in (1, 2):
        await pup.enrol(number)
    page = await pup.get("/v1/clients", params={"limit": 1, "sort": "changed"})
    answer = await pup.get("/v1/clients", 422, params={"sort": "id", "after": page["next"]})
    assert answer["field"] == "after"


async def test_a_change_on_an_older_version_is_refused(pup: Office) -> None:
    client = await pup.enrol(1)
    path = f"/v1/clients/{client}"
    await pup.patch(path, {"surname": "Nowoprzybyła"}, headers={"If-Match": '"1"'})
    answer = await pup.patch(path, {"surname": "Staroświecka"}, 412, headers={"If-Match": '"1"'})
    assert (problem(answer), answer["expected"]) == ("precondition-failed", '"2"')
    assert (await pup.get(path))["surname"] == "Nowoprzybyła"


async def test_a_version_that_is_none_is_refused(pup: Office) -> None:
    client = await pup.enrol(1)
    answer = await pup.patch(f"/v1/clients/{client}", {}, 422, headers={"If-Match": "latest"})
    assert answer["field"] == "If-Match"


async def test_the_etag_is_the_version(pup: Office) -> None:
    client = await pup.enrol(1)
    answer = await pup.http.get(f"/v1/clients/{client}")
    assert answer.headers["etag"] == '"1"'


async def test_a_withdrawn_client_takes_no_records_until_taken_back(pup: Office) -> None:
    client = await pup.enrol(1)
    await pup.post(f"/v1/clients/{client}/withdraw", status=200)
    form = {"code": "PUP-STA", "from": "2026-03-02"}
    answer = await pup.post(f"/v1/clients/{client}/support-forms", form, 409)
    assert problem(answer) == "conflict"
    await pup.post(f"/v1/clients/{client}/take-back", status=200)
    await pup.post(f"/v1/clients/{client}/support-forms", form)
    await pup.post(f"/v1/clients/{client}/take-back", status=409)


async def test_a_pesel_cannot_be_corrected_into_somebody_elses(pup: Office) -> None:
    await pup.enrol(1)
    other = await pup.enrol(2)
    answer = await pup.patch(f"/v1/clients/{other}", {"pesel": pesel(1)}, 409)
    assert problem(answer) == "client-exists"


async def test_many_clients_are_taken_or_refused_one_by_one(pup: Office) -> None:
    items = [new_client(1), new_client(2, pesel="85650112348"), new_client(1), new_client(3), "no client"]
    answer = await pup.post("/v1/clients/bulk", {"items": items}, 200)
    assert [item["status"] for item in answer["items"]] == [201, 422, 409, 201, 422]
    assert answer["taken"] == 2
    assert len((await pup.get("/v1/clients"))["items"]) == 2


async def test_501_at_once_are_too_many(pup: Office) -> None:
    answer = await pup.post("/v1/clients/bulk", {"items": [{}] * 501}, 413)
    assert problem(answer) == "batch-too-large"


async def test_a_name_that_no_text_encoding_holds_is_refused(pup: Office) -> None:
    body = '{"pesel": "85650112347", "surname": "\\ud800", "given_names": "A", "basis": "consent", "case_number": "1"}'
    answer = await pup.http.post("/v1/clients", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert problem(answer.json()) == "request-invalid"
