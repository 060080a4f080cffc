"""Payloads are dataclasses whose fields name their own parser; this file reads and writes them.

A field's parser stands in ``Annotated``; a trailing underscore in a name is dropped on the wire (``from_`` is
``from``). Unknown members are ignored on the wire (WIRE.md, section 8); no string that reaches a field is free text:
each parser admits enumerations, dates, UUIDs, hashes, tokens or codes alone.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from functools import cache
from typing import Any, TypeVar, get_type_hints

from shared.domain.errors import DomainError, Invalid
from shared.domain.events.fields import Parser

P = TypeVar("P")


class SetSchema(Invalid):
    """The payload of the event does not fit its type."""

    problem = "set-schema"


class Contradiction(Invalid):
    """Two members of the payload contradict each other."""


class Unset:
    """The type of ``UNSET``: a member that is missing where ``null`` means something else."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()


def read(shape: type[P], members: object) -> P:
    """Return a payload of ``shape`` from JSON members.

    :raises SetSchema: a member is missing or not of its form; the error names the field, never the value.
    """
    if not isinstance(members, Mapping):
        raise SetSchema("The payload is not an object.", field="payload")
    values = {}
    key: Any = shape
    for wire, name, parser, default in _plan(key):
        if wire in members and (members[wire] is not None or default is UNSET):
            values[name] = _parsed(parser, members[wire], wire)
        elif default is MISSING:
            raise SetSchema(f"The payload lacks {wire!r}.", field=wire)
    try:
        return shape(**values)
    except DomainError as refusal:
        raise SetSchema(refusal.detail, field=refusal.field) from None


def write(payload: Any) -> dict[str, Any]:
    """Return the JSON members of a payload; what is ``None`` and need not be said is left out."""
    members = {}
    shape: Any = type(payload)
    for wire, name, _, default in _plan(shape):
        value = getattr(payload, name)
        if value is UNSET or (value is None and default is not UNSET):
            continue
        members[wire] = value.isoformat() if isinstance(value, date) else value
    return members


def _parsed(parser: Parser, value: Any, wire: str) -> Any:
    try:
        return parser(value)
    except (DomainError, ValueError, TypeError, AttributeError, LookupError):
        raise SetSchema(f"{wire!r} is not of its form.", field=wire, expected=_said(parser)) from None


def _said(parser: Parser) -> str:
    return (parser.__doc__ or "").partition("\n")[0]


@cache
def _plan(shape: Any) -> tuple[tuple[str, str, Parser, Any], ...]:
    hints = get_type_hints(shape, include_extras=True)
    return tuple((f.name.rstrip("_"), f.name, hints[f.name].__metadata__[0], f.default) for f in fields(shape))
