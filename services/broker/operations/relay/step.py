"""One step of the relay: up to 500 entries of one stream, by one worker, in one transaction."""

from collections.abc import Awaitable, Callable, Container, Sequence
from typing import Any

import structlog
from sqlalchemy import BindParameter, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import ASSESS, Broker
from services.broker.operations.relay import closing, matching, sharing
from services.broker.operations.relay.batch import Batch, Person, Work
from services.broker.operations.relay.deciding import decide
from services.broker.operations.relay.erasing import take_erasure
from services.broker.operations.relay.finishing import finish
from services.broker.operations.relay.naming import name_all
from services.broker.operations.relay.refusing import refuse, tell_refused
from services.broker.operations.relay.rekeying import rekey
from services.broker.tables import RelayCursorRow, RelayNoteRow
from shared.domain.errors import DomainError
from shared.domain.events.payloads.people import Enrolled, Rekeyed
from shared.exchange.sets import SecurityEvent, parse_set, read_event
from shared.exchange.stream.heads import ENTRIES, Head, head_by_id
from shared.exchange.stream.tables import DeadLetterRow, SetRow
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.database.engine import connection_of

STEP = 500
Handler = Callable[..., Awaitable[None]]

_CURSORS = table_of(RelayCursorRow)
_NOTES = table_of(RelayNoteRow)
_SETS = table_of(SetRow)

# Statements of the hot paths are built once: building one takes as long as running it.
_STREAM: BindParameter[Any] = bindparam("of_stream")
_WAITING = (
    select(
        _NOTES.c.stream_id,
        (func.max(_NOTES.c.position) - func.coalesce(func.max(_CURSORS.c.position), 0)).label("entries"),
    )
    .outerjoin(_CURSORS, _CURSORS.c.stream_id == _NOTES.c.stream_id)
    .group_by(_NOTES.c.stream_id)
)
_DONE = delete(_NOTES).where(_NOTES.c.stream_id == _STREAM, _NOTES.c.position <= bindparam("up_to"))
_CLAIM = select(RelayCursorRow).where(RelayCursorRow.stream_id == _STREAM).with_for_update(skip_locked=True)
_HELD = (_SETS.c.iss == ENTRIES.c.iss) & (_SETS.c.hash == ENTRIES.c.hash) & (ENTRIES.c.state == "kept")
_AFTER = (
    select(ENTRIES.c.position, ENTRIES.c.hash, _SETS.c.text)
    .outerjoin(_SETS, _HELD)
    .where(ENTRIES.c.stream_id == _STREAM, ENTRIES.c.position > bindparam("after"))
    .order_by(ENTRIES.c.position)
    .limit(STEP)
)
_LETTERS = select(DeadLetterRow).where(DeadLetterRow.stream_id == _STREAM, DeadLetterRow.position > bindparam("after"))

_WITH_PAYLOAD: dict[str, Handler] = {
    "client.enrolled.v1": matching.enrol,
    "client.changed.v1": matching.change,
    "client.rekeyed.v1": rekey,
    "match.confirmed.v1": matching.answer,
    "match.refused.v1": matching.answer,
    "assessment.decided.v1": decide,
    "set.erased.v1": take_erasure,
}

_OF_RUN: dict[str, Handler] = {
    "reconciliation.answered.v1": closing.answered,
    "shared.digest.v1": closing.pass_digest,
}


async def relay_once(broker: Broker) -> bool:
    """Relay what waits, a step of each stream in turn; return whether there was anything.

    Before each step it is looked anew who waits. Of those who had no turn yet, who has least comes first, then who was
    served longest ago: a single event waits for the step that runs, however many streams have however much. A stream
    whose step fails holds up no other: the rest goes on, and the failure is raised when nothing else moves.
    """
    worked, failed = False, None
    served: set[int] = set()
    while (stream_id := await _next(broker, served)) is not None:
        served.add(stream_id)
        broker.turns[stream_id] = max(broker.turns.values(), default=0) + 1
        try:
            worked = await _relay_stream(broker, stream_id) or worked
        except Exception as failure:
            failed = failure
            structlog.get_logger().warning("relay failed", stream=stream_id, cause=type(failure).__name__)
    if failed is not None and not worked:
        raise failed
    return worked


