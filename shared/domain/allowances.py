"""Allowances of a welfare centre (*zasiłek stały*, *zasiłek okresowy*, *zasiłek celowy*), and the basis of each.

The rows stand in ``allowances.csv``, with the article of the act on social assistance and where it was found.

>>> [basis.name for basis in bases_of("OPS-ZOK")]
['ups_38', 'ups_41_2']
>>> bases_of("OPS-POS")
Traceback (most recent call last):
NoAllowance: A decision is on an allowance of the welfare centre.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from shared.domain.errors import Invalid


class NoAllowance(Invalid):
    """A decision is on an allowance of the welfare centre."""


@dataclass(frozen=True, slots=True)
class Basis:
    """A legal basis (*podstawa prawna*) of a decision: its name here, the codes it may grant, its article."""

    name: str
    codes: frozenset[str]
    article: str
    source: str
    verified: bool


def bases_of(code: str) -> Sequence[Basis]:
    """Return the bases on which an allowance may be decided.

    :raises NoAllowance: and names the codes that are allowances.
    """
    found = [basis for basis in bases() if code in basis.codes]
    if not found:
        known = sorted({code for basis in bases() for code in basis.codes})
        raise NoAllowance(field="code", expected=", ".join(known))
    return found


@cache
def bases() -> Sequence[Basis]:
    """Return every basis, in the order of the file."""
    lines = files(__package__).joinpath("allowances.csv").read_text("utf-8").splitlines()
    return tuple(
        Basis(
            name=row["basis"],
            codes=frozenset(row["codes"].split(",")),
            article=row["article"],
            source=row["source"],
            verified=row["status"] == "found",
        )
        for row in csv.DictReader(lines, delimiter=";")
    )
