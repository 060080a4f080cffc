"""One person over the wire: shown to those who share it, not there for anybody else, mailed again where missed."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from services.broker.tables import PersonRow
from shared.exchange import jose
from shared.exchange.sets import set_hash
from tests.broker.builders import (
    ON_POSTGRESQL,
    ON_SQLITE,
    READING,
    Answer,
    Peer,
    enter,
    relay,
    said,
    shared_person,
    stored,
    token_of,
)
from tests.broker.test_quarantine import spoilt
from tests.builders import Federation


@pytest.fixture
async def pair(federation: Federation) -> tuple[Peer, Peer]:
    return await shared_person(federation)


async def view(peer: Peer, number: int = 1, status: int = 200, **changes: Any) -> Answer:
    body = {"token": changes.pop("token", token_of(number))}
    return await peer.call("POST", "/v1/merged-views", body, status=status, **READING | changes)


async def ask(peer: Peer, author: Peer, counts: list[int], number: int = 1, status: int = 200) -> Answer:
    body = {"token": token_of(number), "iss": author.id, "n": counts}
    return await peer.call("POST", "/v1/missing-sets", body, status=status, **READING)


def restated(peer: Peer, generation: int = 1) -> str:
    payload = {"generation": generation, "restatement_id": peer.ids.uuid7(), "part": 1, "parts": 1, "complete": True}
    return peer.event("record.restated.v1", payload | {"records": []})


async def test_members_see_what_all_of_them_told(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, ops = pair
    await pup.push(restated(pup), text := pup.form())
    await ops.push(ops.form(form=2))
    await relay(federation)
    for reader in pair:
        told = (await view(reader)).body
        assert (told["token"], told["generation"]) == (token_of(), 1)
        assert told["members"] == [
            {"id": ops.id, "complete": False, "n": 1},
            {"id": pup.id, "complete": True, "n": 2},
        ]
        assert [(one["iss"], one["payload"]["code"], one["n"]) for one in told["records"]] == [
            (ops.id, "AI-E01", 1),
            (pup.id, "PUP-STA", 2),
        ]
        assert told["records"][1]["hash"] == jose.encode(set_hash(text))


async def test_a_person_of_others_and_a_person_of_nobody_are_not_there_in_the_very_same_words(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    stranger = await enter(federation, "ops-2476011")
    before = await stored(federation)
    of_others, of_nobody = await view(stranger, 1, 404), await view(stranger, 7, 404)
    assert of_others.problem == "not-found"
    assert of_others.body == of_nobody.body
    asked = [await ask(stranger, pair[0], [1], number, 404) for number in (1, 7)]
    assert asked[0].body == asked[1].body
    assert await stored(federation) == before


async def test_one_who_only_enrolled_the_person_is_not_told_that_others_have_it(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    far = await enter(federation, "ops-2476011")
    await far.push(far.enrolled())
    await relay(federation)
    assert [name for name, _ in await far.collect()] == ["joint_client.suspected.v1"]
    assert (await view(far, status=404)).problem == "not-found"


async def test_one_who_left_is_told_nothing_more(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, ops = pair
    await pup.push(pup.form())
    await relay(federation)
    assert len((await view(ops)).body["records"]) == 1
    await ops.push(ops.event("client.withdrawn.v1", {}))
    await relay(federation)
    for reader in pair:
        assert (await view(reader, status=404)).problem == "not-found"
    assert (await ask(ops, pup, [1], status=404)).problem == "not-found"


async def test_what_one_who_left_had_told_is_shown_no_longer_to_those_who_stay(federation: Federation) -> None:
    peers = [await enter(federation, name) for name in ("pup-1611", "ops-1611012", "ops-1611053")]
    for peer in peers:
        await peer.push(peer.enrolled())
    await relay(federation)
    for number, peer in enumerate(peers, 1):
        await peer.push(peer.form(form=number))
    await relay(federation)
    pup, gone, stays = peers
    await gone.push(gone.event("client.withdrawn.v1", {}))
    await relay(federation)
    for reader in (pup, stays):
        told = (await view(reader)).body
        assert [member["id"] for member in told["members"]] == [stays.id, pup.id]
        assert [one["iss"] for one in told["records"]] == [stays.id, pup.id]


@ON_SQLITE
@pytest.mark.parametrize("missing", sorted(READING))
async def test_a_read_says_why_by_whom_and_in_which_case(
    federation: Federation, pair: tuple[Peer, Peer], missing: str
) -> None:
    pup, _ = pair
    reading = {name: value for name, value in READING.items() if name != missing}
    answer = await pup.call("POST", "/v1/merged-views", {"token": token_of()}, status=401, **reading)
    assert (answer.problem, answer.body["field"]) == ("proof-malformed", missing)


@ON_SQLITE
@pytest.mark.parametrize("token", ["", "x", "44651401357", "0." + "x" * 43, "1." + "x" * 42, 7, None])
async def test_what_is_no_token_is_refused_without_being_repeated(
    federation: Federation, pair: tuple[Peer, Peer], token: Any
) -> None:
    answer = await view(pair[0], token=token, status=422)
    assert (answer.problem, answer.body["field"]) == ("request-invalid", "token")
    assert "44651401357" not in str(answer.body)


async def test_what_is_missed_comes_again_by_mail_byte_for_byte(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, ops = pair
    texts = [pup.restated(), *(pup.form(form=number) for number in range(2, 4))]
    await pup.push(*texts)
    await relay(federation)
    await ops.collect()
    answer = await ask(ops, pup, [3, 1, 9])
    assert answer.body == {"mailed": [1, 3], "refused": [], "unknown": [9]}
    again = await ops.poll()
    assert [one["set"] for one in again.body["sets"]] == [texts[0], texts[2]]
    assert await pup.collect() == [], "the author hears nothing of it"


async def test_of_what_was_refused_the_refusal_comes_again(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, ops = pair
    first, bad = pup.restated(), spoilt(pup.form())
    await pup.push(first, bad)
    await relay(federation)
    await ops.collect()
    assert (await ask(ops, pup, [2, 3])).body == {"mailed": [], "refused": [2], "unknown": [3]}
    [one] = (await ops.poll()).body["sets"]
    assert said(one["set"]) == (
        "set.refused.v1",
        {"iss": pup.id, "hash": jose.encode(set_hash(bad)), "problem": "set-signature", "n": 2},
    )


@ON_SQLITE
@pytest.mark.parametrize(
    "changes", [{"n": []}, {"n": [0]}, {"n": ["x"]}, {"n": list(range(1, 502))}, {"iss": None}, {"token": "x"}]
)
async def test_a_question_of_another_form_is_refused(
    federation: Federation, pair: tuple[Peer, Peer], changes: dict[str, Any]
) -> None:
    pup, ops = pair
    body = {"token": token_of(), "iss": ops.id, "n": [1]} | changes
    answer = await pup.call("POST", "/v1/missing-sets", body, status=422, **READING)
    assert answer.problem == "request-invalid"


async def test_what_is_asked_of_one_who_does_not_share_the_person_is_not_there(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, _ = pair
    stranger = await enter(federation, "ops-2476011")
    assert (await ask(pup, stranger, [1], status=404)).problem == "not-found"


async def test_asking_after_strangers_makes_nobody_known(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, ops = pair
    await ask(pup, ops, [1], 7, 404)
    await view(pup, 7, 404)
    async with federation.broker.db.read() as session:
        assert list(await session.scalars(select(PersonRow.token))) == [token_of()]


@ON_POSTGRESQL
async def test_one_question_twice_at_the_same_moment_is_answered_once(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, ops = pair
    await pup.push(pup.restated())
    await relay(federation)
    await ops.collect()
    raw = f'{{"token": "{token_of()}", "iss": "{pup.id}", "n": [1]}}'.encode()
    proof = ops.proof(ops.claims("POST", "/v1/missing-sets", raw, **READING))
    answers = await asyncio.gather(*(ops.send("POST", "/v1/missing-sets", raw, proof) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]
    assert len(await ops.collect()) == 1
