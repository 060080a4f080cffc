"""The overlap of two match keys, by its days: people move to the new tokens, then the old ones are deleted.

All of it goes in steps that can be repeated, so a crash leaves nothing half done; two replicas do no step twice, for
each locks what it moves.
"""

from collections.abc import Sequence

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.epochs.moving import forget_empty
from services.broker.node import Broker
from services.broker.operations.directory import publish, reload
from services.broker.operations.relay.batch import Batch
from services.broker.operations.relay.finishing import finish, ring
from services.broker.operations.relay.matching import end, tell_moved
from services.broker.operations.relay.naming import move_pairs
from services.broker.tables import EnrolmentRow, MatchKeyRow, MembershipRow, PersonPairRow, PersonRow
from shared.exchange.match_keys import NextMatchKey
from shared.runtime.clock import unix

AT_ONCE = 50


async def change_over(broker: Broker) -> bool:
    """Take the change of the match key a step on, as its days have it; return whether there was anything to do."""
    following = broker.directory.match_keys.next
    if following is None:
        return await _end_some(broker)
    now = unix(broker.now)
    if now >= following.moves_at and await _move_some(broker):
        return True
    return now >= following.ends_at and await _end(broker, following)


async def _move_some(broker: Broker) -> bool:
    """Move people whom an office told by both keys to their new tokens; their members hear it in the mailbox."""
    waiting = select(PersonPairRow).where(PersonPairRow.moved.is_(False)).order_by(PersonPairRow.old).limit(AT_ONCE)
    async with broker.db.read() as session:
        found = [row.old for row in await session.scalars(waiting)]
    if not found:
        return False
    async with broker.db.write() as session:
        batch = Batch(broker, session, broker.now)
        pairs = await _locked(session, found)
        await move_pairs(batch, pairs)
        await batch.load({pair.new for pair in pairs})
        tell_moved(batch)
        await finish(batch)
    ring(batch)
    return True


async def _locked(session: AsyncSession, olds: Sequence[str]) -> Sequence[PersonPairRow]:
    """Lock people in the order of all tokens; leave out whom another worker moved meanwhile."""
    news = select(PersonPairRow.new).where(PersonPairRow.old.in_(olds))
    both = sorted({*olds, *await session.scalars(news)})
    await session.execute(
        select(PersonRow.token).where(PersonRow.token.in_(both)).order_by(PersonRow.token).with_for_update()
    )
    query = select(PersonPairRow).where(PersonPairRow.old.in_(olds), PersonPairRow.moved.is_(False))
    return list(await session.scalars(query.order_by(PersonPairRow.old).with_for_update()))


async def _end(broker: Broker, following: NextMatchKey) -> bool:
    """End the old key, unless people whom offices share are known by it alone: their match would be lost."""
    async with broker.db.write() as session:
        row = await session.get(MatchKeyRow, following.fingerprint, with_for_update=True)
        if row is None or row.state != "next":
            return False
        untold = await session.scalar(
            select(func.count(MembershipRow.token.distinct())).where(
                MembershipRow.present.is_(True) | MembershipRow.held.is_(True),
                MembershipRow.token.not_like(f"{following.epoch}.%"),
            )
        )
        if untold:
            structlog.get_logger().warning("the match key does not end yet", shared_clients_not_told=untold)
            return False
        checks = {"check": func.coalesce(EnrolmentRow.next_check, ""), "next_check": None}
        await session.execute(update(EnrolmentRow).values(checks))
        await session.execute(delete(PersonPairRow))
        await session.execute(update(MatchKeyRow).where(MatchKeyRow.state == "current").values(state="ending"))
        row.state = "current"
        await session.flush()
        await publish(session, broker)
    await reload(broker)
    structlog.get_logger().info("the match key has ended", in_force=following.fingerprint, epoch=following.epoch)
    return True


async def _end_some(broker: Broker) -> bool:
    """End enrolments under the old key, of clients whom nobody shares; the office enrols them anew by the new one."""
    epoch = broker.directory.match_keys.epoch
    async with broker.db.read() as session:
        ending = await session.scalar(select(MatchKeyRow.fingerprint).where(MatchKeyRow.state == "ending"))
        if ending is None or epoch is None:
            return False
        old = select(EnrolmentRow.token).where(EnrolmentRow.token.not_like(f"{epoch}.%")).distinct()
        tokens = sorted(await session.scalars(old.limit(AT_ONCE)))
    async with broker.db.write() as session:
        if not tokens:
            await session.execute(update(MatchKeyRow).where(MatchKeyRow.state == "ending").values(state="ended"))
            return True
        batch = Batch(broker, session, broker.now)
        await batch.load(tokens)
        for token in tokens:
            for name, row in sorted(batch.people[token].enrolments.items()):
                if row.active:
                    await end(batch, batch.people[token], name, for_good=True)
        await finish(batch)
        await forget_empty(session, tokens)
    ring(batch)
    return True
