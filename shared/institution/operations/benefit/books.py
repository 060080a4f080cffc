"""The office's books of the degressive benefit: the same rule as the broker's, on what reached the office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.benefit.ledger import Entry, Months, due
from shared.domain.decision import Decision, Latest, Seen, Standing, standing_of
from shared.domain.last_case import Course, course_of
from shared.exchange.ledger.book import book
from shared.exchange.ledger.tables import LedgerRow
from shared.exchange.stream.tables import SetRow
from shared.institution.operations import clients
from shared.institution.tables import AssessmentRow, DecisionRow

_NOT_YET_COUNTED = 1 << 53
"""A decision that is being taken has no count of its author's yet: it is the last."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What the office has on a case: assessments and decisions in their order, and how it stands."""

    assessments: Sequence[AssessmentRow]
    decisions: Sequence[DecisionRow]
    standing: Standing

    @property
    def latest(self) -> AssessmentRow:
        """Return the newest assessment."""
        return self.assessments[-1]

    @property
    def granted(self) -> Months | None:
        """Return the schedule that is granted; ``None`` where none is, or its assessment is still to come."""
        seen = self.standing.granted
        known = (row.months for row in self.assessments if seen and row.assessment_id == seen.assessment_id)
        return next(known, None)

    @property
    def course(self) -> Course:
        """Return what officials made of the case, as far as the next one depends on it."""
        totals = {row.assessment_id: row.total_gr for row in self.assessments}
        return course_of([(as_decision(row), row.decided_at.date()) for row in self.decisions], totals)

    @property
    def newest_complete(self) -> AssessmentRow | None:
        """Return the newest assessment that can be decided on."""
        return next((row for row in reversed(self.assessments) if is_complete(row)), None)


def is_complete(row: AssessmentRow) -> bool:
    """Tell whether an assessment can be decided on."""
    return row.complete and not row.open_discrepancies


def latest_of(row: AssessmentRow) -> Latest:
    """Return an assessment as the one to be decided on."""
    return Latest(Seen(row.assessment_id, row.result_hash), row.complete, row.open_discrepancies, row.months)


async def newest(session: AsyncSession, client_id: str) -> AssessmentRow | None:
    """Return the newest assessment of a client."""
    query = select(AssessmentRow).where(AssessmentRow.client_id == client_id)
    return await session.scalar(query.order_by(AssessmentRow.position.desc()).limit(1))


async def decisions_of(session: AsyncSession, client_id: str) -> Sequence[DecisionRow]:
    """Return the decisions on a client, those returned by the broker too, oldest first."""
    query = select(DecisionRow).where(DecisionRow.client_id == client_id)
    return list(await session.scalars(_in_order(query)))


def _in_order(query: Select[DecisionRow]) -> Select[DecisionRow]:
    """Order decisions as they were taken; what an office decided within one second, by its own count."""
    signed = query.outerjoin(SetRow, (SetRow.iss == DecisionRow.iss) & (SetRow.hash == DecisionRow.set_hash))
    return signed.order_by(DecisionRow.decided_at, func.coalesce(SetRow.n, _NOT_YET_COUNTED), DecisionRow.id)


async def case_of(session: AsyncSession, client_id: str, assessment_id: str) -> str:
    """Return the case of an assessment, or nothing where the assessment is still to come."""
    query = select(AssessmentRow.case_id).where(
        AssessmentRow.client_id == client_id, AssessmentRow.assessment_id == assessment_id
    )
    return await session.scalar(query.limit(1)) or ""


async def case_file(session: AsyncSession, case_id: str) -> CaseFile:
    """Return what the office has on a case."""
    told = select(AssessmentRow).where(AssessmentRow.case_id == case_id).order_by(AssessmentRow.position)
    taken = select(DecisionRow).where(DecisionRow.case_id == case_id, DecisionRow.state == "taken")
    decisions = list(await session.scalars(_in_order(taken)))
    return CaseFile(list(await session.scalars(told)), decisions, standing(decisions))


def before(case: CaseFile, decision: DecisionRow) -> CaseFile:
    """Return a case as it stood when a decision of it was taken."""
    earlier = [one for one in case.decisions if (one.decided_at, one.id) < (decision.decided_at, decision.id)]
    return CaseFile(case.assessments, earlier, standing(earlier))


def standing(decisions: Sequence[DecisionRow]) -> Standing:
    """Return how a case stands by the decisions that were taken."""
    taken = (row for row in decisions if row.state == "taken")
    return standing_of(as_decision(row) for row in taken)


def as_decision(row: DecisionRow) -> Decision:
    """Return what a decision is, and what it is on."""
    return Decision(row.decision, Seen(row.assessment_id, row.result_hash))


async def settle(session: AsyncSession, case_id: str, at: datetime) -> Sequence[Entry]:
    """Bring the books of a case to what its decisions and its newest complete assessment make due; return the entries.

    A decision that the broker returned takes its own entries back with it, by entries of their own.
    """
    await session.flush()
    case = await case_file(session, case_id)
    newest = case.newest_complete
    if newest is None:
        return []
    owed = due(granted=case.granted, newest=newest.months)
    return await book(session, case_id, newest.assessment_id, owed, at)


async def write_anew(session: AsyncSession, at: datetime) -> None:
    """Write the books of granted cases that have none: the database is older than the books, or lost them."""
    booked = select(LedgerRow.case_id).where(LedgerRow.case_id == DecisionRow.case_id).exists()
    granted = select(DecisionRow.client_id, DecisionRow.case_id).where(
        DecisionRow.state == "taken",
        DecisionRow.decision.in_(("approved", "changed")),
        DecisionRow.case_id != "",
        ~booked,
    )
    found = (await session.execute(granted.distinct().order_by(DecisionRow.case_id))).all()
    await clients.locked(session, [row.client_id for row in found])
    for row in found:
        await settle(session, row.case_id, at)
