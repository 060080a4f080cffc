"""Pushing: a delivery is taken or refused as a whole; what came before is compared, never stored twice."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import select

from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.keys import SigningKey
from shared.exchange.sets import set_hash
from shared.exchange.stream.chain import chain_next
from shared.exchange.stream.checkpoint import RECEIPT_TYPE, Mark, check_checkpoint
from shared.exchange.stream.tables import EntryRow, SetRow, StreamRow
from tests.broker.builders import ON_POSTGRESQL, ON_SQLITE, Answer, Peer, enter, stored
from tests.builders import MATCH_KEY, Federation
from tests.exchange.builders import forge


@pytest.fixture
async def pup(federation: Federation) -> Peer:
    return await enter(federation, "pup-2478")


async def send(peer: Peer, body: dict[str, Any], status: int = 200) -> Answer:
    return await peer.call("POST", f"/v1/streams/{peer.id}/sets", body, status=status)


async def held(federation: Federation, peer: Peer) -> list[str]:
    """Return the SETs that the broker holds of a member's stream, in order."""
    async with federation.broker.db.read() as session:
        rows = await session.execute(
            select(SetRow.text)
            .join(EntryRow, (EntryRow.iss == SetRow.iss) & (EntryRow.hash == SetRow.hash))
            .where(EntryRow.iss == peer.id)
            .order_by(EntryRow.position)
        )
        return [row.text for row in rows]


async def test_what_is_pushed_is_held_byte_for_byte_and_receipted(federation: Federation, pup: Peer) -> None:
    sets = [pup.enrolled(number) for number in range(1, 4)]
    answer = await pup.push(*sets)
    assert (answer.body["position"], answer.body["set_errors"]) == (3, [])
    assert await held(federation, pup) == sets
    mark = Mark(owner=pup.id, peer=BROKER, incarnation=pup.incarnation, position=3, chain=pup.chain(sets), at=0)
    check_checkpoint(answer.body["receipt"], mark, federation.broker.directory, typ=RECEIPT_TYPE)
    assert jose.parse(answer.body["receipt"], RECEIPT_TYPE).claims["received_at"] == pup.now


async def test_an_overlap_that_is_byte_identical_is_accepted_and_stored_once(federation: Federation, pup: Peer) -> None:
    sets = [pup.enrolled(number) for number in range(1, 6)]
    await pup.push(*sets[:3])
    overlapping = pup.delivery(2, sets[1:])
    assert (await send(pup, overlapping)).body["position"] == 5
    pup.sets = sets
    assert await held(federation, pup) == sets
    before = await stored(federation)
    for first in (1, 3, 5):
        answer = await send(pup, pup.delivery(first, sets[first - 1 :]))
        assert answer.body["position"] == 5
    inside = await send(pup, pup.delivery(2, sets[1:3]))
    assert inside.body["position"] == 5
    assert await stored(federation) == before


async def test_a_receipt_for_an_old_delivery_speaks_of_all_that_is_held(federation: Federation, pup: Peer) -> None:
    sets = [pup.enrolled(number) for number in range(1, 4)]
    await pup.push(*sets)
    answer = await send(pup, pup.delivery(1, sets[:1]))
    claims = jose.parse(answer.body["receipt"], RECEIPT_TYPE).claims
    assert (claims["position"], claims["chain"]) == (3, jose.encode(pup.chain(sets)))


@pytest.mark.parametrize("first", [3, 500])
async def test_a_gap_is_refused_and_says_where_to_begin(federation: Federation, pup: Peer, first: int) -> None:
    await pup.push(pup.enrolled())
    before = await stored(federation)
    body = pup.delivery(2, [pup.enrolled(2)]) | {"from": first}
    answer = await send(pup, body, 409)
    assert (answer.problem, answer.body["expected"], answer.body["received"]) == ("stream-gap", 2, first)
    assert answer.body["retryable"]
    assert await stored(federation) == before


async def test_a_gap_before_anything_was_pushed_begins_at_one(federation: Federation, pup: Peer) -> None:
    answer = await send(pup, pup.delivery(1, [pup.enrolled()]) | {"from": 2}, 409)
    assert (answer.problem, answer.body["expected"]) == ("stream-gap", 1)


