"""The error tree: five kinds, one problem each, a sentence each."""

import importlib
import pkgutil

import pytest

import shared.domain
import shared.exchange
from shared.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Untrusted
from shared.runtime.problems.catalogue import problem_types

KINDS = (Invalid, NotFound, Conflict, Forbidden, Untrusted)


def all_errors() -> list[type[DomainError]]:
    """Return every concrete domain error of the two packages."""
    for package in (shared.domain, shared.exchange):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    found: list[type[DomainError]] = []
    waiting = [DomainError]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if error.__module__.startswith(("shared.domain", "shared.exchange")):
            found.append(error)
    return sorted(set(found), key=lambda error: (error.__module__, error.__name__))


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.__name__)
def test_every_error_has_a_sentence_and_a_listed_problem(error: type[DomainError]) -> None:
    assert (error.__doc__ or "").partition("\n")[0].endswith(".")
    assert error.problem in problem_types()


def test_every_error_of_the_domain_is_one_of_five_kinds() -> None:
    own = [error for error in all_errors() if error.__module__.startswith("shared.domain")]
    assert all(error is DomainError or issubclass(error, KINDS) for error in own)


def test_an_error_says_its_docstring_unless_told_otherwise() -> None:
    assert str(NotFound()) == NotFound().detail == NotFound.__doc__
    assert str(Invalid("Another sentence.", field="x")) == "Another sentence."


def test_an_error_keeps_what_was_expected_what_came_and_whatever_else_is_said() -> None:
    error = Invalid(field="from", expected="a", received="b", clock_skew_s=5)
    assert (error.field, error.expected, error.received, error.members) == ("from", "a", "b", {"clock_skew_s": 5})
