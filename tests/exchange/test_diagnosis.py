"""The diagnosis of a proof for an integrator: the very checks of a call, one by one."""

import json
from base64 import b64encode
from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from shared.domain.errors import Invalid
from shared.exchange import jose
from shared.exchange.diagnosis import Diagnosis, Question, diagnosis
from shared.exchange.proofs.request import CHECKS, REQUEST_TYPE, Call, sign_request

from .builders import BROKER, JTI, KEYS, NOW, PESEL, PUP, STRANGER, directory, forge, header

BODY = b'{"token":"1.x"}'
CALL = Call(method="POST", target="/v1/merged-views", body=BODY, aud=BROKER, now=NOW)
PROOF = sign_request(KEYS[PUP], PUP, CALL, JTI)


def asked(**changes: str) -> Diagnosis:
    question = {"proof": PROOF, "method": "POST", "target": CALL.target, "body_base64": b64encode(BODY).decode()}
    return diagnosis(Question(**question | changes), directory(), NOW)


def last_problem(found: Diagnosis) -> Mapping[str, object]:
    problem = found.findings[-1].problem
    assert problem is not None
    return problem


def test_a_proof_that_holds_passes_every_check_by_name() -> None:
    found = asked()
    assert found.holds
    assert [(one.check, one.passed, one.problem) for one in found.findings] == [
        (name, True, None) for name, _ in CHECKS
    ]


@pytest.mark.parametrize(
    ("changes", "check", "problem"),
    [
        ({"proof": ""}, "form", "proof-malformed"),
        ({"proof": PROOF + "x"}, "form", "proof-malformed"),
        (
            {"proof": forge(header(REQUEST_TYPE), json.loads(jose.decode(PROOF.split(".")[1])), STRANGER)},
            "signature",
            "proof-signature",
        ),
        ({"method": "GET"}, "method", "proof-method"),
        ({"target": "/v1/other"}, "target", "proof-target"),
        ({"body_base64": ""}, "digest", "proof-digest"),
    ],
)
def test_the_first_check_that_fails_is_named_with_its_problem(
    changes: dict[str, str], check: str, problem: str
) -> None:
    found = asked(**changes)
    assert not found.holds
    assert [one.passed for one in found.findings] == [True] * (len(found.findings) - 1) + [False]
    assert found.findings[-1].check == check
    assert last_problem(found)["type"] == f"urn:zwornik:problem:{problem}"
    assert last_problem(found)["mend"]


def test_expected_and_received_are_said() -> None:
    said = last_problem(asked(target="/v1/other"))
    assert (said["expected"], said["received"]) == ("/v1/other", "/v1/merged-views")


def test_a_pesel_in_a_target_is_struck_out_of_the_answer() -> None:
    assert PESEL not in json.dumps(last_problem(asked(target=f"/v1/clients/{PESEL}")))


@pytest.mark.parametrize("body", ["e30", "!!!!", "e30=\n", "zażółć", "e3-_"])
def test_a_body_that_is_not_base64_is_refused_by_its_name(body: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked(body_base64=body)
    assert refused.value.field == "body_base64"


@pytest.mark.parametrize(
    "changes", [{"proof": "x" * 8193}, {"method": "post"}, {"method": ""}, {"target": "/" * 2001}, {"unknown": "x"}]
)
def test_a_question_out_of_bounds_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        asked(**changes)


def test_half_a_surrogate_pair_in_a_proof_can_be_answered() -> None:
    for head in (b'{"alg":"ES256","kid":"a","typ":"\\ud800"}', b'{"alg":"\\udfff","kid":"a","typ":"x"}'):
        found = asked(proof=f"{jose.encode(head)}.e30.{jose.encode(bytes(64))}")
        assert found.model_dump_json()
        assert last_problem(found)["type"] == "urn:zwornik:problem:proof-malformed"
