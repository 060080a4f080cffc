"""Records of an author as a node holds them: digests of clients, and whether each record is as its SET says."""

import asyncio
from collections.abc import AsyncIterator, Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Row, bindparam, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import DomainError
from shared.domain.events import schema
from shared.domain.events.payloads.people import Restated
from shared.domain.events.types import EventType, restated_records
from shared.domain.reconciliation import client_digest, head_digest
from shared.exchange.history.known import AUTHORS, RECORDS
from shared.exchange.lease import MayGoOn, go_on
from shared.exchange.sets import SecurityEvent, parse_set, read_event
from shared.exchange.stream.tables import SetRow
from shared.runtime.database.bulk import table_of
from shared.runtime.database.engine import Database, connection_of

PAGE = 2000
_SETS = table_of(SetRow)
_KEY = (RECORDS.c.token, RECORDS.c.record, RECORDS.c.key)
_PAGE = (
    select(RECORDS)
    .where(
        RECORDS.c.iss == bindparam("of_iss"), tuple_(*_KEY) > tuple_(*map(bindparam, ("a_token", "a_record", "a_key")))
    )
    .order_by(*_KEY)
    .limit(PAGE)
)
_AS_SIGNED = (
    update(RECORDS)
    .where(
        RECORDS.c.token == bindparam("at_token"),
        RECORDS.c.iss == bindparam("at_iss"),
        RECORDS.c.record == bindparam("at_record"),
        RECORDS.c.key == bindparam("at_key"),
    )
    .values(payload=bindparam("signed_payload"), type=bindparam("signed_type"), dropped=bindparam("signed_dropped"))
)


@dataclass(frozen=True, slots=True)
class _Signed:
    """A record as its SET says."""

    type: EventType
    payload: Mapping[str, Any]


async def client_digests(session: AsyncSession, iss: str, tokens: Container[str]) -> dict[str, bytes]:
    """Return the digests of clients over the records that an author told; one without records is not among them."""
    found: dict[str, bytes] = {}
    rows = [row async for page in _pages(session, iss) for row in page if row.token in tokens and not row.dropped]
    for token, records in groupby(rows, lambda row: row.token):
        found[token] = client_digest((f"{row.record}:{row.key}", row.hash) for row in records)
    return found


async def head_digests(session: AsyncSession, iss: str, tokens: Container[str]) -> dict[str, bytes]:
    """Return for each client how far its author has come, as a digest."""
    query = select(AUTHORS.c.token, AUTHORS.c.n, AUTHORS.c.hash).where(AUTHORS.c.iss == iss)
    connection = await connection_of(session)
    return {row.token: head_digest(row.n, row.hash) for row in await connection.execute(query) if row.token in tokens}


async def mend_records(db: Database, iss: str, federation: str, may_go_on: MayGoOn) -> list[str]:
    """Bring records of an author that are not as their SETs say back to it; return whose they are, a token a record.

    :raises TurnLost: another process does it now.
    """
    wrong: list[dict[str, Any]] = []
    async with db.read() as session:
        async for page in _pages(session, iss):
            wrong += await _not_as_signed(session, page, federation)
            await go_on(may_go_on)
    if wrong:
        async with db.write() as session:
            await (await connection_of(session)).execute(_AS_SIGNED, wrong)
    return [row["at_token"] for row in wrong]


async def _pages(session: AsyncSession, iss: str) -> AsyncIterator[Sequence[Row[*tuple[Any, ...]]]]:
    connection = await connection_of(session)
    after = {"a_token": "", "a_record": "", "a_key": ""}
    while rows := (await connection.execute(_PAGE, {"of_iss": iss} | after)).all():
        yield rows
        after = {"a_token": rows[-1].token, "a_record": rows[-1].record, "a_key": rows[-1].key}
        await asyncio.sleep(0)


async def _not_as_signed(
    session: AsyncSession, rows: Sequence[Row[*tuple[Any, ...]]], federation: str
) -> list[dict[str, Any]]:
    hashes = sorted({row.hash for row in rows})
    query = select(_SETS.c.hash, _SETS.c.text).where(_SETS.c.iss == rows[0].iss, _SETS.c.hash.in_(hashes))
    connection = await connection_of(session)
    texts = {row.hash: row.text for row in await connection.execute(query)}
    events = {digest: _event(text, digest, federation) for digest, text in texts.items()}
    wrong = []
    for row in rows:
        event = events.get(row.hash)
        signed = _records_in(event).get((row.record, row.key)) if event else None
        if signed and (signed.payload, signed.type.name) != (row.payload, row.type):
            wrong.append(_change(row, signed))
    return wrong


def _event(text: str, digest: bytes, federation: str) -> SecurityEvent | None:
    """Return what a SET says; ``None`` of bytes that are damaged, which the scrub of the stream finds."""
    try:
        return read_event(parse_set(text), digest, federation)
    except DomainError:
        return None


def _records_in(event: SecurityEvent) -> dict[tuple[str, str], _Signed]:
    payload: Any = event.payload
    told = (
        [(one.type, one.payload) for one in restated_records(payload.records)]
        if isinstance(payload, Restated)
        else [(event.type, payload)]
        if event.type.change
        else []
    )
    return {(type_.record, type_.key_of(one)): _Signed(type_, schema.write(one)) for type_, one in told}


def _change(row: Row[*tuple[Any, ...]], signed: _Signed) -> dict[str, Any]:
    return {
        "at_token": row.token,
        "at_iss": row.iss,
        "at_record": row.record,
        "at_key": row.key,
        "signed_payload": signed.payload,
        "signed_type": signed.type.name,
        "signed_dropped": signed.type.change == "drop",
    }
