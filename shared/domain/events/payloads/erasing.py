"""Data protection across offices: SETs whose bytes go wherever they went, and data that are only to be kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from shared.domain.erasure import grounds
from shared.domain.events.fields import day, hash_, named_sets, one_of, record_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """The issuer restricts the use of what it told of the person from a day on (*ograniczenie przetwarzania*).

    Every recipient is to be told so (GDPR, art. 19). It lasts until the issuer restates the person.
    """

    restriction_id: Annotated[str, record_id]
    from_: Annotated[date, day]


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
