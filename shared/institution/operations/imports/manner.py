"""How an import is done, what earlier lines of the file spoke of, and what a line did."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.domain.errors import DomainError
from shared.institution.imports.repeats import Repeats
from shared.institution.operations.imports.parents import Key
from shared.institution.operations.imports.whose import Before

NAMED = "names of clients"
"""Under this the names of clients are remembered that a line of the file gave, so that records may name them."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a line did: created, amended, unchanged or refused; ``what`` says it of each part."""

    outcome: str
    what: Mapping[str, str] = field(default_factory=dict)
    failure: DomainError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an import is done; ``seen`` are the names of committed lines, ``used`` those of this transaction."""

    system: str
    amend: bool
    dry_run: bool
    seen: Repeats
    used: set[Key] = field(default_factory=set)

    def before(self, key: Key) -> Before:
        """Return whether an earlier line of the file spoke of this, and whether what it did is there to see."""
        if key in self.used:
            return "done"
        if key not in self.seen:
            return "never"
        return "undone" if self.dry_run else "done"
