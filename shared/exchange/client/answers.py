"""Answers of the broker, as bytes and as what they say."""

from dataclasses import dataclass

from shared.domain.strict_json import strict_json
from shared.runtime.problems.catalogue import URN, problem_types

MAX_WAIT_S = 3600.0
"""So long a wait that the other end asks for is believed; the header is not signed."""


@dataclass(frozen=True, slots=True)
class Word:
    """An answer with the proof that the broker put beside it, bound to a call by its jti: it convinces others too."""

    jti: str
    proof: str
    body: bytes


def problem_said(body: bytes) -> str | None:
    """Return the name of the problem that an answer says it is."""
    try:
        problem = strict_json(body)
    except ValueError:
        return None
    name = str(problem.get("type")).removeprefix(URN) if isinstance(problem, dict) else ""
    return name if name in problem_types() else None


def seconds(text: str | None) -> float | None:
    """Return the wait that a header asks for."""
    return min(float(text), MAX_WAIT_S) if text and text.isdigit() else None
