"""Assessment: what the members told about a recipient who took a job becomes a schedule, and late news corrects it.

News marks a person dirty. The person is assessed once nothing waits to be relayed, or half a minute later at the
latest, at most once in ``assess_interval_s``, and the outcome is published only if the ledger, its completeness or its
discrepancies change.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from services.broker.operations.ledger import book
from services.broker.operations.merged import has_restated
from services.broker.operations.relay.batch import Batch, Person
from services.broker.tables import AssessmentRow, AttributeRow, CaseRow, DirtyRow, RelayNoteRow
from shared.domain.assemble import Assembled, Told, assemble
from shared.domain.benefit.case import case_json
from shared.domain.benefit.eligibility import NOT_COUNTED
from shared.domain.benefit.parameters import scheme_version
from shared.domain.benefit.result import Result, result_hash, result_json
from shared.domain.benefit.rule import RULE_VERSION, work_out
from shared.domain.errors import DomainError
from shared.domain.events import schema
from shared.domain.events.payloads.broker import Assessment
from shared.domain.events.types import event_type
from shared.exchange import jose
from shared.exchange.history.tables import AuthorRow, SharedRecordRow

AT_ONCE = 50
PATIENCE = timedelta(seconds=30)
"""News waits so long for what is still to be relayed: under steady load, or behind a stream that fails, never more."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person, and the hashes of the SETs that say it."""

    told: Sequence[Told]
    inputs: Sequence[str]
    complete: bool


async def assess_due(broker: Broker) -> bool:
    """Assess who is due, some at a time; return whether anybody was."""
    async with broker.db.read() as session:
        waits = await session.scalar(select(RelayNoteRow.stream_id).limit(1)) is not None
        since = broker.now - (PATIENCE if waits else timedelta())
        due = select(DirtyRow.token).where(DirtyRow.since <= since).order_by(DirtyRow.since, DirtyRow.token)
        tokens = sorted(await session.scalars(due.limit(AT_ONCE)))
    if not tokens:
        return False
    async with broker.db.write() as session:
        batch = Batch(broker, session, broker.now)
        await batch.load(tokens)
        waiting = {row.token: row for row in await session.scalars(_of(DirtyRow, tokens))}
        cases = {row.token: row for row in await session.scalars(_of(CaseRow, tokens))}
        due_now = [
            token for token in tokens if token in waiting and not _postponed(batch, waiting[token], cases.get(token))
        ]
        known = await _known(session, [batch.people[token] for token in due_now])
        for token in due_now:
            await session.delete(waiting[token])
            try:
                await _assess_person(batch, batch.people[token], cases.get(token), known[token])
            except DomainError as failure:  # one person's records never stand in the way of the others'
                log = structlog.get_logger()
                log.warning("a case cannot be assessed", problem=failure.problem, field=failure.field)
        await batch.flush()
    for member in batch.mail:
        broker.bells.ring(member)
    return True


def _postponed(batch: Batch, dirty: DirtyRow, case: CaseRow | None) -> bool:
    """Tell whether a person was assessed so lately that it must wait; then say until when."""
    if case is None:
        return False
    free = case.assessed_at + timedelta(seconds=batch.broker.settings.assess_interval_s)
    if free > batch.now:
        dirty.since = free
    return free > batch.now


async def _assess_person(batch: Batch, person: Person, case: CaseRow | None, known: Known) -> None:
    lead = person.row.programme_pup
    if lead is None or person.row.programme_arm != "recipient":
        return
    case_id = case.id if case else batch.broker.ids.uuid7()
    assembled = assemble(case_id=case_id, lead=lead, told=known.told, known=case is not None)
    if assembled.case is None:
        return
    if case is None:
        case = CaseRow(id=case_id, token=person.token, owner=lead, state="open")
        batch.session.add(case)
    case.assessed_at, case.first_start = batch.now, assembled.first_start or case.first_start
    await _publish(batch, person, case, assembled, known, work_out(assembled.case).result)


async def _publish(
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
    kind = "made" if case.state == "open" else "corrected"
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
    if case.state == "decided" and row.complete and not row.open_discrepancies:
        await book(batch.session, case.id, row.id, row.result["months"], batch.now)


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


async def _known(session: AsyncSession, people: Sequence[Person]) -> dict[str, Known]:
    tokens = [person.token for person in people]
    records: dict[str, list[SharedRecordRow]] = defaultdict(list)
    for row in await session.scalars(_of(SharedRecordRow, tokens)):
        records[row.token].append(row)
    authors: dict[str, dict[str, AuthorRow]] = defaultdict(dict)
    for author in await session.scalars(_of(AuthorRow, tokens)):
        authors[author.token][author.iss] = author
    joined = _of(AttributeRow, tokens).where(AttributeRow.name == "programme")
    memberships = {(row.token, row.iss): row.hash for row in await session.scalars(joined)}
    return {
        person.token: _known_of(
            person,
            records[person.token],
            authors[person.token],
            memberships.get((person.token, person.row.programme_pup or "")),
        )
        for person in people
    }


def _known_of(
    person: Person, records: Sequence[SharedRecordRow], authors: Mapping[str, AuthorRow], membership: str | None
) -> Known:
    """Return what is known of a person; ``membership`` is the hash of the SET that says who leads, and in which arm."""
    members = sorted(person.members)
    rows = [row for row in records if row.iss in person.members]
    told = [Told(row.iss, schema.read(event_type(row.type).shape, row.payload)) for row in rows if not row.dropped]
    used = {jose.encode(row.hash) for row in rows if row.dropped or row.record != "support_form" or _counts(row)}
    baselines = {digest for name in members if name in authors for digest in authors[name].baseline_hashes or ()}
    inputs = used | baselines | {person.row.news_hash or "", membership or ""}
    complete = all(has_restated(authors.get(name), person.row.restate_generation) for name in members)
    return Known(told, sorted(inputs - {""}), complete)


def _counts(row: SharedRecordRow) -> bool:
    """Tell whether a form of support enters the case: only placements do, for the days that do not count."""
    return row.payload.get("code") in NOT_COUNTED


def _of(entity: Any, tokens: Sequence[str]) -> Select[Any]:
    return select(entity).where(entity.token.in_(tokens))
