"""A decision of an official on an assessment: taken from the holder of the programme membership, and booked."""

from sqlalchemy import select

from services.broker.operations.ledger import book
from services.broker.operations.relay.batch import Batch, Person
from services.broker.operations.relay.sharing import require_programme
from services.broker.operations.standing import require_shared
from services.broker.tables import AssessmentRow, CaseRow
from shared.domain.decision import AssessmentSuperseded, NotRecipient, require_decidable
from shared.domain.events.payloads.support import Decided
from shared.exchange.sets import SecurityEvent


async def decide(batch: Batch, person: Person, event: SecurityEvent, payload: Decided) -> None:
    """Take a decision, relay it, and book all months of what was approved.

    :raises NotShared: the office does not share the person.
    :raises SetNotPermitted: the office does not hold the programme membership.
    :raises Conflict: a newer or provisional assessment, or a decision that stands already.
    """
    require_shared(event.iss in person.members)
    require_programme(person, event)
    if person.row.programme_arm != "recipient":
        raise NotRecipient()
    case = await batch.session.scalar(select(CaseRow).where(CaseRow.token == person.token).with_for_update())
    latest = await batch.session.get(AssessmentRow, case.latest) if case and case.latest else None
    if case is None or latest is None or latest.id != payload.assessment_id:
        raise AssessmentSuperseded()
    require_decidable(
        shown=payload.result_hash,
        latest=latest.result_hash,
        complete=latest.complete,
        open_discrepancies=latest.open_discrepancies,
        decided=case.state != "open",
    )
    batch.histories.take(event)
    batch.relay(event.iss, event.hash, person.members - {event.iss})
    case.state, case.decided = ("decided" if payload.decision == "approved" else "refused"), latest.id
    if payload.decision == "approved":
        await book(batch.session, case.id, latest.id, latest.result["months"], batch.now)
