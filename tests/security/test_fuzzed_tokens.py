"""Thousands of spoilt proofs and SETs: none is accepted, none makes the service fail, each has its problem."""

from collections import Counter

import pytest

from shared.exchange.judge import judge
from shared.exchange.proofs.request import HEADER
from tests.broker.builders import READING, Peer, enter, relay, shared_person, statement, stored, token_of
from tests.builders import FEDERATION, Federation
from tests.exchange.builders import directory, make_set
from tests.security.mutations import mutants, twin_of

COUNTS = [250, pytest.param(10_000, marks=pytest.mark.long)]
VIEW = "/v1/merged-views"


async def sent(peer: Peer, method: str, path: str, raw: bytes, proof: str, *, is_own: bool = True) -> tuple[int, str]:
    """Return status and problem of a call under any header at all."""
    headers = {"Content-Type": "application/json", HEADER: proof.encode("utf-8", "surrogatepass")}
    answer = await peer.http.request(method, path, content=raw, headers=headers)  # type: ignore[arg-type]
    assert (HEADER in answer.headers) is is_own, "signed is only what answers a proof of this call"
    return answer.status_code, str(answer.json().get("type", "")).rpartition(":")[2]


@pytest.mark.parametrize("count", COUNTS)
async def test_no_spoilt_proof_is_accepted_and_none_makes_the_broker_fail(federation: Federation, count: int) -> None:
    pup, ops = await shared_person(federation)
    raw = f'{{"token": "{token_of()}"}}'.encode()
    seeds = [one.proof(one.claims("POST", VIEW, raw, **READING)) for one in (pup, ops)]
    before, seen = await stored(federation), Counter[str]()
    for mutant in mutants(seeds, count, seed=1):
        status, problem = await sent(pup, "POST", VIEW, raw, mutant, is_own=False)
        assert status == 401, (status, problem, mutant)
        assert problem.startswith("proof-") or problem == "issuer-unknown", (problem, mutant)
        seen[problem] += 1
    assert await stored(federation) == before
    assert {"proof-malformed", "proof-signature", "proof-unknown-key", "proof-algorithm", "proof-type"} <= seen.keys()
    for proof in seeds:
        assert await sent(pup, "POST", VIEW, raw, proof) == (200, ""), "the seeds themselves are taken"


@pytest.mark.parametrize("count", COUNTS)
def test_no_spoilt_set_is_an_event_and_each_has_its_reason(count: int) -> None:
    seeds = [make_set(), make_set(name="client.enrolled.v1"), make_set(name="record.restated.v1")]
    keys, seen = directory(), Counter[str]()
    for text in seeds:
        assert judge(text, FEDERATION, keys).event is not None
    for mutant in mutants(seeds, count, seed=2):
        verdict = judge(mutant, FEDERATION, keys)
        assert verdict.event is None, mutant
        assert verdict.failure is not None
        seen[verdict.failure.problem] += 1
    assert {"set-signature", "set-type"} <= seen.keys() <= {"set-signature", "set-type", "set-schema", "set-too-large"}


async def test_spoilt_sets_in_a_push_are_kept_out_one_by_one_and_the_stream_goes_on(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    seeds = [pup.enrolled(number) for number in range(1, 6)]
    spoilt = [one for one in mutants(seeds, 200, seed=3) if one.isprintable() and one.isascii()]
    entries = [text for text in spoilt if judge(text, FEDERATION, federation.broker.directory).iss in ("", pup.id)]
    answer = await pup.push(*entries, *seeds)
    assert len(entries) > 120
    assert [error["position"] for error in answer.body["set_errors"]] == list(range(1, len(entries) + 1))
    await relay(federation)
    assert (await pup.push()).body["position"] == len(entries) + len(seeds)


async def test_no_spoilt_registration_makes_an_institution(federation: Federation) -> None:
    peer = await enter(federation, "pup-2478", approved=False)
    before = await stored(federation)
    fresh = Peer(federation, "pup-2476", peer.key, peer.http)
    for mutant in mutants([statement(fresh)], 150, seed=4):
        answer = await peer.http.post(
            "/v1/institutions", json={"statement": mutant.encode("ascii", "replace").decode()}
        )
        assert 400 <= answer.status_code < 500, (answer.status_code, mutant)
    assert await stored(federation) == before


async def test_a_proof_is_used_once_whatever_its_signature_looks_like(federation: Federation) -> None:
    """(r, n - s) holds too, for anybody can make it of (r, s): the proof is known by its id, not by its bytes."""
    pup, _ = await shared_person(federation)
    raw = f'{{"token": "{token_of()}"}}'.encode()
    proof = pup.proof(pup.claims("POST", VIEW, raw, **READING))
    assert await sent(pup, "POST", VIEW, raw, proof) == (200, "")
    assert await sent(pup, "POST", VIEW, raw, twin_of(proof)) == (401, "proof-replayed")
