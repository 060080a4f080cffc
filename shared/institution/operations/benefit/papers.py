"""Papers of cases (*akta sprawy*): assessments that the broker told, decisions that officials took; the books follow.

They come as they are made, or together when the office joins a case under way; in any order, for a decision waits for
its assessment. Who decides is the broker's to check: a member holds the programme membership, and may have left since.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.payloads.broker import Assessment
from shared.domain.events.payloads.support import Decided
from shared.exchange.sets import SecurityEvent
from shared.institution.operations.benefit import books
from shared.institution.operations.work import Work
from shared.institution.tables import AssessmentRow, ClientRow, DecisionRow

MAILBOX_BITS = 40
"""A mailbox has room for 10^12 SETs; of before there was a number, places stand below those of every mailbox."""


def place_of(mailbox: int, position: int) -> int:
    """Return where mail stands among that of all mailboxes, by the mailbox's number here and the position in it."""
    return mailbox << MAILBOX_BITS | position


async def note_assessment(work: Work, client: ClientRow, event: SecurityEvent, place: int) -> None:
    """Keep an assessment, once, with the decisions that waited for it."""
    payload: Assessment = event.payload
    if await books.case_of(work.session, client.id, payload.assessment_id):
        return
    values = {name: getattr(payload, name) for name in ("assessment_id", "case_id", "result_hash", "complete")}
    values |= {name: getattr(payload, name) for name in ("open_discrepancies", "total_gr", "gap_gr", "versions")}
    row = AssessmentRow(
        position=place,
        client_id=client.id,
        kind=event.type.name.split(".")[1],
        months=[dict(month) for month in payload.months],
        inputs=list(payload.inputs),
        received_at=work.now,
        **values,
    )
    work.session.add(row)
    waiting = update(DecisionRow).where(
        DecisionRow.client_id == client.id, DecisionRow.assessment_id == row.assessment_id, DecisionRow.case_id == ""
    )
    await work.session.execute(waiting.values(case_id=row.case_id))
    work.changed("assessment", row.assessment_id, client.id, row.kind)
    await books.settle(work.session, row.case_id, work.now)


async def note_decision(work: Work, client_id: str, event: SecurityEvent) -> None:
    """Keep, once, a decision that was taken elsewhere, or here before the office was restored."""
    payload: Decided = event.payload
    held = (DecisionRow.client_id == client_id, DecisionRow.set_hash == event.hash)
    if await work.session.scalar(select(DecisionRow.id).where(*held).limit(1)):
        return
    case_id = await books.case_of(work.session, client_id, payload.assessment_id)
    row = DecisionRow(
        id=work.node.ids.uuid7(),
        client_id=client_id,
        case_id=case_id,
        assessment_id=payload.assessment_id,
        result_hash=payload.result_hash,
        decision=payload.decision,
        reason_code=payload.reason_code,
        iss=event.iss,
        set_hash=event.hash,
        state="taken",
        decided_at=datetime.fromtimestamp(event.toe, UTC),
    )
    work.session.add(row)
    if case_id:
        await books.settle(work.session, case_id, work.now)


async def moved(
    session: AsyncSession, events: Sequence[SecurityEvent], clients: Mapping[str, ClientRow]
) -> dict[str, ClientRow]:
    """Return whom decisions are about that were signed under a token which the person no longer has, by that token.

    They are known by the assessment they are on, which came before them or comes with them.
    """
    strange = {e.token: e.payload.assessment_id for e in events if isinstance(e.payload, Decided)}
    strange = {token: assessment_id for token, assessment_id in strange.items() if token not in clients}
    if not strange:
        return {}
    told = {e.payload.assessment_id: clients.get(e.token) for e in events if isinstance(e.payload, Assessment)}
    known = select(AssessmentRow.assessment_id, ClientRow).join(ClientRow, ClientRow.id == AssessmentRow.client_id)
    asked = known.where(AssessmentRow.assessment_id.in_(set(strange.values()))).order_by(ClientRow.id)
    told |= {row[0]: row[1] for row in await session.execute(asked.with_for_update(of=ClientRow))}
    return {token: client for token, assessment_id in strange.items() if (client := told.get(assessment_id))}
