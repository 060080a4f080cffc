"""Versions of records: whoever changes one may say which version they read (``If-Match``)."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.domain.errors import Conflict
from shared.institution.models.base import View


class PreconditionFailed(Conflict):
    """The record was changed meanwhile; read it again and repeat your change."""

    problem = "precondition-failed"


def require_version(
    present: int,
    expected: int | None,
    *,
    record: Callable[[], View | None] = lambda: None,
    sent: Mapping[str, Any] | None = None,
) -> None:
    """Refuse a change made on an older version; ``None`` means: whatever it is.

    What stands there now (``record``) and what was to replace it (``sent``) are told beside both versions, so that
    nothing is lost when two officials change the same.

    :raises PreconditionFailed: the record has another version.
    """
    if expected is not None and expected != present:
        shown = record()
        raise PreconditionFailed(
            expected=f'"{present}"',
            received=f'"{expected}"',
            present=shown.model_dump(mode="json", by_alias=True) if shown else None,
            sent=dict(sent) if sent is not None else None,
        )
