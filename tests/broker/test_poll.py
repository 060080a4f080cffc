"""Polling: a member gets its mailbox in order, acknowledges by asking further, and waits without holding anything."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.stream.checkpoint import Mark, check_checkpoint
from shared.exchange.stream.tables import AcknowledgementRow, DeadLetterRow
from tests.broker.builders import ON_SQLITE, Peer, relay, said, shared_person, stored, until
from tests.builders import Federation


@pytest.fixture
async def pair(federation: Federation) -> tuple[Peer, Peer]:
    """A labour office and a welfare centre that share a person."""
    return await shared_person(federation)


async def acknowledged(federation: Federation) -> list[tuple[int, str]]:
    async with federation.broker.db.read() as session:
        rows = await session.scalars(select(AcknowledgementRow).order_by(AcknowledgementRow.position))
        return [(row.position, row.proof) for row in rows]


async def test_what_one_member_told_comes_to_the_other_byte_for_byte_with_its_time(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, ops = pair
    text = pup.form()
    await pup.push(text)
    at = federation.clock.now()
    federation.clock.go(30)
    await relay(federation)
    answer = await ops.poll()
    assert answer.body["sets"] == [{"set": text, "received_at": at.isoformat()}]
    assert (answer.body["from"], answer.body["more"]) == (2, False)
    mark = Mark(owner=BROKER, peer=ops.id, incarnation=ops.mailbox, position=2, chain=ops.mail_chain(2), at=0)
    check_checkpoint(answer.body["checkpoint"], mark, federation.broker.directory)
    assert [said(one["set"])[0] for one in pup.mail] == ["joint_client.matched.v1"], "nobody hears oneself"


async def test_a_mailbox_is_given_in_pieces_as_large_as_asked(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, ops = pair
    await pup.push(*(pup.form(form=number) for number in range(1, 8)))
    await relay(federation)
    sizes = []
    while True:
        answer = await ops.poll(max=3)
        sizes.append((answer.body["from"], len(answer.body["sets"]), answer.body["more"]))
        if not answer.body["more"]:
            break
    assert sizes == [(2, 3, True), (5, 3, True), (8, 1, False)]


async def test_asking_further_acknowledges_and_the_proof_is_kept_once(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, ops = pair
    await pup.push(pup.form())
    await relay(federation)
    await ops.poll()
    assert [position for position, _ in await acknowledged(federation)] == [1], "given is not taken"
    await ops.poll()
    await ops.poll()
    kept = await acknowledged(federation)
    assert [position for position, _ in kept] == [1, 2]
    claims = jose.parse(kept[1][1], "zwornik-request+jwt").claims
    assert (claims["iss"], claims["htm"]) == (ops.id, "POST")


async def test_asking_again_from_before_gives_the_same_again(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, ops = pair
    await pup.push(pup.form(), pup.form(form=2))
    await relay(federation)
    first = await ops.poll()
    await ops.poll()
    before = await stored(federation)
    again = await ops.poll(after=1)
    assert again.body == first.body
    assert await stored(federation) == before, "an acknowledgement is never taken back"


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"after": 9, "chain": bytes(32)}, None),
        ({"chain": bytes(32)}, "chains differ"),
        ({"incarnation": "ab" * 16}, None),
    ],
)
async def test_another_past_of_the_mailbox_is_a_fork(
    federation: Federation, pair: tuple[Peer, Peer], changes: dict[str, Any], detail: str | None
) -> None:
    _, ops = pair
    answer = await ops.poll(status=409, **changes)
    assert answer.problem == "stream-fork"
    assert detail is None or detail in answer.body["detail"]
    assert [position for position, _ in await acknowledged(federation)] == []


async def test_a_member_polls_its_own_mailbox_alone(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, ops = pair
    body = {"incarnation": ops.mailbox, "after": 0, "chain": jose.encode(ops.mail_chain(0))}
    answer = await pup.call("POST", f"/v1/streams/{ops.id}/poll", body, status=403)
    assert answer.problem == "forbidden"


@ON_SQLITE
@pytest.mark.parametrize(
    "changes",
    [{"max": 0}, {"max": 501}, {"wait_s": 26}, {"wait_s": -1}, {"chain": "x"}, {"after": -1}, {"set_errors": [{}]}],
)
async def test_a_poll_of_another_form_is_refused(
    federation: Federation, pair: tuple[Peer, Peer], changes: dict[str, Any]
) -> None:
    _, ops = pair
    body = {"incarnation": ops.mailbox, "after": 0, "chain": jose.encode(ops.mail_chain(0))} | changes
    assert (await ops.call("POST", f"/v1/streams/{ops.id}/poll", body, status=422)).problem == "request-invalid"


async def test_a_waiting_poll_is_answered_the_moment_there_is_mail(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, ops = pair
    waiting = asyncio.create_task(ops.poll(wait_s=25))
    text = pup.form()
    await until(federation.broker.bells.is_anybody_waiting)
    await pup.push(text)
    assert not waiting.done()
    await relay(federation)
    async with asyncio.timeout(2):
        answer = await waiting
    assert [one["set"] for one in answer.body["sets"]] == [text]


async def test_a_poll_that_asks_for_nothing_to_wait_for_is_answered_empty(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    _, ops = pair
    answer = await ops.poll()
    assert (answer.body["sets"], answer.body["more"], answer.body["from"]) == ([], False, 2)


async def test_a_waiting_poll_is_answered_empty_when_the_broker_closes(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    _, ops = pair
    waiting = asyncio.create_task(ops.poll(wait_s=25))
    await until(federation.broker.bells.is_anybody_waiting)
    federation.broker.bells.close()
    async with asyncio.timeout(2):
        assert (await waiting).body["sets"] == []
    assert (await ops.poll(wait_s=25)).body["sets"] == [], "nor does one that comes later wait"


async def test_what_a_member_could_not_take_is_a_dead_letter_at_the_broker_once(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, ops = pair
    await pup.push(pup.form(), pup.form(form=2))
    await relay(federation)
    await ops.poll()
    errors = [{"position": 2, "problem": "set-signature"}, {"position": 3, "problem": "not-shared"}]
    for _ in range(2):
        await ops.poll(set_errors=[*errors, {"position": 99, "problem": "set-schema"}])
    letters = (await federation.operator.get("/v1/dead-letters")).json()
    assert [(one["owner"], one["peer"], one["iss"], one["position"], one["problem"]) for one in letters] == [
        (BROKER, ops.id, pup.id, 2, "set-signature")
    ]
    async with federation.broker.db.read() as session:
        rows = list(await session.scalars(select(DeadLetterRow).order_by(DeadLetterRow.position)))
        assert [(row.state, row.found_by) for row in rows] == [("open", "peer"), ("counted", "peer")]


async def test_a_mailbox_is_cut_where_a_megabyte_ends(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, ops = pair
    records = [
        {
            "type": "support_form.opened.v1",
            "payload": {"form_id": f"0192f0c1-7c00-7abc-8def-{number:012d}", "code": "PUP-STA", "from": "2026-03-02"},
        }
        for number in range(250)
    ]
    for part in range(1, 26):
        payload = {
            "generation": 1,
            "restatement_id": "0192f0c1-7c00-7abc-8def-000000000001",
            "part": part,
            "parts": 26,
            "complete": True,
            "records": records,
        }
        await pup.push(pup.event("record.restated.v1", payload))
    await relay(federation)
    first = await ops.poll()
    size = sum(len(one["set"]) for one in first.body["sets"])
    assert (size <= 1_000_000, size > 900_000, first.body["more"]) == (True, True, True)
    rest = await ops.poll()
    assert len(first.body["sets"]) + len(rest.body["sets"]) == 25
