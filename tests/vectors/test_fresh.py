"""The committed vectors are what the product makes today, and what it takes and refuses."""

import json
from typing import Any

import pytest

from shared.domain.errors import DomainError
from shared.exchange.directory import Directory, open_directory
from shared.exchange.judge import judge
from shared.exchange.proofs.request import Call, check_request
from shared.exchange.proofs.response import check_response

from .generate import FEDERATION, FOLDER, files


def committed(name: str) -> Any:
    return json.loads(FOLDER.joinpath(name).read_text("utf-8"))


def known() -> Directory:
    listed = committed("directory.json")
    return open_directory(listed["directories"][0]["jws"], pinned=listed["pinned"], federation=FEDERATION)


def call_of(case: Any) -> Call:
    return Call(aud="broker", **case["call"] | {"body": case["call"]["body"].encode()})


def test_the_committed_files_are_what_the_generator_writes() -> None:
    fresh = files()
    assert {path.name for path in FOLDER.glob("*.json")} == fresh.keys()
    for name, text in fresh.items():
        assert FOLDER.joinpath(name).read_bytes() == text.encode(), f"run python -m tests.vectors.generate: {name}"
    assert files() == fresh


def test_the_product_takes_every_proof_answer_and_set_of_the_vectors() -> None:
    proofs = committed("proof.json")
    for case in proofs["requests"]:
        assert check_request(case["jws"], call_of(case), known()).claims == case["claims"]
    for case in proofs["responses"]:
        answer = case["answer"]
        facts = {"aud": answer["to"], "req_jti": answer["req_jti"], "status": answer["status"]}
        check_response(case["jws"], body=answer["body"].encode(), directory=known(), **facts)
    for case in committed("set.json")["sets"]:
        assert judge(case["jws"], FEDERATION, known()).failure is None


def test_the_product_refuses_every_refused_proof_with_the_problem_it_names() -> None:
    cases = committed("proof.json")["refused_requests"]
    for case in cases:
        with pytest.raises(DomainError) as refused:
            check_request(case["refused_jws"], call_of(case), known())
        assert refused.value.problem == case["problem"], case["name"]
    assert len({case["problem"] for case in cases}) == 12
