"""Erasing once more what a backup brought back: the office's own words, which the broker holds, say what it was.

A word names no record; it carries the mark of one, which the office compares with what it has (docs/decisions/0051).
Who had to refuse an erasure was asked when it was done; nobody is asked again, and nothing is told, for it was told.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, or_, select

from shared.domain.erasure import mark_of
from shared.domain.events.payloads.erasing import Erased
from shared.exchange import jose
from shared.exchange.sets import SecurityEvent
from shared.institution.kinds import RecordKind
from shared.institution.operations.erasing.client import CLIENT, remove_client
from shared.institution.operations.erasing.naming import tokens_of
from shared.institution.operations.erasing.record import family_of, name_of, remove_family
from shared.institution.operations.erasing.settling import Erasing, note
from shared.institution.operations.leaving import forget_duplicates
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, EmploymentRow, FormerTokenRow

BY = "restore"
"""Who erased it, in the list of erasures: what the list said before went with the database."""


async def erase_again(work: Work, events: Iterable[SecurityEvent]) -> None:
    """Erase what the office's own words among these say, where it is there: rows, names, and the list of erasures."""
    words: dict[tuple[str, str], list[SecurityEvent]] = {}
    for event in events:
        if isinstance(event.payload, Erased) and event.payload.record is not None:
            words.setdefault((event.token, event.payload.record), []).append(event)
    if words:
        await work.session.flush()
    for (token, mark), told in words.items():
        if (client := await _client(work, token)) is not None:
            await _erase(work, client, mark, told)


async def _client(work: Work, token: str) -> ClientRow | None:
    former = select(FormerTokenRow.client_id).where(FormerTokenRow.token == token)
    query = select(ClientRow).where(or_(ClientRow.token == token, ClientRow.id.in_(former)))
    return await work.session.scalar(query.order_by(ClientRow.id).limit(1).with_for_update())


async def _erase(work: Work, client: ClientRow, mark: str, told: Sequence[SecurityEvent]) -> None:
    if mark_of(client.id) == mark:
        if await _has_newer(work, client, datetime.fromtimestamp(told[-1].iat, UTC)):
            structlog.get_logger().warning("an erased client came back and was written to; erase it by hand")
            return
        tokens = await tokens_of(work.session, client)
        await _note(work, client.id, CLIENT, client.id, told)
        await remove_client(work, client, tokens)
        work.session.expunge(client)
    elif found := await _record(work, client, mark):
        kind, record_id = found
        tokens = await tokens_of(work.session, client)
        family = await family_of(work, client, kind, record_id)
        await remove_family(work, family, tokens)
        for token in tokens:
            await forget_duplicates(work.session, token, [row.id for _, row in family])
        await _note(work, client.id, name_of(kind), record_id, told)


async def _record(work: Work, client: ClientRow, mark: str) -> tuple[RecordKind | None, str] | None:
    kinds: Sequence[RecordKind | None] = (*work.node.institution.kinds, None)
    for kind in kinds:
        row = kind.row if kind else EmploymentRow
        for record_id in await work.session.scalars(select(row.id).where(row.client_id == client.id)):
            if mark_of(record_id) == mark:
                return kind, record_id
    return None


async def _has_newer(work: Work, client: ClientRow, erased_at: datetime) -> bool:
    """Tell whether records were made after the second of the erasure: an official took the client for one there is."""
    rows: list[Any] = [*(kind.row for kind in work.node.institution.kinds), EmploymentRow]
    newest = [
        await work.session.scalar(select(func.max(row.created_at)).where(row.client_id == client.id)) for row in rows
    ]
    return any(made is not None and made >= erased_at + timedelta(seconds=1) for made in newest)


async def _note(work: Work, client_id: str, kind: str, record_id: str, told: Sequence[SecurityEvent]) -> None:
    first: Erased = told[0].payload
    work.changed(kind, record_id, client_id, "erased")
    erasing = Erasing(client_id=client_id, kind=kind, record_id=record_id, ground=first.ground, by=BY)
    sets = sum(len(event.payload.sets) for event in told)
    await note(work, erasing, [jose.encode(event.hash) for event in told], sets, first.term)
