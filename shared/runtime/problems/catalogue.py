"""The list of problems: ``problems.csv``, one row a name, with its status and how to mend it.

``pages.csv`` says more of each for whoever meets it: what it means, what to check, an example. The service answers it
under the link ``docs`` of the problem, and ``docs/problems`` holds it as pages.
"""

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


@dataclass(frozen=True, slots=True)
class Page:
    """What there is to say of a problem; ``check`` is a list of questions and rules."""

    means: str
    check: tuple[str, ...]
    example: str


def problem_type(name: str) -> ProblemType:
    """Return the row of a problem; a name without a row is a mistake of ours and shows as ``internal``."""
    return problem_types().get(name) or problem_types()["internal"]


@cache
def problem_types() -> Mapping[str, ProblemType]:
    """Return all problems by name."""
    return MappingProxyType({row["name"]: _problem_type(row) for row in _rows("problems.csv")})


@cache
def problem_pages() -> Mapping[str, Page]:
    """Return what there is to say of each problem, by name."""
    return MappingProxyType(
        {row["name"]: Page(row["means"], tuple(row["check"].split("|")), row["example"]) for row in _rows("pages.csv")}
    )


def _rows(name: str) -> list[dict[str, str]]:
    lines = files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter=";"))


def _problem_type(row: dict[str, str]) -> ProblemType:
    return ProblemType(row["name"], int(row["status"]), row["retryable"] == "true", row["title"], row["mend"])
