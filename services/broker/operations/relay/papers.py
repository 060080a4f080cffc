"""Papers of cases (*akta sprawy*): what a member that joins must hold to keep the same books as everybody.

Of each case of the person: the assessments that count, in their order, then the decisions in theirs, each as its
author signed it. The broker says an assessment anew only where the person has another token since.
"""

from collections.abc import Iterator, Sequence, Set

from sqlalchemy import select

from services.broker.operations import cases
from services.broker.operations.relay.batch import Batch, Person
from services.broker.tables import AssessmentRow, CaseDecisionRow, CaseRow
from shared.domain.events.payloads.broker import Assessment
from shared.domain.events.payloads.support import Decided
from shared.domain.institutions import BROKER
from shared.exchange.sets import SecurityEvent, parse_set, read_event
from shared.exchange.stream.tables import SetRow


async def mail_papers(batch: Batch, person: Person, joined: Set[str]) -> None:
    """Mail the papers of a person's cases to those who join."""
    query = select(CaseRow).where(CaseRow.token == person.token).order_by(CaseRow.number)
    for case in list(await batch.session.scalars(query)):
        decisions = await cases.decisions_of(batch.session, case.id)
        signed = await _signed(batch, case, {row.iss for row in decisions})
        for event in await _assessments(batch, case, decisions, signed):
            if event.token == person.token:
                batch.relay(BROKER, event.hash, joined)
            else:
                batch.say(event.type.name, person.token, event.payload, joined)
        for event in _decisions(decisions, signed):
            batch.relay(event.iss, event.hash, joined - {event.iss})


async def _signed(batch: Batch, case: CaseRow, deciders: set[str]) -> Sequence[SecurityEvent]:
    """Return what the broker and those who decided said of the person, under each token of the case, in order."""
    query = select(SetRow.text, SetRow.hash).where(SetRow.token.in_(case.tokens), SetRow.iss.in_({BROKER, *deciders}))
    rows = await batch.session.execute(query.order_by(SetRow.stored_at, SetRow.n, SetRow.jti))
    return [read_event(parse_set(row.text), row.hash, batch.broker.identity.federation) for row in rows]


async def _assessments(
    batch: Batch, case: CaseRow, decisions: Sequence[CaseDecisionRow], signed: Sequence[SecurityEvent]
) -> Sequence[SecurityEvent]:
    """Return the assessments that were decided on, the newest complete one, and the newest."""
    complete = await cases.newest_complete(batch.session, case.id)
    wanted = {row.assessment_id for row in decisions} | {case.latest, complete.id if complete else None}
    query = select(AssessmentRow.id).where(AssessmentRow.id.in_(wanted - {None})).order_by(AssessmentRow.number)
    told = {event.payload.assessment_id: event for event in signed if isinstance(event.payload, Assessment)}
    return [told[name] for name in await batch.session.scalars(query) if name in told]


def _decisions(decisions: Sequence[CaseDecisionRow], signed: Sequence[SecurityEvent]) -> Iterator[SecurityEvent]:
    """Return the SET of each decision that was taken; one that still waits to be relayed comes after them."""
    left = [event for event in signed if isinstance(event.payload, Decided)]
    for row in decisions:
        found = next((event for event in left if _said_by(event) == _kept_in(row)), None)
        if found is not None:
            left.remove(found)
            yield found


def _said_by(event: SecurityEvent) -> tuple[str, ...]:
    return event.iss, event.payload.decision, event.payload.assessment_id, event.payload.result_hash


def _kept_in(row: CaseDecisionRow) -> tuple[str, ...]:
    return row.iss, row.kind, row.assessment_id, row.result_hash
