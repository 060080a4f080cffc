"""An assessment is stored, told to the members if it says anything new, and brought into the books."""

import hashlib
from collections.abc import Sequence

from services.broker.operations.assess.known import Known
from services.broker.operations.cases import settle
from services.broker.operations.relay.batch import Batch, Person
from services.broker.tables import AssessmentRow, CaseRow
from shared.domain.assemble import Assembled
from shared.domain.benefit.case import case_json
from shared.domain.benefit.parameters import scheme_version
from shared.domain.benefit.result import Result, result_hash, result_json
from shared.domain.benefit.rule import RULE_VERSION
from shared.domain.events.payloads.broker import Assessment
from shared.exchange import jose


async def publish(
    batch: Batch, person: Person, case: CaseRow, assembled: Assembled, known: Known, result: Result
) -> None:
    """Store the assessment and tell the members, if it says anything new.

    :raises SetTooLarge: it rests on more SETs than a SET can name; nothing was stored.
    """
    latest = await batch.session.get(AssessmentRow, case.latest) if case.latest else None
    versions = {"rule": RULE_VERSION, "parameters": scheme_version()}
    assessment_id = _assessment_id(case.id, versions, known.inputs)
    digest = result_hash(result)
    says = (digest, known.complete, assembled.discrepancies)
    if latest and says == (latest.result_hash, latest.complete, latest.open_discrepancies):
        return
    if await batch.session.get(AssessmentRow, assessment_id) is not None:
        return
    kind = "made" if case.state == "proposed" else "corrected"
    row = AssessmentRow(
        id=assessment_id,
        case_id=case.id,
        number=latest.number + 1 if latest else 1,
        kind=kind,
        result_hash=digest,
        complete=known.complete,
        open_discrepancies=assembled.discrepancies,
        result=result_json(result),
        case=case_json(assembled.case) if assembled.case else None,
        versions=versions,
        inputs=list(known.inputs),
        made_at=batch.now,
    )
    batch.say(f"assessment.{kind}.v1", person.token, _payload(row), person.members)
    batch.session.add(row)
    case.latest = assessment_id
    await batch.session.flush()
    await settle(batch.session, case, batch.now)


def _payload(row: AssessmentRow) -> Assessment:
    return Assessment(
        assessment_id=row.id,
        case_id=row.case_id,
        result_hash=row.result_hash,
        complete=row.complete,
        open_discrepancies=row.open_discrepancies,
        months=tuple(row.result["months"]),
        total_gr=row.result["total_gr"],
        gap_gr=row.result["gap_gr"],
        versions=row.versions,
        inputs=tuple(row.inputs),
    )


def _assessment_id(case_id: str, versions: dict[str, str], inputs: Sequence[str]) -> str:
    """Return SHA-256 of the case, the versions and the sorted hashes of the input SETs."""
    parts = [case_id, versions["rule"], versions["parameters"], *sorted(inputs)]
    return jose.encode(hashlib.sha256("|".join(parts).encode()).digest())
