"""What is over its term of keeping, page by page: closed records, withdrawn clients, frozen copies, the access log."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.erasure import category_of
from shared.exchange.history.tables import AuthorRow
from shared.institution.kinds import RecordKind
from shared.institution.node import Node
from shared.institution.operations.erasing.client import CLIENT, terms_of_client
from shared.institution.operations.erasing.record import EMPLOYMENT
from shared.institution.operations.erasing.refusing import ends_of
from shared.institution.operations.frozen import FROZEN, FrozenCopy, frozen_copies
from shared.institution.tables import ClientRow, EmploymentRow, FormerTokenRow

PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing to be purged; ``kind`` is of a record that is none of a job's, ``copy`` what another office told."""

    category: str
    client_id: str
    record_id: str = ""
    kind: RecordKind | None = None
    copy: FrozenCopy | None = None


async def due_records(node: Node, today: date) -> AsyncIterator[Due]:
    """Yield records that are closed or voided and over their term, parts before wholes."""
    kinds = sorted(node.institution.kinds, key=lambda kind: kind.parent is None)
    rows: list[tuple[str, RecordKind | None, Any]] = [(kind.name, kind, kind.row) for kind in kinds]
    for name, kind, row in [*rows, (EMPLOYMENT, None, EmploymentRow)]:
        async for one in _pages(node, row, row.state != "open"):
            ends = ends_of(name, one, today)
            if ends is not None and ends < today:
                category = category_of(name)
                yield Due(category=category, client_id=one.client_id, record_id=one.id, kind=kind)


async def due_clients(node: Node, today: date) -> AsyncIterator[Due]:
    """Yield withdrawn clients of whom everything is over its term."""
    async for client in _pages(node, ClientRow, ClientRow.state == "withdrawn"):
        async with node.db.read() as session:
            ends = await terms_of_client(session, node, client, today)
        if all(end is not None and end < today for end in ends):
            yield Due(category=CLIENT, client_id=client.id)


async def due_copies(node: Node, today: date) -> AsyncIterator[Due]:
    """Yield frozen copies that are over their term."""
    told = select(AuthorRow.token).where(AuthorRow.iss != node.id)
    former = select(FormerTokenRow.client_id).where(FormerTokenRow.token.in_(told))
    async for client in _pages(node, ClientRow, ClientRow.token.in_(told) | ClientRow.id.in_(former)):
        async with node.db.read() as session:
            copies = await frozen_copies(session, node.id, client, today)
        for copy in copies:
            if copy.kept_until < today:
                yield Due(category=FROZEN, client_id=client.id, copy=copy)


async def _pages(node: Node, row: Any, condition: Any) -> AsyncIterator[Any]:
    """Return rows in the order of their ids, each page in a transaction of its own."""
    after = ""
    while True:
        query = select(row).where(condition, row.id > after).order_by(row.id).limit(PAGE)
        async with node.db.read() as session:
            found = await _all(session, query)
        for one in found:
            yield one
        if len(found) < PAGE:
            return
        after = found[-1].id


async def _all(session: AsyncSession, query: Any) -> list[Any]:
    return list(await session.scalars(query))
