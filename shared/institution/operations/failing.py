"""What a lane says of a failure: the problem, a text to be shown, and whether a retry may help."""

from shared.domain.errors import DomainError
from shared.exchange.client.broker import Refused, Unreachable
from shared.exchange.lanes import LaneState
from shared.runtime.problems.catalogue import problem_type

SOME_FAILURES = 3
"""After so many failures in a row a lane counts as standing, whatever the cause."""


def note_failure(lane: LaneState, failure: Exception) -> tuple[str, bool]:
    """Note a failure of a lane; return its problem, and whether it stands because no retry helps."""
    problem, stands = _problem_of(failure), isinstance(failure, DomainError) and not _is_retryable(failure)
    lane.failures += 1
    lane.detail = failure.detail if isinstance(failure, DomainError) else _said(failure)
    lane.problem = problem if stands or lane.failures > SOME_FAILURES else lane.problem
    return problem, stands


def _problem_of(failure: Exception) -> str:
    if isinstance(failure, DomainError):
        return failure.problem
    return failure.unproven or "unreachable" if isinstance(failure, Unreachable) else "internal"


def _said(failure: Exception) -> str:
    """Return what may be shown of a failure: the text of one that is not ours may hold data and stays out."""
    return str(failure) if isinstance(failure, Unreachable) else type(failure).__name__


def _is_retryable(failure: DomainError) -> bool:
    return failure.retryable if isinstance(failure, Refused) else problem_type(failure.problem).retryable
