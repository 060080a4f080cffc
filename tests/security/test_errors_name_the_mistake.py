"""What integrators get wrong (MISSION and WIRE): each mistake is named, with what was expected and what came.

The diagnosis is asked too: it runs the very checks, so it never disagrees with the service.
"""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from shared.domain.errors import DomainError, Invalid
from shared.exchange import jose
from shared.exchange.diagnosis import Diagnosis, Question, diagnosis
from shared.exchange.proofs.digest import content_digest
from shared.exchange.proofs.request import REQUEST_TYPE, Call, check_request
from shared.exchange.stream.chain import chain_start, chains
from shared.exchange.stream.checkpoint import Mark, sign_checkpoint
from shared.runtime.problems.render import problem
from tests.exchange.builders import (
    BROKER,
    HASH,
    JTI,
    KEYS,
    NOW,
    OPS,
    PESEL,
    PUP,
    STRANGER,
    directory,
    forge,
    header,
    make_set,
    member,
    set_claims,
    without,
)

BODY = b'{"token":"1.x"}'
CALL = Call(method="POST", target="/v1/merged-views?a=1", body=BODY, aud=BROKER, now=NOW)
CLAIMS: dict[str, Any] = {
    "iss": PUP, "aud": BROKER, "iat": NOW, "exp": NOW + 60, "jti": JTI, "htm": "POST", "target": CALL.target,
    "content_digest": content_digest(BODY),
}  # fmt: skip
SHA = hashlib.sha256(BODY)


def proof(claims: dict[str, Any] | None = None, key: Any = KEYS[PUP], **head: Any) -> str:
    return forge(header(REQUEST_TYPE, key.kid) | head, CLAIMS | (claims or {}), key)


def in_der(token: str) -> str:
    text = token.rpartition(".")[0]
    return f"{text}.{jose.encode(KEYS[PUP].private.sign(text.encode(), ec.ECDSA(SHA256())))}"


def padded(token: str) -> str:
    return ".".join(part + "=" * (-len(part) % 4) for part in token.split("."))


MISTAKES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "two parts": (proof().rpartition(".")[0], "proof-malformed", {"expected": "3 parts", "received": "2 parts"}),
    "padding": (padded(proof({"x": 1})), "proof-malformed", {"expected": "base64url without ="}),
    "DER": (in_der(proof()), "proof-malformed", {"expected": "64 bytes", "detail": "DER"}),
    "no target": (forge(header(REQUEST_TYPE), without(CLAIMS, "target")), "proof-malformed", {"field": "target"}),
    "htm a list": (proof({"htm": ["POST"]}), "proof-malformed", {"field": "htm", "expected": "a string"}),
    "no id": (proof({"iss": "Urząd"}), "proof-malformed", {"field": "iss", "expected": "an id as pup-2478"}),
    "milliseconds": (
        proof({"exp": NOW * 1000}), "proof-malformed", {"field": "exp", "expected": "0 to 60", "received": NOW * 999}
    ),
    "seconds with a point": (
        forge(header(REQUEST_TYPE), json.dumps(CLAIMS | {"iat": 1.5}).encode()), "proof-malformed", {}
    ),
    "typ JWT": (proof(typ="JWT"), "proof-type", {"expected": REQUEST_TYPE, "received": "JWT"}),
    "RS256": (proof(alg="RS256"), "proof-algorithm", {"expected": "ES256", "received": "RS256"}),
    "alg none": (proof(alg="none"), "proof-algorithm", {"received": "none"}),
    "jku": (proof(jku="https://x.invalid"), "proof-malformed", {"detail": "members other than alg, kid and typ"}),
    "unknown key": (
        proof(key=STRANGER), "proof-unknown-key", {"expected": f"a key of {PUP}", "received": STRANGER.kid}
    ),
    "unknown issuer": (proof({"iss": "pup-9999"}), "issuer-unknown", {"received": "pup-9999"}),
    "wrong key": (proof(key=STRANGER, kid=KEYS[PUP].kid), "proof-signature", {"detail": "does not fit"}),
    "wrong aud": (proof({"aud": OPS}), "proof-audience", {"expected": BROKER, "received": OPS}),
    "clock fast": (proof({"iat": NOW + 90, "exp": NOW + 90}), "proof-not-yet-valid", {"clock_skew_s": 90}),
    "clock slow": (proof({"iat": NOW - 300, "exp": NOW - 240}), "proof-expired", {"clock_skew_s": -300}),
    "wrong method": (proof({"htm": "GET"}), "proof-method", {"expected": "POST", "received": "GET"}),
    "method in small letters": (proof({"htm": "post"}), "proof-method", {"expected": "POST", "received": "post"}),
    "no query": (
        proof({"target": "/v1/merged-views"}), "proof-target",
        {"expected": "/v1/merged-views?a=1", "received": "/v1/merged-views"},
    ),
    "a whole URL": (proof({"target": "https://b.invalid/v1/merged-views?a=1"}), "proof-target", {}),
    "digest in hex": (
        proof({"content_digest": f"sha-256={SHA.hexdigest()}"}), "proof-digest-encoding",
        {"expected": content_digest(BODY), "received": f"sha-256={SHA.hexdigest()}"},
    ),
    "digest in base64url": (
        proof({"content_digest": "sha-256=:" + jose.encode(bytes([255] * 32)) + ":"}), "proof-digest-encoding", {}
    ),
    "digest bare": (
        proof({"content_digest": base64.b64encode(SHA.digest()).decode()}), "proof-digest-encoding", {}
    ),
    "another body": (
        proof({"content_digest": content_digest(b"{}")}), "proof-digest", {"received": content_digest(b"{}")}
    ),
    "a PESEL in the case": (proof({"case": PESEL}), "proof-malformed", {"detail": "none a PESEL"}),
}  # fmt: skip


