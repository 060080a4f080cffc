"""What is wrong with a call is said in words and by its whole path: tried on every parameter and body of OpenAPI."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from shared.runtime.problems.expected import expected_of
from tests.broker.builders import READING, Peer, enter
from tests.builders import Federation, Office
from tests.conftest import MakeDatabase

BAD = {"bad": 1}
_AS_THEY_ARE = (("sets",), ("entries", 0, "set"))
"""What is read entry by entry, by signatures and not by a model."""


@dataclass
class Service:
    """A service whose every operation can be called; ``peer`` proves calls to the broker."""

    app: FastAPI
    http: Any
    client_id: str | None = None
    peer: Peer | None = None

    async def call(self, one: "Operation", target: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        if self.peer is not None and {"proof": []} in one.spec.get("security", []) and not headers:
            raw = b"" if body is None else json.dumps(body).encode()
            reading = READING if one.path == "/v1/merged-views" else {}
            proof = self.peer.proof(self.peer.claims(one.method, target, raw, **reading))
            answer = await self.peer.send(one.method, target, raw, proof)
            return answer.status, answer.body
        content = None if body is None else json.dumps(body)
        got = await self.http.request(
            one.method, target, content=content, headers={"Content-Type": "application/json"} | headers
        )
        return got.status_code, got.json() if got.content else None


@dataclass
class Operation:
    """One operation of an OpenAPI document."""

    service: Service
    method: str
    path: str
    spec: dict[str, Any]

    def parameters(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield each parameter with its schema; of one that may be missing, that of what it is if it is there."""
        for parameter in self.spec.get("parameters", []):
            schema = parameter["schema"]
            yield parameter, next((one for one in schema.get("anyOf", []) if one.get("type") != "null"), schema)

    def target(self, **changed: str) -> str:
        """Return path and query with an example of each parameter but those that are changed."""
        values = {parameter["name"]: example(schema) for parameter, schema in self.parameters()} | changed
        if self.service.client_id:
            values = {"client_id": self.service.client_id, "kind": "support-forms"} | values
        if self.service.client_id and "client_id" not in changed:
            values["client_id"] = self.service.client_id
        target = re.sub(r"{(\w+)}", lambda match: str(values[match[1]]), self.path)
        asked = {p["name"] for p, _ in self.parameters() if p["in"] == "query"} & changed.keys()
        return target + "".join(f"?{name}={changed[name]}" for name in sorted(asked))

    def body(self) -> Any:
        """Return the body that the document shows, or one made of what its members show."""
        content = self.spec.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return None
        schemas = self.service.app.openapi()["components"]["schemas"]
        schema = schemas.get(content["schema"].get("$ref", "").rpartition("/")[2], content["schema"])
        named = [one["value"] for one in content.get("examples", {}).values()]
        shown = named or content["schema"].get("examples") or schema.get("examples")
        if shown:
            return shown[0]
        members = schema.get("properties", {}).items()
        return {name: member["examples"][0] for name, member in members if "examples" in member}


def example(schema: dict[str, Any]) -> Any:
    """Return a value that a schema takes."""
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema or "const" in schema:
        return schema.get("const") or schema["enum"][0]
    if "pattern" in schema:
        return shown(expected_of(schema["pattern"]) or "")[0]
    return schema.get("minimum", 1) if schema.get("type") == "integer" else "one"


def shown(words: str) -> list[str]:
    """Return the examples within what is expected."""
    listed = words.removeprefix("one of ")
    return listed.split(", ") if listed != words else [words.rpartition(" as ")[2]]


def bad(schema: dict[str, Any]) -> str | None:
    """Return a value that a schema of a parameter refuses; ``None`` where it takes any text."""
    if "pattern" in schema:
        return next(value for value in ("~", "x" * 301) if not re.fullmatch(schema["pattern"], value))
    if "maxLength" in schema:
        return "x" * (schema["maxLength"] + 1)
    return "~" if {"enum", "const"} & schema.keys() or schema.get("type") in ("integer", "boolean") else None


