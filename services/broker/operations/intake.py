"""Intake: a push is checked as a whole, its SETs are judged one by one, stored under the sender's head, and noted.

Intake touches the sender's stream alone; what the SETs mean for others is the relay's work (WIRE.md, section 6).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.epochs.names import names_of
from services.broker.node import RELAY, Broker
from services.broker.operations import forks, quotas
from services.broker.operations.relay.naming import in_force, require_key
from services.broker.operations.standing import is_parting_on_its_way, require_shared
from services.broker.tables import MembershipRow, RelayNoteRow
from shared.domain.errors import DomainError
from shared.domain.events.payloads.erasing import Erased
from shared.domain.events.payloads.people import Enrolled
from shared.domain.events.types import SetNotPermitted
from shared.domain.institutions import BROKER
from shared.exchange.judge import Verdict, judge_all
from shared.exchange.match_keys import MatchKeyEnded
from shared.exchange.sets import SecurityEvent, SetEquivocation, SignedSet
from shared.exchange.stream import letters
from shared.exchange.stream.append import Entry, append_entries, store_sets
from shared.exchange.stream.checkpoint import sign_receipt
from shared.exchange.stream.dead_letters import bury, errors_after
from shared.exchange.stream.heads import Head, StreamFork, create_head, lock_head, mark_of
from shared.exchange.stream.receive import Delivery, take_delivery
from shared.exchange.stream.tables import SetRow
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.database.engine import connection_of

_SETS = table_of(SetRow)
_MEMBERSHIPS = table_of(MembershipRow)
_HELD = select(_SETS.c.jti, _SETS.c.hash).where(
    _SETS.c.iss == bindparam("owner"), _SETS.c.jti.in_(bindparam("jtis", expanding=True))
)
_SHARED = select(_MEMBERSHIPS.c.token).where(
    _MEMBERSHIPS.c.institution == bindparam("owner"),
    or_(_MEMBERSHIPS.c.present.is_(True), _MEMBERSHIPS.c.held.is_(True)),
    _MEMBERSHIPS.c.token.in_(bindparam("tokens", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a push."""

    position: int
    receipt: str
    set_errors: Sequence[Mapping[str, Any]]


async def push(broker: Broker, owner: str, delivery: Delivery, errors_seen: int) -> Accepted:
    """Take a push of a member's own stream.

    :raises StreamGap: it begins beyond the next position.
    :raises StreamFork: the two ends hold different pasts.
    :raises StreamCheckpoint: the checkpoint does not fit.
    :raises SetNotPermitted: a SET is of another issuer.
    :raises RateLimited: a quota of the owner is spent.
    """
    texts = [item.text for item in delivery.items if item.text is not None]
    amounts = {"sets": len(delivery.items), "bytes": sum(map(len, texts))}
    if delivery.items:
        async with broker.db.read() as session:
            await quotas.require_room(session, broker, owner, amounts)
    try:
        return await _judge_and_take(broker, owner, delivery, texts, amounts, errors_seen)
    except quotas.RateLimited:
        raise
    except DomainError:
        async with broker.db.write() as session:  # what was refused cost as much work as what is taken
            await quotas.count(session, broker, owner, amounts)
        raise


async def _judge_and_take(
    broker: Broker,
    owner: str,
    delivery: Delivery,
    texts: Sequence[str],
    amounts: Mapping[str, int],
    errors_seen: int,
) -> Accepted:
    verdicts = await judge_all(texts, broker.identity.federation, broker.directory, threads=broker.threads)
    if any(verdict.iss not in ("", owner) for verdict in verdicts):
        raise SetNotPermitted("A member pushes SETs of its own alone.", expected=f"iss {owner}")
    judged = {verdict.hash: verdict for verdict in verdicts}
    try:
        return await _take(broker, owner, delivery, judged, amounts, errors_seen)
    except StreamFork:
        await forks.keep_push(broker, owner, delivery)
        raise


async def _take(
    broker: Broker,
    owner: str,
    delivery: Delivery,
    judged: Mapping[bytes, Verdict],
    amounts: Mapping[str, int],
    errors_seen: int,
) -> Accepted:
    async with broker.db.write() as session:
        head = await _head(session, broker, owner, delivery)
        await quotas.count(session, broker, owner, amounts)
        new, mark = await take_delivery(session, head, delivery, broker.directory)
        if new:
            head.peer_checkpoint = delivery.checkpoint
            await _store(session, broker, head, [judged.get(item.hash) or Verdict(item.hash, "") for item in new])
        elif delivery.last < head.position:
            mark = mark_of(head)
        receipt = sign_receipt(broker.key, mark_of(head) if new else mark)
        errors = await errors_after(session, head, errors_seen)
        position = head.position
    if new:
        broker.bells.ring(RELAY)
        broker.metrics.sets.labels("received").inc(len(new))
    return Accepted(position, receipt, errors)


async def _head(session: AsyncSession, broker: Broker, owner: str, delivery: Delivery) -> Head:
    head = await lock_head(session, owner, BROKER)
    if head is None:
        head = await create_head(session, owner, BROKER, delivery.incarnation, broker.now)
    return head


