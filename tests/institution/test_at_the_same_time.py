"""Requests that meet: nothing is lost, nothing is taken twice, whichever database it is."""

import asyncio

from tests.builders import Office, new_client


async def test_changes_by_another_system_and_by_hand_are_all_counted(pup: Office) -> None:
    path = "/v1/by-external-id/system/clients/1"
    client = (await pup.put(path, new_client(1), 201))["id"]
    letters = "abcdefghij"
    by_system = [pup.put(path, new_client(1, surname=f"N{letter}")) for letter in letters]
    by_hand = [pup.patch(f"/v1/clients/{client}", {"given_names": f"G{letter}"}) for letter in letters]
    answers = await asyncio.gather(*by_system, *by_hand)
    versions = [answer["version"] for answer in answers]
    assert (await pup.get(f"/v1/clients/{client}"))["version"] == max(versions) == 21
    assert len(set(versions[10:])) == 10, "no two amendments got the same version"


async def test_fifty_registrations_of_one_person_make_one_client(pup: Office) -> None:
    answers = await asyncio.gather(*(pup.http.post("/v1/clients", json=new_client(1)) for _ in range(50)))
    assert sorted({answer.status_code for answer in answers}) == [201, 409]
    assert [answer.status_code for answer in answers].count(201) == 1
    assert len((await pup.get("/v1/clients"))["items"]) == 1


async def test_one_key_sent_twenty_times_at_once_makes_one_client(pup: Office) -> None:
    send = (pup.post("/v1/clients", new_client(1), headers={"Idempotency-Key": "k"}) for _ in range(20))
    assert len({answer["id"] for answer in await asyncio.gather(*send)}) == 1


async def test_one_key_for_twenty_requests_takes_one_of_them(pup: Office) -> None:
    key = {"Idempotency-Key": "k"}
    send = (pup.http.post("/v1/clients", json=new_client(number), headers=key) for number in range(1, 21))
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*send))
    assert statuses == [201] + [422] * 19
    assert len((await pup.get("/v1/clients"))["items"]) == 1


async def test_amendments_on_one_version_let_one_through(pup: Office) -> None:
    client = await pup.enrol(1)
    form = await pup.post(f"/v1/clients/{client}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    path, match = f"/v1/support-forms/{form['id']}", {"If-Match": '"1"'}
    send = (pup.http.patch(path, json={"hours_total": hours}, headers=match) for hours in range(1, 21))
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*send))
    assert statuses == [200] + [412] * 19
