"""Every operation x every caller: ``endpoints.csv`` says what each takes, and nothing less opens it.

A new operation needs a row, which somebody has to think about; a row that the product does not keep fails.
"""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from shared.domain.roles import roles
from shared.exchange.keys import SigningKey
from shared.runtime.bearer import issue_token
from shared.runtime.clock import unix
from tests.broker.builders import READING, enter, token_of
from tests.builders import MEMBER_SCOPES, OPERATOR_SCOPES, Federation
from tests.security.saying import mail

ROWS = list(csv.DictReader(Path(__file__).with_name("endpoints.csv").read_text("utf-8").splitlines(), delimiter=";"))
SCOPES = {"pup": MEMBER_SCOPES, "ops": MEMBER_SCOPES, "broker": OPERATOR_SCOPES}
NAMES = {"pup": "pup-2478", "ops": "ops-2478011", "broker": "broker"}
ID = "0198c6a0-0000-7000-8000-000000000000"
VALUES = {"owner": "pup-2478", "peer": "broker", "institution": "pup-2478", "state": "suspend", "verdict": "confirm"}
ABOUT_THE_CALLER = {"/v1/limits", "/v1/reconciliations/streams", "/v1/erasures/standing"}
"""Federation calls that name no institution and no person: the proof says whose ends and words they are about."""

VALUES |= {"kid": "x" * 43, "month": "2026-04", "system": "syriusz", "kind": "clients", "code": "PUP-STA", "name": "x"}


def path_of(path: str, **values: str) -> str:
    """Return a path with something of its form in each place."""
    return re.sub(r"\{(\w+)\}", lambda place: (VALUES | values).get(place[1], ID), path)


def needs(program: str) -> Iterator[tuple[str, str, list[list[str]]]]:
    """Return each bearer operation of a program with the scopes that it takes: all of one of the lists."""
    for row in ROWS:
        if row[program] not in ("", "public", "proof"):
            either = row[program].removesuffix("+proof").split("|")
            yield row["method"], row["path"], [one.split("+") for one in either]


def asked_by(operation: dict[str, Any]) -> str:
    """Return what the OpenAPI document says that an operation takes, in the words of the rows."""
    ways = [{name: given or [name] for name, given in one.items()} for one in operation.get("security", [])]
    either = [one["bearer"] for one in ways if "bearer" in one]
    if len(either) > 1:
        return "|".join(sorted("+".join(sorted(scopes)) for scopes in either))
    found = {scope for one in ways for given in one.values() for scope in given}
    return "+".join(sorted(found)) or "public"


@pytest.fixture
async def apps(federation: Federation) -> dict[str, FastAPI]:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    return {"pup": pup.app, "ops": ops.app, "broker": federation.broker_app}


def given(federation: Federation, program: str, scopes: list[str], **changes: Any) -> str:
    """Return a token of a program's own issuer."""
    name = NAMES[program]
    identity = federation.broker.identity if program == "broker" else federation.offices[name].node.identity
    key = identity.keys[0]
    now = unix(federation.clock.now())
    facts = {"issuer": name, "subject": "tester", "scopes": scopes, "iat": now, "ttl_s": 600} | changes
    return issue_token((key.kid, key.private), **facts)


