"""A unit of work: domain writes, what leaves the office, and the change feed, in one transaction.

There is no other outbox than the stream itself: an event is signed and appended in the transaction of its write.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.types import event_type
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.history.take import Histories
from shared.exchange.sets import Draft, SecurityEvent, SignedSet, sign_set
from shared.exchange.stream.append import append_sets
from shared.exchange.stream.heads import Head, lock_head
from shared.institution.node import PUSH, Node
from shared.institution.tables import ChangeRow, FormerTokenRow
from shared.runtime.clock import unix
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.database.engine import after_commit, connection_of

_SAME_PERSON = "ON CONFLICT (token, client_id) DO UPDATE SET alias = excluded.alias"
_MOVE_CHANGES = text("UPDATE change_head SET number = number + :by WHERE id = 1 RETURNING number")


@dataclass
class Work:
    """What one transaction will tell: drafts of events, and lines of the change feed."""

    node: Node
    session: AsyncSession
    txn: str
    now: datetime
    _drafts: list[tuple[str, str, Any]] = field(default_factory=list)
    _changes: list[dict[str, Any]] = field(default_factory=list)
    _aliases: dict[tuple[str, str], None] = field(default_factory=dict)
    signed: list[SignedSet] = field(default_factory=list)

    def tell(self, name: str, token: str, payload: Any) -> None:
        """Tell the broker, and through it the other members, an event about a person."""
        self._drafts.append((name, token, payload))

    def changed(self, kind: str, record_id: str, client_id: str | None, change: str) -> None:
        """Put a line into the change feed of the office's own systems."""
        self._changes.append({"kind": kind, "record_id": record_id, "client_id": client_id, "change": change})

    def known_as(self, token: str, client_id: str) -> None:
        """Note another token of the same client, by another match key."""
        self._aliases[token, client_id] = None

    async def finish(self) -> None:
        """Sign and append the events, number the changes. The last thing a transaction does."""
        await self.session.flush()
        if self._aliases:
            rows = [{"token": token, "client_id": client, "alias": True} for token, client in sorted(self._aliases)]
            await insert_many(self.session, table_of(FormerTokenRow), rows, conflict=_SAME_PERSON)
            self._aliases.clear()
        if self._drafts:
            await self._append()
            self._drafts.clear()
        if self._changes:
            await self._number()
            self._changes.clear()

    async def _append(self) -> None:
        head = await own_head(self.session, self.node)
        types = [event_type(name) for name, _, _ in self._drafts]
        shared = [token for (_, token, _), type_ in zip(self._drafts, types, strict=True) if type_.is_shared]
        histories = await Histories.load(self.session, {(token, self.node.id) for token in shared}, own=True)
        key = self.node.key
        for (_, token, payload), type_ in zip(self._drafts, types, strict=True):
            author = histories.authors.get((token, self.node.id)) if type_.is_shared else None
            draft = Draft(
                type=type_,
                token=token,
                payload=payload,
                jti=self.node.ids.uuid7(),
                txn=self.txn,
                at=unix(self.now),
                n=(author.n + 1 if author else 1) if type_.is_shared else None,
                prev=author.hash if author else None,
            )
            signed = sign_set(key, self.node.id, self.node.identity.federation, draft)
            self.signed.append(signed)
            if type_.is_shared:
                histories.take(_as_event(draft, signed))
        await histories.flush(self.session)
        await append_sets(self.session, head, self.signed, self.now)
        after_commit(self.session, lambda: self.node.bells.ring(PUSH))

    async def _number(self) -> None:
        connection = await connection_of(self.session)
        moved = await connection.execute(_MOVE_CHANGES, {"by": len(self._changes)})
        first = int(moved.scalar_one()) - len(self._changes) + 1
        rows = [change | {"number": number, "at": self.now} for number, change in enumerate(self._changes, first)]
        table = table_of(ChangeRow)
        await insert_many(self.session, table, rows)


async def own_head(session: AsyncSession, node: Node) -> Head:
    """Return the locked head of the office's own stream to the broker."""
    head = await lock_head(session, node.id, BROKER)
    if head is None:
        raise LookupError("The node was not started: its stream does not exist yet.")
    return head


def _as_event(draft: Draft, signed: SignedSet) -> SecurityEvent:
    return SecurityEvent(
        iss=signed.iss,
        iat=draft.at,
        jti=draft.jti,
        toe=draft.at,
        txn=draft.txn,
        token=draft.token,
        type=draft.type,
        payload=draft.payload,
        n=draft.n,
        prev=jose.encode(draft.prev) if draft.prev else None,
        hash=signed.hash,
    )
