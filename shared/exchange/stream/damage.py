"""What is damaged in a store of a stream, and whether what the other end gives back mends it: pure, without a database.

An entry is whole if it is there, its bytes have its hash, and its chain follows from the entry before. Bytes that come
from the other end are taken only where the chain over them meets the next whole entry, or the head: so nobody can slip
in another past.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.exchange.stream.chain import chain_next, chains


@dataclass(frozen=True, slots=True)
class Held:
    """An entry as the store has it; ``whole``: its bytes have its hash, or it needs none."""

    position: int
    hash: bytes
    chain: bytes
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Damage:
    """Positions that are gone and positions that are not what they were, each in order."""

    lost: Sequence[int] = ()
    altered: Sequence[int] = ()

    @property
    def positions(self) -> list[int]:
        """Return all damaged positions in order."""
        return sorted({*self.lost, *self.altered})


@dataclass
class Scrub:
    """Looks at the entries of a stream in order and notes what is damaged; memory grows with the damage alone."""

    chain: bytes
    position: int = 0
    lost: list[int] = field(default_factory=list)
    altered: list[int] = field(default_factory=list)

    def see(self, entries: Iterable[Held]) -> None:
        """Look at the next entries."""
        for entry in entries:
            follows = entry.position == self.position + 1
            self.lost.extend(range(self.position + 1, entry.position))
            if not entry.whole or (follows and chain_next(self.chain, entry.hash) != entry.chain):
                self.altered.append(entry.position)
            self.position, self.chain = entry.position, entry.chain

    def finish(self, position: int, chain: bytes) -> Damage:
        """Return the damage of a stream whose head is at a position and a chain."""
        self.lost.extend(range(self.position + 1, position + 1))
        if self.position == position and self.chain != chain and position and position not in self.altered:
            self.altered.append(position)
        return Damage(self.lost, self.altered)


def runs(positions: Iterable[int]) -> Iterator[range]:
    """Return positions as ranges without gaps.

    >>> list(runs([3, 4, 7]))
    [range(3, 5), range(7, 8)]
    """
    first = last = 0
    for position in sorted(positions):
        if position != last + 1 or not first:
            if first:
                yield range(first, last + 1)
            first = position
        last = position
    if first:
        yield range(first, last + 1)


End = tuple[bytes | None, bytes]
"""Hash and chain of the next whole entry; no hash and the chain of the head where damage reaches it."""


def mended(run: range, before: bytes, given: Mapping[int, bytes], end: End | None) -> list[bytes] | None:
    """Return the chains of damaged positions that the given hashes mend, or ``None`` where they are another past.

    ``before`` is the chain before the first. Without an ``end`` more damage follows, and whoever mends that one finds
    out: a false past never meets the next whole entry.
    """
    if any(position not in given for position in run):
        return None
    found = list(chains(before, (given[position] for position in run)))
    if end is None:
        return found
    next_hash, chain = end
    reached = found[-1] if next_hash is None else chain_next(found[-1], next_hash)
    return found if reached == chain else None