@pytest.fixture
async def services(sqlite_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[list[Service]]:
    async with Federation(tmp_path / "nodes", sqlite_database) as federation:
        peer = await enter(federation, "pup-2478")
        broker = Service(federation.broker_app, federation.operator, peer=peer)
        pup, ops = await federation.make_office("pup-2476"), await federation.make_office("ops-2478011")
        yield [broker, await of_office(pup), await of_office(ops)]


async def of_office(office: Office) -> Service:
    return Service(office.app, office.http, client_id=await office.enrol(1))


def operations(services: list[Service]) -> Iterator[Operation]:
    for service in services:
        for path, methods in service.app.openapi()["paths"].items():
            for method, spec in methods.items():
                yield Operation(service, method.upper(), path, spec)


def patterns(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for value in node.values():
            yield from patterns(value)
    elif isinstance(node, list):
        for value in node:
            yield from patterns(value)


async def test_every_pattern_is_put_into_words_with_an_example_that_fits(services: list[Service]) -> None:
    found = {pattern for service in services for pattern in patterns(service.app.openapi())}
    assert len(found) > 15
    for pattern in found - {r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$"}:  # of decimal numbers, whose texts are words
        words = expected_of(pattern)
        assert words is not None, pattern
        for one in shown(words):
            assert re.fullmatch(pattern, one), (pattern, words)


def findings(answer: Any) -> list[Any]:
    return answer.get("errors") or [answer]


async def test_every_parameter_is_refused_by_its_name_in_words(services: list[Service]) -> None:
    tried = 0
    for one in operations(services):
        for parameter, schema in one.parameters():
            name, value = parameter["name"], bad(schema)
            if value is None or (parameter["in"] == "header" and "pattern" not in schema):
                continue
            if parameter["in"] == "header":
                wrong = next(text for text in ("a b", "x" * 301) if not re.fullmatch(schema["pattern"], text))
                status, answer = await one.service.call(one, one.target(), one.body(), **{name: wrong})
            else:
                status, answer = await one.service.call(one, one.target(**{name: value}), one.body())
            assert status == 422, (one.method, one.path, name, answer)
            said = next(each for each in findings(answer) if each["field"].lower() == name.lower())
            words = f"{said['detail']} {said.get('expected', '')}"
            assert not re.search(r"\^|\$|pattern|\\|\{", words), (one.path, name, words)
            if "pattern" in schema:
                assert said["expected"] == expected_of(schema["pattern"]), (one.path, name)
            tried += 1
    assert tried > 100


def leaves(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield each value of a body that is no object and no list, with its path."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if members is None and at:
        yield at, node
    for key, value in members or ():
        if (*at, key) not in _AS_THEY_ARE:
            yield from leaves(value, (*at, key))


def spelled(at: tuple[Any, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).removeprefix(".")


def changed(body: Any, at: tuple[Any, ...], value: Any) -> Any:
    new = deepcopy(body)
    node = new
    for part in at[:-1]:
        node = node[part]
    node[at[-1]] = value
    return new


async def refused(one: Operation, at: tuple[Any, ...], value: Any) -> Any:
    """Return the finding about a changed body at a path; of an item of a bulk call, within its own problem."""
    status, answer = await one.service.call(one, one.target(), changed(one.body(), at, value))
    if one.path.endswith("/bulk"):
        assert status == 200, (one.path, at, answer)
        item = answer["items"][at[1]]
        assert (item["index"], item["status"]) == (at[1], 422), (one.path, at, answer)
        answer, at = item["problem"], at[2:]
    else:
        assert status == 422, (one.method, one.path, at, answer)
    found = [each for each in findings(answer) if each.get("field") == spelled(at)]
    assert found, (one.method, one.path, spelled(at), answer)
    return found[0]


async def test_every_member_of_every_body_is_refused_by_its_whole_path(services: list[Service]) -> None:
    paths = set()
    for one in operations(services):
        for at, _ in leaves(one.body()):
            paths.add((one.path, spelled(at)))
            await refused(one, at, BAD)
    assert len(paths) > 100
    assert ("/v1/payables/{month}/booked", "items[0].payable_gr") in paths


async def test_a_rule_of_the_domain_is_told_with_the_whole_path_too(services: list[Service]) -> None:
    tried = set()
    for one in operations(services):
        for at, value in leaves(one.body()):
            if type(value) is int and str(at[-1]).endswith("_gr"):
                said = await refused(one, at, -1)
                assert (said.get("problem") or said["type"]).endswith(("amount-negative", "request-invalid"))
                tried.add(spelled(at))
    assert {"amount_gr", "household.other_income_gr", "variants[0].gross_gr", "items[0].monthly_net_gr"} <= tried
