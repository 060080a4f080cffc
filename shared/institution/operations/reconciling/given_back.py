"""What the broker has of the office's stream and the office lost: given back, checked against its chain, and kept.

An office that was restored from a copy of before it began anew lost what it told in each incarnation since.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.errors import Conflict
from shared.domain.events.payloads.erasing import Erased
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.client.broker import Unreachable
from shared.exchange.history.take import Histories
from shared.exchange.sets import SecurityEvent
from shared.exchange.stream.chain import chain_start, chains
from shared.exchange.stream.deliver import MAX_SETS
from shared.exchange.stream.heads import Head, find_incarnation, mark_at
from shared.exchange.stream.receive import Item
from shared.institution.node import Node
from shared.institution.operations.erased import follow
from shared.institution.operations.erasing.again import erase_again
from shared.institution.operations.exchange.receiving import judged
from shared.institution.operations.exchange.recovering import keep_own_sets, own_events
from shared.institution.operations.moving import named_events
from shared.institution.operations.recovered import says_who_is_enrolled
from shared.institution.operations.suspicions import stand_as_answered
from shared.institution.operations.work import Work

MAX_GIVEN_UP = 100
"""So many incarnations are asked for at most: each is an official's decision after a loss."""


class NoFork(Conflict):
    """Both ends hold one past; there is nothing to begin anew."""


@dataclass(frozen=True, slots=True)
class End:
    """How far an incarnation of the office's stream goes at the broker, and its chain there."""

    incarnation: str
    position: int
    chain: str


async def ends_there(node: Node) -> list[End]:
    """Return the incarnations that the broker holds of the office's stream, up to the last that the office knows.

    The oldest stands first: an office that was restored from a copy of before it began anew lost what it told in each.

    :raises NoFork: the broker holds nothing of it.
    """
    ends: list[End] = []
    wanted: str | None = ""
    while wanted is not None and len(ends) < MAX_GIVEN_UP:
        path = f"/v1/streams/{node.id}/{BROKER}/head" + (f"?incarnation={wanted}" if wanted else "")
        answer = await node.client.call("GET", path)
        if answer["incarnation"] is None:
            raise NoFork()
        ends.insert(0, End(str(answer["incarnation"]), int(answer["position"]), str(answer["chain"])))
        async with node.db.read() as session:
            known = await find_incarnation(session, node.id, BROKER, ends[0].incarnation)
        wanted = None if known is not None else answer.get("before")
    return ends


async def common_with(node: Node, ours: Head, end: End) -> int:
    """Return the last position up to which both ends hold the same, found by halving."""
    low, high = 0, min(ours.position, end.position)
    path = f"/v1/streams/{node.id}/{BROKER}/head?incarnation={end.incarnation}"
    while low < high:
        middle = (low + high + 1) // 2
        there = await node.client.call("GET", f"{path}&at={middle}")
        async with node.db.read() as session:
            here = await mark_at(session, ours, middle)
        low, high = (middle, high) if jose.encode(here.chain) == there["chain"] else (low, middle - 1)
    return low


async def take_back(node: Node, end: End, after: int, last: dict[str, SecurityEvent]) -> int:
    """Fetch what lies behind a position, check it against the chain that the broker signed, and keep it.

    ``last`` is told the last word on each client, enrolled or withdrawn: only after all is known how clients stand.
    """
    async with node.db.read() as session:
        head = await find_incarnation(session, node.id, BROKER, end.incarnation)
        chain = (await mark_at(session, head, after)).chain if head else chain_start(node.id, BROKER, end.incarnation)
    at = after
    while at < end.position:
        wanted = list(range(at + 1, min(end.position, at + MAX_SETS) + 1))
        asked = {"positions": wanted, "incarnation": end.incarnation}
        tail = await node.client.call("POST", f"/v1/streams/{node.id}/{BROKER}/entries", asked)
        items = [Item.of(entry["set"], entry.get("received_at")) for entry in tail["entries"]]
        if not items or [entry["position"] for entry in tail["entries"]] != wanted[: len(items)]:
            raise Unreachable("The broker did not give the stream in order.")
        *_, chain = chains(chain, (item.hash for item in items))
        await _keep(node, items, last)
        at += len(items)
    if jose.encode(chain) != end.chain:
        raise Unreachable("What the broker gave back is not what it signed for.")
    return end.position - after


async def _keep(node: Node, items: Sequence[Item], last: dict[str, SecurityEvent]) -> None:
    verdicts = await judged(node, items)
    told = own_events(node, items, verdicts)
    async with node.db.write() as session:
        events = await named_events(session, told)
        await keep_own_sets(session, node, items, events)
        shared = [event for event in events.values() if event.type.is_shared]
        histories = await Histories.load(session, {(event.token, event.iss) for event in shared})
        for event in shared:
            histories.recover(event)
        await histories.flush(session)
        await follow(session, [event for event in events.values() if isinstance(event.payload, Erased)])
        work = Work(node, session, node.ids.uuid7(), node.now)
        await stand_as_answered(work, events.values())
        await erase_again(work, events.values())
        await work.finish()
    last |= {event.token: event for event in events.values() if says_who_is_enrolled(event)}
