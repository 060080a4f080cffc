"""What every request must pass: a token, its scope, a bounded body of the right kind; and what never gets out."""

import json
import logging
from io import StringIO
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.keys import SigningKey
from shared.runtime.bearer import issue_token
from shared.runtime.clock import unix
from tests.builders import EPOCH, MEMBER_SCOPES, Office, new_client, pesel
from tests.institution.test_clients import problem

OPEN = {"/healthz", "/readyz", "/metrics", "/v1/problems", "/v1/problems/{name}"}


def token(*, issuer: str = "pup-2478", scopes: Any = MEMBER_SCOPES, later_s: int = 0, seed: str = "pup-2478") -> str:
    key, iat = SigningKey.from_seed(seed.encode()), unix(EPOCH) + later_s
    return issue_token((key.kid, key.private), issuer=issuer, subject="x", scopes=scopes, iat=iat, ttl_s=60)


def media_type(operation: Any) -> str:
    return next(iter(operation.get("requestBody", {}).get("content", {})), "application/json")


async def call(pup: Office, authorization: str | None, path: str = "/v1/clients") -> tuple[int, str]:
    headers = {"Authorization": authorization} if authorization else {"Authorization": ""}
    answer = await pup.http.get(path, headers=headers)
    return answer.status_code, problem(answer.json())


async def test_every_operation_but_the_open_ones_needs_a_token(pup: Office) -> None:
    document = (await pup.http.get("/openapi.json")).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            at = path.replace("{verdict}", "confirm").replace("{", "").replace("}", "")
            headers = {"Authorization": "", "Content-Type": media_type(operation)}
            answer = await pup.http.request(method, at, json={}, headers=headers)
            if path in OPEN:
                assert "security" not in operation
            else:
                assert operation["security"], path
                assert (answer.status_code, problem(answer.json())) == (401, "token-missing"), (method, path)


async def test_the_document_has_both_ways_to_prove_who_calls_and_an_example_in_every_body(pup: Office) -> None:
    document = (await pup.http.get("/openapi.json")).json()
    schemes = document["components"]["securitySchemes"]
    assert (schemes["bearer"]["scheme"], schemes["proof"]["name"]) == ("bearer", "Zwornik-Proof")
    schemas = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            reference = body.get("schema", {}).get("$ref", "").rpartition("/")[2]
            named = schemas.get(reference, {})
            members = named.get("properties", {}).values()
            shown = body.get("examples") or body.get("schema", {}).get("examples") or named.get("examples")
            assert not body or shown or any("examples" in member for member in members), (path, reference)


@pytest.mark.parametrize(
    ("given", "status", "name"),
    [
        (None, 401, "token-missing"),
        ("Basic abc", 401, "token-missing"),
        ("Bearer", 401, "token-missing"),
        ("Bearer abc", 401, "token-invalid"),
        ("Bearer " + "a" * 9000, 401, "token-invalid"),
        (f"Bearer {token(issuer='ops-2478011')}", 401, "token-invalid"),
        (f"Bearer {token(seed='another key')}", 401, "token-invalid"),
        (f"Bearer {token(later_s=-3600)}", 401, "token-invalid"),
        (f"Bearer {token(later_s=3600)}", 401, "token-invalid"),
        (f"Bearer {token(scopes=['support:write'])}", 403, "scope-missing"),
        (f"Bearer {token(scopes=[])}", 403, "scope-missing"),
    ],
)
async def test_a_token_that_does_not_hold_is_refused(pup: Office, given: str | None, status: int, name: str) -> None:
    assert await call(pup, given) == (status, name)


async def test_a_token_runs_out_even_if_it_was_taken_before(pup: Office) -> None:
    authorization = f"Bearer {token()}"
    answer = await pup.http.get("/v1/clients", headers={"Authorization": authorization})
    assert answer.status_code == 200
    pup.node.clock.go(200)  # type: ignore[attr-defined]
    assert await call(pup, authorization) == (401, "token-invalid")


