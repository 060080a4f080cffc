"""What a lane says of a failure: the problem, a text that may be shown, and whether a retry may help."""

from shared.domain.errors import DomainError
from shared.exchange.client.broker import Refused, Unreachable
from shared.runtime.problems.catalogue import problem_type


def problem_of(failure: Exception) -> str:
    """Return the name of the problem that a lane met."""
    if isinstance(failure, DomainError):
        return failure.problem
    return failure.unproven or "unreachable" if isinstance(failure, Unreachable) else "internal"


def said(failure: Exception) -> str:
    """Return what may be shown of a failure: the text of one that is not ours may hold data and stays out."""
    return str(failure) if isinstance(failure, Unreachable) else type(failure).__name__


def is_retryable(failure: DomainError) -> bool:
    """Tell whether trying again may help."""
    return failure.retryable if isinstance(failure, Refused) else problem_type(failure.problem).retryable
