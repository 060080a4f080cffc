"""What a called service says against a command, or that it does not answer, as one line that names what to check."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from services.cli.programs import Mendable
from shared.exchange.client.broker import InsecureUrl, Unreachable
from shared.exchange.client.local import Answered


@contextmanager
def answers_of(name: str, url: str) -> Iterator[None]:
    """Run a command's calls of a service.

    :raises Mendable: the service refused one, or could not be reached.
    """
    try:
        yield
    except Answered as failure:
        raise Mendable(told(failure.problem)) from None
    except InsecureUrl as failure:
        raise Mendable(f"{name} cannot be reached: {failure}") from None
    except Unreachable as failure:
        check = "Look whether it runs and whether this is its address."
        raise Mendable(f"{name} cannot be reached at {url}: {str(failure).rstrip('.')}. {check}") from None


def told(problem: Mapping[str, Any]) -> str:
    """Return a problem as one line: what is wrong, what was expected, how to mend it."""
    expected = f"Expected: {problem['expected']}." if "expected" in problem else ""
    said = (problem.get("detail", "It answered with no problem document."), expected, problem.get("mend", ""))
    return " ".join(part for part in said if part)
