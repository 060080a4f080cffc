"""What stands in the way of an erasure: a legal hold, a case of the degressive benefit, a term that is not over."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.erasure import Ground, category_of, grounds, term
from shared.domain.errors import Conflict, Invalid
from shared.institution.operations.access.access_log import office_day
from shared.institution.operations.restricted import DataRestricted
from shared.institution.operations.subject_requests import restricting
from shared.institution.tables import AssessmentRow, ClientRow, DecisionRow, LegalHoldRow, PaymentRow, RecordRow

CASE = "benefit_case"


class UnderLegalHold(Conflict):
    """A legal hold keeps the client's data; lift it first, if its reason has gone."""

    problem = "legal-hold"


class CaseHolds(Conflict):
    """A case of the degressive benefit rests on the client's data; they are kept until its term is over."""

    problem = "case-holds"


class TermNotOver(Conflict):
    """The term of keeping is not over, and this ground does not go before it."""

    problem = "term-not-over"


class NoSuchGround(Invalid):
    """There is no such ground of erasure."""


def ground_of(code: str) -> Ground:
    """Return a ground by its code.

    :raises NoSuchGround: there is none.
    """
    if code not in grounds():
        raise NoSuchGround(field="ground", expected=f"one of {', '.join(grounds())}")
    return grounds()[code]


async def require_free(session: AsyncSession, client: ClientRow, today: date) -> None:
    """Refuse to erase anything of a client that is held.

    :raises DataRestricted: by the person, who asked for that instead.
    :raises UnderLegalHold: by an official.
    :raises CaseHolds: by a case whose term is not over.
    """
    if "restriction" in await restricting(session, client.id):
        raise DataRestricted("The person asked that the data are kept and not used; lift the restriction first.")
    if reason := await held_by(session, client.id):
        raise UnderLegalHold(received=reason)
    last = await last_of_case(session, client.id)
    if last is not None:
        ends = term(CASE, today).ends(office_day(last))
        if today <= ends:
            raise CaseHolds(expected=f"a day after {ends.isoformat()}", received=today.isoformat())


async def held_by(session: AsyncSession, client_id: str) -> str | None:
    """Return the reason of the first legal hold that lasts, or ``None``."""
    query = select(LegalHoldRow.reason_code).where(
        LegalHoldRow.client_id == client_id, LegalHoldRow.lifted_at.is_(None)
    )
    return await session.scalar(query.order_by(LegalHoldRow.id).limit(1))


async def last_of_case(session: AsyncSession, client_id: str) -> datetime | None:
    """Return when the last news of a client's cases came, or ``None`` where there was no case."""
    told: Any = select(func.max(AssessmentRow.received_at)).where(AssessmentRow.client_id == client_id)
    decided: Any = select(func.max(DecisionRow.decided_at)).where(DecisionRow.client_id == client_id)
    cases = select(AssessmentRow.case_id).where(AssessmentRow.client_id == client_id)
    paid: Any = select(func.max(PaymentRow.booked_at)).where(PaymentRow.case_id.in_(cases))
    moments = [await session.scalar(query) for query in (told, decided, paid)]
    return max((moment for moment in moments if moment is not None), default=None)


def require_term_over(ground: Ground, ends: Sequence[date | None], today: date) -> None:
    """Refuse an erasure before the terms are over; ``None`` is a term that has not begun, for the record is open.

    :raises TermNotOver: on a ground that has to wait for them.
    """
    if ground.before_term:
        return
    if any(end is None for end in ends):
        raise TermNotOver(
            "The record is open, so its term of keeping has not begun; close it first.", received=ground.code
        )
    last = max((end for end in ends if end is not None), default=None)
    if last is not None and today <= last:
        raise TermNotOver(expected=f"a day after {last.isoformat()}", received=today.isoformat())


def ends_of(kind: str, row: RecordRow, today: date) -> date | None:
    """Return the last day on which a record must be kept; ``None`` while it is open."""
    if row.state == "open":
        return None
    last: date | None = getattr(row, "until", None) if row.state == "closed" else None
    return term(category_of(kind), today).ends(last or office_day(row.updated_at))
