"""Decisions on the degressive benefit: the labour office that holds the programme membership decides on what it saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

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
from shared.domain.reasons import require_reason
from shared.institution.operations import contests
from shared.institution.operations.benefit import books
from shared.institution.operations.benefit.appeals import appeal_of, require_possible_day
from shared.institution.operations.benefit.budgets import require_budget
from shared.institution.operations.benefit.document import write_document
from shared.institution.operations.benefit.payables import day_of
from shared.institution.operations.benefit.ruling import kind_of_ruling
from shared.institution.operations.clients import is_joint, lock_active
from shared.institution.operations.membership import arm_of
from shared.institution.operations.restricted import require_unrestricted
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, DecisionRow

GRANTS: Final = ("approved", "refused")
"""What decides on the data; an appeal and its outcome are for the person's claims (GDPR, art. 18(2))."""

_USUAL: Final[Mapping[str, str]] = {"approved": "conditions_met", "appealed": "appeal_lodged"}


class NotYours(Forbidden):
    """Only the labour office that holds the programme membership of this client decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an official decides: approved or refused on a result; or what became of an earlier decision: it was
    appealed against, upheld, changed, or the appeal was withdrawn.

    ``result_hash`` is of the result that was on the screen; only a decision on amounts needs one. ``reason_code`` may
    be left out where no choice is to be explained: conditions met, an appeal lodged.
    """

    kind: str
    reason_code: str | None
    result_hash: str | None = None
    happened_on: date | None = None


async def decide(work: Work, client_id: str, verdict: Verdict, by: str) -> DecisionRow:
    """Take a decision on the newest case of a client, tell the other members, and bring the books to it.

    :raises NotFound: there is no assessment.
    :raises DataRestricted: the data are only kept; an appeal and its outcome are noted all the same.
    :raises NotYours: this office does not hold the programme membership.
    :raises Invalid: a reason that does not fit the ruling, or a day on which this cannot have happened.
    :raises Conflict: no recipient, a newer or provisional assessment, a decision or appeal that stands in the way, or
        a budget that does not hold what would be granted.
    """
    client = await lock_active(work.session, client_id)
    if verdict.kind in GRANTS:
        require_unrestricted(client)
    assessment = await books.newest(work.session, client_id)
    if assessment is None:
        raise NotFound("There is no assessment of this client.")
    await _require_its_turn(work, client)
    case = await books.case_file(work.session, assessment.case_id)
    seen = _seen(case, verdict)
    decision = Decision(verdict.kind, seen)
    require_decidable(case.standing, decision, books.latest_of(case.latest), case.granted)
    row = _row(work, client, case, verdict, seen, by)
    require_possible_day(appeal_of(case.decisions, row), today=day_of(work.now))
    row.document = await write_document(work, client, case, row)
    work.session.add(row)
    entries = await books.settle(work.session, assessment.case_id, work.now)
    if sum(entry.amount_gr for entry in entries if entry.institution == work.node.id) > 0:
        await require_budget(work.session, work.node.id, assessment.case_id)
    await work.finish()
    row.set_hash = work.signed[-1].hash
    return row


def _row(work: Work, client: ClientRow, case: books.CaseFile, verdict: Verdict, seen: Seen, by: str) -> DecisionRow:
    reason = verdict.reason_code or _USUAL.get(verdict.kind, "")
    require_reason(kind_of_ruling(case, verdict.kind), reason)
    values = {"assessment_id": seen.assessment_id, "result_hash": seen.result_hash}
    values |= {"decision": verdict.kind, "reason_code": reason}
    row = DecisionRow(
        id=work.node.ids.uuid7(),
        client_id=client.id,
        case_id=case.latest.case_id,
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
    if verdict.kind in ("appealed", "upheld", "withdrawn"):
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
    """Refuse a decision that is not this office's to take, or not while another labour office leads."""
    arm = await arm_of(work.session, work.node, client.id)
    if arm is not None:
        contests.require_lead(client, work.node.id)
    if not is_joint(client, work.node.id) or arm is None:
        raise NotYours()
    if arm != "recipient":
        raise NotRecipient()