@pytest.mark.parametrize(
    ("content", "headers", "status", "name"),
    [
        (b"{" * 20, {}, 400, "json-malformed"),
        (b"\xff\xfe", {}, 400, "json-malformed"),
        (b"[" * 100_000, {}, 400, "json-malformed"),
        (b'{"items": [' + b"1," * 600_000 + b"1]}", {}, 413, "body-too-large"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "media-type"),
        (b"{}", {"Content-Type": ""}, 415, "media-type"),
        (b"a=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "media-type"),
    ],
)
async def test_a_body_that_is_none_is_refused(
    pup: Office, content: bytes, headers: dict[str, str], status: int, name: str
) -> None:
    answer = await pup.http.post("/v1/clients", content=content, headers={"Content-Type": "application/json"} | headers)
    assert (answer.status_code, problem(answer.json())) == (status, name)
    assert answer.json().get("received") == (headers.get("Content-Type") or None)
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_a_problem_repeats_no_word_that_could_be_a_name(pup: Office) -> None:
    for member in ("Skrzywodrzynowiak", "98652437690", pesel(1), "Jaźwi szelowicz"):
        for body in (new_client(1) | {member: 1}, {"items": [new_client(1) | {member: 1}]}):
            path = "/v1/clients/bulk" if "items" in body else "/v1/clients"
            answer = await pup.http.post(path, json=body)
            assert "field-unknown" in answer.text
            assert member not in answer.text
        headers = {"Content-Type": member.encode()}
        answer = await pup.http.post("/v1/clients", content=b"x", headers=headers)
        assert (answer.status_code, problem(answer.json())) == (415, "media-type")
        assert member.lower() not in answer.text.lower()
    misspelt = await pup.post("/v1/clients", new_client(1) | {"surnme": "x"}, 422)
    assert misspelt["field"] == "surnme"


async def test_a_body_without_a_length_is_bounded_too(pup: Office) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b" " * 20_000

    answer = await pup.http.post("/v1/clients", content=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, problem(answer.json())) == (413, "body-too-large")


async def test_a_path_or_method_that_is_none_is_a_problem_too(pup: Office) -> None:
    assert problem(await pup.get("/v1/nothing", 404)) == "not-found"
    answer = await pup.http.delete("/v1/clients")
    assert (answer.status_code, problem(answer.json())) == (405, "method-not-allowed")


async def test_a_commit_that_fails_is_never_a_201(pup: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(self: AsyncSession) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(AsyncSession, "commit", fails)
        answer = await pup.http.post("/v1/clients", json=new_client(1))
    assert (answer.status_code, problem(answer.json())) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    assert "disk" not in answer.text
    assert (await pup.get("/v1/clients"))["items"] == []


async def test_no_log_and_no_metric_names_anybody(pup: Office, logs: StringIO) -> None:
    client = await pup.enrol(1)
    await pup.post("/v1/clients", new_client(1), 409)
    await pup.get(f"/v1/clients/{pesel(1)}", 422)
    await pup.get(f"/v1/clients/{client}")
    logging.getLogger("sqlalchemy").error("bad row %s", pesel(1))
    metrics = (await pup.http.get("/metrics")).text
    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    for text in (logs.getvalue(), metrics):
        assert pesel(1) not in text
        assert "Przykładowska" not in text
        assert client not in text
    assert all(line["request_id"] for line in lines if line["event"] == "request")
    assert "/v1/clients/{client_id}" in metrics


async def test_a_failure_is_logged_by_where_it_happened_without_its_text(
    pup: Office, logs: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(self: AsyncSession) -> None:
        raise ValueError(f"Kowalska {pesel(1)}")

    with monkeypatch.context() as patch:
        patch.setattr(AsyncSession, "commit", fails)
        answer = await pup.http.post("/v1/clients", json=new_client(1))
    assert answer.status_code == 500
    assert "Kowalska" not in logs.getvalue() + answer.text
    failed = next(line for line in map(json.loads, logs.getvalue().splitlines()) if line["event"] == "failed")
    assert failed["cause"] == "ValueError"
    assert any("engine.py" in place for place in failed["at"])
    assert failed["request_id"] == answer.json()["request_id"]


@pytest.mark.parametrize("given", ["0198c6a0-0000-7000-8000-00000000abcd", "4bf92f3577b34da6a3ce929d0e0e4736"])
async def test_a_request_id_is_taken_over_and_given_back(pup: Office, given: str) -> None:
    answer = await pup.http.get("/healthz", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == given


async def test_a_request_id_that_is_no_uuid_or_may_name_somebody_is_replaced(pup: Office, logs: StringIO) -> None:
    words = ["", "abc", "Skrzywodrzynowiak", "skrzywodrzynowiak-1", "98652437690", "98652437690-1", "4" * 33]
    numbers = [pesel(1), f"{pesel(1)}-a", f"0198c6a0-0000-7000-8000-{pesel(1)}0", f"{pesel(1)}{'0' * 21}"]
    for given in [*words, *numbers, "{0198c6a0-0000-7000-8000-00000000abcd}"]:
        answer = await pup.http.get("/healthz", headers={"X-Request-Id": given})
        assert answer.headers["x-request-id"] != given
        assert len(answer.headers["x-request-id"]) == 36
        assert not given or f'"{given}"' not in logs.getvalue()


async def test_every_problem_that_is_answered_can_be_looked_up(pup: Office) -> None:
    answer = await pup.get("/v1/clients/0198c6a0-0000-7000-8000-000000000000", 404)
    assert (await pup.get(answer["docs"]))["type"] == answer["type"]
    assert problem(await pup.get("/v1/problems/none", 404)) == "not-found"


async def test_readiness_says_what_stands(pup: Office) -> None:
    answer = await pup.http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["directory"] == "none yet"
    assert answer.headers["retry-after"]
