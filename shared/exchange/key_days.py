"""How many days keys still hold (*ważność klucza*): said at 30, 14, 7 and 1 day before the end, and when it is over.

What counts for an owner is its last key to end: one that a new key follows ends without a word.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from shared.exchange.directory import Directory
from shared.runtime.metrics import Metrics

STAGES = (1, 7, 14, 30)
DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class KeyDays:
    """The last key of an owner to end, and the whole days that it still holds; below nought it has ended."""

    owner: str
    kid: str
    days: int

    @property
    def stage(self) -> int | None:
        """Return which warning is due: 30, 14, 7, 1 or 0 days; ``None`` while the end is farther away.

        >>> [KeyDays("pup-2478", "k", days).stage for days in (400, 30, 29, 14, 8, 7, 1, 0, -5)]
        [None, 30, 30, 14, 14, 7, 1, 1, 0]
        """
        if self.days < 0:
            return 0
        return next((stage for stage in STAGES if self.days <= stage), None)


def key_days(directory: Directory, owners: Iterable[str], now: int) -> list[KeyDays]:
    """Return how long the keys of some owners still hold; compromised ones do not count."""
    found = []
    for owner in owners:
        member = directory.members.get(owner)
        keys = [key for key in member.keys if key.compromised_since is None] if member else []
        if keys:
            last = max(keys, key=lambda key: (key.valid_until, key.key.kid))
            found.append(KeyDays(owner, last.key.kid, (last.valid_until - now) // DAY_S))
    return found


class KeyWatch:
    """Says each warning once a process in the log, and at any time in metrics and readiness."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._said: dict[tuple[str, str], int | None] = {}
        self.warnings: dict[str, str] = {}

    def look(self, found: Iterable[KeyDays]) -> None:
        """Take up how long keys still hold."""
        warnings = {}
        for one in found:
            self._metrics.key_days.labels(one.owner).set(one.days)
            stage = one.stage
            if stage is not None:
                warnings[f"key of {one.owner}"] = f"{one.days} days left" if one.days >= 0 else "it has ended"
            if stage != self._said.get((one.owner, one.kid)):
                self._said[one.owner, one.kid] = stage
                if stage is not None:
                    structlog.get_logger().warning("key ends", owner=one.owner, kid=one.kid, days=one.days, stage=stage)
        self.warnings = warnings