def told(token: str, known: Any = None) -> dict[str, Any]:
    """Return the problem that a call gets."""
    with pytest.raises(DomainError) as refused:
        check_request(token, CALL, known or directory())
    return problem(refused.value)


def asked(**question: Any) -> Diagnosis:
    return diagnosis(Question(**question), directory(), NOW)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_proof_is_named_and_the_diagnosis_says_the_same(mistake: str) -> None:
    token, name, facts = MISTAKES[mistake]
    said = told(token)
    assert said["type"] == f"urn:zwornik:problem:{name}"
    for member_, value in facts.items():
        assert value in said[member_] if member_ == "detail" else said[member_] == value, (member_, said)
    assert said["mend"]
    assert said["docs"] == f"/v1/problems/{name}"
    assert PESEL not in json.dumps(said)
    body = base64.b64encode(BODY).decode()
    found = asked(proof=token, method="POST", target=CALL.target, body_base64=body)
    assert found.findings[-1].problem == said
    assert not found.holds


@pytest.mark.parametrize("skew", [-110, -59, -20, 20, 59])
def test_twenty_seconds_of_a_wrong_clock_are_forgiven(skew: int) -> None:
    assert check_request(proof({"iat": NOW + skew, "exp": NOW + skew + 60}), CALL, directory()).iss == PUP


def test_a_suspended_institution_is_told_its_state() -> None:
    known = directory(member(PUP, state="suspended"), member(BROKER))
    said = told(proof(), known)
    assert (said["type"], said["expected"], said["received"]) == (
        "urn:zwornik:problem:issuer-suspended", "active", "suspended",
    )  # fmt: skip


def contract(**changes: Any) -> dict[str, Any]:
    [payload] = set_claims()["events"].values()
    return set_claims(payload=payload | changes)


