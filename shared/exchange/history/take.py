"""Taking shared events in: a batch is loaded, applied in order in memory, and written back in a few statements.

Each event carries the whole state of its record, and a record only moves to a higher ``n``; so a late event that
fills a hole never overwrites newer news. A complete restatement replaces everything earlier of its author.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Self

from sqlalchemy import delete, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.domain.events import schema
from shared.domain.events.payloads.people import Restated
from shared.domain.events.types import EventType, restated_records
from shared.exchange import jose
from shared.exchange.history.counts import Counts
from shared.exchange.history.known import (
    AUTHORS,
    HOLES,
    PARTS,
    RECORDS,
    Author,
    Pair,
    Part,
    nothing_held_under,
    of_pairs,
    write_holes,
)
from shared.exchange.sets import SecurityEvent
from shared.runtime.database.bulk import insert_many
from shared.runtime.database.engine import connection_of

_LATEST_AUTHOR = (
    "ON CONFLICT (token, iss) DO UPDATE SET n = excluded.n, hash = excluded.hash, baseline_n = excluded.baseline_n, "
    "baseline_generation = excluded.baseline_generation, baseline_hashes = excluded.baseline_hashes"
)
_NEWER_RECORD = (
    "ON CONFLICT (token, iss, record, key) DO UPDATE SET n = excluded.n, hash = excluded.hash, type = excluded.type, "
    "payload = excluded.payload, dropped = excluded.dropped WHERE shared_record.n < excluded.n"
)


class Histories(Counts):
    """What is known of some people, while a batch of events is taken in."""

    def __init__(self) -> None:
        super().__init__()
        self._parts_before: set[tuple[str, str, str, int]] = set()
        self._done: set[tuple[str, str, str]] = set()
        self._holes_before: dict[Pair, set[int]] = {}
        self._replaced: dict[Pair, int] = {}
        self._records: dict[tuple[str, str, str, str], dict[str, Any]] = {}

    @classmethod
    async def load(
        cls, session: AsyncSession, pairs: Iterable[Pair], *, own: bool = False, arriving: Sequence[SecurityEvent] = ()
    ) -> Self:
        """Load what is known of pairs of a token and an author; their rows are locked with the token or the stream.

        ``own``: the office's own events, which have neither holes nor parts that wait for others. ``arriving``: events
        of which one below its author's count may have been passed over, and contradicts nothing that is held.
        """
        known, wanted = cls(), sorted(set(pairs))
        if not wanted:
            return known
        connection = await connection_of(session)
        for row in await of_pairs(connection, AUTHORS, wanted):
            known.authors[row.token, row.iss] = Author(*row)
        if not own:
            await known._load_unfinished(connection, wanted)
        known._passed_over = await nothing_held_under(connection, known._below_their_count(arriving))
        return known

    def take(self, event: SecurityEvent) -> None:
        """Take one shared event in.

        :raises SetEquivocation: the author counted two different events alike, or broke its own chain of hashes.
        """
        self.require_in_line(event)
        self.count(event.token, event.iss, event.n or 0, event.hash)
        if self._was_passed_over(event) and not self._completes_parts(event):
            return
        if (self.authors[event.token, event.iss].baseline_n or 0) >= (event.n or 0):
            return  # a late event that a newer restatement already stands for
        if isinstance(event.payload, Restated):
            self._take_part(event, event.payload)
        elif event.type.change:
            self._put(event, event.type, event.payload, event.n or 0, event.hash)

    def recover(self, event: SecurityEvent) -> None:
        """Take in an own event that came back after a fork, whatever was counted here meanwhile."""
        pair, n = (event.token, event.iss), event.n or 0
        author = self.authors.setdefault(pair, Author(*pair, n, event.hash))
        if n >= author.n:
            author.n, author.hash = n, event.hash
        self._moved.add(pair)
        if isinstance(event.payload, Restated):
            self._take_part(event, event.payload)
        elif event.type.change:
            self._put(event, event.type, event.payload, n, event.hash)

    async def expect_restatements(self, session: AsyncSession, token: str, *, but: str = "") -> None:
        """Forget the baselines of a person: after a change of members every author restates, ``but`` one who has.

        Holes stay until the restatement that fills them: what is on its way to fill one contradicts nothing.
        """
        loaded = [pair for pair in self.authors if pair[0] == token and pair[1] != but]
        for pair in loaded:
            self.authors[pair].baseline_n = self.authors[pair].baseline_hashes = None
            self._moved.add(pair)
        others = [but, *(iss for _, iss in loaded)]
        connection = await connection_of(session)
        await connection.execute(
            update(AUTHORS)
            .where(AUTHORS.c.token == token, AUTHORS.c.iss.not_in(others))
            .values(baseline_n=None, baseline_hashes=None)
        )

    def written(self, record: str) -> Iterator[dict[str, Any]]:
        """Yield the records of a kind that are to be written back, as rows."""
        return (row for row in self._records.values() if row["record"] == record)

    async def flush(self, session: AsyncSession) -> None:
        """Write everything back."""
        connection = await connection_of(session)
        authors = [asdict(self.authors[pair]) for pair in sorted(self._moved)]
        await insert_many(session, AUTHORS, authors, conflict=_LATEST_AUTHOR)
        for (token, iss), last in self._replaced.items():
            at = (RECORDS.c.token == token, RECORDS.c.iss == iss, RECORDS.c.n <= last)
            await connection.execute(delete(RECORDS).where(*at))
        await insert_many(session, RECORDS, list(self._records.values()), conflict=_NEWER_RECORD)
        await self._flush_parts(session, connection)
        await write_holes(session, self._holes_before, self._holes)

    async def _load_unfinished(self, connection: AsyncConnection, wanted: Sequence[Pair]) -> None:
        for row in await of_pairs(connection, PARTS, wanted):
            self._parts[row.token, row.iss, row.restatement_id][row.part] = Part(*row)
            self._parts_before.add((row.token, row.iss, row.restatement_id, row.part))
        for row in await of_pairs(connection, HOLES, wanted):
            self._holes[row.token, row.iss].add(row.n)
        self._holes_before = {pair: set(holes) for pair, holes in self._holes.items()}

    def _take_part(self, event: SecurityEvent, payload: Restated) -> None:
        parts = self._parts[event.token, event.iss, payload.restatement_id]
        parts[payload.part] = Part(
            event.token,
            event.iss,
            payload.restatement_id,
            payload.part,
            payload.parts,
            payload.generation,
            event.n or 0,
            event.hash,
            [dict(record) for record in payload.records],
        )
        if len(parts) == payload.parts:
            self._replace(event, payload, sorted(parts.values(), key=lambda part: part.n))

    def _replace(self, event: SecurityEvent, payload: Restated, parts: Sequence[Part]) -> None:
        pair, last = (event.token, event.iss), parts[-1].n
        author = self.authors[pair]
        self._done |= {
            key for key, held in self._parts.items() if key[:2] == pair and max(p.n for p in held.values()) <= last
        }
        author.baseline_n, author.baseline_generation = last, payload.generation
        author.baseline_hashes = [jose.encode(part.hash) for part in parts]
        self._holes[pair] = {n for n in self._holes[pair] if n > last}
        self._replaced[pair] = max(last, self._replaced.get(pair, 0))
        self._records = {at: row for at, row in self._records.items() if at[:2] != pair or row["n"] > last}
        for part in parts:
            for record in restated_records(part.records):
                self._put(event, record.type, record.payload, part.n, part.hash)

    def _put(self, event: SecurityEvent, type_: EventType, payload: Any, n: int, digest: bytes) -> None:
        at = (event.token, event.iss, type_.record, type_.key_of(payload))
        if at in self._records and self._records[at]["n"] > n:
            return
        self._records[at] = {
            "token": event.token,
            "iss": event.iss,
            "record": type_.record,
            "key": at[3],
            "n": n,
            "hash": digest,
            "type": type_.name,
            "payload": schema.write(payload),
            "dropped": type_.change == "drop",
        }

    async def _flush_parts(self, session: AsyncSession, connection: AsyncConnection) -> None:
        waiting = []
        for key, parts in self._parts.items():
            if key not in self._done:
                waiting += [asdict(part) for part in parts.values() if (*key, part.part) not in self._parts_before]
            elif any(key == before[:3] for before in self._parts_before):
                at = tuple_(PARTS.c.token, PARTS.c.iss, PARTS.c.restatement_id) == key
                await connection.execute(delete(PARTS).where(at))
        await insert_many(session, PARTS, waiting)
