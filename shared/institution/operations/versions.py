"""Versions of records: whoever changes one may say which version they read (``If-Match``)."""

from shared.domain.errors import Conflict


class PreconditionFailed(Conflict):
    """The record was changed meanwhile; read it again and repeat your change."""

    problem = "precondition-failed"


def require_version(present: int, expected: int | None) -> None:
    """Refuse a change made on an older version; ``None`` means: whatever it is.

    :raises PreconditionFailed: the record has another version.
    """
    if expected is not None and expected != present:
        raise PreconditionFailed(expected=f'"{present}"', received=f'"{expected}"')
