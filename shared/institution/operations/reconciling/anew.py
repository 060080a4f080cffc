"""A stream begun anew: what the office disclosed comes back, then it opens a new incarnation with its present state.

An official decides it, after a fork: two machines that run one office would else begin anew against each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.payloads.people import Enrolled, MatchVerdict, Nothing, Rekeyed
from shared.domain.institutions import BROKER
from shared.domain.token import is_token
from shared.exchange.sets import SecurityEvent
from shared.exchange.stream.checkpoint import sign_checkpoint
from shared.exchange.stream.heads import Head, create_head, find_head, find_incarnation, lock_head, mark_of
from shared.exchange.stream.tables import EntryRow, SetRow, StreamRow
from shared.institution.node import Node
from shared.institution.operations.contests import REGISTRATION
from shared.institution.operations.enrolling import enrol
from shared.institution.operations.own_words import own_words
from shared.institution.operations.reconciling.given_back import NoFork, common_with, ends_there, take_back
from shared.institution.operations.recovered import says_who_is_enrolled, stand_as_told
from shared.institution.operations.restating import restate
from shared.institution.operations.restricted import tells
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, FormerTokenRow

AT_ONCE = 500
"""Tokens that one question names."""


class BegunAnew(BaseModel):
    """The new incarnation, how many entries came back, and how many tokens the office can no longer name."""

    incarnation: str
    taken_back: int
    unknown_clients: int


@dataclass(frozen=True, slots=True)
class Unheard:
    """What the broker never heard: answers of officials, and which clients that it knows were withdrawn meanwhile."""

    answers: Sequence[SecurityEvent]
    withdrawn: frozenset[str]


async def begin_anew(node: Node) -> BegunAnew:
    """Take back what the broker has and the office lost, and begin a new incarnation of its stream.

    :raises NoFork: the two ends do not contradict each other.
    :raises Unreachable: the broker did not answer; what came back is kept, and the call may be made again.
    """
    async with node.db.read() as session:
        present = await find_head(session, node.id, BROKER)
    if present is None:
        raise LookupError("The node was not started: its stream does not exist yet.")
    ends = await ends_there(node)
    oldest, newest = ends[0], ends[-1]
    async with node.db.read() as session:
        known = await find_incarnation(session, node.id, BROKER, oldest.incarnation)
    common = await common_with(node, known, oldest) if known else 0
    if newest.incarnation == present.incarnation and common in (present.position, newest.position):
        raise NoFork()
    taken, last = 0, dict[str, SecurityEvent]()
    for end in ends:
        taken += await take_back(node, end, common if end is oldest else 0, last)
    async with node.db.write() as session:
        work = Work(node, session, node.ids.uuid7(), node.now)
        await stand_as_told(work, last.values(), may_be_active=False)
        await work.finish()
    incarnation = node.ids.secret()
    body = {
        "incarnation": incarnation,
        "before": {"incarnation": newest.incarnation, "position": newest.position},
        "checkpoint": sign_checkpoint(node.key, mark_of(present)),
    }
    await node.client.call("POST", f"/v1/streams/{node.id}/incarnations", body)
    await _tell_present_state(node, incarnation, known, common)
    node.peer_position = None
    async with node.db.read() as session:
        unknown = await unknown_clients(session, node)
    return BegunAnew(incarnation=incarnation, taken_back=taken, unknown_clients=len(unknown))


async def unknown_clients(session: AsyncSession, node: Node) -> list[str]:
    """Return the tokens that the office enrolled and can no longer name: their clients are to be entered again."""
    known = select(ClientRow.token).union(select(FormerTokenRow.token))
    return await _enrolled(session, node, SetRow.token.not_in(known))


async def _enrolled(session: AsyncSession, node: Node, *about: ColumnElement[bool]) -> list[str]:
    """Return the tokens, of some, that the office enrolled by its last word on them."""
    enrolled: dict[str, bool] = {}
    for event in await own_words(session, node, *about):
        if is_token(event.token) and (says_who_is_enrolled(event) or isinstance(event.payload, Rekeyed)):
            enrolled[event.token] = isinstance(event.payload, Enrolled)
    return sorted(token for token, stands in enrolled.items() if stands)


async def _tell_present_state(node: Node, incarnation: str, known: Head | None, common: int) -> None:
    """Open the incarnation and tell all that the office has now, in one transaction."""
    async with node.db.write() as session:
        before = await lock_head(session, node.id, BROKER)
        work = Work(node, session, node.ids.uuid7(), node.now)
        unheard = await _unheard(work, known, common) if known else Unheard([], frozenset())
        if known and before and known.id == before.id:
            await _drop_untold(session, before, common)
        await create_head(session, node.id, BROKER, incarnation, node.now)
        active = select(ClientRow).where(ClientRow.state == "active").order_by(ClientRow.id)
        clients = list(await session.scalars(active.with_for_update()))
        for client in clients:
            if client.token in unheard.withdrawn:
                work.tell("client.withdrawn.v1", client.token, Nothing())  # and taken back since
            enrol(work, client)
            if tells(client, node.id, REGISTRATION):
                await restate(work, client)
        withdrawn = select(ClientRow.token).where(ClientRow.state == "withdrawn")
        untold = unheard.withdrawn & set(await session.scalars(withdrawn))
        for token in sorted(untold.union(await _enrolled(session, node, SetRow.token.in_(withdrawn)))):
            work.tell("client.withdrawn.v1", token, Nothing())
        names = {client.token for client in clients}
        for answered in [event for event in unheard.answers if event.token in names]:
            work.tell(answered.type.name, answered.token, answered.payload)
        await work.finish()


async def _unheard(work: Work, known: Head, common: int) -> Unheard:
    """Return what is to be said anew of what the office signed and the broker does not hold: no record holds it."""
    later = select(StreamRow.id).where(
        StreamRow.owner == known.owner, StreamRow.peer == known.peer, StreamRow.id > known.id
    )
    behind = (EntryRow.stream_id == known.id) & (EntryRow.position > common)
    hashes = select(EntryRow.hash).where(behind | EntryRow.stream_id.in_(later))
    words = await own_words(work.session, work.node, SetRow.hash.in_(hashes))
    gone = sorted({event.token for event in words if event.type.name == "client.withdrawn.v1"})
    told: set[str] = set()
    for first in range(0, len(gone), AT_ONCE):
        some = SetRow.token.in_(gone[first : first + AT_ONCE])
        told.update(await _enrolled(work.session, work.node, some, SetRow.hash.not_in(hashes)))
    return Unheard([event for event in words if isinstance(event.payload, MatchVerdict)], frozenset(told))


async def _drop_untold(session: AsyncSession, head: Head, common: int) -> None:
    """Drop the bytes that the office signed and nobody took: they left it never; position and hash stay as evidence."""
    at = (EntryRow.stream_id == head.id, EntryRow.position > common)
    hashes = select(EntryRow.hash).where(*at)
    await session.execute(delete(SetRow).where(SetRow.iss == head.owner, SetRow.hash.in_(hashes)))
    await session.execute(update(EntryRow).where(*at).values(state="refused"))
