"""A decision of an official on a case: taken from the holder of the programme membership, relayed, and booked."""

from datetime import UTC, datetime

from services.broker.operations import cases
from services.broker.operations.relay.batch import Batch, Person
from services.broker.operations.relay.sharing import require_programme
from services.broker.operations.standing import require_shared
from services.broker.tables import AssessmentRow, CaseDecisionRow, CaseRow
from shared.domain.decision import (
    CONCLUDES_APPEAL,
    AssessmentSuperseded,
    Decision,
    NotRecipient,
    Seen,
    require_decidable,
)
from shared.domain.events.payloads.support import Decided
from shared.exchange.sets import SecurityEvent


async def decide(batch: Batch, person: Person, event: SecurityEvent, payload: Decided) -> None:
    """Take a decision or an appeal, relay it, and bring the books to what it makes due.

    :raises NotShared: the office does not share the person.
    :raises SetNotPermitted: the office does not hold the programme membership.
    :raises Conflict: the case does not stand so that this can be decided.
    """
    require_shared(event.iss in person.members)
    require_programme(person, event)
    if person.row.programme_arm != "recipient":
        raise NotRecipient()
    case = await cases.newest_case(batch.session, person.token)
    latest = await batch.session.get(AssessmentRow, case.latest) if case and case.latest else None
    if case is None or latest is None:
        raise AssessmentSuperseded()
    decisions = await cases.decisions_of(batch.session, case.id)
    stands = cases.standing(decisions)
    decision = Decision(payload.decision, Seen(payload.assessment_id, payload.result_hash))
    granted = await cases.granted_months(batch.session, stands)
    require_decidable(stands, decision, cases.latest_of(latest), granted)
    batch.histories.take(event)
    batch.relay(event.iss, event.hash, person.members - {event.iss})
    await _take(batch, case, event, payload, len(decisions) + 1)
    if payload.decision in CONCLUDES_APPEAL:
        batch.dirty.add(person.token)  # a job that waited for the outcome may begin a case now


async def _take(batch: Batch, case: CaseRow, event: SecurityEvent, payload: Decided, number: int) -> None:
    row = CaseDecisionRow(
        case_id=case.id,
        number=number,
        kind=payload.decision,
        assessment_id=payload.assessment_id,
        result_hash=payload.result_hash,
        reason_code=payload.reason_code,
        iss=event.iss,
        taken_at=datetime.fromtimestamp(event.toe, UTC),
    )
    batch.session.add(row)
    await batch.session.flush()
    await cases.settle(batch.session, case, batch.now)
