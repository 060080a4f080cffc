"""Erasing once more what a backup brought back: the office's own words, which the broker holds, say what it was.

A word names no record; it carries the mark of one, which the office compares with what it has (docs/decisions/0051).
The mark alone decides: the word may stand under a token of which the backup does not know, by the next match key, or
under one that another client of the office has had as well.
Who had to refuse an erasure was asked when it was done; nobody is asked again, and nothing is told, for it was told.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select

from shared.domain.erasure import mark_of
from shared.domain.events.payloads.erasing import Erased
from shared.exchange import jose
from shared.exchange.sets import SecurityEvent
from shared.institution.kinds import RecordKind
from shared.institution.operations import clients
from shared.institution.operations.erasing.client import CLIENT, remove_client
from shared.institution.operations.erasing.naming import tokens_of
from shared.institution.operations.erasing.record import family_of, name_of, remove_family
from shared.institution.operations.erasing.settling import Erasing, note
from shared.institution.operations.leaving import forget_duplicates
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, EmploymentRow

BY = "restore"
"""Who erased it, in the list of erasures: what the list said before went with the database."""

Words = Sequence[SecurityEvent]


async def erase_again(work: Work, events: Iterable[SecurityEvent]) -> None:
    """Erase what the office's own words among these say, where it is there: rows, names, and the list of erasures."""
    words: dict[str, list[SecurityEvent]] = {}
    for event in events:
        if isinstance(event.payload, Erased) and event.payload.record is not None:
            words.setdefault(event.payload.record, []).append(event)
    if not words:
        return
    await work.session.flush()
    found = await _found(work, words)
    for mark, told in words.items():
        if mark in found:
            erase, *what = found[mark]
            await erase(work, *what, told)


async def _found(work: Work, marks: Collection[str]) -> dict[str, tuple[Any, ...]]:
    """Return what of the office's rows fits each mark: how it is erased, of what kind it is, and its id."""
    found: dict[str, tuple[Any, ...]] = {}
    for kind in (*work.node.institution.kinds, None):
        row = kind.row if kind else EmploymentRow
        found |= {mark: (_erase_record, kind, one) for mark, one in await _marked(work, row, marks)}
    return found | {mark: (_erase_client, one) for mark, one in await _marked(work, ClientRow, marks)}


async def _marked(work: Work, row: Any, marks: Collection[str]) -> list[tuple[str, str]]:
    ids = await work.session.scalars(select(row.id))
    return [(mark, one) for one in ids if (mark := mark_of(one)) in marks]


async def _erase_client(work: Work, client_id: str, told: Words) -> None:
    client = (await clients.locked(work.session, [client_id])).get(client_id)
    if client is None:
        return
    if await _has_newer(work, client, datetime.fromtimestamp(told[-1].iat, UTC)):
        says = "an erased client came back and was written to; erase it by hand"
        structlog.get_logger().warning(says, client_id=client_id)
        return
    tokens = await tokens_of(work.session, client)
    await _note(work, client_id, CLIENT, client_id, told)
    await remove_client(work, client, tokens)
    work.session.expunge(client)


async def _erase_record(work: Work, kind: RecordKind | None, record_id: str, told: Words) -> None:
    """Erase a record, unless it went already with one that it belonged to."""
    row = kind.row if kind else EmploymentRow
    client_id: str | None = await work.session.scalar(select(row.client_id).where(row.id == record_id))
    client = (await clients.locked(work.session, [client_id])).get(client_id) if client_id else None
    if client is None:
        return
    tokens = await tokens_of(work.session, client)
    family = await family_of(work, client, kind, record_id)
    await remove_family(work, family, tokens)
    for token in tokens:
        await forget_duplicates(work.session, token, [one.id for _, one in family])
    await _note(work, client.id, name_of(kind), record_id, told)


async def _has_newer(work: Work, client: ClientRow, erased_at: datetime) -> bool:
    """Tell whether records were made after the second of the erasure: an official took the client for one there is."""
    rows: list[Any] = [*(kind.row for kind in work.node.institution.kinds), EmploymentRow]
    newest = [
        await work.session.scalar(select(func.max(row.created_at)).where(row.client_id == client.id)) for row in rows
    ]
    return any(made is not None and made >= erased_at + timedelta(seconds=1) for made in newest)


async def _note(work: Work, client_id: str, kind: str, record_id: str, told: Words) -> None:
    structlog.get_logger().info("erased again what a backup brought back", client_id=client_id, kind=kind)
    first: Erased = told[0].payload
    work.changed(kind, record_id, client_id, "erased")
    erasing = Erasing(client_id=client_id, kind=kind, record_id=record_id, ground=first.ground, by=BY)
    sets = sum(len(event.payload.sets) for event in told)
    await note(work, erasing, [jose.encode(event.hash) for event in told], sets, first.term)
