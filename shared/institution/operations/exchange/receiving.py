"""Receiving the mailbox: every SET is judged, then applied in order, in one transaction with its position.

What fails its own signature, key, type or schema is kept aside and tried again (after an upgrade, after a newer
directory); the chain goes on, nothing blocks what follows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.domain.errors import DomainError
from shared.domain.institutions import BROKER
from shared.exchange.client.broker import Unreachable
from shared.exchange.judge import Verdict, judge_all
from shared.exchange.sets import NotShared, SecurityEvent, SetEquivocation, SignedSet
from shared.exchange.stream.append import Entry, append_entries, store_sets
from shared.exchange.stream.dead_letters import bury
from shared.exchange.stream.heads import Head, create_head, lock_head
from shared.exchange.stream.receive import Delivery, Item, take_delivery
from shared.institution.node import Node
from shared.institution.operations.benefit.papers import place_of
from shared.institution.operations.exchange.applying import Arrival
from shared.institution.operations.held import already_gone, already_held
from shared.institution.operations.work import Work


async def receive(node: Node, answer: Mapping[str, Any]) -> int:
    """Take what a poll brought; return how many entries were new.

    :raises StreamFork: the two ends hold different pasts.
    :raises StreamCheckpoint: the broker's checkpoint does not fit.
    """
    delivery = Delivery(
        incarnation=str(answer["incarnation"]),
        first=int(answer["from"]),
        items=[Item.of(one["set"], one.get("received_at")) for one in answer["sets"]],
        checkpoint=str(answer["checkpoint"]),
    )
    verdicts = await judged(node, delivery.items)
    async with node.db.write() as session:
        head = await lock_head(session, BROKER, node.id)
        if head is None:
            head = await create_head(session, BROKER, node.id, delivery.incarnation, node.now)
        directory = node.trust.directory
        if directory is None:
            raise Unreachable("There is no directory to check the delivery with.")
        new, _ = await take_delivery(session, head, delivery, directory)
        if new:
            work = Work(node, session, node.ids.uuid7(), node.now)
            head.peer_checkpoint = delivery.checkpoint
            await _apply_all(work, head, [verdicts.get(item.hash) or Verdict(item.hash, "") for item in new])
            await work.finish()
    return len(new)


async def judged(node: Node, items: Sequence[Item]) -> dict[bytes, Verdict]:
    """Judge SETs; where a key is unknown, first look for a newer directory, then for the key by its name."""
    directory = node.trust.directory
    if directory is None:
        raise Unreachable("There is no directory to check signatures with.")
    federation, threads = node.identity.federation, node.threads
    received = {item.text: item.received_at for item in items if item.text is not None}
    texts = list(received)
    verdicts = await judge_all(texts, federation, directory, threads=threads, received=received)
    unknown = {verdict.unknown_key for verdict in verdicts if verdict.unknown_key}
    if unknown and await _learn_keys(node, unknown):
        directory = node.trust.directory or directory
        verdicts = await judge_all(texts, federation, directory, threads=threads, received=received)
    return {verdict.hash: verdict for verdict in verdicts}


async def _learn_keys(node: Node, unknown: set[tuple[str, str]]) -> bool:
    try:
        learnt = await node.trust.refresh(unknown_key=True)
        for iss, kid in sorted(unknown):
            directory = node.trust.directory
            if directory is not None and not directory.knows_key(iss, kid):
                learnt = await node.trust.fetch_key(iss, kid) or learnt
    except Unreachable:
        return False
    return learnt


async def _apply_all(work: Work, head: Head, verdicts: Sequence[Verdict]) -> None:
    """Apply new entries in order; store what is taken, and what may be taken later."""
    held = await already_held(work.session, [(verdict.iss, verdict.hash) for verdict in verdicts])
    gone = await already_gone(work.session, [verdict.hash for verdict in verdicts])
    verdicts = [Verdict(verdict.hash, "", iss=verdict.iss) if verdict.hash in gone else verdict for verdict in verdicts]
    arrival = await Arrival.of(work, [verdict.event for verdict in verdicts if verdict.event])
    verdicts = [_named(arrival, verdict) for verdict in verdicts]
    entries: list[Entry] = []
    kept: list[SignedSet] = []
    for position, verdict in enumerate(verdicts, head.position + 1):
        state, failure = await _taken(arrival, verdict, place_of(head.id, position), held)
        entries.append(Entry(verdict.iss or BROKER, verdict.hash, state))
        if failure is not None:
            counted = isinstance(failure, NotShared) and await arrival.is_leaving(verdict.token)
            ids, at = work.node.ids, work.now
            await bury(work.session, head, position, verdict, failure, ids=ids, at=at, counted=counted)
        if verdict.text and state in ("kept", "aside"):
            kept.append(_signed(verdict))
        work.node.metrics.sets.labels("applied" if state == "kept" else state).inc()
    await store_sets(work.session, kept, work.now)
    await append_entries(work.session, head, entries, work.now)
    await arrival.finish()


async def _taken(arrival: Arrival, verdict: Verdict, place: int, held: set[bytes]) -> tuple[str, DomainError | None]:
    """Apply one entry; return the state it is stored in, and why it was not taken."""
    if not verdict.text:
        return "erased", None
    if verdict.hash in held:
        return "again", None
    if verdict.event is None:
        return "aside", verdict.failure
    try:
        await arrival.apply(verdict.event, place)
    except NotShared as failure:
        return "refused", failure
    except SetEquivocation as failure:
        return "aside", failure
    except DomainError as failure:
        return "aside", failure
    held.add(verdict.hash)
    return "kept", None


def _named(arrival: Arrival, verdict: Verdict) -> Verdict:
    """Put a verdict under the token by which its client goes here: what is stored is found by it."""
    if verdict.event is None or verdict.event.token not in arrival.names:
        return verdict
    event = arrival.named(verdict.event)
    return replace(verdict, event=event, token=event.token)


def _signed(verdict: Verdict) -> SignedSet:
    event: SecurityEvent | None = verdict.event
    jti = event.jti if event else ""
    token = verdict.token or ""
    return SignedSet(verdict.iss[:32], jti, verdict.text, verdict.hash, token, verdict.n, verdict.received_at)
