"""Match keys at the broker: which is in force, which follows and when; known by fingerprint and epoch alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from services.broker.operations.directory import publish
from services.broker.tables import EnrolmentRow, MatchKeyRow, MembershipRow, PersonPairRow
from shared.domain.errors import Conflict, Invalid


class MatchKeyKnown(Conflict):
    """The federation works, or worked, with this match key; one that follows is new and of a higher epoch."""


class OverlapBegun(Conflict):
    """Offices tell people by the next match key already; it can no longer be another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """The match key that is to follow, as the custodian printed it, and when it does."""

    fingerprint: str
    epoch: int
    moves_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How far an office has told its clients by the next key.

    ``shared``: those untold whom it shares with another office, or would if it were not held.
    """

    id: str
    enrolled: int
    told: int
    shared: int

    @property
    def untold(self) -> int:
        """Return how many clients it still has to tell."""
        return self.enrolled - self.told


async def announce(session: AsyncSession, broker: Broker, told: Announcement) -> None:
    """Announce the key that follows, or other days for it; the directory tells all members.

    :raises Invalid: the old key would end before the new one names people, or in the past.
    :raises MatchKeyKnown: it is no new key, or not of a higher epoch.
    :raises OverlapBegun: another one is being followed already.
    """
    if told.ends_at < told.moves_at or told.ends_at <= broker.now:
        raise Invalid("The old key ends after the move, and not in the past.", field="ends_at")
    rows = {row.state: row for row in await session.scalars(select(MatchKeyRow).with_for_update())}
    following = rows.get("next")
    if following is not None and following.fingerprint != told.fingerprint:
        if await session.scalar(select(PersonPairRow.old).limit(1)) is not None:
            raise OverlapBegun(expected=following.fingerprint, received=told.fingerprint)
        await session.delete(following)
        await session.flush()
        following = None
    if following is None:
        await _require_new(session, rows.get("current"), told)
        following = MatchKeyRow(
            fingerprint=told.fingerprint, epoch=told.epoch, state="next", moves_at=None, ends_at=None, since=broker.now
        )
        session.add(following)
    elif following.epoch != told.epoch:
        raise OverlapBegun(expected=following.epoch, received=told.epoch)
    following.moves_at, following.ends_at = told.moves_at, told.ends_at
    await session.flush()
    await publish(session, broker)


async def standing(session: AsyncSession) -> Sequence[Told]:
    """Return how far each office has told its clients by the next key."""
    shared = select(MembershipRow.token).where(
        MembershipRow.token == EnrolmentRow.token,
        MembershipRow.institution == EnrolmentRow.institution,
        MembershipRow.present.is_(True) | MembershipRow.held.is_(True),
    )
    untold = EnrolmentRow.next_check.is_(None)
    query = (
        select(
            EnrolmentRow.institution,
            func.count(),
            func.count(EnrolmentRow.next_check),
            func.sum(case((untold & shared.exists(), 1), else_=0)),
        )
        .where(EnrolmentRow.active.is_(True))
        .group_by(EnrolmentRow.institution)
        .order_by(EnrolmentRow.institution)
    )
    return [Told(id=row[0], enrolled=row[1], told=row[2], shared=row[3]) for row in await session.execute(query)]


async def look_at_overlap(session: AsyncSession, broker: Broker) -> None:
    """Say in metrics and readiness which offices still have clients to tell while one match key follows another."""
    following = broker.directory.match_keys.next
    told = await standing(session) if following else ()
    broker.metrics.untold.clear()
    for one in told:
        broker.metrics.untold.labels(one.id).set(one.untold)
    ends = datetime.fromtimestamp(following.ends_at, broker.now.tzinfo) if following else broker.now
    broker.untold = {
        f"match key at {one.id}": f"{one.untold} clients not told by the next key; the present one ends {ends:%Y-%m-%d}"
        for one in told
        if one.untold
    }


async def _require_new(session: AsyncSession, current: MatchKeyRow | None, told: Announcement) -> None:
    known = await session.get(MatchKeyRow, told.fingerprint)
    if known is not None:
        raise MatchKeyKnown(received=told.fingerprint)
    used = select(EnrolmentRow.token).where(EnrolmentRow.token.like(f"{told.epoch}.%")).limit(1)
    lowest = (current.epoch if current else None) or 1
    if told.epoch <= lowest or await session.scalar(used) is not None:
        raise MatchKeyKnown("The epoch is not higher than that of the key in force.", field="epoch")