async def _next(broker: Broker, served: Container[int]) -> int | None:
    async with broker.db.read() as session:
        waiting = [row for row in await session.execute(_WAITING) if row.stream_id not in served]
    first = min(waiting, key=lambda row: (row.entries, broker.turns.get(row.stream_id, 0)), default=None)
    return first.stream_id if first is not None else None


async def _relay_stream(broker: Broker, stream_id: int) -> bool:
    async with broker.db.write() as session:
        cursor = await _claim(session, stream_id)
        if cursor is None:
            return False
        head = await head_by_id(session, stream_id)
        if head is None:
            return False
        work = await _entries(session, broker, stream_id, cursor.position)
        batch = Batch(broker, session, broker.now)
        work = await name_all(batch, work)
        await batch.load(_tokens(batch, work), _authors(work))
        matching.tell_moved(batch)
        for one in work:
            await _understand(batch, head, one)
        await finish(batch)
        cursor.position = work[-1].position if work else head.position
        connection = await connection_of(session)
        await connection.execute(_DONE, {"of_stream": stream_id, "up_to": cursor.position})
    _announce(broker, batch)
    return bool(work)


async def _claim(session: AsyncSession, stream_id: int) -> RelayCursorRow | None:
    await insert_many(session, _CURSORS, [{"stream_id": stream_id, "position": 0}], conflict="ON CONFLICT DO NOTHING")
    return await session.scalar(_CLAIM, {"of_stream": stream_id})


async def _entries(session: AsyncSession, broker: Broker, stream_id: int, after: int) -> Sequence[Work]:
    asked = {"of_stream": stream_id, "after": after}
    refused = {letter.position: letter for letter in await session.scalars(_LETTERS, asked)}
    connection = await connection_of(session)
    return [
        Work(row.position, _event(broker, row.text, row.hash), refused.get(row.position))
        for row in await connection.execute(_AFTER, asked)
    ]


def _event(broker: Broker, text: str | None, digest: bytes) -> SecurityEvent | None:
    return read_event(parse_set(text), digest, broker.identity.federation) if text else None


def _tokens(batch: Batch, work: Sequence[Work]) -> set[str]:
    """Return everybody a batch is about, so that all are locked at once and in order."""
    events = [one.event for one in work if one.event and not one.event.type.is_of_run]
    moved = {event.payload.token for event in events if isinstance(event.payload, Rekeyed)}
    moved = {batch.names.get(token, token) for token in moved} | batch.moved
    return moved | {e.token for e in events} | {one.letter.token for one in work if one.letter and one.letter.token}


def _authors(work: Sequence[Work]) -> set[tuple[str, str]]:
    refused = {(one.letter.token, one.letter.iss) for one in work if one.letter and one.letter.token}
    return refused | {(one.event.token, one.event.iss) for one in work if one.event and one.event.type.is_shared}


async def _understand(batch: Batch, head: Head, work: Work) -> None:
    await matching.settle(batch, _settled_first(work))
    if work.letter is not None:
        tell_refused(batch, work.letter)
    if work.event is None:
        return
    try:
        if work.event.type.is_of_run:
            await _OF_RUN[work.event.type.name](batch, work.event)
        else:
            await _handle(batch, batch.people[work.event.token], work.event)
    except DomainError as failure:
        await refuse(batch, head, work.position, work.event, failure)


def _settled_first(work: Work) -> set[str]:
    """Return of whom it must be settled who shares the person; an enrolment settles that, once it is taken."""
    tokens = {work.letter.token} if work.letter and work.letter.token else set()
    event = work.event
    return tokens | ({event.token} if event and not isinstance(event.payload, Enrolled) else set())


async def _handle(batch: Batch, person: Person, event: SecurityEvent) -> None:
    handler = _WITH_PAYLOAD.get(event.type.name)
    if handler is not None:
        await handler(batch, person, event, event.payload)
    elif event.type.name == "client.withdrawn.v1":
        await matching.withdraw(batch, person, event)
    elif event.type.is_shared:
        await sharing.share(batch, person, event)
    elif event.type.goes_to == "members":
        await sharing.pass_on(batch, person, event)
    else:
        await sharing.keep(batch, person, event)


def _announce(broker: Broker, batch: Batch) -> None:
    for institution, mail in batch.mail.items():
        if mail:
            broker.bells.ring(institution)
            broker.metrics.sets.labels("relayed").inc(len(mail))
    if batch.dirty:
        broker.bells.ring(ASSESS)
