"""What the operator sees: counts and lags, never a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.tables import (
    AssessmentRow,
    CaseRow,
    DirtyRow,
    EnrolmentRow,
    InstitutionRow,
    MembershipRow,
    PersonRow,
    RelayCursorRow,
    RelayNoteRow,
    SuspicionRow,
)
from shared.domain.institutions import BROKER
from shared.exchange.sets import NotShared
from shared.exchange.stream.deliver import lag_of
from shared.exchange.stream.heads import all_heads
from shared.exchange.stream.letters import WAITING
from shared.exchange.stream.tables import AcknowledgementRow, DeadLetterRow


@dataclass(frozen=True)
class StreamStanding:
    """How a stream stands: for a member's stream, what is acknowledged is what is relayed."""

    owner: str
    peer: str
    position: int
    acknowledged: int
    lag: int
    oldest_waiting: datetime | None


async def streams(session: AsyncSession) -> Sequence[StreamStanding]:
    """Return how every stream stands."""
    acks = select(AcknowledgementRow.stream_id, func.max(AcknowledgementRow.position))
    acknowledged: dict[int, int] = {row[0]: row[1] for row in await session.execute(acks.group_by("stream_id"))}
    relayed = {row.stream_id: row.position for row in await session.scalars(select(RelayCursorRow))}
    heads = await all_heads(session)
    standing = []
    for head in heads:
        done = (acknowledged if head.owner == BROKER else relayed).get(head.id, 0)
        lag, oldest = await lag_of(session, head, done)
        standing.append(StreamStanding(head.owner, head.peer, head.position, done, lag, oldest))
    return standing


async def waiting(session: AsyncSession) -> dict[str, int]:
    """Return how much waits to be relayed and to be assessed."""
    return {
        "waiting_relays": await _count(session, _rows(RelayNoteRow)),
        "waiting_assessments": await _count(session, _rows(DirtyRow)),
    }


async def counts(session: AsyncSession) -> dict[str, int]:
    """Return counts over the whole federation."""
    letters = select(func.count()).select_from(DeadLetterRow)
    counted = letters.where(DeadLetterRow.state == "counted")
    return {
        "institutions": await _count(session, _rows(InstitutionRow).where(InstitutionRow.state == "active")) - 1,
        "enrolments": await _count(session, _rows(EnrolmentRow).where(EnrolmentRow.active.is_(True))),
        "joint_clients": await _count(session, _joint()),
        "contested": await _count(session, _rows(PersonRow).where(PersonRow.contested.is_(True))),
        "suspected": await _count(session, _rows(SuspicionRow).where(SuspicionRow.state == "open")),
        "dead_letters": await _count(session, letters.where(DeadLetterRow.state.in_(WAITING))),
        "not_shared": await _count(session, counted.where(DeadLetterRow.problem == NotShared.problem)),
        "assessments_made": await _count(session, _rows(CaseRow).where(CaseRow.latest.is_not(None))),
        "assessments_corrected": await _count(session, _corrected()),
        "cases_decided": await _count(session, _rows(CaseRow).where(CaseRow.state != "proposed")),
    }


def _rows(entity: Any) -> Select[int]:
    return select(func.count()).select_from(entity)


def _joint() -> Select[int]:
    is_pup = case((MembershipRow.institution.like("pup-%"), 1), else_=0)
    joint = (
        select(MembershipRow.token)
        .where(MembershipRow.present.is_(True))
        .group_by(MembershipRow.token)
        .having(func.sum(is_pup) > 0, func.sum(1 - is_pup) > 0)
    )
    return select(func.count()).select_from(joint.subquery())


def _corrected() -> Select[int]:
    cases = select(AssessmentRow.case_id).where(AssessmentRow.kind == "corrected").distinct()
    return select(func.count()).select_from(cases.subquery())


async def _count(session: AsyncSession, query: Select[int]) -> int:
    return await session.scalar(query) or 0
