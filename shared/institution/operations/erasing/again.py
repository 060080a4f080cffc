"""Erasing once more what a backup brought back: the office's own words, which the broker holds, say what it was.

A word names no record; it carries the mark of one, which the office compares with what it has (docs/decisions/0051).
The mark alone decides: the word may stand under a token of which the backup does not know, by the next match key, or
under one that another client of the office has had as well. So the clients of its token are looked at first, which as a
rule is enough, and all others only for a mark that fits none of them.
Who had to refuse an erasure was asked when it was done; nobody is asked again, and nothing is told, for it was told.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.erasure import mark_of
from shared.domain.events.payloads.erasing import Erased
from shared.exchange import jose
from shared.exchange.sets import SecurityEvent
from shared.institution.kinds import RecordKind
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.operations.erasing.client import CLIENT, remove_client
from shared.institution.operations.erasing.naming import tokens_of
from shared.institution.operations.erasing.record import family_of, name_of, remove_family
from shared.institution.operations.erasing.settling import Erasing, note
from shared.institution.operations.leaving import forget_duplicates
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, EmploymentRow, FormerTokenRow

BY = "restore"
"""Who erased it, in the list of erasures: what the list said before went with the database."""

AT_ONCE = 2000
"""How many ids are read at once, where all that the office has is compared."""

Words = Sequence[SecurityEvent]
Erase = Callable[[Work, str, Words], Awaitable[None]]
Found = dict[str, tuple[Erase, str]]


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
            erase, one = found[mark]
            await erase(work, one, told)


async def _found(work: Work, words: Mapping[str, Words]) -> Found:
    """Return what of the office's rows fits each mark: among the clients of the words, then among all for the rest."""
    found = await _near(work.session, work.node, words)
    for erase, row in _rows(work.node):
        async for ids in _slices(work.session, row):
            left = words.keys() - found.keys()
            if not left:
                return found
            found |= _fitting(erase, ids, left)
    return found


async def _near(session: AsyncSession, node: Node, words: Mapping[str, Words]) -> Found:
    """Return what fits among the clients that go, or went, by a token under which a word stands."""
    tokens = {event.token for told in words.values() for event in told}
    former = select(FormerTokenRow.client_id).where(FormerTokenRow.token.in_(tokens))
    of_token = select(ClientRow.id).where(ClientRow.token.in_(tokens) | ClientRow.id.in_(former))
    clients_ = list(await session.scalars(of_token))
    found: Found = {}
    for erase, row in _rows(node):
        owner = row.id if row is ClientRow else row.client_id
        ids = list(await session.scalars(select(row.id).where(owner.in_(clients_))))
        found |= _fitting(erase, ids, words.keys())
    return found


def _rows(node: Node) -> Iterator[tuple[Erase, Any]]:
    """Yield the rows that an erasure can have taken, and how one of them is erased."""
    yield _erase_client, ClientRow
    for kind in (*node.institution.kinds, None):
        yield partial(_erase_record, kind), kind.row if kind else EmploymentRow


async def _slices(session: AsyncSession, row: Any) -> AsyncIterator[Sequence[str]]:
    """Yield all ids of a table, some at a time."""
    after = ""
    while ids := list(await session.scalars(select(row.id).where(row.id > after).order_by(row.id).limit(AT_ONCE))):
        yield ids
        after = ids[-1]


def _fitting(erase: Erase, ids: Iterable[str], marks: Collection[str]) -> Found:
    return {mark: (erase, one) for one in ids if (mark := mark_of(one)) in marks}


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


async def _erase_record(kind: RecordKind | None, work: Work, record_id: str, told: Words) -> None:
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
