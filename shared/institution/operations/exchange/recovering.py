"""After a start, before the first push: the two ends compare heads; a restored office gets back what it disclosed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NoReturn

import structlog
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.payloads.erasing import Erased
from shared.domain.events.payloads.people import Restated
from shared.domain.events.payloads.support import Decided
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.client.broker import Unreachable
from shared.exchange.history.take import Histories
from shared.exchange.judge import Verdict
from shared.exchange.sets import SecurityEvent, SignedSet
from shared.exchange.stream.append import Entry, append_entries, store_sets
from shared.exchange.stream.deliver import MAX_SETS
from shared.exchange.stream.heads import Head, StreamFork, find_head, lock_head, mark_at
from shared.exchange.stream.receive import Item
from shared.exchange.stream.tables import ReceiptRow
from shared.institution.node import Node
from shared.institution.operations.benefit import papers
from shared.institution.operations.erased import count_erased, follow
from shared.institution.operations.erasing.again import erase_again
from shared.institution.operations.exchange import forks
from shared.institution.operations.exchange.receiving import judged
from shared.institution.operations.moving import named_events
from shared.institution.operations.recovered import stand_as_told
from shared.institution.operations.work import Work
from shared.institution.tables import ChangeHeadRow, ClientRow, ToldBeforeRow
from shared.runtime.database.bulk import table_of

_RECEIPTS = table_of(ReceiptRow)
_COMPARED = update(ChangeHeadRow).where(ChangeHeadRow.uncompared.is_not(None)).values(uncompared=None)
_LAST_RECEIPT = select(func.max(_RECEIPTS.c.position)).where(_RECEIPTS.c.stream_id == bindparam("of_stream"))


async def compare_once(node: Node) -> None:
    """Compare heads after a start, before any mail is taken: the office may answer mail by writing to its stream.

    An office restored from an older copy that answered first would have signed another past than the broker holds.

    :raises StreamFork: as ``compare_heads``; what is forked already cannot be forked by mail, so that goes on.
    """
    async with node.comparing:
        if not node.heads_compared:
            await _compared(node)


async def compare_heads(node: Node) -> int:
    """Return how far the broker has the office's stream; bring the office's end up to it where it is behind.

    :raises StreamFork: the two ends hold different pasts; both words are kept as evidence.
    """
    async with node.comparing:
        return await _compared(node)


async def _compared(node: Node) -> int:
    try:
        position = await _compare(node)
    except StreamFork:
        node.heads_compared = True
        raise
    async with node.db.write() as session:
        await session.execute(_COMPARED)
    node.heads_compared = True
    return position


async def _compare(node: Node) -> int:
    answer = await node.client.call("GET", f"/v1/streams/{node.id}/{BROKER}/head")
    position = int(answer["position"])
    if answer["incarnation"] is None:
        return 0
    async with node.db.read() as session:
        head = await find_head(session, node.id, BROKER)
        if head is None:
            raise LookupError("The node was not started: its stream does not exist yet.")
        common = await mark_at(session, head, min(position, head.position))
        received = await last_receipt(session, head)
    if answer["incarnation"] != head.incarnation:
        await _refuse_fork(node, answer)
    elif position < received and jose.encode(common.chain) == answer["chain"]:
        await forks.keep_loss(node, answer)  # the broker was restored from a copy: it gets the rest once more
    elif position <= head.position:
        if jose.encode(common.chain) != answer["chain"]:
            await _refuse_fork(node, answer)
    else:
        path = f"/v1/streams/{node.id}/{BROKER}/head?at={head.position}"
        there = await node.client.call("GET", path)
        if jose.encode(common.chain) != there["chain"]:
            await _refuse_fork(node, there)
        await _recover_tail(node, head.position, position, answer)
    return position


async def last_receipt(session: AsyncSession, head: Head) -> int:
    """Return the last position that the broker has signed for."""
    return await session.scalar(_LAST_RECEIPT, {"of_stream": head.id}) or 0


async def _recover_tail(node: Node, ours: int, theirs: int, answer: dict[str, Any]) -> None:
    """Fetch what this office signed and lost, check it against the chain, and take it back."""
    structlog.get_logger().warning("the broker is ahead; taking back what was disclosed", ours=ours, theirs=theirs)
    while ours < theirs:
        wanted = list(range(ours + 1, min(theirs, ours + MAX_SETS) + 1))
        tail = await node.client.call("POST", f"/v1/streams/{node.id}/{BROKER}/entries", {"positions": wanted})
        items = [Item.of(entry["set"], entry.get("received_at")) for entry in tail["entries"]]
        positions = [entry["position"] for entry in tail["entries"]]
        if not items or positions != wanted[: len(items)]:
            raise Unreachable("The broker did not give the tail of the stream in order.")
        verdicts = await judged(node, items)
        async with node.db.write() as session:
            ours = await _take_back(session, node, ours, items, verdicts)
    async with node.db.read() as session:
        head = await find_head(session, node.id, BROKER)
    if head is None or jose.encode(head.chain) != answer["chain"]:
        await _refuse_fork(node, answer)


async def _take_back(
    session: AsyncSession, node: Node, ours: int, items: Sequence[Item], verdicts: dict[bytes, Verdict]
) -> int:
    head = await lock_head(session, node.id, BROKER)
    if head is None or head.position != ours:
        raise Unreachable("The stream moved while its tail was taken back; starting again.")
    events = await named_events(session, own_events(node, items, verdicts))
    histories = await Histories.load(session, {(e.token, e.iss) for e in events.values() if e.type.is_shared})
    for event in events.values():
        if isinstance(event.payload, Erased):
            count_erased(histories, event, event.payload, shares=True)
        elif event.type.is_shared:
            histories.take(event)
    await _note_told(session, node, histories, {e.token for e in events.values() if isinstance(e.payload, Restated)})
    await histories.flush(session)
    work = Work(node, session, node.ids.uuid7(), node.now)
    await keep_own_sets(session, node, items, events)
    states = ["kept" if item.hash in events else "refused" if item.text else "erased" for item in items]
    entries = [Entry(node.id, item.hash, state) for item, state in zip(items, states, strict=True)]
    await append_entries(session, head, entries, node.now)
    await follow(session, [event for event in events.values() if isinstance(event.payload, Erased)])
    await stand_as_told(work, events.values())
    await erase_again(work, events.values())
    await work.finish()
    return head.position


async def _note_told(session: AsyncSession, node: Node, histories: Histories, tokens: Collection[str]) -> None:
    """Note in which generation the office told all of some people, up to its last part, before it lost its file.

    What was changed since counts from its first start on the older copy: its own systems may have reached it before it
    reached the broker.
    """
    head = await session.get_one(ChangeHeadRow, 1)
    changes = head.number if head.uncompared is None else head.uncompared
    for token in sorted(tokens):
        generation = histories.authors[token, node.id].baseline_generation
        if generation is not None:
            await session.merge(ToldBeforeRow(token=token, generation=generation, changes=changes))


def own_events(node: Node, items: Sequence[Item], verdicts: Mapping[bytes, Verdict]) -> dict[bytes, SecurityEvent]:
    """Return what of the office's own came back and holds, by hash and in its order."""
    judged_items = ((item, verdicts.get(item.hash)) for item in items)
    return {item.hash: one.event for item, one in judged_items if one and one.event and one.iss == node.id}


async def keep_own_sets(
    session: AsyncSession, node: Node, items: Sequence[Item], events: Mapping[bytes, SecurityEvent]
) -> None:
    """Keep the bytes of what the office signed and lost, and the decisions among it."""
    work = Work(node, session, node.ids.uuid7(), node.now)
    decided = {event.token for event in events.values() if isinstance(event.payload, Decided)}
    rows = await session.execute(select(ClientRow.token, ClientRow.id).where(ClientRow.token.in_(decided)))
    owners = {row.token: row.id for row in rows}
    kept = []
    for item in items:
        event = events.get(item.hash)
        if event and item.text:
            kept.append(SignedSet(event.iss, event.jti, item.text, event.hash, event.token, event.n))
            if isinstance(event.payload, Decided) and event.token in owners:
                await papers.note_decision(work, owners[event.token], event)
    await store_sets(session, kept, node.now)


async def _refuse_fork(node: Node, answer: Mapping[str, Any]) -> NoReturn:
    await forks.keep_own(node, answer)
    raise StreamFork(
        expected="one past at both ends", received=f"position {answer['position']} of {answer['incarnation']}"
    )
