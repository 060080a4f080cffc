"""Decisions on the degressive benefit: the labour office that holds the programme membership decides on what it saw."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.decision import NotRecipient, require_decidable
from shared.domain.errors import Forbidden, NotFound
from shared.domain.events.payloads.support import Decided
from shared.institution.models.benefit import NewDecision
from shared.institution.operations.clients import is_joint, lock_active
from shared.institution.operations.work import Work
from shared.institution.tables import AssessmentRow, ClientRow, DecisionRow


class NotYours(Forbidden):
    """Only the labour office that holds the programme membership of this client decides."""


async def newest(session: AsyncSession, client_id: str) -> AssessmentRow | None:
    """Return the newest assessment of a client."""
    query = select(AssessmentRow).where(AssessmentRow.client_id == client_id)
    return await session.scalar(query.order_by(AssessmentRow.position.desc()).limit(1))


async def decisions_of(session: AsyncSession, client_id: str) -> Sequence[DecisionRow]:
    """Return the decisions on a client, those returned by the broker too, oldest first."""
    query = select(DecisionRow).where(DecisionRow.client_id == client_id).order_by(DecisionRow.decided_at)
    return list(await session.scalars(query))


async def decide(work: Work, client_id: str, new: NewDecision, by: str) -> DecisionRow:
    """Decide on the newest assessment of a client, by the hash of the result that was on the screen.

    :raises NotFound: there is no assessment.
    :raises NotYours: this office does not hold the programme membership.
    :raises Conflict: no recipient, a newer or provisional assessment, or a decision that stands.
    """
    client = await lock_active(work.session, client_id)
    assessment = await newest(work.session, client_id)
    if assessment is None:
        raise NotFound("There is no assessment of this client.")
    await _require_its_turn(work, client, assessment, new.result_hash)
    values = {"assessment_id": assessment.assessment_id, "result_hash": assessment.result_hash}
    values |= {"decision": new.decision, "reason_code": new.reason_code}
    row = DecisionRow(
        id=work.node.ids.uuid7(),
        client_id=client_id,
        case_id=assessment.case_id,
        iss=work.node.id,
        decided_by=by,
        state="taken",
        decided_at=work.now,
        **values,
    )
    work.session.add(row)
    work.tell("assessment.decided.v1", client.token, Decided(**values))
    work.changed("decision", row.id, client_id, new.decision)
    await work.finish()
    row.set_hash = work.signed[-1].hash
    return row


async def _require_its_turn(work: Work, client: ClientRow, assessment: AssessmentRow, shown: str) -> None:
    """Refuse a decision that is not this office's to take, or not on this result, or not any more."""
    arm = await _arm(work, client.id)
    if not is_joint(client, work.node.id) or arm is None:
        raise NotYours()
    if arm != "recipient":
        raise NotRecipient()
    standing = [row for row in await decisions_of(work.session, client.id) if row.state == "taken"]
    require_decidable(
        shown=shown,
        latest=assessment.result_hash,
        complete=assessment.complete,
        open_discrepancies=assessment.open_discrepancies,
        decided=any(row.case_id in (assessment.case_id, "") for row in standing),
    )


async def _arm(work: Work, client_id: str) -> str | None:
    """Return the arm of the programme membership that this office holds, or ``None`` where it holds none."""
    for kind in work.node.institution.kinds:
        if kind.name == "programme_membership":
            query = select(kind.row).where(kind.row.client_id == client_id, kind.row.state == "open").limit(1)
            return getattr(await work.session.scalar(query), "arm", None)
    return None
