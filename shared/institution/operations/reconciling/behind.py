"""Records changed behind the service's back: what the office would tell now against what its last SETs said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import DomainError
from shared.domain.events import schema
from shared.domain.events.types import event_type
from shared.exchange.history.tables import SharedRecordRow
from shared.institution.node import Node
from shared.institution.operations import employments, lost
from shared.institution.operations.restricted import RESTRICTION
from shared.institution.tables import ClientRow, EmploymentRow

Told = dict[str, dict[tuple[str, str], Mapping[str, Any]]]
"""Payloads by client, record and key."""


async def changed_behind(session: AsyncSession, node: Node, clients: Sequence[ClientRow]) -> list[str]:
    """Return the tokens of clients whose records are not as the office last told them.

    A record that can no longer be told, because it breaks a rule now, counts as changed; one that was lost with the
    office's file does not: it is told again as it stood (decision 39).
    """
    tokens = {client.id: client.token for client in clients}
    now = await _would_tell(session, node, tokens)
    said = await _said(session, node.id, sorted(tokens.values()))
    differ = [client for client in clients if now.get(client.token, {}) != said.get(client.token, {})]
    for client in differ:
        for row in await lost.disclosed(session, node, client):
            now[client.token][row.record, row.key] = row.payload
    return sorted(client.token for client in differ if now.get(client.token, {}) != said.get(client.token, {}))


async def _would_tell(session: AsyncSession, node: Node, tokens: Mapping[str, str]) -> Told:
    """Return what a restatement of some clients would say."""
    found: Told = defaultdict(dict)
    for kind in node.institution.kinds_told:
        if not kind.restated:
            continue
        type_ = event_type(kind.opened)
        rows = select(kind.row).where(kind.row.client_id.in_(tokens), kind.row.state != "voided")
        for row in await session.scalars(rows):
            try:
                payload = kind.leaving(node.disclosure, row)
            except DomainError:
                found[tokens[row.client_id]][kind.name, row.id] = {}
                continue
            if payload is not None:
                found[tokens[row.client_id]][type_.record, type_.key_of(payload)] = schema.write(payload)
    await _add_jobs(session, tokens, found)
    return found


async def _add_jobs(session: AsyncSession, tokens: Mapping[str, str], found: Told) -> None:
    query = select(EmploymentRow).where(EmploymentRow.client_id.in_(tokens), EmploymentRow.state != "voided")
    jobs = list(await session.scalars(query))
    events = await employments.events_of(session, [job.id for job in jobs])
    for job in jobs:
        for event in events[job.id]:
            name, payload = employments.wire_event(job, event)
            type_ = event_type(name)
            found[tokens[job.client_id]][type_.record, type_.key_of(payload)] = schema.write(payload)


async def _said(session: AsyncSession, own_id: str, tokens: Sequence[str]) -> Told:
    found: Told = defaultdict(dict)
    query = select(SharedRecordRow).where(
        SharedRecordRow.iss == own_id,
        SharedRecordRow.token.in_(tokens),
        SharedRecordRow.record != RESTRICTION,
        SharedRecordRow.dropped.is_(False),
    )
    for row in await session.scalars(query):
        found[row.token][row.record, row.key] = row.payload
    return found
