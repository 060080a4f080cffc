"""Proofs of answers: bound to the call, the status and the content, and signed by the broker alone."""

from typing import Any

import pytest

from shared.domain.errors import DomainError
from shared.exchange.keys import SigningKey
from shared.exchange.member_keys import MemberKey
from shared.exchange.proofs.digest import content_digest
from shared.exchange.proofs.response import RESPONSE_TYPE, check_response, sign_response

from .builders import BROKER, JTI, KEYS, NOW, OPS, PUP, STRANGER, directory, forge, header, member

BODY = b'{"position":1540}'
KEY = KEYS[BROKER]
ASKED: dict[str, Any] = {"aud": PUP, "req_jti": JTI, "status": 200, "body": BODY}
CLAIMS = {
    "iss": BROKER,
    "aud": PUP,
    "iat": NOW,
    "req_jti": JTI,
    "status": 200,
    "content_digest": content_digest(BODY),
}


def answer(head: dict[str, Any] | None = None, key: SigningKey = KEY, **changes: Any) -> str:
    return forge(header(RESPONSE_TYPE, KEY.kid) | (head or {}), CLAIMS | changes, key)


def problem_of(token: str | None, **changes: Any) -> str:
    with pytest.raises(DomainError) as refused:
        check_response(token, **{"directory": directory()} | ASKED | changes)
    return refused.value.problem


def test_the_brokers_answer_to_this_very_call_holds() -> None:
    signed = sign_response(KEY, iss=BROKER, now=NOW, **ASKED)
    assert signed == answer()
    assert check_response(signed, directory=directory(), **ASKED) == CLAIMS


def test_an_answer_without_a_proof_has_its_own_problem() -> None:
    assert problem_of(None) == "proof-missing"


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("", "proof-malformed"),
        ("x.y.z", "proof-malformed"),
        (answer() + ".x", "proof-malformed"),
        (answer({"typ": "zwornik-request+jwt"}), "proof-type"),
        (answer({"alg": "HS256"}), "proof-algorithm"),
        (answer({"kid": STRANGER.kid}), "proof-unknown-key"),
        (answer({"kid": KEYS[PUP].kid}), "proof-unknown-key"),
        (answer(iat=str(NOW)), "proof-unknown-key"),
        (answer(iat=True), "proof-unknown-key"),
        (answer(iat=NOW - 10_000), "proof-unknown-key"),
        (answer(key=STRANGER), "proof-signature"),
        (answer(key=KEYS[PUP]), "proof-signature"),
        (answer(iss=PUP), "proof-digest"),
        (answer(aud=OPS), "proof-digest"),
        (answer(req_jti=JTI[:-1] + "0"), "proof-digest"),
        (answer(status=201), "proof-digest"),
        (answer(status="200"), "proof-digest"),
        (answer(content_digest=content_digest(b"")), "proof-digest"),
        (answer(content_digest=None), "proof-digest"),
    ],
)
def test_one_mistake_in_an_answer_makes_its_own_problem(token: str, problem: str) -> None:
    assert problem_of(token) == problem


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": OPS},
        {"req_jti": "0192f0c1-7c00-7abc-8def-000000000000"},
        {"status": 500},
        {"body": b""},
        {"body": BODY + b"\n"},
        {"body": BODY.replace(b"1540", b"1541")},
    ],
)
def test_an_answer_serves_no_other_call_status_or_content(changes: dict[str, Any]) -> None:
    assert problem_of(answer(), **changes) == "proof-digest"


def test_an_answer_by_the_brokers_last_key_holds_while_that_key_was_valid() -> None:
    old = (MemberKey(STRANGER.public, NOW - 100, NOW - 50),)
    both = directory(member(PUP), member(BROKER, MemberKey(KEY.public, NOW - 60, NOW + 60), *old))
    late = forge(header(RESPONSE_TYPE, STRANGER.kid), CLAIMS | {"iat": NOW - 50}, STRANGER)
    assert check_response(late, directory=both, **ASKED)["iat"] == NOW - 50
    too_late = forge(header(RESPONSE_TYPE, STRANGER.kid), CLAIMS | {"iat": NOW - 49}, STRANGER)
    assert problem_of(too_late, directory=both) == "proof-unknown-key"
