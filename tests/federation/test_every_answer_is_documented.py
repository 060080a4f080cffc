"""Generated input, right and wrong, to every operation: no failure of ours, and no answer that no document lists."""

import asyncio
import random
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.institution.routes.imports import CSV, XLSX
from tests.builders import Federation, Office, new_client
from tests.conftest import MakeDatabase
from tests.federation.recipients import BUDGET
from tests.federation.saying import benefit_of, recipient, takes_a_job
from tests.federation.test_every_read_is_logged import NEEDS_ANOTHER_OFFICE, example_of
from tests.institution.imports.files import forma, forms, osoba, person, register

pytestmark = pytest.mark.long

OURS = ("authorization", "user-agent")
"""Headers that are not generated: a false token would be all that is ever seen."""

FROM = {"from": "2026-03-02"}
EXAMPLES = 8
"""Cases for each operation and each kind of input."""

CHECKED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@schemathesis.serializer(CSV, XLSX)
def _as_bytes(_: schemathesis.SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@dataclass
class Known:
    """Ids that a service has, by the names under which paths and bodies ask for them."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    records: dict[str, list[str]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def note(self, name: str, value: str) -> None:
        self.ids.setdefault(name, []).append(value)

    def of_path(self, path: str, name: str) -> list[str]:
        """Ids that an operation may be asked about; ``record_id`` means another kind of record in each path."""
        return self.records.get(path.split("/")[2], []) if name == "record_id" else self.ids.get(name, [])


async def _full_office(office: Office, client: str, known: Known, numbers: Iterator[int]) -> None:
    """Give an office two records of each kind, and note all ids."""
    known.note("client_id", client)
    for _ in range(4):
        made: dict[str, str] = {}
        owner: dict[str, str] = {}
        for kind in office.node.institution.kinds:
            if kind.name in NEEDS_ANOTHER_OFFICE:
                continue
            one = owner[kind.parent.name] if kind.parent else await office.enrol(next(numbers))
            opened = await office.post(f"/v1/clients/{one}/{kind.path}", example_of(office, kind, made))
            made[kind.name], owner[kind.name] = opened["id"], one
            known.note("client_id", one)
            known.note(f"{kind.name}_id", opened["id"])
            known.owners[opened["id"]] = one
            known.records.setdefault(kind.path, []).append(opened["id"])
    named = await office.put("/v1/by-external-id/syriusz/clients/1", new_client(next(numbers)), 201)
    known.note("client_id", named["id"])
    job = await (register(office, person(1)) if office.id.startswith("pup") else forms(office, osoba(1), forma(2)))
    known.note("import_id", job["id"])
    codes = ["OPS-PAL", "OPS-ZOK", "OPS-ZCE"] if office.id.startswith("ops") else ["PUP-STA", "PUP-ZAS", "PUP-SZK"]
    known.ids |= {"system": ["syriusz"], "external_id": ["1"], "kind": ["clients"], "code": codes}
    known.ids |= {"name": ["not-found", "conflict"], "map": ["formy-wsparcia"]}


@dataclass
class World:
    """A federation with people in it, and what is known of each service."""

    federation: Federation
    known: Mapping[str, Known]

    def of(self, name: str) -> tuple[FastAPI, httpx2.AsyncClient, Known]:
        if name == "broker":
            return self.federation.broker_app, self.federation.operator, self.known[name]
        office = self.federation.offices[name]
        return office.app, office.http, self.known[name]


async def _between(federation: Federation, at_pup: str, at_ops: str, known: Mapping[str, Known]) -> None:
    """Let two offices refer a client to each other, share costs, and both give the same."""
    for name, other, client, code in (
        ("pup-2478", "ops-2478011", at_pup, "PUP-STA"),
        ("ops-2478011", "pup-2478", at_ops, "AI-Z03"),
    ):
        office = federation.offices[name]
        for path, body in (
            ("referrals", {"to": other, "purpose": "social_work", "made_on": "2026-10-01", "due": "2026-10-31"}),
            ("cost-agreements", {"other": other, "unit": "basis_points", "own": 5000, "other_share": 5000} | FROM),
            ("support-forms", {"code": code} | FROM),
        ):
            made = await office.post(f"/v1/clients/{client}/{path}", body)
            known[name].records.setdefault(path, []).append(made["id"])
            known[name].owners[made["id"]] = client


async def _make_world(federation: Federation) -> World:
    known = {name: Known() for name in ("broker", "pup-2478", "ops-2478011")}
    pup, ops, at_pup, at_ops = await recipient(federation)
    job = await takes_a_job(pup, at_pup)
    budget = await pup.post("/v1/budgets", BUDGET)
    await federation.settle()
    benefit = await benefit_of(pup, at_pup)
    numbers = iter(range(10, 500))
    await _full_office(pup, at_pup, known[pup.id], numbers)
    await _full_office(ops, at_ops, known[ops.id], numbers)
    await _between(federation, at_pup, at_ops, known)
    await federation.settle()
    known[pup.id].records["employments"] = [job]
    known[pup.id].note("budget_id", budget["id"])
    known[pup.id].note("result_hash", benefit["result_hash"])
    known["broker"].ids |= {"institution": [pup.id, ops.id], "owner": [pup.id], "peer": [ops.id]}
    known["broker"].ids |= {"kid": [pup.node.key.kid]}
    return World(federation, known)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture
def world(runner: asyncio.Runner, make_database: MakeDatabase, tmp_path: Path) -> Iterator[World]:
    federation = Federation(tmp_path / "nodes", make_database)
    runner.run(federation.__aenter__())
    yield runner.run(_make_world(federation))
    runner.run(federation.__aexit__())


def _named(value: Any, known: Known, choice: random.Random) -> Any:
    """Put ids that exist where a generated body has an id."""
    if isinstance(value, list):
        return [_named(one, known, choice) for one in value]
    if isinstance(value, dict):
        return {
            name: choice.choice(known.ids[name])
            if name in known.ids and isinstance(one, str)
            else _named(one, known, choice)
            for name, one in value.items()
        }
    return value


def _texts(body: Any) -> list[str]:
    return [one for one in body.values() if isinstance(one, str)] if isinstance(body, dict) else []


def _example(document: dict[str, Any], operation: Any) -> dict[str, Any]:
    """Return the body that the document shows for an operation: it passes rules that its schema does not say."""
    content = document["paths"][operation.path][operation.method].get("requestBody", {}).get("content", {})
    here = content.get("application/json", {}).get("schema", {})
    schema = document["components"]["schemas"].get(here.get("$ref", "").rpartition("/")[2], here)
    members = {name: one["examples"][0] for name, one in schema.get("properties", {}).items() if "examples" in one}
    shown: dict[str, Any] = schema.get("examples", [members])[0]
    return shown


def _raw(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


async def _send(http: httpx2.AsyncClient, case: Any) -> httpx2.Response:
    prepared = requests.Request(**case.as_transport_kwargs(base_url="http://test")).prepare()
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
    headers = [(name, _raw(value)) for name, value in prepared.headers.items() if name.lower() not in OURS]
    return await http.request(prepared.method, prepared.url, headers=headers, content=body)


def _findings(case: Any, answer: httpx2.Response) -> Iterator[str]:
    try:
        case.validate_response(answer, checks=CHECKED)
    except (Failure, FailureGroup) as failure:
        for one in getattr(failure, "exceptions", [failure]):
            yield f"{case.method} {case.path} {answer.status_code}: {type(one).__name__}: {one}"


def _tried(world: World, name: str, operation: Any, mode: Any, runner: asyncio.Runner) -> tuple[set[str], bool]:
    """Send generated cases of one operation; return what was wrong with the answers, and whether one was taken."""
    app, http, known = world.of(name)
    example = _example(app.openapi(), operation)
    found: set[str] = set()
    statuses: list[int] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode), choice=st.randoms(use_true_random=False), existing=st.booleans())
    def send(case: Any, choice: random.Random, existing: bool) -> None:
        if existing or mode is schemathesis.GenerationMode.POSITIVE:
            for place in case.path_parameters:
                if ids := known.of_path(case.path, place):
                    case.path_parameters[place] = choice.choice(ids)
        if mode is schemathesis.GenerationMode.POSITIVE:
            case.query = _named(dict(case.query), known, choice)
            if existing:  # a version that is made up is refused before anything else
                case.headers = {name: one for name, one in case.headers.items() if name.lower() != "if-match"}
            if existing and isinstance(case.body, dict):
                changed = {member: one for member, one in case.body.items() if choice.random() < 0.3}
                case.body = example | changed
            case.body = _named(case.body, known, choice)
            parents = [known.owners[one] for one in _texts(case.body) if one in known.owners]
            if parents and "client_id" in case.path_parameters:
                case.path_parameters["client_id"] = parents[0]
        answer = runner.run(_send(http, case))
        statuses.append(answer.status_code)
        found.update(_findings(case, answer))

    with suppress(Unsatisfiable):  # what takes no input has no wrong one
        send()
    assert statuses or mode is schemathesis.GenerationMode.NEGATIVE, operation.label
    return found, any(status < 300 for status in statuses)


def _ends_what(operation: Any) -> int:
    """Order operations so that what others need is ended last."""
    last = operation.path.rpartition("/")[2]
    order = ("close", "end", "void", "withdraw", "suspended", "retired")
    return 9 if operation.method == "delete" else order.index(last) + 1 if last in order else 0


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", ["broker", "pup-2478", "ops-2478011"])
def test_no_input_makes_a_service_fail_or_answer_what_it_does_not_document(
    world: World, runner: asyncio.Runner, name: str, mode: Any
) -> None:
    app, _, _ = world.of(name)
    operations = [one.ok() for one in schemathesis.openapi.from_dict(app.openapi()).get_all_operations()]
    found: set[str] = set()
    taken = 0
    for operation in sorted(operations, key=_ends_what):
        wrong, good = _tried(world, name, operation, mode, runner)
        found |= wrong
        taken += good
    assert not found, "\n\n".join(sorted(found))
    if mode is schemathesis.GenerationMode.POSITIVE:
        open_to_bearers = [one for one in operations if {"proof": []} not in (one.definition.raw.get("security") or [])]
        assert taken >= len(open_to_bearers) / 2, "too little of what is generated is taken to say anything"


async def test_an_answer_that_the_document_does_not_list_is_found(
    sqlite_database: MakeDatabase, tmp_path: Path
) -> None:
    async with Federation(tmp_path / "nodes", sqlite_database) as federation:
        office = await federation.make_office("pup-2478")
        document = office.app.openapi()
        listed = document["paths"]["/v1/imports"]["get"]["responses"]
        for change in ({"200": listed["404"]}, {"299": listed["200"]}):
            document["paths"]["/v1/imports"]["get"]["responses"] = change
            operation = schemathesis.openapi.from_dict(document)["/v1/imports"]["get"]
            case = operation.Case()
            assert list(_findings(case, await _send(office.http, case)))
