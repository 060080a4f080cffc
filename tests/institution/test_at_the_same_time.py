"""Requests that meet: nothing is lost, nothing is taken twice, whichever database it is."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.types import event_type
from shared.exchange.sets import SecurityEvent
from shared.institution.operations import clients
from shared.institution.operations.moving import clients_of, move_client
from shared.institution.operations.work import Work
from tests.builders import Office, new_client
from tests.federation.epochs import NEXT_KEY, token

_WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))")


def work_in(office: Office, session: AsyncSession) -> Work:
    return Work(office.node, session, office.node.ids.uuid7(), office.node.now)


async def until_somebody_waits(session: AsyncSession) -> None:
    """Wait until another transaction waits for a lock of this one; on SQLite it waits for its turn as a writer."""
    if session.get_bind().dialect.name == "postgresql":
        while not await session.scalar(_WAITING):  # noqa: ASYNC110  # the database rings no bell
            await asyncio.sleep(0.01)


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


async def test_mail_about_a_client_that_is_moved_meanwhile_finds_it_under_its_new_name(pup: Office) -> None:
    client, old, new = await pup.enrol(1), token(1), token(1, NEXT_KEY)
    type_ = event_type("support_form.opened.v1")
    said = SecurityEvent(
        iss="ops-2478011", iat=0, jti="1", toe=0, txn="1", token=old, type=type_, payload=None, n=1, prev=None, hash=b""
    )

    async def takes_mail() -> tuple[dict[str, str], dict[str, str]]:
        async with pup.node.db.write() as session:
            names, found = await clients_of(work_in(pup, session), [said])
            return names, {name: row.id for name, row in found.items()}

    async with asyncio.timeout(30):
        async with pup.node.db.write() as session:
            work = work_in(pup, session)
            await move_client(work, await clients.lock_active(session, client), new)
            await work.finish()
            mail = asyncio.create_task(takes_mail())
            await until_somebody_waits(session)
        assert await mail == ({old: new}, {new: client})
