"""A client's whole file (*akta klienta*): everything the office holds on a person, to be given out (GDPR art. 15, 20).

It is gathered from the tables themselves: whatever row names a client is in it, so that a new kind of record cannot be
left out by forgetting it. It is read page by page and never held whole.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange import jose
from shared.exchange.history.tables import SharedRecordRow
from shared.exchange.stream.tables import SetRow
from shared.institution.kinds import RecordKind
from shared.institution.node import Node
from shared.institution.operations import clients, employments
from shared.institution.tables import (
    AssessmentRow,
    ClientRow,
    EmploymentRow,
    ExternalIdRow,
    InstitutionBase,
    PaymentRow,
)

PAGE = 200
Entry = Mapping[str, Any]
Read = Callable[[Node, ClientRow], AsyncIterator[Entry]]
_HIDDEN = frozenset({"client_id", "offices", "pesel_index", "set_hash"})


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the file: its name, the kind of record it holds if it is one, and how its entries are read."""

    name: str
    read: Read
    kind: RecordKind | None = None


def sections(node: Node) -> Sequence[Section]:
    """Return the parts of every client's file at this institution, in their order."""
    kinds = node.institution.kinds
    own = [Section(kind.path, _records(kind), kind) for kind in kinds]
    rows = sorted(rows_of_clients(node), key=lambda row: str(row.__tablename__))
    apart = {EmploymentRow, *(kind.row for kind in kinds)}
    others = [Section(str(row.__tablename__).replace("_", "-"), _rows(row)) for row in rows if row not in apart]
    return [
        Section("client", _client),
        *own,
        Section("employments", _employments),
        *others,
        Section("payments", _payments),
        Section("told-by-others", _told_by_others),
        Section("told-to-others", _told_to_others),
        Section("external-ids", _external_ids),
    ]


def rows_of_clients(node: Node) -> list[type[InstitutionBase]]:
    """Return every row of this institution that names a client."""
    mapped = (mapper.class_ for mapper in InstitutionBase.registry.mappers)
    return [row for row in mapped if row.__tablename__ in node.institution.tables and hasattr(row, "client_id")]


async def as_json(node: Node, client: ClientRow) -> AsyncIterator[bytes]:
    """Return the file as one JSON object, a member for each part."""
    head = {"office": node.id, "made_at": node.now.isoformat()}
    yield json.dumps(head, ensure_ascii=False).removesuffix("}").encode()
    for section in sections(node):
        yield f',\n"{section.name}": ['.encode()
        first = True
        async for entry in section.read(node, client):
            yield ("" if first else ",").encode() + b"\n" + json.dumps(entry, ensure_ascii=False).encode()
            first = False
        yield b"]"
    yield b"}\n"


async def _client(node: Node, client: ClientRow) -> AsyncIterator[Entry]:
    yield _plain({name: value for name, value in clients.view_of(client, node).items() if name not in _HIDDEN})


def _records(kind: RecordKind) -> Read:
    async def read(node: Node, client: ClientRow) -> AsyncIterator[Entry]:
        async for row in _pages(node, kind.row, kind.row.client_id == client.id):
            yield {
                name: value
                for name, value in kind.view.model_validate(row).model_dump(mode="json", by_alias=True).items()
                if name not in _HIDDEN
            }

    return read


def _rows(of: type[InstitutionBase]) -> Read:
    async def read(node: Node, client: ClientRow) -> AsyncIterator[Entry]:
        async for row in _pages(node, of, of.client_id == client.id):  # type: ignore[attr-defined]  # they have one
            yield _columns(row)

    return read


async def _employments(node: Node, client: ClientRow) -> AsyncIterator[Entry]:
    async for row in _pages(node, EmploymentRow, EmploymentRow.client_id == client.id):
        async with node.db.read() as session:
            yield (await employments.view(session, row)).model_dump(mode="json", exclude={"client_id"})


async def _payments(node: Node, client: ClientRow) -> AsyncIterator[Entry]:
    cases = select(AssessmentRow.case_id).where(AssessmentRow.client_id == client.id)
    async for row in _pages(node, PaymentRow, PaymentRow.case_id.in_(cases)):
        yield _columns(row)


async def _told_by_others(node: Node, client: ClientRow) -> AsyncIterator[Entry]:
    at = (SharedRecordRow.token == client.token, SharedRecordRow.iss != node.id, SharedRecordRow.dropped.is_(False))
    async with node.db.read() as session:
        rows = list(await session.scalars(select(SharedRecordRow).where(*at).order_by(SharedRecordRow.n)))
    for row in rows:
        yield {"iss": row.iss, "type": row.type, **row.payload}


async def _told_to_others(node: Node, client: ClientRow) -> AsyncIterator[Entry]:
    """What left the office about the person: every signed event, whether or not a member was there to get it."""
    async for row in _pages(node, SetRow, (SetRow.token == client.token) & (SetRow.iss == node.id), key=SetRow.jti):
        claims = json.loads(jose.decode(row.text.split(".")[1]))
        for name, payload in claims.get("events", {}).items():
            yield {"type": name.rpartition(":")[2], "told_at": row.stored_at.isoformat(), **_told(payload)}


async def _external_ids(node: Node, client: ClientRow) -> AsyncIterator[Entry]:
    async with node.db.read() as session:
        ids = [client.id, *await _record_ids(session, node, client)]
        for start in range(0, len(ids), PAGE):
            query = select(ExternalIdRow).where(ExternalIdRow.record_id.in_(ids[start : start + PAGE]))
            for row in await session.scalars(query):
                yield _columns(row)


async def _record_ids(session: AsyncSession, node: Node, client: ClientRow) -> Sequence[str]:
    found: list[str] = []
    own: list[Any] = [EmploymentRow, *(kind.row for kind in node.institution.kinds)]
    for row in own:
        found += await session.scalars(select(row.id).where(row.client_id == client.id))
    return found


async def _pages(node: Node, row: Any, condition: Any, *, key: Any = None) -> AsyncIterator[Any]:
    """Return rows in the order of their key, each page in a transaction of its own."""
    key = key if key is not None else inspect(row).primary_key[0]
    after = None
    while True:
        query = select(row).where(condition).order_by(key).limit(PAGE)
        async with node.db.read() as session:
            found = list(await session.scalars(query if after is None else query.where(key > after)))
        for one in found:
            yield one
        if len(found) < PAGE:
            return
        after = getattr(found[-1], key.key)


def _columns(row: Any) -> Entry:
    names = [column.key for column in inspect(type(row)).column_attrs if column.key not in _HIDDEN]
    return _plain({name: getattr(row, name) for name in names})


def _plain(values: Mapping[str, Any]) -> Entry:
    return {name.rstrip("_"): _value(value) for name, value in values.items()}


def _value(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


def _told(payload: Any) -> Entry:
    return payload if isinstance(payload, dict) else {"payload": payload}