async def _store(session: AsyncSession, broker: Broker, head: Head, verdicts: Sequence[Verdict]) -> None:
    """Store new entries: the bytes of what is taken, position, hash and problem of what is refused."""
    now, first = broker.now, head.position + 1
    verdicts = [_in_force(broker, verdict) for verdict in verdicts]
    names = await names_of(session, broker.directory.match_keys, sorted({v.event.token for v in verdicts if v.event}))
    held = await _held(session, head.owner, [verdict.event.jti for verdict in verdicts if verdict.event])
    refusals = await _refusals(session, broker, head.owner, verdicts, dict(held), names)
    signed_under = {verdict.hash: verdict.token for verdict in verdicts}
    verdicts = [_named(verdict, names, refusals) for verdict in verdicts]
    entries = [Entry(head.owner, verdict.hash, _state(verdict, refusals, held)) for verdict in verdicts]
    kept = [
        _signed(verdict.event, verdict.text)
        for verdict, entry in zip(verdicts, entries, strict=True)
        if verdict.event and entry.state == "kept"
    ]
    await store_sets(session, kept, now)
    await append_entries(session, head, entries, now)
    await letters.answer(session, *_taken_and_refused(verdicts, refusals))
    for position, verdict in enumerate(verdicts, first):
        if failure := refusals.get(verdict.hash):
            counted = isinstance(failure, MatchKeyEnded) or await is_parting_on_its_way(
                session, failure, head, position, (verdict.token, signed_under[verdict.hash])
            )
            await bury(session, head, position, verdict, failure, ids=broker.ids, at=now, counted=counted)
    note = {"stream_id": head.id, "position": head.position}
    await insert_many(session, table_of(RelayNoteRow), [note])


def _in_force(broker: Broker, verdict: Verdict) -> Verdict:
    event = in_force(broker.directory.match_keys, verdict.event) if verdict.event else None
    return verdict if event is None else replace(verdict, event=event, token=event.token)


def _named(verdict: Verdict, names: Mapping[str, str], refusals: Mapping[bytes, DomainError]) -> Verdict:
    """Put a verdict under the name of its person; a token that has ended is kept nowhere."""
    if isinstance(refusals.get(verdict.hash), MatchKeyEnded):
        return replace(verdict, token=None)
    name = names.get(verdict.token or "")
    if name is None:
        return verdict
    return replace(verdict, token=name, event=verdict.event and replace(verdict.event, token=name))


def _taken_and_refused(
    verdicts: Sequence[Verdict], refusals: Mapping[bytes, DomainError]
) -> tuple[Sequence[SecurityEvent], Collection[tuple[str, int]]]:
    """Return what is taken, and tokens and counts of what is not: parts that a restatement of the same push lacks."""
    taken = [verdict.event for verdict in verdicts if verdict.event and verdict.hash not in refusals]
    return taken, {(one.token, one.n) for one in verdicts if one.token and one.n and one.hash in refusals}


def _signed(event: SecurityEvent, text: str) -> SignedSet:
    return SignedSet(event.iss, event.jti, text, event.hash, event.token, event.n)


def _state(verdict: Verdict, refusals: Mapping[bytes, DomainError], held: dict[str, bytes]) -> str:
    """Return how an entry is stored; ``again`` is one whose very bytes are held already: it is relayed once."""
    if not verdict.text:
        return "erased"
    if verdict.event is None or verdict.hash in refusals:
        return "refused"
    if held.get(verdict.event.jti) == verdict.hash:
        return "again"
    held[verdict.event.jti] = verdict.hash
    return "kept"


async def _refusals(
    session: AsyncSession,
    broker: Broker,
    owner: str,
    verdicts: Sequence[Verdict],
    held: dict[str, bytes],
    names: Mapping[str, str],
) -> dict[bytes, DomainError]:
    """Return why each SET that is not taken is refused, by hash."""
    refused = {verdict.hash: verdict.failure for verdict in verdicts if verdict.failure}
    events = [verdict.event for verdict in verdicts if verdict.event]
    told = {names.get(e.token, e.token) for e in events if e.type.relation == "member"}
    shared = await _shared_tokens(session, owner, sorted(told))
    for event in events:
        try:
            if held.setdefault(event.jti, event.hash) != event.hash:
                raise SetEquivocation("The id of the SET was used for other bytes.")
            if not (event.type.is_of_run or isinstance(event.payload, Erased)):
                broker.directory.match_keys.require_epoch(event.token)
            if event.type.relation == "member":
                require_shared(names.get(event.token, event.token) in shared)
            if isinstance(event.payload, Enrolled):
                require_key(broker.directory.match_keys, event.token, event.payload)
        except DomainError as failure:
            refused[event.hash] = failure
    return refused


async def _held(session: AsyncSession, owner: str, jtis: Sequence[str]) -> dict[str, bytes]:
    if not jtis:
        return {}
    connection = await connection_of(session)
    return {row.jti: row.hash for row in await connection.execute(_HELD, {"owner": owner, "jtis": list(jtis)})}


async def _shared_tokens(session: AsyncSession, owner: str, tokens: Sequence[str]) -> set[str]:
    if not tokens:
        return set()
    connection = await connection_of(session)
    return set((await connection.execute(_SHARED, {"owner": owner, "tokens": list(tokens)})).scalars())