async def test_other_bytes_at_a_common_position_are_a_fork(federation: Federation, pup: Peer) -> None:
    sets = [pup.enrolled(number) for number in range(1, 4)]
    await pup.push(*sets)
    held_before = await held(federation, pup)
    for first, others in (
        (1, [pup.enrolled(7)]),
        (3, [pup.enrolled(8), pup.enrolled(9)]),
        (1, [*sets[:2], pup.enrolled(6)]),
    ):
        answer = await send(pup, pup.delivery(first, others), 409)
        assert (answer.problem, answer.body["retryable"]) == ("stream-fork", False)
    assert await held(federation, pup) == held_before
    assert (await pup.push(pup.enrolled(4))).body["position"] == 4, "the true past goes on"


async def test_another_incarnation_is_a_fork(federation: Federation, pup: Peer) -> None:
    await pup.push(pup.enrolled())
    held_before = await held(federation, pup)
    pup.incarnation, pup.sets = "ab" * 16, []
    answer = await send(pup, pup.delivery(1, [pup.enrolled(2)]), 409)
    assert answer.problem == "stream-fork"
    assert await held(federation, pup) == held_before


async def test_empty_pushes_are_a_heartbeat(federation: Federation, pup: Peer) -> None:
    for _ in range(2):
        assert (await send(pup, pup.delivery(1, []))).body["position"] == 0
    await pup.push(pup.enrolled())
    before = await stored(federation)
    answer = await send(pup, pup.delivery(2, []))
    assert answer.body["position"] == 1
    claims = jose.parse(answer.body["receipt"], RECEIPT_TYPE).claims
    assert (claims["position"], claims["chain"]) == (1, jose.encode(pup.chain(pup.sets)))
    assert (await send(pup, pup.delivery(1, []))).body["position"] == 1, "one that is late is told how far it goes"
    assert await stored(federation) == before


BAD: dict[str, Any] = {
    "of another position": lambda pup, chain: pup.checkpoint(2, chain),
    "of another chain": lambda pup, chain: pup.checkpoint(1, chain_next(chain, bytes(32))),
    "of another incarnation": lambda pup, chain: pup.checkpoint(1, chain, incarnation="cd" * 16),
    "of another owner": lambda pup, chain: pup.checkpoint(1, chain, owner="ops-2478011"),
    "for another peer": lambda pup, chain: pup.checkpoint(1, chain, peer="ops-2478011"),
    "of a stranger": lambda pup, chain: pup.checkpoint(1, chain, SigningKey.from_seed(b"stranger")),
    "from after the key": lambda pup, chain: pup.checkpoint(1, chain, at=pup.now + 3 * 365 * 86_400),
    "that is none": lambda pup, chain: "x.y.z",
    "that is empty": lambda pup, chain: "",
    "of another type": lambda pup, chain: pup.proof(pup.claims("POST", "/", b"")),
}


@ON_SQLITE
@pytest.mark.parametrize("checkpoint", BAD)
async def test_a_checkpoint_that_does_not_fit_refuses_the_delivery(
    federation: Federation, pup: Peer, checkpoint: str
) -> None:
    body = pup.delivery(1, [pup.enrolled()])
    before = await stored(federation)
    answer = await send(pup, body | {"checkpoint": BAD[checkpoint](pup, pup.chain(body["sets"]))}, 422)
    assert answer.problem == "stream-checkpoint"
    assert await stored(federation) == before


async def test_more_than_500_sets_are_too_many(federation: Federation, pup: Peer) -> None:
    before = await stored(federation)
    answer = await send(pup, pup.delivery(1, ["x"] * 501), 413)
    assert (answer.problem, answer.body["expected"], answer.body["received"]) == ("batch-too-large", 500, 501)
    assert await stored(federation) == before
    assert (await send(pup, pup.delivery(1, ["x"] * 500))).body["position"] == 500


async def test_more_than_a_mebibyte_is_too_large(federation: Federation, pup: Peer) -> None:
    answer = await send(pup, pup.delivery(1, ["x" * 60_000] * 18), 413)
    assert answer.problem == "body-too-large"


async def test_a_member_pushes_its_own_stream_alone(federation: Federation, pup: Peer) -> None:
    before = await stored(federation)
    for owner in ("ops-2478011", "broker"):
        answer = await pup.call("POST", f"/v1/streams/{owner}/sets", pup.delivery(1, [pup.enrolled()]), status=403)
        assert answer.problem == "forbidden"
    assert await stored(federation) == before


