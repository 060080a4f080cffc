"""What completes an OpenAPI document: scopes of which one is enough, and an example of each answer.

Bodies that are sent have examples of their own, written beside the model. An answer shows the same things, so its
example is made of theirs: what a member of that name is elsewhere, else what its schema says. An example that was
written stays. What a pattern takes stands in ``problems/patterns.csv``, for refusals and for examples.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from types import MappingProxyType
from typing import Any

from shared.runtime.problems.expected import example_of

Schema = Mapping[str, Any]
Words = Mapping[str, Any]
"""Examples by the names of members."""

EITHER = "|"
"""Between scopes of which one is enough."""

_DEEPEST = 12
_METHODS = ("get", "post", "put", "patch", "delete")
_SCHEMAS = "#/components/schemas/"
_AN_ID = example_of("^[0-9a-f-]{36}$")
_BY_FORMAT = {"date": "2026-11-30", "date-time": "2026-11-30T09:00:00Z", "uuid": _AN_ID, "binary": ""}
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Complete a document that FastAPI made, and return it."""
    parts = document.get("components", {}).get("schemas", {})
    operations = list(_operations(document))
    for operation in operations:
        if "security" in operation:
            operation["security"] = [one for asked in operation["security"] for one in _alternatives(asked)]
    everywhere = _told(operations, parts)
    tags = {str(operation.get("tags")): operation.get("tags") for operation in operations}
    of_tag = {at: _told([one for one in operations if one.get("tags") == tag], parts) for at, tag in tags.items()}
    for operation in operations:
        own = of_tag[str(operation.get("tags"))] | _told([operation], parts)
        examples = _Examples(parts, {**everywhere, **_words(), **own})
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                _show(answer.get("content", {}), examples)
    return document


@cache
def _words() -> Words:
    """Return what members of answers look like that no body has."""
    lines = files(__package__).joinpath("openapi_words.csv").read_text(encoding="utf-8").splitlines()
    return MappingProxyType({row["member"]: row["example"] for row in csv.DictReader(lines, delimiter=";")})


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from (methods[method] for method in _METHODS if method in methods)


def _alternatives(asked: Mapping[str, Sequence[str]]) -> Iterator[dict[str, list[str]]]:
    """Return each way in which a requirement is met: ``data:protect|admin`` is either of the two.

    >>> list(_alternatives({"bearer": ["data:protect|admin"]}))
    [{'bearer': ['data:protect']}, {'bearer': ['admin']}]
    >>> list(_alternatives({"bearer": ["clients:read"]}))
    [{'bearer': ['clients:read']}]
    """
    ((scheme, scopes),) = asked.items()
    either = [scope for scope in scopes if EITHER in scope]
    if not either:
        yield {scheme: list(scopes)}
    for one in either[:1]:
        others = [scope for scope in scopes if scope != one]
        for scope in one.split(EITHER):
            yield from _alternatives({scheme: [*others, scope]})


def _told(operations: Sequence[Mapping[str, Any]], parts: Mapping[str, Schema]) -> dict[str, Any]:
    """Return what the examples of bodies say, by member; the first one that says a member is heard."""
    bodies = [
        (content, _resolved(content["schema"], parts))
        for operation in operations
        for content in operation.get("requestBody", {}).get("content", {}).values()
    ]
    found: dict[str, Any] = {}
    for content, schema in bodies:
        for example in chain(content.get("examples", {}).values(), schema.get("examples", ())):
            body = example.get("value", example) if isinstance(example, dict) else None
            found = (body if isinstance(body, dict) else {}) | found
    for _, schema in bodies:
        for name, member in schema.get("properties", {}).items():
            for value in member.get("examples", ())[:1]:
                found.setdefault(name, value)
    return found


def _show(content: dict[str, Any], examples: "_Examples") -> None:
    for media, told in content.items():
        if "example" not in told and "examples" not in told:
            told["example"] = examples.of(told.get("schema", {})) if media.endswith("json") else ""


def _resolved(schema: Schema, parts: Mapping[str, Schema]) -> Schema:
    while "$ref" in schema:
        schema = parts[schema["$ref"].removeprefix(_SCHEMAS)]
    return schema


class _Examples:
    """Makes examples of schemas by the names and types of their members."""

    def __init__(self, parts: Mapping[str, Schema], words: Words) -> None:
        self._parts, self._words = parts, words

    def of(self, schema: Schema, name: str = "", depth: int = 0) -> Any:
        """Return an example of a schema, which is that of a member of this name."""
        schema = _resolved(schema, self._parts)
        for value in (*schema.get("examples", ()), *([schema["default"]] if schema.get("default") else ())):
            return value
        if name in self._words and _fits(schema, self._words[name], self._parts):
            return self._words[name]
        if "const" in schema or "enum" in schema:
            return schema.get("const", next(iter(schema.get("enum", ())), None))
        if either := schema.get("anyOf", schema.get("oneOf")):
            return self.of(either[0], name, depth)
        if schema.get("type") == "object" or "properties" in schema:
            return self._object(schema, depth)
        if schema.get("type") == "array":
            return [self.of(schema["items"], name, depth + 1)] if "items" in schema and depth < _DEEPEST else []
        return _plain(schema, name)

    def _object(self, schema: Schema, depth: int) -> Any:
        if depth >= _DEEPEST:
            return {}
        members = schema.get("properties", {})
        return {name: self.of(member, name, depth + 1) for name, member in members.items()}


def _fits(schema: Schema, value: Any, parts: Mapping[str, Schema]) -> bool:
    """Tell whether a value may stand where a schema does; a member of the same name may be another thing."""
    schema = _resolved(schema, parts)
    if either := schema.get("anyOf"):
        return any(_fits(one, value, parts) for one in either)
    if value is None or "type" not in schema:
        return value is None and schema.get("type") == "null"
    if schema["type"] not in _TYPES or not isinstance(value, _TYPES[schema["type"]]):
        return False
    if schema["type"] == "object":
        return not schema.get("properties")
    if isinstance(value, list):
        return all(_fits(schema.get("items", {}), one, parts) for one in value)
    if isinstance(value, bool) is not (schema["type"] == "boolean"):
        return False
    if isinstance(value, str) and re.search(schema.get("pattern", ""), value) is None:
        return False
    return "enum" not in schema or value in schema["enum"]


def _plain(schema: Schema, name: str) -> Any:
    """Return an example of a text, a number or a truth value.

    >>> _plain({"type": "string", "format": "date"}, "on"), _plain({"type": "string"}, "record_id")
    ('2026-11-30', '0198c6a0-0000-7000-8000-000000000000')
    >>> _plain({"type": "string", "pattern": "^(open|closed)$"}, "state"), _plain({"type": "integer"}, "version")
    ('open', 1)
    """
    kind = schema.get("type")
    if kind == "boolean":
        return False
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    if kind != "string":
        return None
    if example := example_of(schema.get("pattern", "")):
        return example
    if name == "id" or name.endswith("_id"):
        return _AN_ID
    return _BY_FORMAT.get(schema.get("format", ""), PLACEHOLDER)


PLACEHOLDER = "…"
"""Stands where nothing says what a text may be; a test holds that it stands nowhere."""
