"""Erasing (*usunięcie danych*): an author names SETs of its own whose bytes are to go wherever they went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from shared.domain.erasure import grounds
from shared.domain.events.fields import day, hash_, named_sets, one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """SETs of the issuer, each as ``[iss, n, hash]``, on which ground, and by which day every holder erases them.

    ``n`` is missing where the SET went to the broker alone. ``record`` is the mark of the record or client that was
    erased (``erasure.mark_of``): the issuer alone can tell what it is, and erases it again if a backup brings it back.
    """

    sets: Annotated[tuple[tuple[str, int | None, str], ...], named_sets]
    ground: Annotated[str, one_of(*grounds())]
    term: Annotated[date, day]
    record: Annotated[str | None, hash_] = None

    @property
    def issuers(self) -> frozenset[str]:
        """Return whose SETs are named."""
        return frozenset(iss for iss, _, _ in self.sets)

    @property
    def hashes(self) -> Sequence[str]:
        """Return the hashes of the SETs."""
        return [digest for _, _, digest in self.sets]