async def test_a_set_of_another_issuer_refuses_the_delivery(federation: Federation, pup: Peer) -> None:
    ops = await enter(federation, "ops-2478011")
    before = await stored(federation)
    for foreign in (
        ops.enrolled(),
        pup.event("client.withdrawn.v1", {}, iss=ops.id),
        pup.event("client.withdrawn.v1", {}, iss=BROKER),
    ):
        answer = await send(pup, pup.delivery(1, [pup.enrolled(), foreign]), 403)
        assert (answer.problem, answer.body["expected"]) == ("set-not-permitted", f"iss {pup.id}")
    assert await stored(federation) == before


@ON_SQLITE
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"incarnation": "x"}, "incarnation"),
        ({"from": 0}, "from"),
        ({"sets": "x"}, "sets"),
        ({"sets": None}, "sets"),
        ({"checkpoint": 7}, "checkpoint"),
        ({"errors_seen": -1}, "errors_seen"),
    ],
)
async def test_a_body_of_another_form_is_refused_by_its_field(
    federation: Federation, pup: Peer, changes: dict[str, Any], field: str
) -> None:
    before = await stored(federation)
    answer = await send(pup, pup.delivery(1, [pup.enrolled()]) | changes, 422)
    assert (answer.problem, answer.body["field"]) == ("request-invalid", field)
    assert await stored(federation) == before


@ON_SQLITE
@pytest.mark.parametrize(
    "entry", [7, None, [], {}, {"erased": "x"}, {"erased": 7}, {"erased": "AAAA"}, {"erased": "x" * 43, "by": 1}]
)
async def test_an_entry_that_is_neither_set_nor_hash_refuses_the_delivery(
    federation: Federation, pup: Peer, entry: Any
) -> None:
    before = await stored(federation)
    body = pup.delivery(1, []) | {"sets": [entry]}
    answer = await send(pup, body, 422)
    assert (answer.problem, answer.body["detail"][:8]) == ("stream-checkpoint", "An entry")
    assert await stored(federation) == before


async def test_members_that_a_later_version_may_send_are_ignored(federation: Federation, pup: Peer) -> None:
    body = pup.delivery(1, [pup.enrolled()]) | {"compression": "none"}
    assert (await send(pup, body)).body["position"] == 1


async def test_an_entry_of_which_only_the_hash_is_left_advances_the_chain(federation: Federation, pup: Peer) -> None:
    first, erased, last = pup.enrolled(1), pup.enrolled(2), pup.enrolled(3)
    body = pup.delivery(1, [first, erased, last])
    body["sets"][1] = {"erased": jose.encode(set_hash(erased))}
    answer = await send(pup, body)
    assert (answer.body["position"], answer.body["set_errors"]) == (3, [])
    assert await held(federation, pup) == [first, last]
    tail = await pup.call("POST", f"/v1/streams/{pup.id}/broker/entries", {"positions": [1, 2, 3, 4]})
    now = federation.clock.now().isoformat()
    assert tail.body["entries"] == [
        {"position": 1, "set": first, "received_at": now},
        {"position": 2, "set": {"erased": jose.encode(set_hash(erased))}, "received_at": None},
        {"position": 3, "set": last, "received_at": now},
    ]


async def test_the_head_of_a_stream_says_how_far_it_goes_with_the_brokers_word(
    federation: Federation, pup: Peer
) -> None:
    nothing = await pup.call("GET", f"/v1/streams/{pup.id}/broker/head")
    assert (nothing.body["incarnation"], nothing.body["position"], nothing.body["word"]) == (None, 0, None)
    await pup.push(pup.enrolled(), pup.enrolled(2))
    head = await pup.call("GET", f"/v1/streams/{pup.id}/broker/head")
    assert (head.body["incarnation"], head.body["position"]) == (pup.incarnation, 2)
    assert head.body["chain"] == jose.encode(pup.chain(pup.sets))
    mark = Mark(owner=pup.id, peer=BROKER, incarnation=pup.incarnation, position=2, chain=pup.chain(pup.sets), at=0)
    check_checkpoint(head.body["word"], mark, federation.broker.directory, typ=RECEIPT_TYPE)


