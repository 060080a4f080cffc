"""A stream begun anew: what the office disclosed comes back, then it opens a new incarnation with its present state.

An official decides it, after a fork: two machines that run one office would else begin anew against each other.
"""

from collections.abc import Sequence

from pydantic import BaseModel
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict
from shared.domain.events.payloads.erasing import Erased
from shared.domain.events.payloads.people import Enrolled, Nothing, Rekeyed
from shared.domain.institutions import BROKER
from shared.domain.token import is_token
from shared.exchange import jose
from shared.exchange.client.broker import Unreachable
from shared.exchange.history.take import Histories
from shared.exchange.sets import SecurityEvent, parse_set, read_event
from shared.exchange.stream.chain import chain_start, chains
from shared.exchange.stream.checkpoint import sign_checkpoint
from shared.exchange.stream.deliver import MAX_SETS
from shared.exchange.stream.heads import Head, create_head, find_head, find_incarnation, lock_head, mark_at, mark_of
from shared.exchange.stream.receive import Item
from shared.exchange.stream.tables import EntryRow, SetRow
from shared.institution.node import Node
from shared.institution.operations.contests import REGISTRATION
from shared.institution.operations.enrolling import enrol
from shared.institution.operations.erased import follow
from shared.institution.operations.erasing.again import erase_again
from shared.institution.operations.exchange.receiving import judged
from shared.institution.operations.exchange.recovering import keep_own_sets, own_events
from shared.institution.operations.moving import named_events
from shared.institution.operations.recovered import stand_as_told
from shared.institution.operations.restating import restate
from shared.institution.operations.restricted import tells
from shared.institution.operations.suspicions import own_answers
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, FormerTokenRow


class NoFork(Conflict):
    """Both ends hold one past; there is nothing to begin anew."""


class BegunAnew(BaseModel):
    """The new incarnation, how many entries came back, and how many tokens the office can no longer name."""

    incarnation: str
    taken_back: int
    unknown_clients: int


async def begin_anew(node: Node) -> BegunAnew:
    """Take back what the broker has and the office lost, and begin a new incarnation of its stream.

    :raises NoFork: the two ends do not contradict each other.
    :raises Unreachable: the broker did not answer; what came back is kept, and the call may be made again.
    """
    answer = await node.client.call("GET", f"/v1/streams/{node.id}/{BROKER}/head")
    if answer["incarnation"] is None:
        raise NoFork()
    async with node.db.read() as session:
        present = await find_head(session, node.id, BROKER)
        there = await find_incarnation(session, node.id, BROKER, str(answer["incarnation"]))
    if present is None:
        raise LookupError("The node was not started: its stream does not exist yet.")
    common = await _common(node, there, int(answer["position"])) if there else 0
    if there and there.incarnation == present.incarnation and common in (there.position, answer["position"]):
        raise NoFork()
    taken = await _fetch(node, str(answer["incarnation"]), common, answer["position"], str(answer["chain"]))
    incarnation = node.ids.secret()
    body = {
        "incarnation": incarnation,
        "before": {"incarnation": answer["incarnation"], "position": answer["position"]},
        "checkpoint": sign_checkpoint(node.key, mark_of(present)),
    }
    await node.client.call("POST", f"/v1/streams/{node.id}/incarnations", body)
    await _tell_present_state(node, incarnation, present, common if there and there.id == present.id else None)
    node.peer_position = None
    async with node.db.read() as session:
        unknown = await unknown_clients(session, node)
    return BegunAnew(incarnation=incarnation, taken_back=taken, unknown_clients=len(unknown))


async def unknown_clients(session: AsyncSession, node: Node) -> list[str]:
    """Return the tokens that the office enrolled and can no longer name: their clients are to be entered again."""
    known = select(ClientRow.token).union(select(FormerTokenRow.token))
    return await _enrolled(session, node, SetRow.token.not_in(known))


