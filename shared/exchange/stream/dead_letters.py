"""Dead letters (*martwe listy*): SETs that were not taken, listed at both ends with the problem."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import DomainError
from shared.domain.institutions import BROKER
from shared.exchange.judge import Verdict
from shared.exchange.stream.heads import Head
from shared.exchange.stream.tables import DeadLetterRow, EntryRow, SetRow
from shared.runtime.database.bulk import table_of
from shared.runtime.database.engine import connection_of
from shared.runtime.ids import Ids

MAX_ERRORS = 500
_LETTERS = table_of(DeadLetterRow)
_OWN_AFTER = (
    select(_LETTERS.c.position, _LETTERS.c.problem)
    .where(
        _LETTERS.c.stream_id == bindparam("of_stream"),
        _LETTERS.c.found_by == "self",
        _LETTERS.c.position > bindparam("seen"),
    )
    .order_by(_LETTERS.c.position)
    .limit(MAX_ERRORS)
)
_LAST_OF_PEER = select(func.max(_LETTERS.c.position)).where(
    _LETTERS.c.stream_id == bindparam("of_stream"), _LETTERS.c.found_by == "peer"
)


async def bury(
    session: AsyncSession,
    head: Head,
    position: int,
    verdict: Verdict,
    failure: DomainError,
    *,
    ids: Ids,
    at: datetime,
    counted: bool = False,
) -> DeadLetterRow:
    """Note that the receiver did not take an entry; ``counted``: a parting on its way or an ended key explains it."""
    row = DeadLetterRow(
        id=ids.uuid7(),
        stream_id=head.id,
        position=position,
        iss=verdict.iss or head.owner,
        hash=verdict.hash,
        token=verdict.token,
        n=verdict.n,
        problem=failure.problem,
        state="counted" if counted else "open",
        found_by="self",
        at=at,
    )
    session.add(row)
    return row


async def errors_after(session: AsyncSession, head: Head, seen: int) -> list[dict[str, Any]]:
    """Return the errors that the other end has not acknowledged."""
    await session.flush()  # what was buried a moment ago counts
    connection = await connection_of(session)
    rows = await connection.execute(_OWN_AFTER, {"of_stream": head.id, "seen": seen})
    return [{"position": row.position, "problem": row.problem} for row in rows]


async def note_errors(
    session: AsyncSession, head: Head, errors: Sequence[Mapping[str, Any]], *, ids: Ids, at: datetime
) -> None:
    """Note at the author what the other end said it did not take; each once.

    What an office cannot name yet, while one match key follows another, the broker counts apart: it is taken later.
    """
    excused = ("not-shared", "match-key-mismatch") if head.owner == BROKER else ("not-shared",)
    if not errors:
        return
    known = set(await session.scalars(select(DeadLetterRow.position).where(DeadLetterRow.stream_id == head.id)))
    for error in errors[:MAX_ERRORS]:
        position, problem = error.get("position"), error.get("problem")
        if type(position) is not int or not isinstance(problem, str) or position in known:
            continue
        entry = await session.get(EntryRow, (head.id, position))
        if entry is None:
            continue
        sent = await session.get(SetRow, (entry.iss, entry.hash))
        known.add(position)
        session.add(
            DeadLetterRow(
                id=ids.uuid7(),
                stream_id=head.id,
                position=position,
                iss=entry.iss,
                hash=entry.hash,
                token=sent.token if sent else None,
                n=sent.n if sent else None,
                problem=problem[:40],
                state="counted" if problem in excused else "open",
                found_by="peer",
                at=at,
            )
        )


async def note_refusals(
    session: AsyncSession, head: Head, refused: Mapping[bytes, str], *, ids: Ids, at: datetime
) -> None:
    """Note at the author what ``set.refused.v1`` said, by the hash of the SET: the relay finds it after the push."""
    query = select(EntryRow.position, EntryRow.hash).where(
        EntryRow.stream_id == head.id, EntryRow.hash.in_(sorted(refused))
    )
    rows = await session.execute(query.order_by(EntryRow.position))
    errors = [{"position": row.position, "problem": refused[row.hash]} for row in rows]
    await note_errors(session, head, errors, ids=ids, at=at)


async def last_error_seen(session: AsyncSession, head: Head) -> int:
    """Return the last position whose error is noted here: it acknowledges all before."""
    connection = await connection_of(session)
    return (await connection.scalar(_LAST_OF_PEER, {"of_stream": head.id})) or 0
