"""Decisions on the degressive benefit: the labour office that holds the programme membership decides on what it saw."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.decision import (
    AssessmentSuperseded,
    Decision,
    NothingToAppeal,
    NotRecipient,
    Seen,
    require_decidable,
)
from shared.domain.errors import Forbidden, NotFound
from shared.domain.events.payloads.support import Decided
from shared.institution.kinds import RecordKind
from shared.institution.node import Node
from shared.institution.operations import books
from shared.institution.operations.budgets import require_budget
from shared.institution.operations.clients import is_joint, lock_active
from shared.institution.operations.document import write_document
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, DecisionRow


class NotYours(Forbidden):
    """Only the labour office that holds the programme membership of this client decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an official decides: approved or refused on a result; appealed, upheld or changed on an earlier decision.

    ``result_hash`` is of the result that was on the screen; an appeal and its dismissal need none.
    """

    kind: str
    reason_code: str
    result_hash: str | None = None
    happened_on: date | None = None


async def decide(work: Work, client_id: str, verdict: Verdict, by: str) -> DecisionRow:
    """Take a decision on the newest case of a client, tell the other members, and bring the books to it.

    :raises NotFound: there is no assessment.
    :raises NotYours: this office does not hold the programme membership.
    :raises Conflict: no recipient, a newer or provisional assessment, a decision or appeal that stands in the way, or
        a budget that does not hold what would be granted.
    """
    client = await lock_active(work.session, client_id)
    assessment = await books.newest(work.session, client_id)
    if assessment is None:
        raise NotFound("There is no assessment of this client.")
    await _require_its_turn(work, client)
    case = await books.case_file(work.session, assessment.case_id)
    seen = _seen(case, verdict)
    decision = Decision(verdict.kind, seen)
    require_decidable(case.standing, decision, books.latest_of(case.latest), case.granted)
    row = _row(work, client, assessment.case_id, verdict, seen, by)
    row.document = await write_document(work, client, case, row)
    work.session.add(row)
    entries = await books.settle(work.session, assessment.case_id, work.now)
    if sum(entry.amount_gr for entry in entries if entry.institution == work.node.id) > 0:
        await require_budget(work.session, work.node.id, assessment.case_id)
    await work.finish()
    row.set_hash = work.signed[-1].hash
    return row


def _row(work: Work, client: ClientRow, case_id: str, verdict: Verdict, seen: Seen, by: str) -> DecisionRow:
    values = {"assessment_id": seen.assessment_id, "result_hash": seen.result_hash}
    values |= {"decision": verdict.kind, "reason_code": verdict.reason_code}
    row = DecisionRow(
        id=work.node.ids.uuid7(),
        client_id=client.id,
        case_id=case_id,
        iss=work.node.id,
        decided_by=by,
        happened_on=verdict.happened_on,
        state="taken",
        decided_at=work.now,
        **values,
    )
    work.tell("assessment.decided.v1", client.token, Decided(**values))
    work.changed("decision", row.id, client.id, verdict.kind)
    return row


def _seen(case: books.CaseFile, verdict: Verdict) -> Seen:
    """Return the assessment that a verdict is on."""
    decided, previous = case.standing.decided, case.standing.previous
    if verdict.kind in ("appealed", "upheld"):
        if decided is None:
            raise NothingToAppeal(received=case.standing.state)
        return decided
    latest = books.latest_of(case.latest).seen
    if verdict.result_hash == latest.result_hash:
        return latest
    if verdict.kind == "changed" and previous is not None and verdict.result_hash == previous.result_hash:
        return previous
    raise AssessmentSuperseded(field="result_hash", expected=latest.result_hash)


async def _require_its_turn(work: Work, client: ClientRow) -> None:
    """Refuse a decision that is not this office's to take."""
    arm = await arm_of(work.session, work.node, client.id)
    if not is_joint(client, work.node.id) or arm is None:
        raise NotYours()
    if arm != "recipient":
        raise NotRecipient()


async def arm_of(session: AsyncSession, node: Node, client_id: str) -> str | None:
    """Return the arm of the programme membership that this office holds, or ``None`` where it holds none."""
    kind = membership_kind(node)
    if kind is None:
        return None
    query = select(kind.row).where(kind.row.client_id == client_id, kind.row.state == "open").limit(1)
    return getattr(await session.scalar(query), "arm", None)


def membership_kind(node: Node) -> RecordKind | None:
    """Return the kind of record that says who takes part in the programme; only a labour office keeps it."""
    return next((kind for kind in node.institution.kinds if kind.name == "programme_membership"), None)
