"""A receiver's end of a stream against a plain list: whatever comes, and in whatever order, both hold the same."""

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from shared.domain.errors import DomainError
from shared.exchange.keys import SigningKey
from shared.exchange.sets import set_hash
from shared.exchange.stream.append import Entry, append_entries
from shared.exchange.stream.chain import chain_start, chains
from shared.exchange.stream.checkpoint import Mark, sign_checkpoint
from shared.exchange.stream.heads import Head, create_head, lock_head
from shared.exchange.stream.receive import Delivery, Item, take_delivery
from shared.exchange.stream.tables import EntryRow, ExchangeBase
from shared.runtime.database.engine import Database
from tests.exchange.builders import BROKER, KEYS, NOW, PUP, STRANGER, directory

INCARNATION, OTHER = "5f" * 16, "a0" * 16
AT = datetime.fromtimestamp(NOW, UTC)
KNOWN = directory()
sizes = st.integers(0, 4)
places = st.integers(0, 10_000)


def checkpoint(entries: Sequence[str], key: SigningKey = KEYS[PUP], incarnation: str = INCARNATION) -> str:
    """Sign what the chain is after all entries."""
    start = chain_start(PUP, BROKER, incarnation)
    chain = [start, *chains(start, [set_hash(text) for text in entries])][-1]
    mark = Mark(owner=PUP, peer=BROKER, incarnation=incarnation, position=len(entries), chain=chain, at=NOW)
    return sign_checkpoint(key, mark)


class Stream(RuleBasedStateMachine):
    """The owner's entries are a list; the receiver is the real code over a real database."""

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name) / 'stream.sqlite3'}"
        self.db = Database(self.url, synchronous="OFF")
        self.held: list[str] = []
        self.made = 0
        self.run(self._make())

    def run(self, doing: Any) -> Any:
        return self.loop.run_until_complete(doing)

    async def _make(self) -> None:
        async with self.db.connection() as connection:
            await connection.run_sync(ExchangeBase.metadata.create_all)
        async with self.db.write() as session:
            await create_head(session, PUP, BROKER, INCARNATION, AT)

    async def _head(self, session: Any) -> Head:
        head = await lock_head(session, PUP, BROKER)
        assert head is not None
        return head

    async def _deliver(self, first: int, texts: Sequence[str], signed: str, incarnation: str) -> int:
        async with self.db.write() as session:
            head = await self._head(session)
            items = [Item.of(text) for text in texts]
            delivery = Delivery(incarnation=incarnation, first=first, items=items, checkpoint=signed)
            new, _ = await take_delivery(session, head, delivery, KNOWN)
            await append_entries(session, head, [Entry(PUP, item.hash) for item in new], AT)
            return len(new)

    def deliver(self, first: int, texts: Sequence[str], signed: str, incarnation: str = INCARNATION) -> int | str:
        """Return how many entries were new, or the problem."""
        try:
            return int(self.run(self._deliver(first, texts, signed, incarnation)))
        except DomainError as refused:
            return refused.problem

    def fresh(self, size: int) -> list[str]:
        """Return entries that nobody has seen."""
        self.made += size
        return [f"set-{number}" for number in range(self.made - size, self.made)]

    @rule(size=sizes, back=sizes)
    def push(self, size: int, back: int) -> None:
        """Push new entries, with as much of the last ones again as a sender likes that missed an answer."""
        back, new = min(back, len(self.held)), self.fresh(size)
        texts = [*self.held[len(self.held) - back :], *new]
        assert self.deliver(len(self.held) - back + 1, texts, checkpoint([*self.held, *new])) == size
        self.held += new

    @rule(place=places, size=sizes)
    def push_again_from_the_middle(self, place: int, size: int) -> None:
        first = place % (len(self.held) + 1)
        part = self.held[first : first + size]
        assert self.deliver(first + 1, part, checkpoint(self.held[: first + len(part)])) == 0

    @rule(gap=st.integers(1, 5), size=sizes)
    def leave_some_out(self, gap: int, size: int) -> None:
        missing, new = self.fresh(gap), self.fresh(size)
        signed = checkpoint([*self.held, *missing, *new])
        assert self.deliver(len(self.held) + gap + 1, new, signed) == "stream-gap"

    @precondition(lambda self: self.held)
    @rule(place=places, size=sizes)
    def say_something_else_of_the_past(self, place: int, size: int) -> None:
        at = place % len(self.held)
        texts = [*self.fresh(1), *self.held[at + 1 :], *self.fresh(size)]
        signed = checkpoint([*self.held[:at], *texts])
        assert self.deliver(at + 1, texts, signed) == "stream-fork"

    @rule(size=st.integers(1, 4), place=places)
    def truncate(self, size: int, place: int) -> None:
        """Lose the tail of a delivery, or one of its middle, on the way."""
        new = self.fresh(size)
        left_out = place % size
        texts = [text for at, text in enumerate(new) if at != left_out]
        assert self.deliver(len(self.held) + 1, texts, checkpoint([*self.held, *new])) == "stream-checkpoint"

    @rule(size=st.integers(2, 4))
    def reorder(self, size: int) -> None:
        new = self.fresh(size)
        assert self.deliver(len(self.held) + 1, new[::-1], checkpoint([*self.held, *new])) == "stream-checkpoint"

    @rule(size=st.integers(1, 4), how=st.sampled_from(["stranger", "other incarnation", "no token", "old"]))
    def sign_wrong(self, size: int, how: str) -> None:
        new = self.fresh(size)
        signed = {
            "stranger": checkpoint([*self.held, *new], STRANGER),
            "other incarnation": checkpoint([*self.held, *new], incarnation=OTHER),
            "no token": "x.y.z",
            "old": checkpoint(self.held),
        }[how]
        assert self.deliver(len(self.held) + 1, new, signed) == "stream-checkpoint"

    @rule(size=sizes)
    def come_from_another_incarnation(self, size: int) -> None:
        new = self.fresh(size)
        signed = checkpoint([*self.held, *new], incarnation=OTHER)
        assert self.deliver(len(self.held) + 1, new, signed, OTHER) == "stream-fork"

    @rule()
    def restart(self) -> None:
        self.run(self.db.close())
        self.db = Database(self.url, synchronous="OFF")

    @invariant()
    def it_holds_what_the_owner_said(self) -> None:
        if not hasattr(self, "db"):
            return
        position, chain, hashes = self.run(self._seen())
        start = chain_start(PUP, BROKER, INCARNATION)
        expected = [set_hash(text) for text in self.held]
        assert (position, hashes) == (len(self.held), expected)
        assert chain == [start, *chains(start, expected)][-1]

    async def _seen(self) -> tuple[int, bytes, list[bytes]]:
        async with self.db.read() as session:
            head = await self._head(session)
            hashes = await session.scalars(select(EntryRow.hash).order_by(EntryRow.position))
            return head.position, head.chain, list(hashes)

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.run(self.db.close())
            self.loop.close()
            self.folder.cleanup()


TestStream = Stream.TestCase
TestStream.settings = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=settings().max_examples // 5,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow],
)
