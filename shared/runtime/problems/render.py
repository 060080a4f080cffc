"""A domain error as a problem document; digits that pass as a PESEL are masked, whoever put them there."""

import re
from collections.abc import Mapping
from typing import Any

from shared.domain.errors import DomainError
from shared.domain.pesel import holds_a_pesel
from shared.runtime.problems.catalogue import URN, problem_type

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
_DIGITS = re.compile(r"[0-9]{11,}")


def problem(error: DomainError) -> dict[str, Any]:
    """Return the members of the problem of an error; what does not apply is left out."""
    kind = problem_type(error.problem)
    members = {
        "type": URN + kind.name,
        "title": kind.title,
        "status": kind.status,
        "detail": error.detail,
        "field": error.field,
        "expected": error.expected,
        "received": error.received,
        **error.members,
        "retryable": kind.retryable,
        "mend": kind.mend,
        "docs": f"/v1/problems/{kind.name}",
    }
    return {name: masked(value) for name, value in members.items() if value is not None}


def headers(status: int) -> dict[str, str]:
    """Return the headers that a status needs."""
    if status in (429, 503):
        return {"Retry-After": str(RETRY_AFTER_S)}
    return {"WWW-Authenticate": "Bearer"} if status == 401 else {}


def masked(value: Any) -> Any:
    """Return ``value`` with every run of digits that passes as a PESEL struck out, in names of members too.

    >>> masked("client 44651401357 not found")
    'client *********** not found'
    """
    if isinstance(value, str):
        return _DIGITS.sub(lambda run: "*" * len(run[0]) if holds_a_pesel(run[0]) else run[0], value)
    if type(value) is int:
        return masked(str(value)) if holds_a_pesel(str(value)) else value
    if isinstance(value, Mapping):
        return {masked(key): masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value
