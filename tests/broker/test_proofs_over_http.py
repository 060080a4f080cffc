"""Every mistake in a proof, made over HTTP: it has its own problem, the answer is proven, and nothing is stored."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from services.broker.operations import directory, register
from shared.exchange import jose
from shared.exchange.keys import SigningKey
from shared.exchange.proofs.digest import content_digest
from shared.exchange.proofs.request import REQUEST_TYPE
from tests.broker.builders import (
    ON_SQLITE,
    READING,
    Answer,
    Peer,
    enter,
    relay,
    shared_person,
    statement,
    stored,
    token_of,
)
from tests.builders import Federation
from tests.exchange.builders import UUID, forge

STRANGER = SigningKey.from_seed(b"stranger")


@dataclass
class Attempt:
    """A push with its proof, before a mistake is made in it."""

    peer: Peer
    raw: bytes
    method: str = "POST"
    path: str = "/v1/streams/pup-2478/sets"
    head: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    key: SigningKey | None = None
    proof: str | None = None
    bare: bool = False

    def __post_init__(self) -> None:
        self.claims = self.peer.claims(self.method, self.path, self.raw)

    async def make(self) -> Answer:
        proof = self.peer.proof(self.claims, self.key, **self.head) if self.proof is None else self.proof
        return await self.peer.send(self.method, self.path, self.raw, None if self.bare else proof)


Mistake = Callable[[Attempt], None]


def with_(**changes: Any) -> Mistake:
    return lambda attempt: [setattr(attempt, name, value) for name, value in changes.items()] and None


def claim(**changes: Any) -> Mistake:
    return lambda attempt: attempt.claims.update(changes)


def later(**seconds: int) -> Mistake:
    return lambda attempt: attempt.claims.update(
        {name: attempt.claims[name] + shift for name, shift in seconds.items()}
    )


def no_claim(name: str) -> Mistake:
    return lambda attempt: attempt.claims.pop(name) and None


def digest_in_hex(attempt: Attempt) -> None:
    attempt.claims["content_digest"] = f"sha-256={hashlib.sha256(attempt.raw).hexdigest()}"


def digest_without_colons(attempt: Attempt) -> None:
    plain = b64encode(hashlib.sha256(attempt.raw).digest()).decode()
    attempt.claims["content_digest"] = f"sha-256={plain}"


def altered_after_signing(attempt: Attempt) -> None:
    head, payload, signature = attempt.peer.proof(attempt.claims).split(".")
    flipped = bytearray(jose.decode(signature))
    flipped[40] ^= 1
    attempt.proof = f"{head}.{payload}.{jose.encode(bytes(flipped))}"


def signed_as_der(attempt: Attempt) -> None:
    signing_input = attempt.peer.proof(attempt.claims).rpartition(".")[0]
    der = attempt.peer.key.private.sign(signing_input.encode(), ec.ECDSA(SHA256()))
    attempt.proof = f"{signing_input}.{jose.encode(der)}"


def unsigned(attempt: Attempt) -> None:
    head = jose.encode(b'{"alg":"none","typ":"zwornik-request+jwt"}')
    attempt.proof = f"{head}.{attempt.peer.proof(attempt.claims).split('.')[1]}."


def other_body(attempt: Attempt) -> None:
    attempt.raw += b" "


MISTAKES: dict[str, tuple[str, Mistake]] = {
    "no proof": ("proof-missing", with_(bare=True)),
    "an empty proof": ("proof-missing", with_(proof="")),
    "no token": ("proof-malformed", with_(proof="x.y.z")),
    "a proof too long": ("proof-malformed", claim(note="x" * 9000)),
    "a member of the header too many": ("proof-malformed", with_(head={"jku": "https://example.invalid"})),
    "a claim too few": ("proof-malformed", no_claim("target")),
    "an issuer that is none": ("proof-malformed", claim(iss="urzad")),
    "an end too far away": ("proof-malformed", later(exp=1)),
    "a jti too short": ("proof-malformed", claim(jti="1234567")),
    "a PESEL in the case": ("proof-malformed", claim(case="44651401357")),
    "the type of a SET": ("proof-type", with_(head={"typ": "secevent+jwt"})),
    "the type of an answer": ("proof-type", with_(head={"typ": "zwornik-response+jwt"})),
    "another algorithm": ("proof-algorithm", with_(head={"alg": "ES384"})),
    "EdDSA": ("proof-algorithm", with_(head={"alg": "EdDSA"})),
    "no algorithm at all": ("proof-malformed", unsigned),
    "alg none under a kid": ("proof-algorithm", with_(head={"alg": "none"})),
    "a key of nobody": ("proof-unknown-key", with_(key=STRANGER)),
    "a kid that is none": ("proof-unknown-key", with_(head={"kid": "x" * 43})),
    "a stranger's signature under the right kid": (
        "proof-signature",
        lambda attempt: with_(key=STRANGER, head={"kid": attempt.peer.key.kid})(attempt),
    ),
    "a signature with one bit changed": ("proof-signature", altered_after_signing),
    "a signature in DER": ("proof-malformed", signed_as_der),
    "another receiver": ("proof-audience", claim(aud="pup-2478")),
    "issued in the future": ("proof-not-yet-valid", later(iat=61, exp=61)),
    "run out": ("proof-expired", later(iat=-121, exp=-121)),
    "another method": ("proof-method", claim(htm="PUT")),
    "another path": ("proof-target", claim(target="/v1/streams/pup-2478/poll")),
    "another query": ("proof-target", claim(target="/v1/streams/pup-2478/sets?x=1")),
    "a query that was not signed": ("proof-target", with_(path="/v1/streams/pup-2478/sets?x=1")),
    "another spelling of the path": ("proof-target", with_(path="/v1/streams/pup%2D2478/sets")),
    "another body": ("proof-digest", other_body),
    "the digest of nothing": ("proof-digest", claim(content_digest=content_digest(b""))),
    "no digest at all": ("proof-digest", claim(content_digest="sha-512=:AAAA:")),
    "a digest in hex": ("proof-digest-encoding", digest_in_hex),
    "a digest without colons": ("proof-digest-encoding", digest_without_colons),
    "an institution that nobody knows": ("issuer-unknown", claim(iss="pup-9999")),
}


@pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_proof_with_a_mistake_is_refused_by_name_and_stores_nothing(
    federation: Federation, mistake: str
) -> None:
    pup = await enter(federation, "pup-2478")
    raw = _raw(pup)
    before = await stored(federation)
    attempt = Attempt(pup, raw)
    expected, spoil = MISTAKES[mistake]
    spoil(attempt)
    answer = await attempt.make()
    assert (answer.problem, answer.status) == (expected, 401)
    assert answer.body["mend"]
    assert answer.headers["www-authenticate"]
    assert await stored(federation) == before
    assert (await Attempt(pup, raw).make()).status == 200, "without the mistake it is taken"


def _raw(peer: Peer) -> bytes:
    return json.dumps(peer.delivery(1, [peer.enrolled()])).encode()


async def test_a_clock_that_is_wrong_is_told_by_how_much(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    for shift, problem in ((600, "proof-not-yet-valid"), (-600, "proof-expired")):
        attempt = Attempt(pup, _raw(pup))
        later(iat=shift, exp=shift)(attempt)
        answer = await attempt.make()
        assert (answer.problem, answer.body["clock_skew_s"], answer.body["retryable"]) == (problem, shift, True)


@pytest.mark.parametrize("shift", [60, -60, -120])
async def test_a_clock_that_is_a_minute_wrong_is_forgiven(federation: Federation, shift: int) -> None:
    pup = await enter(federation, "pup-2478")
    attempt = Attempt(pup, _raw(pup))
    later(iat=shift, exp=shift)(attempt)
    assert (await attempt.make()).status == 200


@pytest.mark.parametrize("state", ["suspended", "retired"])
async def test_an_institution_that_no_longer_takes_part_is_refused(federation: Federation, state: str) -> None:
    pup = await enter(federation, "pup-2478")
    async with federation.broker.db.write() as session:
        await register.set_state(session, federation.broker, pup.id, state)
    await directory.reload(federation.broker)
    before = await stored(federation)
    answer = await Attempt(pup, _raw(pup)).make()
    assert (answer.status, answer.problem, answer.body["received"]) == (403, "issuer-suspended", state)
    assert await stored(federation) == before


async def test_an_institution_that_waits_for_approval_is_nobody_yet(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478", approved=False)
    before = await stored(federation)
    assert (await Attempt(pup, _raw(pup)).make()).problem == "issuer-unknown"
    assert await stored(federation) == before


async def test_a_key_of_another_institution_is_unknown_for_this_one(federation: Federation) -> None:
    pup, ops = await enter(federation, "pup-2478"), await enter(federation, "ops-2478011")
    attempt = Attempt(pup, _raw(pup))
    with_(key=ops.key)(attempt)
    assert (await attempt.make()).problem == "proof-unknown-key"


async def test_a_key_whose_time_is_over_is_refused_as_such(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    old, pup.key = pup.key, SigningKey.from_seed(b"new")
    async with federation.broker.db.write() as session:
        await register.register(session, federation.broker, statement(pup))
        await register.approve(session, federation.broker, pup.id, pup.key.kid)
    await directory.reload(federation.broker)
    raw = _raw(pup)
    attempt = Attempt(pup, raw)
    attempt.key = old
    assert (await attempt.make()).status == 200, "the old key overlaps"
    federation.clock.go((federation.broker.settings.key_overlap_days * 24 + 1) * 3600)
    before = await stored(federation)
    attempt = Attempt(pup, raw)
    attempt.key = old
    answer = await attempt.make()
    assert (answer.status, answer.problem, answer.body["received"]) == (401, "proof-key-expired", old.kid)
    assert await stored(federation) == before
    assert (await Attempt(pup, raw).make()).status == 200


async def test_a_read_of_a_person_is_not_repeated_under_one_proof(federation: Federation) -> None:
    pup, _ = await shared_person(federation)
    raw = f'{{"token": "{token_of()}"}}'.encode()
    proof = pup.proof(pup.claims("POST", "/v1/merged-views", raw, **READING))
    assert (await pup.send("POST", "/v1/merged-views", raw, proof)).status == 200
    again = await pup.send("POST", "/v1/merged-views", raw, proof)
    assert (again.status, again.problem) == (401, "proof-replayed")


async def test_a_call_that_changes_something_is_not_repeated_and_changes_nothing_more(federation: Federation) -> None:
    pup, ops = await shared_person(federation)
    restated = {"generation": 1, "restatement_id": UUID, "part": 1, "parts": 1, "complete": True, "records": []}
    await ops.push(ops.event("record.restated.v1", restated))
    await relay(federation)
    raw = f'{{"token": "{token_of()}", "iss": "{ops.id}", "n": [1]}}'.encode()
    proof = pup.proof(pup.claims("POST", "/v1/missing-sets", raw, **READING))
    assert (await pup.send("POST", "/v1/missing-sets", raw, proof)).body["mailed"] == [1]
    before = await stored(federation)
    again = await pup.send("POST", "/v1/missing-sets", raw, proof)
    assert (again.status, again.problem) == (401, "proof-replayed")
    assert await stored(federation) == before


async def test_a_push_under_the_same_proof_adds_nothing(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    raw = _raw(pup)
    proof = pup.proof(pup.claims("POST", "/v1/streams/pup-2478/sets", raw))
    first = await pup.send("POST", "/v1/streams/pup-2478/sets", raw, proof)
    before = await stored(federation)
    again = await pup.send("POST", "/v1/streams/pup-2478/sets", raw, proof)
    assert (again.status, again.body["position"], first.body["position"]) == (200, 1, 1)
    assert await stored(federation) == before


async def test_the_order_of_checks_is_the_same_for_all(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    attempt = Attempt(pup, _raw(pup))
    claim(aud="x", htm="PUT", target="/x", content_digest="x")(attempt)
    later(iat=-1000, exp=-1000)(attempt)
    attempt.key, attempt.head = STRANGER, {"kid": pup.key.kid}
    seen = []
    repairs: list[Mistake] = [
        with_(key=None, head={}),
        claim(aud="broker"),
        later(iat=1000, exp=1000),
        claim(htm="POST"),
        claim(target=attempt.path),
        lambda one: one.claims.update(content_digest=content_digest(one.raw)),
    ]
    for repair in repairs:
        seen.append((await attempt.make()).problem)
        repair(attempt)
    assert seen == [
        "proof-signature",
        "proof-audience",
        "proof-expired",
        "proof-method",
        "proof-target",
        "proof-digest",
    ]
    assert (await attempt.make()).status == 200


async def test_an_answer_is_bound_to_the_call_even_when_it_refuses(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    claims = pup.claims("GET", "/v1/nothing", b"")
    answer = await pup.send("GET", "/v1/nothing", b"", pup.proof(claims))
    assert answer.problem == "not-found"
    assert jose.parse(answer.headers["zwornik-proof"], "zwornik-response+jwt").claims["req_jti"] == claims["jti"]


async def test_whoever_claims_no_readable_proof_gets_no_signed_answer(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    for iss, jti in (("urzad", "12345678"), ("pup-2478", 7), ("pup-2478", "x" * 129)):
        proof = forge({"alg": "ES256", "kid": pup.key.kid, "typ": REQUEST_TYPE}, {"iss": iss, "jti": jti}, pup.key)
        got = await pup.http.get("/v1/directory", headers={"Zwornik-Proof": proof})
        assert got.status_code == 200
        assert "zwornik-proof" not in got.headers


async def test_the_diagnosis_finds_the_very_problem_of_the_call(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    for mistake in ("another receiver", "run out", "another body", "a digest in hex", "a key of nobody"):
        attempt = Attempt(pup, _raw(pup))
        expected, spoil = MISTAKES[mistake]
        spoil(attempt)
        body = {
            "proof": pup.proof(attempt.claims, attempt.key, **attempt.head),
            "method": "POST",
            "target": attempt.path,
            "body_base64": b64encode(attempt.raw).decode(),
        }
        found = (await pup.http.post("/v1/diagnostics/verify", json=body)).json()
        assert not found["holds"]
        assert found["findings"][-1]["problem"]["type"].endswith(f":{expected}")
        assert all(finding["passed"] for finding in found["findings"][:-1])


@ON_SQLITE
async def test_a_proof_of_another_call_makes_no_signed_answer_of_anything_here(federation: Federation) -> None:
    """Who takes a proof on its way could else have anything signed as the answer to it (docs/decisions/0044)."""
    pup = await enter(federation, "pup-2478")
    raw = _raw(pup)
    proof = pup.proof(pup.claims("POST", "/v1/streams/pup-2478/sets", raw))
    diagnosed = json.dumps({"proof": "x", "method": "GET", "target": "/"}).encode()
    for method, path, body in (
        ("GET", "/healthz", b""),
        ("GET", "/v1/problems/proof-digest", b""),
        ("GET", "/v1/directory", b""),
        ("POST", "/v1/diagnostics/verify", diagnosed),
        ("POST", "/v1/streams/pup-2478/poll", raw),
        ("PUT", "/v1/streams/pup-2478/sets", raw),
        ("GET", "/v1/nothing", b""),
    ):
        answer = await pup.http.request(
            method, path, content=body, headers={"Zwornik-Proof": proof, "Content-Type": "application/json"}
        )
        assert "zwornik-proof" not in answer.headers, path
    assert (await pup.send("POST", "/v1/streams/pup-2478/sets", raw, proof)).status == 200, "its own call is answered"


@ON_SQLITE
async def test_a_stranger_gets_nothing_signed_in_the_name_of_a_member(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    claims = pup.claims("GET", "/v1/nothing", b"")
    forged = pup.proof(claims, STRANGER, kid=pup.key.kid)
    answer = await pup.http.get("/v1/nothing", headers={"Zwornik-Proof": forged})
    assert "zwornik-proof" not in answer.headers


@ON_SQLITE
async def test_a_refusal_before_anybody_asked_for_the_proof_is_proven_too(federation: Federation) -> None:
    """A body that is no JSON or too large, a path that is none: the caller must be able to believe the answer."""
    pup = await enter(federation, "pup-2478")
    for path, raw, status in (
        ("/v1/merged-views", b"{", 400),
        ("/v1/streams/pup-2478/sets", b"[" + b" " * 1_100_000 + b"]", 413),
        ("/v1/nothing", b"{}", 404),
    ):
        answer = await pup.send("POST", path, raw, pup.proof(pup.claims("POST", path, raw)))
        assert answer.status == status
        assert "zwornik-proof" in answer.headers