async def _enrolled(session: AsyncSession, node: Node, about: ColumnElement[bool]) -> list[str]:
    """Return the tokens, of some, that the office enrolled by its last word on them."""
    query = select(SetRow.token, SetRow.text, SetRow.hash).where(SetRow.iss == node.id, SetRow.n.is_(None), about)
    enrolled: dict[str, bool] = {}
    for row in await session.execute(query.order_by(SetRow.stored_at, SetRow.jti)):
        if not is_token(row.token):
            continue
        event = read_event(parse_set(row.text), row.hash, node.identity.federation)
        if event.type.name == "client.withdrawn.v1":
            enrolled[row.token] = False
        elif isinstance(event.payload, Enrolled):
            enrolled[row.token] = True
        elif isinstance(event.payload, Rekeyed):
            enrolled[row.token] = False
    return sorted(token for token, stands in enrolled.items() if stands)


async def _common(node: Node, ours: Head, theirs: int) -> int:
    """Return the last position up to which both ends hold the same, found by halving."""
    low, high = 0, min(ours.position, theirs)
    while low < high:
        middle = (low + high + 1) // 2
        there = await node.client.call("GET", f"/v1/streams/{node.id}/{BROKER}/head?at={middle}")
        async with node.db.read() as session:
            here = await mark_at(session, ours, middle)
        low, high = (middle, high) if jose.encode(here.chain) == there["chain"] else (low, middle - 1)
    return low


async def _fetch(node: Node, incarnation: str, after: int, last: int, expected: str) -> int:
    """Fetch what lies behind a position, check it against the chain that the broker signed, and keep it."""
    async with node.db.read() as session:
        head = await find_incarnation(session, node.id, BROKER, incarnation)
        chain = (await mark_at(session, head, after)).chain if head else chain_start(node.id, BROKER, incarnation)
    at = after
    while at < last:
        wanted = list(range(at + 1, min(last, at + MAX_SETS) + 1))
        tail = await node.client.call("POST", f"/v1/streams/{node.id}/{BROKER}/entries", {"positions": wanted})
        items = [Item.of(entry["set"], entry.get("received_at")) for entry in tail["entries"]]
        if not items or [entry["position"] for entry in tail["entries"]] != wanted[: len(items)]:
            raise Unreachable("The broker did not give the stream in order.")
        *_, chain = chains(chain, (item.hash for item in items))
        await _keep(node, items)
        at += len(items)
    if jose.encode(chain) != expected:
        raise Unreachable("What the broker gave back is not what it signed for.")
    return last - after


async def _keep(node: Node, items: Sequence[Item]) -> None:
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
        await stand_as_told(work, events.values(), may_be_active=False)
        await erase_again(work, events.values())
        await work.finish()


async def _tell_present_state(node: Node, incarnation: str, before: Head, common: int | None) -> None:
    """Open the incarnation and tell all that the office has now, in one transaction."""
    async with node.db.write() as session:
        await lock_head(session, node.id, BROKER)
        work = Work(node, session, node.ids.uuid7(), node.now)
        unheard = await _drop_untold(work, before, common) if common is not None else []
        await create_head(session, node.id, BROKER, incarnation, node.now)
        active = select(ClientRow).where(ClientRow.state == "active").order_by(ClientRow.id)
        clients = list(await session.scalars(active.with_for_update()))
        for client in clients:
            enrol(work, client)
            if tells(client, node.id, REGISTRATION):
                await restate(work, client)
        withdrawn = select(ClientRow.token).where(ClientRow.state == "withdrawn")
        for token in await _enrolled(session, node, SetRow.token.in_(withdrawn)):
            work.tell("client.withdrawn.v1", token, Nothing())
        names = {client.token for client in clients}
        for answered in [event for event in unheard if event.token in names]:
            work.tell(answered.type.name, answered.token, answered.payload)
        await work.finish()


async def _drop_untold(work: Work, head: Head, common: int) -> Sequence[SecurityEvent]:
    """Drop the bytes that the office signed and nobody took: they left it never; position and hash stay as evidence.

    What officials answered in them is returned, to be said anew: no record of the office holds it.
    """
    at = (EntryRow.stream_id == head.id, EntryRow.position > common)
    hashes = select(EntryRow.hash).where(*at)
    answers = await own_answers(work, SetRow.hash.in_(hashes))
    await work.session.execute(delete(SetRow).where(SetRow.iss == head.owner, SetRow.hash.in_(hashes)))
    await work.session.execute(update(EntryRow).where(*at).values(state="refused"))
    return answers
