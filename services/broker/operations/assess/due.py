"""Who is to be assessed: news mark a person dirty, and the newest case of the person is assessed anew."""

from datetime import date, timedelta

import structlog
from sqlalchemy import select

from services.broker.node import Broker
from services.broker.operations import cases
from services.broker.operations.assess.known import Known, known_of, rows_of
from services.broker.operations.assess.publish import publish
from services.broker.operations.relay.batch import Batch, Person
from services.broker.tables import CaseRow, DirtyRow, RelayNoteRow
from shared.domain.assemble import Assembled, assemble
from shared.domain.benefit.rule import work_out
from shared.domain.errors import DomainError
from shared.domain.last_case import Course, LastCase

AT_ONCE = 50
PATIENCE = timedelta(seconds=30)
"""News waits so long for what is still to be relayed: under steady load, or behind a stream that fails, never more."""


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
        waiting = {row.token: row for row in await session.scalars(rows_of(DirtyRow, tokens))}
        query = rows_of(CaseRow, tokens).order_by(CaseRow.number)
        newest = {row.token: row for row in await session.scalars(query)}  # the newest of each
        due_now = [
            token for token in tokens if token in waiting and not _postponed(batch, waiting[token], newest.get(token))
        ]
        known = await known_of(session, [batch.people[token] for token in due_now])
        for token in due_now:
            await session.delete(waiting[token])
            try:
                await _assess_person(batch, batch.people[token], newest.get(token), known[token])
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
    """Assess the newest case of a person, and begin the next one where that one lets it.

    One that never ran is assessed no more once the next begins. While the office that holds the programme membership is
    held, because another one leads, the case stands as it was: nobody may decide on it, and nothing is known of it.
    """
    lead = person.row.programme_pup
    if lead is None or person.row.programme_arm != "recipient" or lead in person.held:
        return
    if case is None:
        await _next_case(batch, person, None, known, lead, None)
        return
    assembled = assemble(case_id=case.id, lead=lead, told=known.told, known=True, not_before=case.not_before)
    course = Course() if case.state == "proposed" else await cases.course(batch.session, case.id)
    first = LastCase(months=(), assembled=assembled, course=course).not_before(batch.now.date())
    if course.has_run:
        await _assess_case(batch, person, case, known, assembled)
    begun = first is not None and await _next_case(batch, person, case, known, lead, first)
    if not (course.has_run or begun):
        await _assess_case(batch, person, case, known, assembled)


async def _assess_case(batch: Batch, person: Person, case: CaseRow, known: Known, assembled: Assembled) -> None:
    if assembled.case is None:
        return
    case.assessed_at, case.first_start = batch.now, assembled.first_start or case.first_start
    case.ends_on = assembled.ends_on(batch.now.date())
    await publish(batch, person, case, assembled, known, work_out(assembled.case).result)


async def _next_case(
    batch: Batch, person: Person, last: CaseRow | None, known: Known, lead: str, not_before: date | None
) -> bool:
    """Begin a case, if the records make one from a day on, and tell whether they do; the last is assessed no more."""
    case_id = batch.broker.ids.uuid7()
    assembled = assemble(case_id=case_id, lead=lead, told=known.told, not_before=not_before)
    if assembled.case is None or assembled.first_start is None:
        return False
    case = CaseRow(
        id=case_id,
        token=person.token,
        number=last.number + 1 if last else 1,
        tokens=[person.token],
        owner=lead,
        not_before=not_before,
        first_start=assembled.first_start,
        ends_on=assembled.ends_on(batch.now.date()),
        state="proposed",
        assessed_at=batch.now,
    )
    batch.session.add(case)
    await publish(batch, person, case, assembled, known, work_out(assembled.case).result)
    return True