async def test_heads_and_entries_are_for_the_two_ends_alone(federation: Federation, pup: Peer) -> None:
    ops = await enter(federation, "ops-2478011")
    await ops.push(ops.enrolled())
    for owner, peer in ((ops.id, BROKER), (BROKER, ops.id), (pup.id, ops.id), (ops.id, pup.id)):
        head = await pup.call("GET", f"/v1/streams/{owner}/{peer}/head", status=404)
        entries = await pup.call("POST", f"/v1/streams/{owner}/{peer}/entries", {"positions": [1]}, status=404)
        assert (head.problem, entries.problem) == ("not-found", "not-found")


async def test_the_same_set_twice_under_two_positions_is_held_once(federation: Federation, pup: Peer) -> None:
    text = pup.enrolled()
    await pup.push(text)
    answer = await pup.push(text, text)
    assert (answer.body["position"], answer.body["set_errors"]) == (3, [])
    async with federation.broker.db.read() as session:
        states = list(await session.scalars(select(EntryRow.state).order_by(EntryRow.position)))
        assert (states, len(list(await session.scalars(select(SetRow))))) == (["kept", "again", "again"], 1)


@ON_POSTGRESQL
async def test_two_first_pushes_at_the_same_moment_make_one_stream(federation: Federation, pup: Peer) -> None:
    body = pup.delivery(1, [pup.enrolled()])
    answers = await asyncio.gather(*(send(pup, body) for _ in range(5)))
    assert [answer.body["position"] for answer in answers] == [1] * 5
    async with federation.broker.db.read() as session:
        assert len(list(await session.scalars(select(StreamRow).where(StreamRow.owner == pup.id)))) == 1


async def test_many_pushes_at_once_keep_one_order(federation: Federation, pup: Peer) -> None:
    await pup.push(pup.enrolled())
    bodies = [pup.delivery(2, [pup.enrolled(number)]) for number in range(2, 6)]
    path = f"/v1/streams/{pup.id}/sets"
    raws = [json.dumps(body).encode() for body in bodies]
    answers = await asyncio.gather(
        *(pup.send("POST", path, raw, pup.proof(pup.claims("POST", path, raw))) for raw in raws)
    )
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    assert {answer.problem for answer in answers if answer.status == 409} == {"stream-fork"}
    assert len(await held(federation, pup)) == 2


async def test_another_match_key_is_refused_set_by_set(federation: Federation, pup: Peer) -> None:
    payload = {"check": "a7", "key_fingerprint": "0" * 16, "basis": "consent"}
    assert payload["key_fingerprint"] != MATCH_KEY.fingerprint
    taken = pup.enrolled(2)
    answer = await pup.push(pup.event("client.enrolled.v1", payload), taken)
    assert answer.body["set_errors"] == [{"position": 1, "problem": "match-key-mismatch"}]
    assert await held(federation, pup) == [taken], "of what is refused, the hash alone is kept"


async def test_no_set_and_no_text_makes_the_push_itself_fail(federation: Federation, pup: Peer) -> None:
    texts = [
        "",
        "x",
        ".".join("abc"),
        "\u0000",
        "ą" * 10,
        forge({"alg": "ES256", "kid": pup.key.kid, "typ": "secevent+jwt"}, [], pup.key),
        forge({"alg": "ES256", "kid": pup.key.kid, "typ": "secevent+jwt"}, {"iss": pup.id}, pup.key),
        forge({"alg": "ES256", "kid": pup.key.kid, "typ": "secevent+jwt"}, {"iss": pup.id, "iat": pup.now}, pup.key),
        pup.event("client.withdrawn.v1", {}, iat="soon"),
        pup.event("client.withdrawn.v1", {}, sub_id={"format": "opaque", "id": "x"}),
        pup.event("client.withdrawn.v1", {}, events={}),
        pup.event("client.withdrawn.v1", {}, events={"urn:zwornik:event:never.heard.v9": {}}),
        pup.event("client.withdrawn.v1", {}, jti="7"),
    ]
    answer = await pup.push(*texts)
    assert answer.body["position"] == len(texts)
    assert [error["position"] for error in answer.body["set_errors"]] == list(range(1, len(texts) + 1))
    assert await held(federation, pup) == []