async def refused(app: FastAPI, method: str, path: str, token: str | None) -> tuple[int, str, Any]:
    """Return status, problem and ``expected`` of a call with a token."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as http:
        answer = await http.request(method, path_of(path), headers=headers)
    body = answer.json() if answer.headers.get("content-type", "").endswith("json") else {}
    problem = body if isinstance(body, dict) else {}
    return answer.status_code, str(problem.get("type", "")).rpartition(":")[2], problem.get("expected")


async def test_every_operation_has_its_row_and_asks_for_what_the_row_says(apps: dict[str, FastAPI]) -> None:
    for program, app in apps.items():
        document = app.openapi()
        found = {
            (method.upper(), path): asked_by(operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }
        rows = {(row["method"], row["path"]): row[program] for row in ROWS if row[program]}
        assert found == rows, program


@pytest.mark.parametrize("program", ["pup", "broker", pytest.param("ops", marks=pytest.mark.long)])
async def test_nothing_but_a_live_token_of_this_very_service_with_this_very_scope_opens_an_operation(
    federation: Federation, apps: dict[str, FastAPI], program: str
) -> None:
    every = SCOPES[program]
    other = "ops" if program == "pup" else "pup"
    stranger = SigningKey.from_seed(b"stranger")
    own_kid = (
        federation.broker.identity.keys
        if program == "broker"
        else federation.offices[NAMES[program]].node.identity.keys
    )[0].kid
    bad = {
        "none": (None, "token-missing"),
        "run out": (given(federation, program, every, iat=1, ttl_s=60), "token-invalid"),
        "another institution's": (given(federation, other, every), "token-invalid"),
        "another's for this one": (given(federation, other, every, issuer=NAMES[program]), "token-invalid"),
        "a stranger's": (
            issue_token(
                (own_kid, stranger.private), issuer=NAMES[program], subject="x", scopes=every,
                iat=unix(federation.clock.now()), ttl_s=60,
            ),
            "token-invalid",
        ),
    }  # fmt: skip
    nothing = given(federation, program, ["clients", "read", "*", "admin:*"])
    for method, path, asked in needs(program):
        for caller, (token, problem) in bad.items():
            status, found, _ = await refused(apps[program], method, path, token)
            assert (status, found) == (401, problem), (method, path, caller)
        for scope in {one for alternative in asked for one in alternative}:
            left = set(every) - ({scope} if len(asked) == 1 else {one for either in asked for one in either})
            status, found, _ = await refused(apps[program], method, path, given(federation, program, sorted(left)))
            assert (status, found) == (403, "scope-missing"), (method, path, scope)
        assert (await refused(apps[program], method, path, nothing))[:2] == (403, "scope-missing")
        for enough in asked:
            status, found, _ = await refused(apps[program], method, path, given(federation, program, enough))
            assert status not in (401, 403, 500), (method, path, found)


@pytest.mark.parametrize("program", ["ops", pytest.param("pup", marks=pytest.mark.long)])
@pytest.mark.parametrize("role", [*roles(), "operator", ""])
async def test_a_role_opens_what_its_bundle_holds_and_an_unknown_one_opens_nothing(
    federation: Federation, apps: dict[str, FastAPI], program: str, role: str
) -> None:
    bundle = roles()[role].scopes if role in roles() else frozenset()
    token = given(federation, program, [], role=role)
    sampled = {str(asked): (method, path, asked) for method, path, asked in needs(program)}
    known = {scope for _, _, asked in sampled.values() for either in asked for scope in either}
    assert known >= {scope for one in roles().values() for scope in one.scopes}
    for method, path, asked in sampled.values():
        status, found, _ = await refused(apps[program], method, path, token)
        opened = any(set(either) <= bundle for either in asked)
        assert (status in (401, 403), found == "scope-missing") == (not opened, not opened), (asked, method, path)


async def test_a_role_gives_nothing_at_the_broker(federation: Federation, apps: dict[str, FastAPI]) -> None:
    for role in roles():
        status, found, _ = await refused(apps["broker"], "GET", "/v1/lag", given(federation, "broker", [], role=role))
        assert (status, found) == (403, "scope-missing")


@pytest.mark.parametrize("program", ["ops", pytest.param("pup", marks=pytest.mark.long)])
async def test_an_id_of_another_office_is_nothing_here(
    federation: Federation, apps: dict[str, FastAPI], program: str
) -> None:
    """With every scope, and the id of a client that the other office has: nothing is there, and nothing is told."""
    here, there = federation.offices[NAMES[program]], federation.offices[NAMES["ops" if program == "pup" else "pup"]]
    foreign = await there.enrol(7)
    token = given(federation, program, SCOPES[program])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=here.app), base_url="http://test") as http:
        for method, path, _ in needs(program):
            if "{client_id}" not in path:
                continue
            at = path_of(path, client_id=foreign)
            answer = await http.request(method, at, headers={"Authorization": f"Bearer {token}"})
            assert "Przykładowska" not in answer.text
            if (method, path) == ("GET", "/v1/clients/{client_id}/erasures"):
                assert answer.json()["items"] == [], "what was erased outlives the client"
                continue
            assert answer.status_code in (404, 422), (method, path, answer.status_code)
            if method == "GET":
                assert answer.status_code == 404, (method, path)


async def test_a_proof_opens_nothing_of_another_institution_and_no_bearer_token_stands_for_one(
    federation: Federation, apps: dict[str, FastAPI]
) -> None:
    pup, ops = await enter(federation, "pup-2476"), federation.offices["ops-2478011"]
    await ops.enrol(1)
    await federation.settle()
    await mail(federation, pup, [pup.enrolled(2)])
    proven = [(row["method"], row["path"]) for row in ROWS if row["broker"] == "proof"]
    assert len(proven) == 12
    incarnation, hash_ = "5f" * 16, "x" * 42 + "w"
    before = {"incarnation": incarnation, "position": 0}
    bodies: dict[str, Any] = {
        "/v1/merged-views": {"token": token_of(1)},
        "/v1/missing-sets": {"token": token_of(1), "iss": ops.id, "n": [1]},
        "/v1/reconciliations/{run_id}/marks": {"buckets": [1]},
        "/v1/streams/{owner}/sets": {"incarnation": incarnation, "from": 1, "sets": [], "checkpoint": "x"},
        "/v1/streams/{peer}/poll": {"incarnation": incarnation, "after": 0, "chain": hash_},
        "/v1/streams/{owner}/{peer}/head": None,
        "/v1/streams/{owner}/{peer}/entries": {"positions": [1]},
        "/v1/streams/{owner}/{peer}/repairs": {"entries": [{"position": 1, "set": "x"}]},
        "/v1/streams/{owner}/incarnations": {"incarnation": incarnation, "before": before, "checkpoint": "x"},
    }
    operator = given(federation, "broker", OPERATOR_SCOPES)
    for method, path in proven:
        assert (await refused(apps["broker"], method, path, operator))[:2] == (401, "proof-missing")
        if path not in bodies:
            assert path in ABOUT_THE_CALLER
            continue
        for owner, peer in ((ops.id, "broker"), ("broker", ops.id), (pup.id, ops.id)):
            if owner == pup.id and "{peer}" not in path:
                continue  # its own stream
            at = path_of(path, owner=owner, peer=peer)
            raw = b"" if bodies[path] is None else json.dumps(bodies[path]).encode()
            answer = await pup.send(method, at, raw, pup.proof(pup.claims(method, at, raw, **READING)))
            assert (answer.status, answer.problem) in {(403, "forbidden"), (404, "not-found")}, (path, owner, peer)
