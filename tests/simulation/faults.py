"""What goes wrong, when, and how often: drawn from the seed, in the order in which things happen."""

import random
from collections import Counter
from dataclasses import dataclass, field

CALL_FAULTS = (
    "call lost",
    "answer lost",
    "call late",
    "call slow",
    "call doubled",
    "call truncated",
    "answer truncated",
    "call altered",
    "answer altered",
    "caller crashed",
    "server crashed",
)
LOCAL_FAULTS = ("call lost", "answer lost", "call late", "call slow", "call doubled", "server crashed")
"""Between an office's own systems and its service nothing but TLS guards the bytes, so none is altered there."""

CALL_FAULT_EACH = 0.10
CRASH_AT_COMMIT_EACH = 0.006


@dataclass
class Faults:
    """The dice of a run, and a count of what they did; none falls once ``healed``."""

    dice: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    healed: bool = False

    def of_call(self, *, local: bool) -> str | None:
        """Draw what befalls one call."""
        return (
            self.noted(self.dice.choice(LOCAL_FAULTS if local else CALL_FAULTS))
            if self._falls(CALL_FAULT_EACH)
            else None
        )

    def at_commit(self) -> bool:
        """Draw whether a machine stops just before or after a commit."""
        return self._falls(CRASH_AT_COMMIT_EACH)

    def noted(self, kind: str) -> str:
        self.counts[kind] += 1
        return kind

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def _falls(self, probability: float) -> bool:
        return not self.healed and self.dice.random() < probability
