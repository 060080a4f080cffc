"""The list of problems: ``problems.csv``, one row a name, with its status and how to mend it."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

URN = "urn:zwornik:problem:"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem."""

    name: str
    status: int
    retryable: bool
    title: str
    mend: str


def problem_type(name: str) -> ProblemType:
    """Return the row of a problem; a name without a row is a mistake of ours and shows as ``internal``."""
    return problem_types().get(name) or problem_types()["internal"]


@cache
def problem_types() -> Mapping[str, ProblemType]:
    """Return all problems by name."""
    lines = files(__package__).joinpath("problems.csv").read_text(encoding="utf-8").splitlines()
    return MappingProxyType({row["name"]: _problem_type(row) for row in csv.DictReader(lines, delimiter=";")})


def _problem_type(row: dict[str, str]) -> ProblemType:
    return ProblemType(row["name"], int(row["status"]), row["retryable"] == "true", row["title"], row["mend"])
