"""Streams: the office scrubs its end of both, compares them with the broker in one exchange, and mends either end."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import DomainError
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.judge import Verdict
from shared.exchange.lease import MayGoOn
from shared.exchange.reconciliation.discrepancies import Book, damaged
from shared.exchange.reconciliation.mending import Back, Mended, mend
from shared.exchange.reconciliation.scrubbing import scrub
from shared.exchange.stream.damage import Damage
from shared.exchange.stream.deliver import entries_at
from shared.exchange.stream.heads import Head, both_heads, lock_head
from shared.exchange.stream.receive import Item
from shared.institution.node import Node
from shared.institution.operations.exchange.applying import Arrival
from shared.institution.operations.exchange.receiving import judged
from shared.institution.operations.work import Work

MAX_ROUNDS = 500
"""Exchanges of at most 500 entries each way in one run; what is left waits for the next."""


async def mend_streams(node: Node, run: str | None, may_go_on: MayGoOn) -> None:
    """Scrub and mend both streams at both ends.

    :raises Unreachable: the broker did not answer; the run is taken up again later.
    :raises TurnLost: another process does it now.
    """
    for head in await _ends(node):
        damage = await scrub(node.db, head, may_go_on)
        async with node.db.write() as session:
            await Book(session, run, node.ids, node.now).note_damage(head, damage)
    for _ in range(MAX_ROUNDS):
        answer = await exchange(node)
        here = there = 0
        for head in await _ends(node):
            here += await _mend_ours(node, head, run)
            there += await _mend_theirs(node, head, answer["own" if head.owner == node.id else "mailbox"])
        if not here + there:
            break
    await _give_up_on_rest(node, run)


async def exchange(node: Node) -> dict[str, Any]:
    """Compare both streams with the broker in one call."""
    ends = {
        "own" if head.owner == node.id else "mailbox": {
            "incarnation": head.incarnation,
            "position": head.position,
            "chain": jose.encode(head.chain),
        }
        for head in await _ends(node)
    }
    answer: dict[str, Any] = await node.client.call("POST", "/v1/reconciliations/streams", ends)
    return answer


async def _ends(node: Node) -> list[Head]:
    async with node.db.read() as session:
        return await both_heads(session, node.id)


async def _mend_ours(node: Node, head: Head, run: str | None) -> int:
    """Ask the broker for what is damaged here; return how many positions stand again."""
    async with node.db.read() as session:
        wanted = await damaged(session, head)
    if not wanted:
        return 0
    path = f"/v1/streams/{head.owner}/{head.peer}/entries"
    answer = await node.client.call("POST", path, {"positions": wanted})
    given = {int(one["position"]): Item.of(one["set"], one.get("received_at")) for one in answer["entries"]}
    given = {position: item for position, item in given.items() if position in set(wanted)}
    verdicts = await judged(node, list(given.values()))
    async with node.db.write() as session:
        locked = await lock_head(session, head.owner, head.peer)
        if locked is None or locked.id != head.id:
            return 0
        still = set(await damaged(session, locked, limit=10_000))
        outcome = await mend(session, locked, Back(given, verdicts, still), node.now)
        await _note(Book(session, run, node.ids, node.now), locked, outcome, still)
        if head.owner == BROKER:
            await _apply(node, session, [(at, verdicts.get(given[at].hash)) for at in outcome.positions])
    return len(outcome.positions)


async def _note(book: Book, head: Head, outcome: Mended, still: set[int]) -> None:
    await book.settle(head, outcome.positions, "mended")
    await book.settle(head, outcome.otherwise, "unmended")
    if fresh := set(outcome.besides) - still:
        await book.note_damage(head, Damage(altered=sorted({*still, *fresh} - {*outcome.positions})))


async def _apply(node: Node, session: AsyncSession, entries: Sequence[tuple[int, Verdict | None]]) -> None:
    """Take in what never arrived; what was taken in before its row was lost changes nothing."""
    events = [(position, verdict.event) for position, verdict in entries if verdict and verdict.event]
    work = Work(node, session, node.ids.uuid7(), node.now)
    arrival = await Arrival.of(work, [event for _, event in events])
    for position, event in events:
        asks = event.type.goes_to == "members" and event.iss != BROKER
        if asks or (event.type.is_shared and not arrival.histories.awaits(event.token, event.iss, event.n or 0)):
            continue
        try:
            await arrival.apply(event, position)
        except DomainError:
            continue  # it was refused when it came, or would have been
    await arrival.finish()
    await work.finish()


async def _mend_theirs(node: Node, head: Head, answer: Mapping[str, Any]) -> int:
    """Give the broker what is damaged there, as far as it is whole here; return how many positions stand again."""
    if not answer["damaged"] or answer["incarnation"] != head.incarnation:
        return 0
    async with node.db.read() as session:
        ours = set(await damaged(session, head))
        wanted = [int(position) for position in answer["damaged"] if position not in ours]
        held = await entries_at(session, head, wanted) if wanted else {}
    if not held:
        return 0
    body = {"entries": [{"position": position, "set": entry.to_json()} for position, entry in held.items()]}
    given = await node.client.call("POST", f"/v1/streams/{head.owner}/{head.peer}/repairs", body)
    return len(given["mended"])


async def _give_up_on_rest(node: Node, run: str | None) -> None:
    """What neither end could mend needs people."""
    async with node.db.write() as session:
        book = Book(session, run, node.ids, node.now)
        for head in await both_heads(session, node.id):
            await book.settle(head, await damaged(session, head, limit=10_000), "unmended")
