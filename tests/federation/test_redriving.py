"""A dead letter is said anew by its author, as things stand now (WIRE.md, section 6)."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from shared.domain.events.payloads.people import Enrolled, Household, Restated
from shared.exchange.stream import letters
from shared.exchange.stream.tables import DeadLetterRow
from shared.institution.operations.enrolling import enrol
from shared.institution.operations.restating import restate
from shared.institution.operations.work import Work, own_head
from shared.institution.tables import ClientRow
from shared.runtime.bearer import issue_token
from shared.runtime.clock import unix
from tests.builders import Federation, Office
from tests.federation.epochs import announce, bring, go_to
from tests.federation.saying import joint, say, token
from tests.federation.test_restored_office import back_up, restore


async def refused_form(federation: Federation) -> tuple[Office, Office, str, str]:
    """Let an office disclose a form of a client who is not shared, and so find it in its dead letters."""
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    await federation.settle()
    return pup, ops, at_pup, await disclosed_too_early(federation, pup, ops, at_pup)


async def disclosed_too_early(federation: Federation, pup: Office, ops: Office, at_pup: str) -> str:
    async with pup.node.db.write() as session:
        members = {"members": [ops.id, pup.id], "generation": 0}
        await session.execute(update(ClientRow).values(**members))
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await federation.settle()
    await pup.enrol(2)
    await federation.settle()
    return "PUP-STA"


async def leave_open(pup: Office) -> None:
    """Let the letters of an office wait for an answer."""
    async with pup.node.db.write() as session:
        await session.execute(update(DeadLetterRow).values(state="open"))


async def test_a_letter_that_the_office_has_answered_since_waits_for_nobody(federation: Federation) -> None:
    pup, ops, _, code = await refused_form(federation)
    await leave_open(pup)
    at_ops = await ops.enrol(1)
    await federation.settle()
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert [entry["code"] for entry in view["entries"]] == [code]
    assert await pup.get("/v1/dead-letters") == []
    [letter] = await pup.get("/v1/dead-letters?state=redriven")
    assert letter["found_by"] == "peer"


@pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)
async def test_a_restatement_under_the_count_of_what_was_refused_and_then_lost_answers_it(
    federation: Federation, tmp_path: Path
) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    await federation.settle()
    backup = back_up(pup, tmp_path / "backup.sqlite3")
    await disclosed_too_early(federation, pup, ops, at_pup)
    async with federation.broker.db.write() as session:
        await session.execute(update(DeadLetterRow).values(state="open"))
    pup = await restore(federation, pup, backup)
    await federation.settle()
    await ops.enrol(1)
    await federation.settle()
    async with federation.broker.db.read() as session:
        states = [(row.n, row.state) for row in await session.scalars(select(DeadLetterRow))]
    assert states == [(1, "redriven")], "the office does not know that it used the count before"
    assert await pup.get("/v1/dead-letters?state=open") == []


async def test_a_letter_that_was_answered_before_the_client_moved_to_the_next_key_waits_for_nobody(
    federation: Federation,
) -> None:
    pup, ops, _, _ = await refused_form(federation)
    await ops.enrol(1)
    await federation.settle()
    moves_at, _ = await announce(federation)
    for office in (pup, ops):
        bring(office)
    await go_to(federation, moves_at)
    await leave_open(pup)
    await pup.enrol(3)
    await federation.settle()
    assert await pup.get("/v1/dead-letters") == []


async def test_a_letter_that_the_office_learns_of_after_its_answer_waits_for_nobody(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    restated = Restated(generation=9, restatement_id=pup.node.ids.uuid7(), part=1, parts=1, complete=True, records=())
    await say(pup, "record.restated.v1", token(1), restated)
    async with pup.node.db.write() as session:
        work = Work(pup.node, session, pup.node.ids.uuid7(), pup.node.now)
        await restate(work, await session.get_one(ClientRow, at_pup))
        await work.finish()
    await federation.settle()
    [letter] = await pup.get("/v1/dead-letters?state=redriven")
    assert letter["problem"] == "conflict"
    assert await pup.get("/v1/dead-letters") == []


async def two_refused(federation: Federation) -> tuple[Office, str]:
    """Let an office be refused a household, which is not its to declare, and an enrolment by another match key."""
    pup, _, at_pup, _ = await joint(federation)
    by_another = Enrolled(check="3f", key_fingerprint="0" * 16, basis="consent")
    await say(pup, "household.declared.v1", token(1), Household(household="A" * 43, members=2, children=0))
    await say(pup, "client.enrolled.v1", token(1), by_another)
    await federation.settle()
    assert len(await pup.get("/v1/dead-letters")) == 2
    return pup, at_pup


async def test_an_enrolment_answers_what_was_refused_of_an_enrolment_and_nothing_else(federation: Federation) -> None:
    pup, at_pup = await two_refused(federation)
    async with pup.node.db.write() as session:
        work = Work(pup.node, session, pup.node.ids.uuid7(), pup.node.now)
        enrol(work, await session.get_one(ClientRow, at_pup))
        await work.finish()
    await federation.settle()
    [letter] = await pup.get("/v1/dead-letters")
    assert letter["problem"] == "set-not-permitted"
    [letter] = await pup.get("/v1/dead-letters?state=redriven")
    assert letter["problem"] == "match-key-mismatch"


async def test_what_an_office_said_since_is_read_once_however_many_letters_wait(federation: Federation) -> None:
    pup, at_pup = await two_refused(federation)
    for code in ("PUP-STA", "PUP-SZK"):
        await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": code, "from": "2026-03-02"})
    await federation.settle()
    async with pup.node.db.write() as session:
        head = await own_head(session, pup.node)
        since = [row.hash for row in await session.execute(letters._SAID_SINCE, {"of_stream": head.id})]
    assert len(since) == len(set(since)) == 2


async def test_a_letter_about_another_client_goes_on_waiting(federation: Federation) -> None:
    pup, ops, _, _ = await refused_form(federation)
    await leave_open(pup)
    await ops.enrol(2)
    await federation.settle()
    [letter] = await pup.get("/v1/dead-letters")
    assert letter["state"] == "open"


async def test_what_was_refused_arrives_once_it_may(federation: Federation) -> None:
    pup, ops, _at_pup, code = await refused_form(federation)
    at_ops = await ops.enrol(1)
    await federation.settle()
    await leave_open(pup)
    [letter] = await pup.get("/v1/dead-letters")
    assert (letter["problem"], letter["found_by"]) == ("not-shared", "peer")
    answer = await pup.post(f"/v1/dead-letters/{letter['id']}/redrive", status=200)
    assert answer["state"] == "redriven"
    await federation.settle()
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert [entry["code"] for entry in view["entries"]] == [code]
    assert all(member["complete"] and not member["missing"] for member in view["members"])
    assert await pup.get("/v1/dead-letters") == []
    [letter] = await pup.get("/v1/dead-letters?state=redriven")
    assert letter["found_by"] == "peer"


async def test_a_redriven_letter_leaves_the_brokers_list_too(federation: Federation) -> None:
    pup, _, _, _ = await refused_form(federation)
    for database in (pup.node.db, federation.broker.db):
        async with database.write() as session:
            await session.execute(update(DeadLetterRow).values(state="open"))
    ops = federation.offices["ops-2478011"]
    [at_broker] = (await federation.operator.get("/v1/dead-letters")).json()
    assert (at_broker["found_by"], at_broker["iss"]) == ("self", pup.id)
    await ops.enrol(1)
    await federation.settle()
    await leave_open(pup)
    [letter] = await pup.get("/v1/dead-letters")
    await pup.post(f"/v1/dead-letters/{letter['id']}/redrive", status=200)
    await federation.settle()
    assert (await federation.operator.get("/v1/dead-letters")).json() == []
    [answered] = (await federation.operator.get("/v1/dead-letters?state=redriven")).json()
    assert answered["id"] == at_broker["id"]
    assert (await federation.operator.get("/v1/overview")).json()["dead_letters"] == 0


async def test_a_letter_of_an_office_is_discarded_by_two_officials(federation: Federation) -> None:
    pup, _, _, _ = await refused_form(federation)
    await leave_open(pup)
    [letter] = await pup.get("/v1/dead-letters")
    path = f"/v1/dead-letters/{letter['id']}"
    await pup.post(f"{path}/discard", {"reason": "overtaken"}, status=200)
    await pup.post(f"{path}/discard/confirm", status=403)
    await pup.post(f"{path}/redrive", status=409)
    assert (await pup.get("/v1/exchange"))["dead_letters"] == 1
    key = pup.node.identity.keys[0]
    second = issue_token(
        (key.kid, key.private),
        issuer=pup.id,
        subject="second",
        scopes=["admin"],
        iat=unix(federation.clock.now()),
        ttl_s=3600,
    )
    done = await pup.post(f"{path}/discard/confirm", status=200, headers={"Authorization": f"Bearer {second}"})
    assert (done["state"], done["asked_by"], done["confirmed_by"]) == ("discarded", "tester", "second")
    assert await pup.get("/v1/dead-letters") == []
    assert (await pup.get("/v1/exchange"))["dead_letters"] == 0


async def test_a_letter_is_redriven_once(federation: Federation) -> None:
    pup, _ops, _at_pup, _ = await refused_form(federation)
    await leave_open(pup)
    [letter] = await pup.get("/v1/dead-letters")
    await pup.post(f"/v1/dead-letters/{letter['id']}/redrive", status=200)
    answer = await pup.post(f"/v1/dead-letters/{letter['id']}/redrive", status=409)
    assert answer["type"] == "urn:zwornik:problem:conflict"


async def test_a_letter_about_a_client_who_is_gone_says_nothing(federation: Federation) -> None:
    pup, _, at_pup, _ = await refused_form(federation)
    await leave_open(pup)
    [letter] = await pup.get("/v1/dead-letters")
    await pup.post(f"/v1/clients/{at_pup}/withdraw", status=200)
    await pup.post(f"/v1/dead-letters/{letter['id']}/redrive", status=409)
    await pup.post("/v1/dead-letters/00000000-0000-7000-8000-000000000000/redrive", status=404)
