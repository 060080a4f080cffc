"""Streams begun anew: a member's after a fork, and all mailboxes after the broker itself was restored from a copy."""

from collections.abc import Sequence

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from services.broker.operations import forks
from services.broker.operations.relay.batch import Batch, Person
from services.broker.operations.relay.generations import suspected, tell_held, told_who
from services.broker.operations.relay.papers import mail_papers
from services.broker.operations.relay.reminding import remind_of_given_up
from services.broker.tables import InstitutionRow, MembershipRow, PersonRow, RetellingRow
from shared.domain.errors import Conflict, NotFound
from shared.domain.events.payloads.broker import Members
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.history.tables import AuthorRow
from shared.exchange.stream.heads import create_head, lock_head, lock_heads
from shared.exchange.stream.tables import ForkRow, StreamRow
from shared.runtime.database.engine import connection_of

AT_ONCE = 200
"""People whose present state is told in one transaction."""

_RETELLING = 1
_BEGIN = text("INSERT INTO retelling (id, after) VALUES (:of_id, '') ON CONFLICT DO NOTHING RETURNING id")


class NoFork(Conflict):
    """No member holds another past of its mailbox: there is nothing to begin anew. Each says so when it polls."""


class StreamMoved(Conflict):
    """The stream is not where the caller says: another machine of the same institution writes to it."""


async def take_incarnation(
    broker: Broker, owner: str, incarnation: str, before: tuple[str, int], checkpoint: str
) -> None:
    """Let a member's stream begin anew; its other past stays as evidence. Told twice it changes nothing.

    :raises NotFound: the member has no stream yet.
    :raises StreamMoved: the stream does not end where the member found it.
    """
    await forks.keep_checkpoint(broker, owner, checkpoint)
    async with broker.db.write() as session:
        head = await lock_head(session, owner, BROKER)
        if head is None:
            raise NotFound()
        if head.incarnation == incarnation:
            return
        if (head.incarnation, head.position) != before:
            raise StreamMoved(expected=head.position, received=before[1])
        await create_head(session, owner, BROKER, incarnation, broker.now)


async def begin_mailboxes_anew(broker: Broker) -> int:
    """Begin every mailbox anew with who shares whom; each member then tells anew what it has. Return how many began.

    Asked again after it died half way it goes on, and so does the broker's worker without being asked.

    :raises NoFork: no member holds another past of its mailbox.
    """
    async with broker.db.write() as session:
        active = select(InstitutionRow.id).where(InstitutionRow.id != BROKER, InstitutionRow.state != "pending")
        members = list(await session.scalars(active.order_by(InstitutionRow.id)))
        began = await (await connection_of(session)).scalar(_BEGIN, {"of_id": _RETELLING})
        retelling = await session.get(RetellingRow, _RETELLING, with_for_update=True)
        if retelling is not None and await _stands_at_fork(session):
            retelling.after = ""
            await _begin(session, broker, members)
        elif began is not None or retelling is None:
            raise NoFork()
    while await tell_some(broker):
        pass
    while await remind_of_given_up(broker):
        pass
    return len(members)


async def _begin(session: AsyncSession, broker: Broker, members: Sequence[str]) -> None:
    """Begin all mailboxes; memberships come before mailboxes, as where events are relayed."""
    gone = update(MembershipRow).where(MembershipRow.told_at.is_not(None))
    await session.execute(gone.values(told_at=0))
    await lock_heads(session, BROKER, members)
    for member in members:
        await create_head(session, BROKER, member, broker.ids.secret(), broker.now)


async def _stands_at_fork(session: AsyncSession) -> bool:
    """Tell whether a poll since the mailboxes began acknowledged what the broker does not hold."""
    present = select(func.max(StreamRow.id)).where(StreamRow.owner == BROKER).group_by(StreamRow.peer)
    found = select(ForkRow.id).where(ForkRow.stream_id.in_(present)).limit(1)
    return await session.scalar(found) is not None


async def tell_some(broker: Broker) -> bool:
    """Tell of some people who shares them, where mailboxes were begun anew; return whether there may be more."""
    async with broker.db.write() as session:
        retelling = await session.get(RetellingRow, _RETELLING, with_for_update=True)
        if retelling is None:
            return False
        page = select(PersonRow.token).where(PersonRow.token > retelling.after).order_by(PersonRow.token).limit(AT_ONCE)
        tokens = list(await session.scalars(page))
        batch = Batch(broker, session, broker.now)
        if tokens:
            await batch.load(tokens)
        for token in tokens:
            await _tell(batch, batch.people[token])
        await batch.flush()
        if len(tokens) == AT_ONCE:
            retelling.after = tokens[-1]
        else:
            await session.delete(retelling)
    for member in batch.mail:
        broker.bells.ring(member)
    return len(tokens) == AT_ONCE


async def _tell(batch: Batch, person: Person) -> None:
    """Say who shares a person, a generation later, with what every member last told in full."""
    for suspicion in person.suspicions.values():
        if suspicion.state == "open":
            to = (suspicion.pup, suspicion.welfare)
            batch.say("joint_client.suspected.v1", person.token, suspected(suspicion), to)
    if not person.members:
        return
    restated = await _restated(batch.session, person)
    person.row.generation += 1
    person.row.restate_generation = person.row.generation
    await batch.histories.expect_restatements(batch.session, person.token)
    payload_ = Members(generation=person.row.generation, members=tuple(sorted(person.members)), early=False)
    news = batch.say(told_who(person), person.token, payload_, person.members)
    if person.held:
        tell_held(batch, person, person.held)
    person.row.news_hash = jose.encode(news.hash)
    for iss, digests in restated:
        for digest in digests:
            batch.relay(iss, jose.decode(digest), person.members - {iss})
    await mail_papers(batch, person, person.members)
    batch.note_news(person)


async def _restated(session: AsyncSession, person: Person) -> Sequence[tuple[str, Sequence[str]]]:
    query = select(AuthorRow.iss, AuthorRow.baseline_hashes).where(
        AuthorRow.token == person.token, AuthorRow.iss.in_(person.members)
    )
    return [(row.iss, row.baseline_hashes or ()) for row in await session.execute(query.order_by(AuthorRow.iss))]
