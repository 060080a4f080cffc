"""Cases of the degressive benefit at the broker: how they stand by decisions, and what stands in their books."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.tables import AssessmentRow, CaseDecisionRow, CaseRow
from shared.domain.benefit.ledger import Months, due
from shared.domain.decision import Decision, Latest, Seen, Standing, standing_of
from shared.domain.last_case import Course, course_of
from shared.exchange.ledger.book import book


async def newest_case(session: AsyncSession, token: str) -> CaseRow | None:
    """Return the newest case of a person, locked."""
    query = select(CaseRow).where(CaseRow.token == token).order_by(CaseRow.number.desc()).limit(1)
    return await session.scalar(query.with_for_update())


async def decisions_of(session: AsyncSession, case_id: str) -> Sequence[CaseDecisionRow]:
    """Return the decisions on a case in their order."""
    query = select(CaseDecisionRow).where(CaseDecisionRow.case_id == case_id).order_by(CaseDecisionRow.number)
    return list(await session.scalars(query))


async def course(session: AsyncSession, case_id: str) -> Course:
    """Return what officials made of a case, as far as the next one depends on it."""
    decisions = await decisions_of(session, case_id)
    query = select(AssessmentRow).where(AssessmentRow.id.in_({row.assessment_id for row in decisions}))
    totals = {row.id: int(row.result["total_gr"]) for row in await session.scalars(query)}
    return course_of([(_decision(row), row.taken_at.date()) for row in decisions], totals)


def _decision(row: CaseDecisionRow) -> Decision:
    return Decision(row.kind, Seen(row.assessment_id, row.result_hash))


def standing(decisions: Sequence[CaseDecisionRow]) -> Standing:
    """Return how a case stands."""
    return standing_of(_decision(row) for row in decisions)


async def granted_months(session: AsyncSession, stands: Standing) -> Months | None:
    """Return the schedule that is granted, or ``None`` where none is."""
    if stands.granted is None:
        return None
    granted = await session.get_one(AssessmentRow, stands.granted.assessment_id)
    months: Months = granted.result["months"]
    return months


def latest_of(row: AssessmentRow) -> Latest:
    """Return an assessment as the one to be decided on."""
    seen = Seen(row.id, row.result_hash)
    return Latest(seen, row.complete, row.open_discrepancies, row.result["months"])


async def settle(session: AsyncSession, case: CaseRow, at: datetime) -> None:
    """Bring the books of a case to what its decisions and its newest complete assessment make due."""
    stands = standing(await decisions_of(session, case.id))
    case.state = stands.state
    granted = await granted_months(session, stands)
    newest = await newest_complete(session, case.id)
    if granted is None or newest is None:
        return
    await book(session, case.id, newest.id, due(granted=granted, newest=newest.result["months"]), at)


async def newest_complete(session: AsyncSession, case_id: str) -> AssessmentRow | None:
    """Return the newest assessment of a case that can be decided on."""
    query = select(AssessmentRow).where(
        AssessmentRow.case_id == case_id, AssessmentRow.complete.is_(True), AssessmentRow.open_discrepancies == 0
    )
    return await session.scalar(query.order_by(AssessmentRow.number.desc()).limit(1))