SETS: dict[str, tuple[str, str, str]] = {
    "no token": ("x.y", "form", "set-signature"),
    "another type": (forge(header("JWT", KEYS[OPS].kid), set_claims(), KEYS[OPS]), "form", "set-type"),
    "unknown key": (forge(header(kid=STRANGER.kid), set_claims(), STRANGER), "key", "set-signature"),
    "wrong key": (forge(header(kid=KEYS[OPS].kid), set_claims(), STRANGER), "signature", "set-signature"),
    "another federation": (make_set(aud="zwornik:other"), "content", "set-schema"),
    "no count": (make_set(without(set_claims(), "n")), "content", "set-schema"),
    "free text": (make_set(contract(form="Jan Kowalski")), "content", "set-schema"),
    "a PESEL": (make_set(contract(form=PESEL)), "content", "set-schema"),
    "what a centre may not say": (make_set(name="registration.opened.v1"), "permission", "set-not-permitted"),
}


@pytest.mark.parametrize("mistake", SETS)
def test_a_mistake_in_a_set_is_named_by_the_check_that_intake_makes(mistake: str) -> None:
    text, check, name = SETS[mistake]
    found = asked(set=text)
    assert [one.passed for one in found.findings] == [True] * (len(found.findings) - 1) + [False]
    assert found.findings[-1].check == check
    said = found.findings[-1].problem
    assert said is not None
    assert said["type"] == f"urn:zwornik:problem:{name}"
    assert PESEL not in json.dumps(said)
    assert "Kowalski" not in json.dumps(said)


def test_a_set_that_holds_passes_every_check() -> None:
    found = asked(set=make_set())
    assert found.holds
    assert [one.check for one in found.findings] == ["form", "key", "signature", "content", "permission"]


ENTRIES = [make_set(), make_set(name="client.enrolled.v1"), {"erased": HASH}]
STREAM: dict[str, Any] = {"owner": PUP, "peer": BROKER, "incarnation": "5f" * 16}


def checkpoint(key: Any = KEYS[PUP], **changes: Any) -> str:
    start = chain_start(PUP, BROKER, STREAM["incarnation"])
    hashes = [hashlib.sha256(str(one).encode()).digest() for one in ENTRIES[:2]] + [jose.decode(HASH)]
    *_, chain = chains(start, hashes)
    return sign_checkpoint(key, Mark(**STREAM | {"position": 3, "chain": chain, "at": NOW} | changes))


@pytest.mark.parametrize(
    ("changes", "token", "check", "expected"),
    [
        ({}, checkpoint(), None, None),
        ({"from": 2, "chain_before": HASH}, checkpoint(), "mark", 4),
        ({"incarnation": "a0" * 16}, checkpoint(), "mark", "a0" * 16),
        ({"sets": ENTRIES[:2]}, checkpoint(), "mark", 2),
        ({"sets": [*ENTRIES[:2], make_set(name="client.withdrawn.v1")]}, checkpoint(), "mark", None),
        ({"sets": [{"erased": "x"}]}, checkpoint(), "entries", None),
        ({}, checkpoint(STRANGER), "signature", PUP),
        ({}, "x.y.z", "signature", None),
        ({"owner": OPS}, checkpoint(), "signature", OPS),
    ],
)
def test_a_checkpoint_is_compared_with_the_entries_that_it_is_about(
    changes: dict[str, Any], token: str, check: str | None, expected: Any
) -> None:
    found = asked(checkpoint=token, stream=STREAM | {"from": 1, "sets": ENTRIES} | changes)
    assert found.holds is (check is None)
    if check is not None:
        last = found.findings[-1]
        assert last.problem is not None
        assert (last.check, last.problem["type"]) == (check, "urn:zwornik:problem:stream-checkpoint")
        assert expected is None or last.problem["expected"] == expected


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"proof": "x", "set": "x", "method": "GET", "target": "/"},
        {"proof": "x", "method": "GET"},
        {"checkpoint": "x"},
        {"set": "x", "stream": STREAM | {"from": 1, "sets": []}},
    ],
)
def test_a_question_is_about_one_thing_and_complete(question: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"asked with|one thing"):
        Question(**question)


def test_the_chain_before_is_needed_beyond_the_first_position() -> None:
    with pytest.raises(Invalid) as refused:
        asked(checkpoint=checkpoint(), stream=STREAM | {"from": 2, "sets": []})
    assert refused.value.field == "chain_before"
