"""Counting: which of an author's events about a person is news, missing, passed over, or a contradiction."""

from collections import defaultdict
from collections.abc import Iterable

from shared.domain.events.payloads.people import Restated
from shared.exchange import jose
from shared.exchange.history.known import Author, Count, Pair, Part
from shared.exchange.sets import SecurityEvent, SetEquivocation

MAX_HOLES = 500
"""Holes kept for one author and person at once; a wider gap waits for the next restatement."""


class Counts:
    """How far authors have come with people, what is missing, and parts of restatements that wait for others."""

    def __init__(self) -> None:
        self.authors: dict[Pair, Author] = {}
        self._moved: set[Pair] = set()
        self._holes: dict[Pair, set[int]] = defaultdict(set)
        self._parts: dict[tuple[str, str, str], dict[int, Part]] = defaultdict(dict)
        self._passed_over: set[Count] = set()

    def require_in_line(self, event: SecurityEvent) -> None:
        """Refuse an event whose count or whose ``prev`` contradicts what the author said before.

        :raises SetEquivocation: it does.
        """
        pair, n = (event.token, event.iss), event.n or 0
        author = self.authors.get(pair)
        if author is None or n in self._holes[pair]:
            return
        if (n, event.hash) == (author.n, author.hash):
            return  # it was counted by its hash alone, for the broker had refused it
        before = jose.encode(author.hash)
        if n == author.n + 1 and event.prev != before:
            raise SetEquivocation("prev is not the hash of the author's event before.", expected=before)
        if (author.baseline_n or 0) < n <= author.n and not (
            self._completes_parts(event) or self._was_passed_over(event)
        ):
            raise SetEquivocation("The author has another event under this count.", expected=author.n + 1, received=n)

    def _below_their_count(self, events: Iterable[SecurityEvent]) -> Iterable[Count]:
        """Return the counts of events that are neither news nor missing."""
        for event in events:
            author = self.authors.get((event.token, event.iss))
            if author is not None and event.n and event.n < author.n and event.n not in self._holes[author.pair]:
                yield event.token, event.iss, event.n

    def _was_passed_over(self, event: SecurityEvent) -> bool:
        """Tell whether an author's count went past an event that never came here, and a restatement is awaited.

        The broker had refused it in a past that it lost, and relays it now; the restatement will stand for it.
        """
        author = self.authors.get((event.token, event.iss))
        awaits = author is not None and author.baseline_n is None
        return awaits and (event.token, event.iss, event.n) in self._passed_over

    def _completes_parts(self, event: SecurityEvent) -> bool:
        """Tell whether an event is the missing part of a restatement whose other parts came before it."""
        if not isinstance(event.payload, Restated):
            return False
        held = self._parts.get((event.token, event.iss, event.payload.restatement_id), {})
        offset = (event.n or 0) - event.payload.part
        return event.payload.part not in held and any(part.n - part.part == offset for part in held.values())

    def awaits(self, token: str, iss: str, n: int) -> bool:
        """Tell whether the author's event ``n`` is still to come, or missing."""
        author = self.authors.get((token, iss))
        return author is None or n > author.n or n in self._holes[token, iss]

    def count(self, token: str, iss: str, n: int, digest: bytes) -> None:
        """Note that the author's event ``n`` is accounted for: taken in, refused or erased."""
        pair = (token, iss)
        self._moved.add(pair)
        author = self.authors.get(pair)
        if author is None:
            self.authors[pair] = Author(token, iss, n, digest)
            return
        self._holes[pair].discard(n)
        if n > author.n:
            if author.baseline_n is not None:
                self._holes[pair].update(range(author.n + 1, min(n, author.n + 1 + MAX_HOLES)))
            author.n, author.hash = n, digest
