"""Records changed behind the service's back: what the office would tell now against what its last SETs said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import DomainError
from shared.domain.events import schema
from shared.domain.events.types import event_type
from shared.exchange.history.tables import SharedRecordRow
from shared.institution.node import Node
from shared.institution.operations import employments
from shared.institution.tables import ClientRow, EmploymentRow

Told = dict[str, dict[tuple[str, str], Mapping[str, Any]]]
"""Payloads by client, record and key."""


@dataclass
class _Here:
    """What the office would tell of some clients now, and keys of all records that it has of them in any state."""

    told: Told = field(default_factory=lambda: defaultdict(dict))
    held: set[str] = field(default_factory=set)


async def changed_behind(session: AsyncSession, node: Node, clients: Sequence[ClientRow]) -> list[str]:
    """Return the tokens of clients whose records are not as the office last told them.

    A record that can no longer be told, because it breaks a rule now, counts as changed. One that the office no longer
    has in any state stands as it was disclosed (docs/decisions/0039).
    """
    tokens = {client.id: client.token for client in clients}
    here = _Here()
    await _look_at_records(session, node, tokens, here)
    await _look_at_jobs(session, tokens, here)
    said = await _said(session, node.id, sorted(tokens.values()))
    return sorted(token for token in tokens.values() if here.told.get(token, {}) != _standing(said, token, here))


def _standing(said: Told, token: str, here: _Here) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return what was said of a client, without what the office lost."""
    return {at: payload for at, payload in said.get(token, {}).items() if at[1] in here.held}


async def _look_at_records(session: AsyncSession, node: Node, tokens: Mapping[str, str], here: _Here) -> None:
    for kind in node.institution.kinds_told:
        if not kind.restated:
            continue
        type_ = event_type(kind.opened)
        for row in await session.scalars(select(kind.row).where(kind.row.client_id.in_(tokens))):
            here.held.add(row.id)
            if row.state == "voided":
                continue
            try:
                payload = kind.leaving(node.disclosure, row)
            except DomainError:
                here.told[tokens[row.client_id]][kind.name, row.id] = {}
                continue
            if payload is not None:
                here.told[tokens[row.client_id]][type_.record, type_.key_of(payload)] = schema.write(payload)


async def _look_at_jobs(session: AsyncSession, tokens: Mapping[str, str], here: _Here) -> None:
    jobs = list(await session.scalars(select(EmploymentRow).where(EmploymentRow.client_id.in_(tokens))))
    events = await employments.events_of(session, [job.id for job in jobs])
    for job in jobs:
        for event in events[job.id]:
            name, payload = employments.wire_event(job, event)
            type_ = event_type(name)
            here.held.add(type_.key_of(payload))
            if job.state != "voided":
                here.told[tokens[job.client_id]][type_.record, type_.key_of(payload)] = schema.write(payload)


async def _said(session: AsyncSession, own_id: str, tokens: Sequence[str]) -> Told:
    found: Told = defaultdict(dict)
    query = select(SharedRecordRow).where(
        SharedRecordRow.iss == own_id, SharedRecordRow.token.in_(tokens), SharedRecordRow.dropped.is_(False)
    )
    for row in await session.scalars(query):
        found[row.token][row.record, row.key] = row.payload
    return found
