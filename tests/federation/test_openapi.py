"""The OpenAPI documents: what an integrator reads is complete, and deny is the default."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator

from services.ops_api.main import OPS
from services.pup_api.main import PUP
from shared.institution.node import Institution
from shared.institution.routes.records import record_router
from shared.runtime.openapi import PLACEHOLDER
from tests.builders import Federation
from tests.conftest import MakeDatabase

PUBLIC = {
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),
    ("get", "/v1/problems"),
    ("get", "/v1/problems/{name}"),
    ("get", "/v1/directory"),
    ("get", "/v1/directory/keys/{kid}"),
    ("post", "/v1/institutions"),
    ("post", "/v1/diagnostics/verify"),
}
"""What proves itself, holds nothing of anybody, or only says how to call."""


_MADE: dict[str, dict[str, Any]] = {}
"""The documents, which take ten seconds to make and which no test changes."""


@pytest.fixture
async def documents(sqlite_database: MakeDatabase, tmp_path: Path) -> dict[str, dict[str, Any]]:
    if not _MADE:
        async with Federation(tmp_path / "nodes", sqlite_database) as federation:
            pup, ops = await federation.make_office("pup-2478"), await federation.make_office("ops-2478011")
            apps = {"broker": federation.broker_app, "pup": pup.app, "ops": ops.app}
            _MADE.update({name: app.openapi() for name, app in apps.items()})
    return _MADE


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def has_example(document: dict[str, Any], content: dict[str, Any]) -> bool:
    here = content["schema"]
    schema = document["components"]["schemas"].get(here.get("$ref", "").rpartition("/")[2], here)
    shown = content.get("examples") or here.get("examples") or schema.get("examples")
    return bool(shown or any("examples" in member for member in schema.get("properties", {}).values()))


async def test_both_planes_are_named_and_every_operation_says_who_may_call(
    documents: dict[str, dict[str, Any]],
) -> None:
    for document in documents.values():
        assert set(document["components"]["securitySchemes"]) == {"bearer", "proof"}
        bare = {(method, path) for method, path, operation in operations(document) if not operation.get("security")}
        assert bare <= PUBLIC, bare - PUBLIC


async def test_every_operation_is_described_and_every_body_has_an_example(
    documents: dict[str, dict[str, Any]],
) -> None:
    for document in documents.values():
        for method, path, operation in operations(document):
            assert operation.get("description"), (method, path)
            if body := operation.get("requestBody"):
                assert has_example(document, next(iter(body["content"].values()))), (method, path)
            problems = {code for code in operation["responses"] if code.startswith(("4", "5"))}
            assert {"401", "404", "422", "500", "503"} <= problems, (method, path)


def own_paths(program: Institution) -> set[str]:
    """The paths of what only one kind of office keeps and answers."""
    routers = [*program.own_routers, *(record_router(kind) for kind in program.own_kinds)]
    return {route.path for router in routers for route in router.routes if isinstance(route, APIRoute)}


async def test_the_same_things_have_the_same_names_at_both_kinds_of_office(
    documents: dict[str, dict[str, Any]],
) -> None:
    common = [
        {path for path in documents[program.program]["paths"] if path not in own_paths(program)}
        for program in (PUP, OPS)
    ]
    assert common[0] == common[1]


def shown(operation: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    """Return the schema and the example of each answer of an operation that went well."""
    for status, answer in operation["responses"].items():
        for media, content in answer.get("content", {}).items() if status.startswith("2") else ():
            assert "example" in content or "examples" in content, (status, media)
            if media.endswith("json") and "example" in content:
                yield content["schema"], content["example"]


async def test_every_answer_has_an_example_that_its_own_schema_takes(documents: dict[str, dict[str, Any]]) -> None:
    for document in documents.values():
        for method, path, operation in operations(document):
            for schema, example in shown(operation):
                whole = schema | {"components": document["components"]}
                failures = [one.message for one in Draft202012Validator(whole).iter_errors(example)]
                assert not failures, (method, path, failures[:3])
                assert PLACEHOLDER not in list(texts(example)), (method, path, example)


async def test_an_example_of_an_answer_shows_what_was_sent(documents: dict[str, dict[str, Any]]) -> None:
    operation = documents["ops"]["paths"]["/v1/contract-goals/{record_id}/close"]["post"]
    ((_, example),) = shown(operation)
    sent = {"what": "stała praca", "due": "2026-12-31", "result": "reached", "ended_on": "2026-12-01"}
    assert sent.items() <= example.items()


def texts(value: Any) -> Iterator[str]:
    """Return every text in a value."""
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(one)


async def test_every_operation_that_takes_a_token_names_its_scopes(documents: dict[str, dict[str, Any]]) -> None:
    for document in documents.values():
        for method, path, operation in operations(document):
            for way in operation.get("security", ()):
                assert "bearer" not in way or way["bearer"], (method, path)
    erasing = documents["ops"]["paths"]["/v1/clients/{client_id}/erasures"]["post"]
    assert erasing["security"] == [{"bearer": ["data:protect"]}, {"bearer": ["admin"]}]
