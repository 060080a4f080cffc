"""Who asked for my data, at every office: one question, each member answers by itself, the silent one is named."""

import json
from typing import Any

import jwt
from sqlalchemy import select

from shared.domain.events.payloads.access import AccessAnswered
from shared.exchange.stream.tables import SetRow
from tests.builders import Federation, Office
from tests.federation.saying import joint, problems_at_broker, say, token
from tests.institution.test_access_log import as_role


async def ask(office: Office, client: str, **body: Any) -> Any:
    return await office.post(f"/v1/clients/{client}/access-log/requests", body)


async def told(office: Office, client: str, request: Any) -> Any:
    return await office.get(f"/v1/clients/{client}/access-log/requests/{request['id']}")


def reads_of(answer: Any, member: str) -> list[Any]:
    (found,) = [one for one in answer["members"] if one["id"] == member]
    return [(read["role"], read["purpose"], read["count"]) for read in found["reads"]]


async def sets_at_broker(federation: Federation, name: str) -> list[Any]:
    async with federation.broker.db.read() as session:
        texts = list(await session.scalars(select(SetRow.text)))
    claims = [jwt.decode(text, options={"verify_signature": False}) for text in texts]
    return [one for one in claims if f"urn:zwornik:event:{name}" in one["events"]]


async def test_every_member_answers_by_itself_and_the_office_sees_one_answer(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    for _ in range(2):
        await ops.get(f"/v1/clients/{at_ops}", headers=as_role(ops, "caseworker", subject="basia-3"))
    request = await ask(pup, at_pup)
    assert (request["complete"], request["waiting"]) == (False, ["ops-2478011"])
    await federation.settle()
    answer = await told(pup, at_pup, request)
    assert (answer["complete"], answer["waiting"], answer["not_asked"]) == (True, [], [])
    assert ("caseworker", "casework", 2) in reads_of(answer, "ops-2478011")
    assert ("unstated", "casework", 1) in reads_of(answer, "pup-2478")
    assert "basia-3" not in json.dumps(answer)
    assert await problems_at_broker(federation) == []


async def test_no_set_of_a_question_or_an_answer_names_an_official_or_a_person(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await ops.get(f"/v1/clients/{at_ops}", headers=as_role(ops, "head", subject="basia-3"))
    await ask(pup, at_pup, since="2026-01-01")
    await federation.settle()
    asked, answered = [await sets_at_broker(federation, f"access_log.{one}.v1") for one in ("requested", "answered")]
    assert len(asked) == len(answered) == 1
    said = json.dumps([asked, answered])
    assert not any(word in said for word in ("basia", "tester", "Przykładowska", at_pup, at_ops))
    assert "n" not in asked[0]


async def test_a_member_that_is_silent_is_named(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    silent = federation.offices.pop("ops-2478011")
    request = await ask(pup, at_pup)
    await federation.settle()
    answer = await told(pup, at_pup, request)
    assert (answer["complete"], answer["waiting"]) == (False, ["ops-2478011"])
    assert [one["state"] for one in answer["members"]] == ["waiting", "answered"]
    federation.offices["ops-2478011"] = silent
    await federation.settle()
    assert (await told(pup, at_pup, request))["complete"]


async def test_a_member_that_parted_before_it_answered_is_named_as_parted(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    request = await ask(pup, at_pup)
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    await federation.push(ops)
    await federation.settle()
    answer = await told(pup, at_pup, request)
    assert (answer["complete"], answer["waiting"]) == (False, ["ops-2478011"])
    assert {one["id"]: one["state"] for one in answer["members"]} == {"ops-2478011": "parted", "pup-2478": "answered"}


async def test_a_member_of_before_is_named_as_not_asked(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    await federation.settle()
    request = await ask(pup, at_pup)
    assert (request["complete"], request["not_asked"]) == (True, ["ops-2478011"])
    await federation.settle()
    assert await sets_at_broker(federation, "access_log.requested.v1") == []


async def test_the_question_of_another_member_stands_in_the_log_of_whom_it_asked(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await ask(pup, at_pup)
    await federation.settle()
    entry = (await ops.listed(f"/v1/clients/{at_ops}/access-log"))[0]
    assert (entry["subject"], entry["role"], entry["operation"]) == ("pup-2478", "system", "answer_access_request")


async def test_an_answer_nobody_asked_for_changes_nothing(federation: Federation) -> None:
    pup, ops, at_pup, _ = await joint(federation)
    request = await ask(pup, at_pup)
    await federation.settle()
    before = await told(pup, at_pup, request)
    forged = {"day": "2026-10-01", "role": "head", "purpose": "audit", "legal_basis": "consent", "count": 9}
    for number in (request["id"], ops.node.ids.uuid7()):
        payload = AccessAnswered(request_id=number, part=1, parts=1, reads=(forged,))
        await say(ops, "access_log.answered.v1", token(1), payload)
    await federation.settle()
    assert await told(pup, at_pup, request) == before
