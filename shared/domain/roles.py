"""Roles in an office as bundles of scopes: caseworker, head, auditor, system; rows of ``roles.csv``.

What no row grants is denied. ``purpose`` is why somebody of that role reads, unless the call says otherwise.

>>> sorted(roles()["auditor"].scopes)
['audit:read', 'clients:read', 'merged:read']
>>> default_purpose("system"), default_purpose("unstated")
('data_exchange', 'casework')
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_CASEWORK = "casework"


@dataclass(frozen=True, slots=True)
class Role:
    """A role: what it may do, and why it reads."""

    name: str
    purpose: str
    scopes: frozenset[str]


@cache
def roles() -> Mapping[str, Role]:
    """Return all roles by name."""
    lines = files(__package__).joinpath("roles.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter=";")
    return MappingProxyType(
        {row["role"]: Role(row["role"], row["purpose"], frozenset(row["scopes"].split())) for row in rows}
    )


def default_purpose(role: str) -> str:
    """Return why somebody of a role reads; of a reader without one it is casework."""
    known = roles().get(role)
    return known.purpose if known else _CASEWORK
